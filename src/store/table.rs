//! Typed tables over tables of bytes: what redb's are, with one B-tree for all types.

use std::borrow::Borrow;
use std::marker::PhantomData;
use std::ops::{Bound, Deref, RangeBounds};

use redb::{AccessGuard, ReadableTable, ReadableTableMetadata as _};

use super::StoreError;
use super::column::{Column, decoded, encoded};
use super::shelf::Lent;

/// What redb sees of every key and value.
pub(super) type Bytes = &'static [u8];

/// A table's name and the types of its keys and values.
#[derive(Debug)]
pub struct TableDefinition<K, V> {
    name: &'static str,
    of: PhantomData<fn() -> (K, V)>,
}

impl<K, V> Clone for TableDefinition<K, V> {
    fn clone(&self) -> Self {
        *self
    }
}

// Whatever its rows are: it is a name.
impl<K, V> Copy for TableDefinition<K, V> {}

impl<K, V> TableDefinition<K, V> {
    /// The table called `name`: its app, a slash, and what it holds.
    pub const fn new(name: &'static str) -> Self {
        Self { name, of: PhantomData }
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    pub(super) fn bytes(&self) -> redb::TableDefinition<'static, Bytes, Bytes> {
        redb::TableDefinition::new(self.name)
    }
}

/// An open table; `T` leads to redb's.
pub struct Table<T, K, V> {
    inner: T,
    of: PhantomData<fn() -> (K, V)>,
}

/// A table open for writing.
pub type TableMut<'shelf, 'tx, K, V> = Table<Lent<'shelf, 'tx>, K, V>;

/// A key or a value, where it lies in the file.
pub struct Guard<'a, C> {
    bytes: AccessGuard<'a, Bytes>,
    of: PhantomData<fn() -> C>,
}

/// A key and its value.
pub type Row<'a, K, V> = (Guard<'a, K>, Guard<'a, V>);

/// Rows in the order of their keys.
pub struct Rows<'a, K, V> {
    inner: redb::Range<'a, Bytes, Bytes>,
    of: PhantomData<fn() -> (K, V)>,
}

impl<C: Column> Guard<'_, C> {
    /// What stands there.
    pub fn value(&self) -> C::Of<'_> {
        decoded::<C>(self.bytes.value())
    }
}

impl<'a, C> Guard<'a, C> {
    fn new(bytes: AccessGuard<'a, Bytes>) -> Self {
        Self { bytes, of: PhantomData }
    }
}

impl<T, K, V> Table<T, K, V> {
    pub(super) fn new(inner: T) -> Self {
        Self { inner, of: PhantomData }
    }
}

fn row<'a, K, V>((key, value): (AccessGuard<'a, Bytes>, AccessGuard<'a, Bytes>)) -> Row<'a, K, V> {
    (Guard::new(key), Guard::new(value))
}

impl<T: Deref<Target: ReadableTable<Bytes, Bytes>>, K: Column, V: Column> Table<T, K, V> {
    /// The value at `key`.
    pub fn get<'k>(&self, key: impl Borrow<K::Of<'k>>) -> Result<Option<Guard<'_, V>>, StoreError> {
        Ok(self.inner.get(&encoded::<K>(key.borrow())[..])?.map(Guard::new))
    }

    /// The rows whose keys are in `range`.
    pub fn range<'k>(
        &self,
        range: impl RangeBounds<K::Of<'k>>,
    ) -> Result<Rows<'_, K, V>, StoreError> {
        let (start, end) = bounds::<K>(&range);
        let range = (start.as_ref().map(Vec::as_slice), end.as_ref().map(Vec::as_slice));
        Ok(Rows { inner: self.inner.range::<&[u8]>(range)?, of: PhantomData })
    }

    /// Every row.
    #[expect(clippy::iter_not_returning_iterator, reason = "what redb calls it")]
    pub fn iter(&self) -> Result<Rows<'_, K, V>, StoreError> {
        Ok(Rows { inner: self.inner.iter()?, of: PhantomData })
    }

    /// The row with the lowest key.
    pub fn first(&self) -> Result<Option<Row<'_, K, V>>, StoreError> {
        Ok(self.inner.first()?.map(row))
    }

    /// The row with the highest key.
    pub fn last(&self) -> Result<Option<Row<'_, K, V>>, StoreError> {
        Ok(self.inner.last()?.map(row))
    }

    /// How many rows there are; redb keeps count.
    pub fn len(&self) -> Result<u64, StoreError> {
        Ok(self.inner.len()?)
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> Result<bool, StoreError> {
        Ok(self.inner.is_empty()?)
    }
}

