//! Who is told what of a change; whichever door it came through.

use jiff::Timestamp;

use super::action::Asked;
use super::decision::{Changed, Decision, Next};
use super::mailing::{self, Mailing, News};
use super::model::Event;
use super::store;
use crate::ids::UserId;
use crate::store::{StoreError, Tx};

/// Keeps what everybody concerned is to be told of `decision`, but not who made it. Runs before the
/// decision is carried out: who was on the roll is concerned, also of an event that goes.
pub(super) fn announce(
    tx: &Tx,
    before: &Event,
    decision: &Decision,
    asked: &Asked,
) -> Result<(), StoreError> {
    let after = match &decision.next {
        Next::Put(event) => event,
        Next::Same | Next::Delete => before,
    };
    let others = |user: &UserId| *user != asked.user;
    let promoted: Vec<UserId> = decision.promoted().filter(others).collect();
    if let Some(news) = news(before, after, &decision.changes, asked.at) {
        let roll = store::by_user(tx, before.id)?.into_iter().map(|entry| entry.user);
        let seated: std::collections::BTreeSet<UserId> = promoted.iter().copied().collect();
        let told: Vec<UserId> = roll.filter(others).filter(|user| !seated.contains(user)).collect();
        mailing::put(tx, &Mailing::new(after.clone(), news, asked.at), &told)?;
    }
    let news = News::Promoted(worth_telling(&decision.changes));
    mailing::put(tx, &Mailing::new(after.clone(), news, asked.at), &promoted)
}

/// What is told of `changes`; nothing of what lies in the past or cannot be told in words.
fn news(before: &Event, after: &Event, changes: &[Changed], at: Timestamp) -> Option<News> {
    if before.is_over(at) && after.is_over(at) {
        return None;
    }
    match changes {
        [Changed::Cancelled { reason }] => Some(News::Cancelled(reason.clone())),
        [Changed::Reason { new, .. }] => Some(News::Cancelled(new.clone())),
        // Everybody was told when it was cancelled.
        _ if before.cancelled.is_some() => None,
        [Changed::DateCancelled { date, reason }] => {
            Some(News::DateCancelled(*date, reason.clone()))
        }
        [Changed::Deleted] => Some(News::Deleted),
        changes => Some(worth_telling(changes)).filter(|c| !c.is_empty()).map(News::Changed),
    }
}

/// A picture alone has no old and new value in words.
fn worth_telling(changes: &[Changed]) -> Vec<Changed> {
    let has_words = |change: &&Changed| {
        matches!(
            change,
            Changed::Title { .. }
                | Changed::Description { .. }
                | Changed::Schedule { .. }
                | Changed::Location { .. }
                | Changed::Capacity { .. }
        )
    };
    changes.iter().filter(has_words).cloned().collect()
}
