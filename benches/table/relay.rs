//! Updates on their way out: each kind of sink alone, and through the program with its log on disk.

use std::error::Error;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use roost::relay::sinks::open;
use roost::relay::{Record, Sink, Stop};
use roost::settings::{self, Asked, Surroundings};
use roost::thread;
use serde_json::{Map, Value, json};

use crate::Measured;
use crate::report::{Row, number};
use crate::statistics::{median, percentile};
use crate::targets::{self, Target};
use crate::world::{self, Server, World};

/// Updates through the program, and bytes of each, about.
const UPDATES: usize = 20_000;
const BYTES: usize = 1_000;

/// How long a sink alone is measured.
const TIME: Duration = Duration::from_secs(1);

/// Records handed over at once.
const BATCH: usize = 500;

/// Updates a second into Redis that have to be confirmed and durable.
const LIMIT: f64 = 5_000.0;

/// Updates whose way is timed, and the pause between them.
const SINGLES: usize = 300;
const APART: Duration = Duration::from_millis(10);

/// The longest any wait takes before the group gives up.
const PATIENCE: Duration = Duration::from_secs(120);

/// Measures every kind of sink there is in this build.
pub fn measure() -> Measured {
    let mut rows = Vec::new();
    for (name, make) in targets::ALL {
        // A broker that is not installed panics, and says how to install it.
        let measured = thread::catch(|| alone(name, make()));
        let why = "its broker does not start; see above".to_owned();
        rows.extend(measured.unwrap_or(Err(why)).unwrap_or_else(|why| missing(name, &why)));
        let measured = thread::catch(|| through(name, *make).map_err(|why| why.to_string()));
        let why = "its broker does not start; see above".to_owned();
        rows.extend(measured.unwrap_or(Err(why)).unwrap_or_else(|why| missing(name, &why)));
    }
    rows.push(syncs().unwrap_or_else(|why| {
        Row::plain(format!("syncs for each batch: not measured: {why}; apt-get install strace"), "")
    }));
    rows.extend(beside_a_dead_one()?);
    rows.extend(way()?);
    Ok(rows)
}

fn missing(name: &str, why: &str) -> Vec<Row> {
    vec![Row::plain(format!("{name}: not measured: {why}"), "")]
}

/// The sink without the program: one record at a time, and in batches.
fn alone(name: &str, mut target: Target) -> Result<Vec<Row>, String> {
    target.starts().map_err(|why| why.to_string())?;
    let mut sink = sink(&target).map_err(|why| why.to_string())?;
    let body = "x".repeat(BYTES);
    let mut sequence = 0;
    let mut rate = |size: usize| -> Result<f64, String> {
        let began = Instant::now();
        let before = sequence;
        while began.elapsed() < TIME {
            let batch: Vec<Record<'_>> =
                (0..size).map(|_| record(&mut sequence, target.place, &body)).collect();
            sink.deliver(&batch).map_err(|trouble| trouble.cause.reason().to_owned())?;
        }
        #[expect(clippy::cast_precision_loss, reason = "a count of a second")]
        Ok((sequence - before) as f64 / began.elapsed().as_secs_f64())
    };
    let (single, batched) = (rate(1)?, rate(BATCH)?);
    let figures = format!("{}, {} /s", number(single), number(batched));
    Ok(vec![Row::plain(format!("{name}: confirmed one by one, in batches of {BATCH}"), figures)])
}

fn record<'a>(sequence: &mut u64, place: &'a str, body: &'a str) -> Record<'a> {
    *sequence += 1;
    Record {
        sequence: *sequence,
        update_id: i64::try_from(*sequence).unwrap_or_default(),
        kind: "message",
        chat: Some(i64::try_from(*sequence % 16).unwrap_or_default()),
        place,
        body: body.as_bytes(),
        content_type: "application/json",
    }
}

/// The sink of the settings of `target`, as the program makes it.
fn sink(target: &Target) -> Result<Box<dyn Sink>, Box<dyn Error>> {
    let folder = world::folder()?;
    let all = json!({"bot-token": world::TOKEN, "relay": {"sinks": {"it": target.settings}}});
    let file = folder.path().join("settings.json");
    std::fs::write(&file, all.to_string())?;
    let asked = Asked { file: Some(file), ..Asked::default() };
    let around = Surroundings { folder: folder.path().to_owned(), ..Surroundings::default() };
    let loaded = settings::load(&asked, &around).map_err(|problems| problems.to_string())?;
    let it = loaded.settings.sinks.first().ok_or("no sink")?;
    Ok(open(it, &Stop::default())?)
}

/// Through the program: from its start with everything in the log to nothing left there.
fn through(name: &str, make: targets::Make) -> Measured {
    let mut target = make();
    let rate = drained(&[("it", &target.settings.clone())], || target.starts(), &["it"])?;
    let what = format!("  through the program, {UPDATES} from the log on disk");
    Ok(vec![match name {
        "redis" => Row::at_least(what, (rate, LIMIT), "/s"),
        _ => Row::plain(what, format!("{} /s", number(rate))),
    }])
}

/// How often the program has its own disk sync while it hands a log to Redis, for each batch: a
/// start with an empty log costs some syncs, too, which are taken off.
fn syncs() -> Result<Row, Box<dyn Error>> {
    let (full, empty) = (synced(UPDATES)?, synced(0)?);
    let batches = UPDATES.div_ceil(BATCH);
    #[expect(clippy::cast_precision_loss, reason = "some dozens")]
    let each = full.saturating_sub(empty) as f64 / batches as f64;
    let what = format!("  syncs of our disk for each of {batches} batches");
    Ok(Row::at_most(what, (each, 1.0), ""))
}

