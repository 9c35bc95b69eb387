//! A program built without the feature `schema-1`: it tells a file of the first schema by the types
//! of its tables, and leaves it alone.

use redb::TableError;

use super::StoreError;
use super::meta::NUMBERS;
use super::tx::Tx;

/// Nothing, or the error that such a file is.
pub(super) fn version(tx: &Tx) -> Result<Option<u64>, StoreError> {
    match tx.open(NUMBERS) {
        Err(TableError::TableTypeMismatch { .. }) => Err(StoreError::Unreleased),
        opened => Ok(opened.map(|_| None)?),
    }
}

/// Never reached: such a file has been refused.
pub(super) fn leave(_: &Tx) -> Result<(), StoreError> {
    Err(StoreError::Unreleased)
}
