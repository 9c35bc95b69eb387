//! Secrets: what a wrong token costs against a wrong number, and what a passphrase costs.

use std::time::{Duration, Instant};

use roost::apps::secrets::seal::{Chance, Stretched};
use roost::apps::secrets::store::{self, Claimed};
use roost::apps::secrets::{
    Author, Claim, Door, Limits, New, No, SecretId, SecretText, Ticket, Token,
};
use roost::clock;
use roost::store::{Store, StoreError};

use crate::Measured;
use crate::report::Row;
use crate::statistics::{median, percentile};

/// Open secrets, and numbers that none has. Each is tried once, so that no lock is in the way.
const NUMBERS: u64 = 2_000;

/// Characters of each text.
const LENGTH: usize = 4_000;

/// Passphrases stretched.
const WORDS: usize = 20;

/// Milliseconds of tries at numbers that are taken and at others, in turns.
#[derive(Default)]
struct Times {
    taken: Vec<f64>,
    free: Vec<f64>,
}

/// One commit holds all tries, so that the disk does not blur what is compared.
pub fn measure() -> Measured {
    let folder = tempfile::tempdir()?;
    let store = Store::open(&folder.path().join("roost.redb"), store::prepare, Box::new(drop))?;
    fill(&store)?;
    let Times { mut taken, mut free } = store.write(tries)?;
    let what = format!("one wrong try, {NUMBERS} secrets open");
    let ratio = median(&mut taken) / median(&mut free);
    let tail = percentile(&mut taken, 90) / percentile(&mut free, 90);
    let mut words = words();
    Ok(vec![
        Row::plain(what, format!("{:.1} µs", median(&mut free) * 1e3)),
        Row::plain("  wrong token : wrong number, median", format!("{ratio:.3} ×")),
        Row::plain("  wrong token : wrong number, p90", format!("{tail:.3} ×")),
        Row::plain("one passphrase (Argon2id)", format!("{:.1} ms", median(&mut words))),
    ])
}

fn fill(store: &Store) -> Result<(), StoreError> {
    let limits = Limits { max_length: LENGTH, per_user: 1, max_ttl: Duration::from_secs(86_400) };
    store.write(move |tx| {
        for number in 0..NUMBERS {
            let mut bytes = [7; Chance::BYTES];
            bytes[..8].copy_from_slice(&number.to_be_bytes());
            let new = New {
                by: Author::Operator,
                text: SecretText::new("x".repeat(LENGTH)),
                ttl: Duration::from_secs(3_600),
                recipient: None,
                at: clock::now(),
                chance: Chance::of(&bytes),
                passphrase: None,
            };
            store::create(tx, &new, &limits).map_err(|_| StoreError::Stopped)?;
        }
        Ok(())
    })
}

fn tries(tx: &roost::store::Tx) -> Result<Times, StoreError> {
    let mut times = Times::default();
    // An odd step visits every number, near ones far apart.
    for number in (0..NUMBERS).map(|turn| 1 + turn * 1_237 % NUMBERS) {
        times.taken.push(once(tx, number)?);
        times.free.push(once(tx, 1_000_000 + number)?);
    }
    Ok(times)
}

fn once(tx: &roost::store::Tx, id: u64) -> Result<f64, StoreError> {
    let claim = Claim {
        ticket: Ticket { id: SecretId(id), token: Token::of([0; 32]) },
        by: None,
        who: Vec::new(),
        door: Door::Web,
        passphrase: None,
        at: clock::now(),
    };
    let began = Instant::now();
    let claimed = store::claim(tx, &claim)?;
    let took = began.elapsed().as_secs_f64() * 1e3;
    assert!(matches!(claimed, Claimed::No(No::Closed)), "a wrong token opens nothing");
    Ok(took)
}

fn words() -> Vec<f64> {
    let stretch = |number: usize| {
        let began = Instant::now();
        let word = SecretText::new(format!("open sesame {number}"));
        std::hint::black_box(Stretched::new(&word, &[7; 16]));
        began.elapsed().as_secs_f64() * 1e3
    };
    (0..WORDS).map(stretch).collect()
}
