//! A backup while people click: whoever was answered before it began is in it.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Barrier, Mutex};

use serde_json::{Value, json};

use crate::support::{ADMIN, Home, Page, Program, daily};
use crate::{attends, load, ok};

/// People who click at once.
const PEOPLE: usize = 8;

/// Clicks of each at most.
const CLICKS: i64 = 2_000;

fn attendees(home: &Home, event: u64) -> BTreeSet<i64> {
    let rows = ok(home, &["attendees", &event.to_string(), "--json"]);
    let rows: Vec<Value> = serde_json::from_str(&rows).unwrap();
    rows.iter().map(|row| row["telegram_id"].as_i64().unwrap()).collect()
}

#[test]
fn everybody_who_was_answered_before_a_backup_began_is_in_it() {
    let home = Home::new(&json!({}));
    load(&home, 8);
    let program: Program = home.serve();
    let event = Page::of(program.address(), ADMIN).create(daily("Chess"));
    let (answered, done) = (Mutex::new(BTreeSet::new()), AtomicBool::new(false));
    let begin = Barrier::new(PEOPLE + 1);
    let (before, after) = std::thread::scope(|scope| {
        for number in 0..PEOPLE {
            let (answered, done, begin, server) = (&answered, &done, &begin, program.address());
            let first = 1_000 + CLICKS * i64::try_from(number).unwrap();
            scope.spawn(move || {
                begin.wait();
                for id in first..first + CLICKS {
                    assert!(attends(server, id, event));
                    answered.lock().unwrap().insert(id);
                    if done.load(Ordering::SeqCst) {
                        return;
                    }
                }
            });
        }
        begin.wait();
        let mut before = Vec::new();
        for round in 0..3 {
            crate::until("clicks", || {
                (answered.lock().unwrap().len() > 10 * (round + 1)).then_some(())
            });
            before.push(answered.lock().unwrap().clone());
            ok(&home, &["backup", &format!("b{round}.redb")]);
        }
        done.store(true, Ordering::SeqCst);
        (before, &answered)
    });
    drop(program);
    let after = after.lock().unwrap().clone();
    let mut meanwhile = false;
    for (round, before) in before.iter().enumerate() {
        ok(&home, &["restore", &format!("b{round}.redb")]);
        let kept = attendees(&home, event);
        assert!(before.is_subset(&kept), "round {round}: {:?} are lost", before.difference(&kept));
        meanwhile |= after.iter().any(|id| !kept.contains(id));
    }
    assert!(meanwhile, "people went on while the backups were taken");
}
