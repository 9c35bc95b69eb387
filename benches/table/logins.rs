//! How many people can open their page in a second, on one core.

use std::error::Error;
use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rustix::net::sockopt;
use serde_json::json;

use crate::Measured;
use crate::report::Row;
use crate::statistics::median;
use crate::wire::{self, Inbox};
use crate::world::{self, World};

/// The first argument of the child.
pub const ROLE: &str = "logins-of-the-table";

/// People at the same time.
const PEOPLE: i64 = 32;

/// Events in everybody's snapshot.
const EVENTS: i64 = 20;

/// How long each round takes.
const ROUND: Duration = Duration::from_secs(2);

const ROUNDS: usize = 3;

/// Logins in a second.
const LIMIT: f64 = 5_000.0;

/// Pins the server to the first core and the people to the second.
pub fn measure() -> Measured {
    let world = World::new(10_000, EVENTS)?;
    let server = world.serve(&["taskset", "-c", "0"], json!({}))?;
    let mut rates = Vec::new();
    for _ in 0..ROUNDS {
        let mut people = Command::new("taskset");
        people.args(["-c", "1"]).arg(std::env::current_exe()?);
        let output = people.args([ROLE, &server.address.to_string()]).output()?;
        let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        rates.push(said.parse().map_err(|_| String::from_utf8_lossy(&output.stderr).into_owned())?);
    }
    let what = format!("logins with {EVENTS} events each, on one core");
    Ok(vec![Row::at_least(what, (median(&mut rates), LIMIT), "/s")])
}

/// What the child does: logs people in until the time is over, and prints how many a second.
pub fn child(arguments: &[String]) -> Result<(), Box<dyn Error>> {
    let [address] = arguments else { return Err("one argument".into()) };
    let address: SocketAddr = address.parse()?;
    let logins: Vec<Vec<u8>> = (1..=PEOPLE).map(|id| wire::login(&world::init_data(id))).collect();
    let (done, started) = (AtomicUsize::new(0), Instant::now());
    std::thread::scope(|scope| {
        let people: Vec<_> = logins
            .iter()
            .map(|login| scope.spawn(|| repeat(address, login, started + ROUND, &done)))
            .collect();
        people.into_iter().try_for_each(|person| person.join().expect("it does not panic"))
    })?;
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    let done = done.into_inner() as f64;
    println!("{}", done / started.elapsed().as_secs_f64());
    Ok(())
}

fn repeat(
    address: SocketAddr,
    login: &[u8],
    until: Instant,
    done: &AtomicUsize,
) -> std::io::Result<()> {
    while Instant::now() < until {
        let mut stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        // Leaves no port behind that waits for a minute.
        sockopt::set_socket_linger(&stream, Some(Duration::ZERO))?;
        let mut inbox = Inbox::default();
        stream.write_all(wire::HANDSHAKE)?;
        wire::shake(&stream, &mut inbox)?;
        stream.write_all(login)?;
        if wire::snapshot(&stream, &mut inbox)? < usize::try_from(EVENTS).unwrap_or(0) {
            return Err(std::io::Error::other("the snapshot was not whole"));
        }
        done.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}
