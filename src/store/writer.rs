//! The writer: one thread that runs operations and commits up to 256 of them at once.

use std::fmt::Debug;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use super::intake::{Crowd, Intake, Order};
use super::tx::Tx;
use super::{File, OnCommit, StoreError};
use crate::thread::{self, Handle};

/// Operations that may wait; whoever comes then is blocked, which is the push-back on sockets.
const QUEUE: usize = 1024;

/// A commit waits for those who just had an answer for at most this part of the last one's time.
const COMMIT_SHARE: u32 = 4;

/// Owns the writer thread. The sender stands above the handle, so that dropping ends the thread.
pub(super) struct Writer {
    queue: SyncSender<Order>,
    /// The last commit failed.
    failing: Arc<AtomicBool>,
    thread: Mutex<Option<Handle>>,
}

impl Writer {
    pub(super) fn start(file: Arc<File>, on_commit: OnCommit) -> Result<Self, StoreError> {
        let (queue, inbox) = sync_channel(QUEUE);
        let path = file.path().to_owned();
        let failing = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&failing);
        let thread =
            thread::spawn("writer", move || work(&file, Intake::new(inbox), &on_commit, &told))
                .map_err(|error| StoreError::File(path, error))?;
        Ok(Self { queue, failing, thread: Mutex::new(Some(thread)) })
    }

    pub(super) fn has_failed(&self) -> bool {
        self.failing.load(Ordering::Relaxed)
    }

    pub(super) fn submit(&self, operation: Box<dyn Run>) {
        // A closed queue drops the operation, and its receipt answers `Stopped`.
        drop(self.queue.send(Order::Run(operation)));
    }

    /// Commits what was submitted, ends the thread and waits for its end.
    pub(super) fn stop(&self) {
        drop(self.queue.send(Order::Stop));
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        drop(thread);
    }
}

/// Where the one answer of an operation arrives: its own result, or why it was not committed.
pub(super) type Replies<T, E> = Receiver<Result<Result<T, E>, StoreError>>;

/// An operation whatever its types.
pub(super) trait Run: Send {
    /// Runs once; false when it failed and nothing of it may stay.
    fn run(&mut self, tx: &Tx) -> bool;
    /// Answers whoever waits.
    fn finish(self: Box<Self>, committed: Result<(), StoreError>);
}

/// One closure, its result, and who waits for it.
pub(super) struct Operation<F, T, E> {
    closure: F,
    result: Option<Result<T, E>>,
    reply: SyncSender<Result<Result<T, E>, StoreError>>,
}

impl<F, T, E> Operation<F, T, E>
where
    F: FnMut(&Tx) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<StoreError> + Send + Debug + 'static,
{
    pub(super) fn boxed(closure: F) -> (Box<dyn Run>, Replies<T, E>) {
        let (reply, receipt) = sync_channel(1);
        (Box::new(Self { closure, result: None, reply }), receipt)
    }
}

impl<F, T, E> Run for Operation<F, T, E>
where
    F: FnMut(&Tx) -> Result<T, E> + Send,
    T: Send,
    E: Send,
{
    fn run(&mut self, tx: &Tx) -> bool {
        let result = (self.closure)(tx);
        let kept = result.is_ok();
        self.result = Some(result);
        kept
    }

    fn finish(self: Box<Self>, committed: Result<(), StoreError>) {
        let answer = match (committed, self.result) {
            // A refusal changed nothing, so it stands whatever became of the commit.
            (_, Some(Err(refusal))) => Ok(Err(refusal)),
            (Ok(()), Some(Ok(value))) => Ok(Ok(value)),
            (Ok(()), None) => Err(StoreError::Panicked),
            (Err(error), _) => Err(error),
        };
        // Nobody waits any more: the effects stand all the same.
        drop(self.reply.send(answer));
    }
}

fn work(file: &File, mut intake: Intake, on_commit: &OnCommit, failing: &AtomicBool) {
    let mut batch = Vec::new();
    let mut crowd = Crowd::default();
    while intake.gather(&mut batch, crowd) {
        let (count, started) = (batch.len(), Instant::now());
        let done = commit(file, batch, on_commit, failing);
        let patience = started.elapsed() / COMMIT_SHARE;
        // Before anybody is answered, so that nobody who comes back is counted twice.
        batch = intake.waiting();
        crowd = Crowd { size: count + batch.len(), patience };
        for (operation, outcome) in done {
            operation.finish(outcome);
        }
    }
}

/// How one operation of a batch ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Pending,
    Kept,
    Failed,
    Panicked,
}

/// An operation, and what is to be answered.
type Done = (Box<dyn Run>, Result<(), StoreError>);

fn commit(
    file: &File,
    mut batch: Vec<Box<dyn Run>>,
    on_commit: &OnCommit,
    failing: &AtomicBool,
) -> Vec<Done> {
    let mut fates = vec![Fate::Pending; batch.len()];
    let outcome = run_batch(file, &mut batch, &mut fates);
    // A batch that wrote nothing says nothing about the disk.
    if outcome.as_ref().map_or(true, |effects| effects.is_written) {
        failing.store(outcome.is_err(), Ordering::Relaxed);
    }
    let error = match outcome {
        Ok(mut effects) => {
            effects.run_after();
            if !effects.is_empty() {
                on_commit(effects);
            }
            None
        }
        Err(error) => {
            log::error!("nothing of {} changes was kept: {error}", batch.len());
            file.reopen();
            Some(error)
        }
    };
    let outcome = |fate| match (&error, fate) {
        (_, Fate::Panicked) => Err(StoreError::Panicked),
        (None, _) => Ok(()),
        (Some(_), _) => Err(StoreError::Stopped),
    };
    batch.into_iter().zip(fates.into_iter().map(outcome)).collect()
}

/// Runs the batch in one transaction; starts it again without an operation that failed half way.
fn run_batch(
    file: &File,
    batch: &mut [Box<dyn Run>],
    fates: &mut [Fate],
) -> Result<super::Effects, StoreError> {
    loop {
        let transaction = file.begin()?;
        let tx = Tx::new(&transaction);
        if batch.iter_mut().zip(fates.iter_mut()).all(|(op, fate)| run_one(&tx, op, fate)) {
            let effects = tx.finish();
            if fates.contains(&Fate::Kept) {
                return effects.settle(transaction);
            }
            transaction.abort()?;
            return Ok(super::Effects::default());
        }
        drop(tx);
        transaction.abort()?;
    }
}

/// Runs one operation unless it has failed before; false when the transaction must be repeated.
fn run_one(tx: &Tx, operation: &mut Box<dyn Run>, fate: &mut Fate) -> bool {
    if matches!(fate, Fate::Failed | Fate::Panicked) {
        return true;
    }
    let mark = tx.mark();
    *fate = match thread::catch(|| operation.run(tx)) {
        Some(true) => Fate::Kept,
        Some(false) => Fate::Failed,
        None => Fate::Panicked,
    };
    *fate == Fate::Kept || tx.undo(&mark)
}
