//! One event frame to very many clients, against a bare loop of `send(2)` over as many sockets.

use std::error::Error;
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use rustix::net::{SendFlags, send, sockopt};
use serde_json::json;

use crate::Measured;
use crate::flock::{Flock, Speech};
use crate::page::Page;
use crate::process::own_cpu;
use crate::report::Row;
use crate::statistics::median;
use crate::world::World;

/// How many clients, and how many broadcasts to them.
const CASES: [(usize, usize); 2] = [(1_000, 60), (9_900, 25)];

/// The payload of the frame, as long as that of an event.
const PAYLOAD: usize = 500;

/// The server's send buffer, for the bare loop's sockets as well.
const SEND_BUFFER: usize = 32 * 1024;

/// Between two rounds: wake-ups of the one before are over.
const PAUSE: Duration = Duration::from_millis(30);

/// Measures both cases.
pub fn measure() -> Measured {
    let mut rows = Vec::new();
    for (clients, rounds) in CASES {
        rows.extend(case(clients, rounds)?);
    }
    Ok(rows)
}

/// What one way of sending costs.
#[derive(Default)]
struct Cost {
    /// Processor milliseconds of all broadcasts.
    cpu: f64,
    /// Milliseconds from the first client's frame to the last one's, each broadcast.
    spread: Vec<f64>,
}

fn case(clients: usize, rounds: usize) -> Measured {
    let world = World::new(10_000, 1)?;
    let server = world.serve(&[], json!({}))?;
    let mut pages = Flock::start(Speech::Websocket, server.address, clients, 1)?;
    pages.wait_until_ready()?;
    let mut person = Page::open(server.address, 10_000)?;
    let (sockets, mut ears) = bare(clients)?;
    let (mut ours, mut loops) = (Cost::default(), Cost::default());
    for round in 0..rounds {
        let before = server.process.cpu()?;
        person.act(if round % 2 == 0 { "attend" } else { "leave" })?;
        let arrival = pages.arrival()?;
        std::thread::sleep(PAUSE);
        ours.cpu += (server.process.cpu()? - before) * 1e3;
        ours.spread.push((arrival.last - arrival.first) * 1e3);
        let before = own_cpu()?;
        send_all(&sockets)?;
        let arrival = ears.arrival()?;
        std::thread::sleep(PAUSE);
        loops.cpu += (own_cpu()? - before) * 1e3;
        loops.spread.push((arrival.last - arrival.first) * 1e3);
    }
    Ok(rows(clients, rounds, &mut ours, &mut loops))
}

#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn rows(clients: usize, rounds: usize, ours: &mut Cost, loops: &mut Cost) -> Vec<Row> {
    let (cpu, bare) = (ours.cpu / rounds as f64, loops.cpu / rounds as f64);
    let (last, loop_last) = (median(&mut ours.spread), median(&mut loops.spread));
    let per = |what: &str| format!("{what}, {clients} clients");
    vec![
        Row::at_most(per("CPU per broadcast"), (cpu, 1.2 * bare), "ms"),
        Row::plain(per("  a bare send(2) loop"), format!("{bare:.2} ms")),
        Row::at_most(per("last client has the frame"), (last, 0.7 * loop_last), "ms"),
        Row::plain(per("  a bare send(2) loop"), format!("{loop_last:.2} ms")),
    ]
}

/// As many sockets without a server behind them.
fn bare(clients: usize) -> Result<(Vec<TcpStream>, Flock), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut ears = Flock::start(Speech::Plain, listener.local_addr()?, clients, 1)?;
    let mut sockets = Vec::with_capacity(clients);
    for _ in 0..clients {
        let socket = listener.accept()?.0;
        socket.set_nodelay(true)?;
        sockopt::set_socket_send_buffer_size(&socket, SEND_BUFFER)?;
        sockets.push(socket);
    }
    ears.wait_until_ready()?;
    Ok((sockets, ears))
}

fn send_all(sockets: &[TcpStream]) -> Result<(), Box<dyn Error>> {
    let frame = roost::net::frame::text(&"x".repeat(PAYLOAD));
    for socket in sockets {
        send(socket, &frame, SendFlags::DONTWAIT | SendFlags::NOSIGNAL)?;
    }
    Ok(())
}
