//! Threads that have a name and an owner: the handle joins on drop.

use std::cell::Cell;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The kernel cuts thread names after this many bytes.
const NAME_MAX: usize = 15;

/// An owned thread; dropping it waits for the thread to end.
///
/// Put the sender that tells the thread to stop *above* the handle in a struct, so that it is
/// dropped first; otherwise the drop waits for ever.
#[derive(Debug)]
pub struct Handle(Option<std::thread::JoinHandle<()>>);

/// Starts `body` on a thread called `name` (at most 15 bytes).
pub fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> io::Result<Handle> {
    debug_assert!(name.len() <= NAME_MAX, "thread name `{name}` is over {NAME_MAX} bytes");
    std::thread::Builder::new().name(name.to_owned()).spawn(body).map(|h| Handle(Some(h)))
}

/// Starts a thread nobody waits for: one per connection, ended by its socket.
pub fn detach(name: &str, stack: usize, body: impl FnOnce() + Send + 'static) -> io::Result<()> {
    debug_assert!(name.len() <= NAME_MAX, "thread name `{name}` is over {NAME_MAX} bytes");
    std::thread::Builder::new().name(name.to_owned()).stack_size(stack).spawn(body).map(drop)
}

thread_local! {
    /// How many [`catch`] calls this thread is inside of.
    static CATCHING: Cell<usize> = const { Cell::new(0) };
}

/// Runs `body`; a panic in it costs only this call and is `None`.
///
/// State that `body` shares with others must stand a panic in the middle of a change.
pub fn catch<T>(body: impl FnOnce() -> T) -> Option<T> {
    CATCHING.with(|depth| depth.set(depth.get() + 1));
    let result = catch_unwind(AssertUnwindSafe(body));
    CATCHING.with(|depth| depth.set(depth.get() - 1));
    result.ok()
}

/// Whether a panic on this thread now would be caught by [`catch`]: the panic hook asks, and lets the
/// process live.
pub fn is_catching() -> bool {
    CATCHING.with(|depth| depth.get() > 0)
}

/// From now on a panic that nobody catches ends the process with code 101, whichever thread it is
/// on, so that systemd starts it again instead of leaving it half alive.
///
/// Of a panic that is caught only the place is printed: its words may quote what somebody wrote.
pub fn end_on_panic() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if is_catching() {
            let place = panic.location().map(ToString::to_string).unwrap_or_default();
            log::error!("a panic at {place} costs what was being done");
            return;
        }
        if crate::logging::is_json() {
            let thread = std::thread::current();
            log::error!("thread `{}` {panic}", thread.name().unwrap_or("without a name"));
        } else {
            report(panic);
        }
        std::process::exit(101);
    }));
}

impl Handle {
    /// Whether the thread has ended.
    pub fn is_finished(&self) -> bool {
        self.0.as_ref().is_none_or(std::thread::JoinHandle::is_finished)
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        if let Some(handle) = self.0.take()
            && handle.thread().id() != std::thread::current().id()
        {
            // A panic in an owned thread has been reported by the panic hook, which ends the process.
            drop(handle.join());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caught_panic_costs_one_call() {
        assert_eq!(
            catch(|| (is_catching(), catch(|| panic!("one call")))),
            Some((true, None::<()>))
        );
        assert!(!is_catching());
        assert_eq!(catch(|| 7), Some(7));
    }
}
