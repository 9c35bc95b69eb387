//! What the hub does for each change of an event that very many people go to.

use std::sync::Arc;
use std::time::Instant;

use roost::apps::events::action::Action;
use roost::apps::events::store::{self as events, NotDone};
use roost::apps::{Apps, Context};

use crate::Measured;
use crate::report::Row;
use crate::statistics::median;
use crate::world::{self, EVENT, World};

const PEOPLE: i64 = 10_000;

const LOOKS: usize = 50;

/// Reads and encodes the event as the hub does, once for each change it shows.
pub fn measure() -> Measured {
    let world = World::new(PEOPLE, 1)?;
    let store = world::open(&world.path().join("roost.redb"))?;
    let all_go = store.write(|tx| -> Result<(), NotDone> {
        (1..=PEOPLE).try_for_each(|user| {
            events::act(tx, &world::asked(user), Some(EVENT), &Action::Attend).map(drop)
        })
    });
    all_go.map_err(|error| format!("{error:?}"))?;
    let apps = Apps::all(Arc::new(Context::default()));
    let app = apps.find(events::APP).ok_or("no Mini Events")?;
    let mut times = Vec::new();
    for _ in 0..LOOKS {
        let started = Instant::now();
        let view = app.view(&store.snapshot()?, EVENT.0, roost::clock::now())?;
        times.push(started.elapsed().as_secs_f64() * 1e3);
        drop(view);
    }
    let what = format!("one look at an event of {PEOPLE} people");
    Ok(vec![Row::plain(what, format!("{:.2} ms", median(&mut times)))])
}