impl<K: Column, V: Column> TableMut<'_, '_, K, V> {
    /// Writes a row; what stood there, if anything.
    pub fn insert<'k, 'v>(
        &mut self,
        key: impl Borrow<K::Of<'k>>,
        value: impl Borrow<V::Of<'v>>,
    ) -> Result<Option<Guard<'_, V>>, StoreError> {
        let (key, value) = (encoded::<K>(key.borrow()), encoded::<V>(value.borrow()));
        Ok(self.inner.insert(&key[..], &value[..])?.map(Guard::new))
    }

    /// Removes a row; what stood there, if anything.
    pub fn remove<'k>(
        &mut self,
        key: impl Borrow<K::Of<'k>>,
    ) -> Result<Option<Guard<'_, V>>, StoreError> {
        Ok(self.inner.remove(&encoded::<K>(key.borrow())[..])?.map(Guard::new))
    }

    /// Removes the row with the lowest key.
    pub fn pop_first(&mut self) -> Result<Option<Row<'_, K, V>>, StoreError> {
        Ok(self.inner.pop_first()?.map(row))
    }

    /// Removes every row that `keep` does not want.
    pub fn retain(
        &mut self,
        mut keep: impl for<'f> FnMut(K::Of<'f>, V::Of<'f>) -> bool,
    ) -> Result<(), StoreError> {
        let all = (Bound::Unbounded, Bound::Unbounded);
        self.retain_bytes(all, &mut |key, value| keep(decoded::<K>(key), decoded::<V>(value)))
    }

    /// The same among the rows whose keys are in `range`.
    pub fn retain_in<'k>(
        &mut self,
        range: impl RangeBounds<K::Of<'k>>,
        mut keep: impl for<'f> FnMut(K::Of<'f>, V::Of<'f>) -> bool,
    ) -> Result<(), StoreError> {
        let (start, end) = bounds::<K>(&range);
        let range = (start.as_ref().map(Vec::as_slice), end.as_ref().map(Vec::as_slice));
        self.retain_bytes(range, &mut |key, value| keep(decoded::<K>(key), decoded::<V>(value)))
    }
}

impl<K, V> TableMut<'_, '_, K, V> {
    fn retain_bytes(
        &mut self,
        range: (Bound<&[u8]>, Bound<&[u8]>),
        keep: &mut dyn FnMut(&[u8], &[u8]) -> bool,
    ) -> Result<(), StoreError> {
        Ok(self.inner.retain_in::<&[u8], _>(range, keep)?)
    }
}

impl<'a, K, V> Iterator for Rows<'a, K, V> {
    type Item = Result<Row<'a, K, V>, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(self.inner.next()?.map(row).map_err(StoreError::from))
    }
}

impl<K, V> DoubleEndedIterator for Rows<'_, K, V> {
    fn next_back(&mut self) -> Option<Self::Item> {
        Some(self.inner.next_back()?.map(row).map_err(StoreError::from))
    }
}

fn bounds<'k, K: Column>(range: &impl RangeBounds<K::Of<'k>>) -> (Bound<Vec<u8>>, Bound<Vec<u8>>) {
    (range.start_bound().map(encoded::<K>), range.end_bound().map(encoded::<K>))
}