/// Syncs from the start of the program with so many updates in its log until Redis has them all.
fn synced(updates: usize) -> Result<usize, Box<dyn Error>> {
    let folder = world::folder()?;
    let trace = folder.path().join("trace");
    let file = trace.to_str().ok_or("a path that is no text")?;
    // As a grandchild, so that the program is still our child.
    let wrap = ["strace", "-D", "-f", "-qq", "-etrace=fdatasync,fsync", "-o", file];
    let mut target = targets::redis();
    let settings = target.settings.clone();
    drained_of(updates, &wrap, &[("it", &settings)], || target.starts(), &["it"])?;
    let trace = std::fs::read_to_string(trace)?;
    Ok(trace.lines().filter(|line| line.contains("sync(")).count())
}

/// Three lists of one Redis, with a fourth sink that nobody listens to, and without it.
fn beside_a_dead_one() -> Measured {
    let mut rates = Vec::new();
    for has_dead in [false, true] {
        let mut target = targets::redis();
        let list = |name: &str| {
            let mut settings = target.settings.clone();
            settings["list"] = name.into();
            settings
        };
        let (one, two, three) = (list("one"), list("two"), list("three"));
        let dead = json!({"type": "redis", "url": "redis://127.0.0.1:1"});
        let mut sinks = vec![("one", &one), ("two", &two), ("three", &three)];
        sinks.extend(has_dead.then_some(("dead", &dead)));
        rates.push(drained(&sinks, || target.starts(), &["one", "two", "three"])?);
    }
    let figure = format!("{}, {} /s each", number(rates[1]), number(rates[0]));
    Ok(vec![Row::plain("three lists beside a dead sink, without it", figure)])
}

/// Updates a second until nothing waits for `of`; `starts` is called when the log is full.
fn drained(
    sinks: &[(&str, &Value)],
    starts: impl FnOnce() -> std::io::Result<()>,
    of: &[&str],
) -> Result<f64, Box<dyn Error>> {
    drained_of(UPDATES, &[], sinks, starts, of)
}

/// The same with so many updates; `wrap` is what the program is run with then.
fn drained_of(
    updates: usize,
    wrap: &[&str],
    sinks: &[(&str, &Value)],
    starts: impl FnOnce() -> std::io::Result<()>,
    of: &[&str],
) -> Result<f64, Box<dyn Error>> {
    let world = World::new(10, 0)?;
    let sinks: Map<String, Value> =
        sinks.iter().map(|(name, settings)| ((*name).to_owned(), (*settings).clone())).collect();
    let settings = json!({"relay": {"sinks": sinks}});
    let server = world.serve(&[], settings.clone())?;
    let text = "x".repeat(BYTES - 200);
    for number in 0..updates {
        world.telegram().inject(post(number, &text));
    }
    wait("Telegram", || Ok(world.telegram().look(|view| view.updates_waiting() == 0)))?;
    drop(server);
    starts()?;
    let began = Instant::now();
    let server = world.serve(wrap, settings)?;
    wait("the sinks", || {
        let standing = standing(&server)?;
        Ok(of.iter().all(|name| standing.contains(&format!("{name}: 0 wait"))))
    })?;
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    Ok(updates as f64 / began.elapsed().as_secs_f64())
}

/// From Telegram to a consumer of Redis: milliseconds.
fn way() -> Measured {
    let mut target = targets::redis();
    target.starts()?;
    let world = World::new(10, 0)?;
    let url = target.settings["url"].as_str().unwrap_or_default().to_owned();
    let _server = world.serve(&[], json!({"relay": {"sinks": {"it": target.settings}}}))?;
    wait("a poll", || Ok(world.telegram().look(|view| view.polls_waiting() > 0)))?;
    let mut consumer = TcpStream::connect(url.trim_start_matches("redis://"))?;
    consumer.set_nodelay(true)?;
    let mut times = Vec::new();
    for number in 0..SINGLES {
        std::thread::sleep(APART);
        consumer.write_all(b"BLPOP telegram_bot 0\r\n")?;
        let began = Instant::now();
        world.telegram().inject(post(number, "x"));
        let mut reply = Vec::new();
        while !reply.ends_with(b"}\r\n") {
            let mut some = [0; 4096];
            let count = consumer.read(&mut some)?;
            reply.extend_from_slice(
                some.get(..count).filter(|some| !some.is_empty()).ok_or("gone")?,
            );
        }
        times.push(began.elapsed().as_secs_f64() * 1e3);
    }
    let (middle, slow) = (median(&mut times), percentile(&mut times, 99));
    let figure = format!("{middle:.2}, {slow:.2} ms");
    Ok(vec![Row::plain("from Telegram to a consumer of Redis, p50, p99", figure)])
}

fn post(number: usize, text: &str) -> Value {
    json!({"channel_post": {"message_id": number, "date": 1_800_000_000, "text": text,
        "chat": {"id": -1_000_000_000_001_i64 - i64::try_from(number % 16).unwrap_or_default(),
            "type": "channel", "title": "Bench"}}})
}

/// What `/readyz` says of the sinks.
fn standing(server: &Server) -> Result<String, Box<dyn Error>> {
    let stream = TcpStream::connect(server.address)?;
    let answer = crate::wire::get(&stream, "/readyz")?;
    Ok(answer)
}

fn wait(
    what: &str,
    mut is: impl FnMut() -> Result<bool, Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    let due = Instant::now() + PATIENCE;
    while !is()? {
        if Instant::now() > due {
            return Err(format!("waited for {what} in vain").into());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}
