//! The writer: one thread that runs operations and commits up to 256 of them at once.

use std::fmt::Debug;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::tx::Tx;
use super::{File, OnCommit, StoreError};
use crate::thread::{self, Handle};

/// Operations in one durable transaction; more would make the first of them wait for the last.
const BATCH: usize = 256;

/// Operations that may wait; whoever comes then is blocked, which is the push-back on sockets.
const QUEUE: usize = 1024;

/// A commit waits for those who just had an answer for at most this part of the last one's time.
const COMMIT_SHARE: u32 = 4;

/// Owns the writer thread. The sender stands above the handle, so that dropping ends the thread.
pub(super) struct Writer {
    queue: SyncSender<Order>,
    thread: Mutex<Option<Handle>>,
}

/// What the thread is told.
enum Order {
    Run(Box<dyn Run>),
    Stop,
}

impl Writer {
    pub(super) fn start(file: Arc<File>, on_commit: OnCommit) -> Result<Self, StoreError> {
        let (queue, inbox) = sync_channel(QUEUE);
        let path = file.path().to_owned();
        let thread = thread::spawn("writer", move || work(&file, &inbox, &on_commit))
            .map_err(|error| StoreError::File(path, error))?;
        Ok(Self { queue, thread: Mutex::new(Some(thread)) })
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

fn work(file: &File, inbox: &Receiver<Order>, on_commit: &OnCommit) {
    let mut batch = Vec::new();
    let mut crowd = Crowd::default();
    let mut open = true;
    while open {
        open = gather(&mut batch, inbox, crowd);
        if batch.is_empty() {
            return;
        }
        let (count, started) = (batch.len(), Instant::now());
        let done = commit(file, std::mem::take(&mut batch), on_commit);
        let patience = started.elapsed() / COMMIT_SHARE;
        // Before anybody is answered, so that nobody who comes back is counted twice.
        while open
            && batch.len() < BATCH
            && let Ok(order) = inbox.try_recv()
        {
            open = order.join(&mut batch);
        }
        crowd = Crowd { size: count + batch.len(), patience };
        for (operation, outcome) in done {
            operation.finish(outcome);
        }
    }
    if !batch.is_empty() {
        for (operation, outcome) in commit(file, batch, on_commit) {
            operation.finish(outcome);
        }
    }
}

impl Order {
    /// Adds an operation to the batch; false when there shall be no more.
    fn join(self, batch: &mut Vec<Box<dyn Run>>) -> bool {
        match self {
            Self::Run(operation) => batch.push(operation),
            Self::Stop => return false,
        }
        true
    }
}

/// Who is expected to take part in the next commit, and how long it waits for them.
///
/// People who act at the same time get their answers at the same time, and those who act again come
/// within a moment of each other. A commit that began with the first of them would leave the others
/// to the next one, and every commit would be half full.
#[derive(Clone, Copy, Debug, Default)]
struct Crowd {
    size: usize,
    patience: Duration,
}

/// Fills `batch`: with everything that waits, and with what the `crowd` brings in time. False when
/// nothing more shall be taken.
fn gather(batch: &mut Vec<Box<dyn Run>>, inbox: &Receiver<Order>, crowd: Crowd) -> bool {
    if batch.is_empty() {
        let Ok(first) = inbox.recv() else { return false };
        if !first.join(batch) {
            return false;
        }
    }
    let due = Instant::now() + crowd.patience;
    while batch.len() < BATCH {
        let left = due.saturating_duration_since(Instant::now());
        let next = match inbox.try_recv() {
            Err(TryRecvError::Empty) if batch.len() < crowd.size => inbox.recv_timeout(left),
            Err(TryRecvError::Empty) => return true,
            next => next.map_err(|_| RecvTimeoutError::Disconnected),
        };
        match next {
            Ok(order) => {
                if !order.join(batch) {
                    return false;
                }
            }
            Err(RecvTimeoutError::Timeout) => return true,
            Err(RecvTimeoutError::Disconnected) => return false,
        }
    }
    true
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

fn commit(file: &File, mut batch: Vec<Box<dyn Run>>, on_commit: &OnCommit) -> Vec<Done> {
    let mut fates = vec![Fate::Pending; batch.len()];
    let outcome = run_batch(file, &mut batch, &mut fates);
    let error = match outcome {
        Ok(effects) => {
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
        let tx = file.begin()?;
        if batch.iter_mut().zip(fates.iter_mut()).all(|(op, fate)| run_one(&tx, op, fate)) {
            return if fates.contains(&Fate::Kept) {
                tx.commit()
            } else {
                tx.abort().map(|()| super::Effects::default())
            };
        }
        tx.abort()?;
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

#[cfg(test)]
mod tests {
    use super::*;

    struct Nothing;

    impl Run for Nothing {
        fn run(&mut self, _: &Tx) -> bool {
            true
        }

        fn finish(self: Box<Self>, _: Result<(), StoreError>) {}
    }

    /// Longer than any test takes: who is waited for so long does come.
    const FOR_EVER: Duration = Duration::from_secs(3600);

    #[test]
    fn a_commit_waits_for_those_who_come_back_and_for_nobody_else() {
        let rows = [
            // Waiting, the crowd, what is done together.
            (1, Crowd::default(), 1),
            (5, Crowd::default(), 5),
            (5, Crowd { size: 3, patience: FOR_EVER }, 5),
            (5, Crowd { size: 5, patience: FOR_EVER }, 5),
            (5, Crowd { size: 9, patience: Duration::ZERO }, 5),
            (BATCH + 5, Crowd { size: 2 * BATCH, patience: FOR_EVER }, BATCH),
        ];
        for (waiting, crowd, expected) in rows {
            let (queue, inbox) = sync_channel(QUEUE);
            (0..waiting).for_each(|_| queue.send(Order::Run(Box::new(Nothing))).unwrap());
            let mut batch = Vec::new();
            assert!(gather(&mut batch, &inbox, crowd));
            assert_eq!(batch.len(), expected, "{waiting} {crowd:?}");
        }
    }

    #[test]
    fn those_who_come_back_late_are_still_in_the_same_commit() {
        let (queue, inbox) = sync_channel(0);
        let late = thread::spawn("late", move || {
            // Each is taken only when the commit waits for it.
            (0..4).for_each(|_| queue.send(Order::Run(Box::new(Nothing))).unwrap());
        });
        let mut batch = Vec::new();
        assert!(gather(&mut batch, &inbox, Crowd { size: 4, patience: FOR_EVER }));
        assert_eq!(batch.len(), 4);
        drop(late);
        batch.clear();
        assert!(!gather(&mut batch, &inbox, Crowd { size: 4, patience: FOR_EVER }));
    }
}
