//! Many look-ups at once, but never more than a server can bear.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::thread;

/// Look-ups at a time: few enough for a small server, and 500 of 20 ms each take two seconds.
pub const AT_ONCE: usize = 8;

/// Does `look` for each of `items`, [`AT_ONCE`] at a time, in any order; the results come in the order
/// of the items.
pub fn each<T, R>(items: Vec<T>, look: impl Fn(&T) -> R + Send + Sync + 'static) -> Vec<(T, R)>
where
    T: Send + Sync + 'static,
    R: Send + 'static,
{
    let helpers = items.len().saturating_sub(1).min(AT_ONCE - 1);
    let work = Arc::new(Work { items, next: AtomicUsize::new(0), done: Mutex::default() });
    let look = Arc::new(look);
    let threads: Vec<_> = (0..helpers)
        // Without a thread the others do its part.
        .filter_map(|_| {
            let (work, look) = (Arc::clone(&work), Arc::clone(&look));
            thread::spawn("lookup", move || work.run(&*look)).ok()
        })
        .collect();
    work.run(&*look);
    drop(threads);
    let Some(work) = Arc::into_inner(work) else { return Vec::new() };
    let mut done = work.done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(number, _)| *number);
    work.items.into_iter().zip(done.into_iter().map(|(_, result)| result)).collect()
}

struct Work<T, R> {
    items: Vec<T>,
    next: AtomicUsize,
    done: Mutex<Vec<(usize, R)>>,
}

impl<T, R> Work<T, R> {
    fn run(&self, look: &impl Fn(&T) -> R) {
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = self.items.get(number) else { return };
            let result = look(item);
            self.done.lock().unwrap_or_else(PoisonError::into_inner).push((number, result));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_looked_up_once_and_comes_in_order_and_not_all_at_a_time() {
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (counted, peak) = (Arc::clone(&now), Arc::clone(&most));
        let results = each((0..500).collect(), move |item: &usize| {
            let here = counted.fetch_add(1, Ordering::SeqCst) + 1;
            peak.fetch_max(here, Ordering::SeqCst);
            std::thread::yield_now();
            counted.fetch_sub(1, Ordering::SeqCst);
            item * 2
        });
        assert!(
            results.iter().enumerate().all(|(at, (item, twice))| *item == at && *twice == 2 * at)
        );
        assert_eq!(results.len(), 500);
        assert!((1..=AT_ONCE).contains(&most.load(Ordering::SeqCst)));
        assert!(each(Vec::<u8>::new(), |_| ()).is_empty());
    }
}
