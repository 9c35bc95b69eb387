//! What goes into one commit: everything that waits, and those who are about to come back.

use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::{Duration, Instant};

use super::writer::Run;

/// Operations in one durable transaction; more would make the first of them wait for the last.
const BATCH: usize = 256;

/// What the writer's thread is told.
pub(super) enum Order {
    Run(Box<dyn Run>),
    Stop,
}

/// Who is expected to take part in the next commit, and how long it waits for them.
///
/// People who act at the same time get their answers at the same time, and those who act again come
/// within a moment of each other. A commit that began with the first of them would leave the others
/// to the next one, and every commit would be half full.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Crowd {
    pub(super) size: usize,
    pub(super) patience: Duration,
}

/// The orders, until the one to stop.
pub(super) struct Intake {
    inbox: Receiver<Order>,
    stopped: bool,
}

impl Intake {
    pub(super) fn new(inbox: Receiver<Order>) -> Self {
        Self { inbox, stopped: false }
    }

    /// What waits now, as much as one commit takes.
    pub(super) fn waiting(&mut self) -> Vec<Box<dyn Run>> {
        std::iter::from_fn(|| self.next(Crowd::default())).take(BATCH).collect()
    }

    /// Fills `batch`: with everything that waits, and with what the `crowd` brings in time. False
    /// when there is nothing and never will be.
    pub(super) fn gather(&mut self, batch: &mut Vec<Box<dyn Run>>, crowd: Crowd) -> bool {
        if batch.is_empty() {
            let first = if self.stopped { None } else { self.inbox.recv().ok() };
            batch.extend(first.and_then(|order| self.operation(order)));
        }
        if batch.is_empty() {
            return false;
        }
        let due = Instant::now() + crowd.patience;
        while batch.len() < BATCH {
            let missing = crowd.size.saturating_sub(batch.len());
            let patience = due.saturating_duration_since(Instant::now());
            let Some(next) = self.next(Crowd { size: missing, patience }) else { break };
            batch.push(next);
        }
        true
    }

    /// The next operation; waited for only when the crowd is not complete.
    fn next(&mut self, crowd: Crowd) -> Option<Box<dyn Run>> {
        if self.stopped {
            return None;
        }
        let order = match self.inbox.try_recv() {
            Err(TryRecvError::Empty) if crowd.size > 0 => {
                self.inbox.recv_timeout(crowd.patience).ok()
            }
            order => order.ok(),
        };
        self.operation(order?)
    }

    fn operation(&mut self, order: Order) -> Option<Box<dyn Run>> {
        match order {
            Order::Run(operation) => Some(operation),
            Order::Stop => {
                self.stopped = true;
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use super::*;
    use crate::store::StoreError;
    use crate::store::Tx;
    use crate::thread;

    struct Nothing;

    impl Run for Nothing {
        fn run(&mut self, _: &Tx) -> bool {
            true
        }

        fn finish(self: Box<Self>, _: Result<(), StoreError>) {}
    }

    fn nothing() -> Order {
        Order::Run(Box::new(Nothing))
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
            let (queue, inbox) = sync_channel(waiting);
            (0..waiting).for_each(|_| queue.send(nothing()).unwrap());
            let mut batch = Vec::new();
            assert!(Intake::new(inbox).gather(&mut batch, crowd));
            assert_eq!(batch.len(), expected, "{waiting} {crowd:?}");
        }
    }

    #[test]
    fn those_who_come_back_late_are_still_in_the_same_commit() {
        let (queue, inbox) = sync_channel(0);
        let late = thread::spawn("late", move || {
            // Each is taken only when the commit waits for it.
            (0..4).for_each(|_| queue.send(nothing()).unwrap());
        });
        let (mut intake, mut batch) = (Intake::new(inbox), Vec::new());
        assert!(intake.gather(&mut batch, Crowd { size: 4, patience: FOR_EVER }));
        assert_eq!(batch.len(), 4);
        drop(late);
        batch.clear();
        assert!(!intake.gather(&mut batch, Crowd { size: 4, patience: FOR_EVER }));
    }

    #[test]
    fn a_stop_lets_in_what_came_before_it_and_nothing_after() {
        let (queue, inbox) = sync_channel(9);
        for order in [nothing(), nothing(), Order::Stop, nothing()] {
            queue.send(order).unwrap();
        }
        let (mut intake, mut batch) = (Intake::new(inbox), Vec::new());
        assert!(intake.gather(&mut batch, Crowd { size: 9, patience: FOR_EVER }));
        assert_eq!(batch.len(), 2);
        assert!(intake.waiting().is_empty());
        batch.clear();
        assert!(!intake.gather(&mut batch, Crowd::default()));
    }
}
