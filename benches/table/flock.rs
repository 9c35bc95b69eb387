//! Many idle clients in a process of their own, which tells when the last of them has a frame.

use std::error::Error;
use std::io::{BufRead, BufReader, Lines, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{ChildStdout, Command, Stdio};

use rustix::event::epoll;

use crate::process::Process;
use crate::wire::{self, Frame, Inbox, PONG};
use crate::world;

/// The first argument of the child.
pub const ROLE: &str = "clients-of-the-table";

/// Clients that connect at the same time, well below the server's backlog.
const AT_ONCE: usize = 64;

/// What the clients speak.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Speech {
    /// They log in to the server over a websocket.
    Websocket,
    /// They only listen: for frames sent by the table itself.
    Plain,
}

/// The clients, as the table sees them.
pub struct Flock {
    lines: Lines<BufReader<ChildStdout>>,
    _process: Process,
}

/// When a frame arrived, in seconds of the machine's clock.
pub struct Arrival {
    /// At the first client.
    pub first: f64,
    /// At the last client.
    pub last: f64,
}

impl Flock {
    /// Starts `count` clients of the server at `address`; the people from `user` on log in.
    pub fn start(
        speech: Speech,
        address: SocketAddr,
        count: usize,
        user: i64,
    ) -> Result<Self, Box<dyn Error>> {
        let word = if speech == Speech::Plain { "plain" } else { "websocket" };
        let mut command = Command::new(std::env::current_exe()?);
        command.args([ROLE, word, &address.to_string(), &count.to_string(), &user.to_string()]);
        let mut process = Process::start(command.stdout(Stdio::piped()))?;
        let output = process.child().stdout.take().ok_or("no pipe")?;
        Ok(Self { lines: BufReader::new(output).lines(), _process: process })
    }

    /// Waits until all are connected, logged in, and listen.
    pub fn wait_until_ready(&mut self) -> Result<(), Box<dyn Error>> {
        self.line().map(drop)
    }

    /// Waits until the last client has the next frame.
    pub fn arrival(&mut self) -> Result<Arrival, Box<dyn Error>> {
        let line = self.line()?;
        let (first, last) = line.split_once(' ').ok_or("the clients say nothing of use")?;
        Ok(Arrival { first: first.parse()?, last: last.parse()? })
    }

    fn line(&mut self) -> Result<String, Box<dyn Error>> {
        Ok(self.lines.next().ok_or("the clients have ended")??)
    }
}

struct Client {
    stream: TcpStream,
    inbox: Inbox,
    frames: usize,
}

/// What the child does: connects, says so, and reports every frame.
pub fn child(arguments: &[String]) -> Result<(), Box<dyn Error>> {
    let [speech, address, count, user] = arguments else { return Err("four arguments".into()) };
    let (address, count, user): (SocketAddr, usize, i64) =
        (address.parse()?, count.parse()?, user.parse()?);
    let mut clients = Vec::with_capacity(count);
    while clients.len() < count {
        let number = (count - clients.len()).min(AT_ONCE);
        let first = user + i64::try_from(clients.len())?;
        let streams: Result<Vec<_>, _> = (0..number).map(|_| TcpStream::connect(address)).collect();
        let fresh = streams?.into_iter().map(|stream| Client {
            stream,
            inbox: Inbox::default(),
            frames: 0,
        });
        let mut fresh: Vec<_> = fresh.collect();
        if speech == "websocket" {
            log_in(&mut fresh, first)?;
        }
        clients.extend(fresh);
    }
    watch(clients)
}

/// Logs all of `clients` in, step by step at the same time.
fn log_in(clients: &mut [Client], first: i64) -> Result<(), Box<dyn Error>> {
    for client in clients.iter_mut() {
        client.stream.write_all(wire::HANDSHAKE)?;
    }
    for client in clients.iter_mut() {
        wire::shake(&client.stream, &mut client.inbox)?;
    }
    for (client, user) in clients.iter_mut().zip(first..) {
        client.stream.write_all(&wire::login(&world::init_data(user)))?;
    }
    for client in clients.iter_mut() {
        wire::snapshot(&client.stream, &mut client.inbox)?;
    }
    Ok(())
}

/// Who has how many frames.
#[derive(Default)]
struct Rounds(Vec<(usize, f64)>);

impl Rounds {
    /// A client has its frame number `round`; true when it is the last to.
    fn arrived(&mut self, round: usize, of: usize) -> Option<String> {
        #[expect(clippy::cast_precision_loss, reason = "of nanoseconds since 1970, 250 are lost")]
        let now = roost::clock::now().as_nanosecond() as f64 / 1e9;
        if self.0.len() <= round {
            self.0.push((0, now));
        }
        let (count, first) = &mut self.0[round];
        *count += 1;
        (*count == of).then(|| format!("{first:.7} {now:.7}"))
    }
}

fn watch(mut clients: Vec<Client>) -> Result<(), Box<dyn Error>> {
    let poll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    for (client, number) in clients.iter().zip(0..) {
        client.stream.set_nonblocking(true)?;
        let data = epoll::EventData::new_u64(number);
        epoll::add(&poll, &client.stream, data, epoll::EventFlags::IN)?;
    }
    println!("ready");
    let (mut rounds, of) = (Rounds::default(), clients.len());
    let mut events = Vec::with_capacity(256);
    let mut chunk = vec![0; 16 * 1024];
    loop {
        events.clear();
        epoll::wait(&poll, rustix::buffer::spare_capacity(&mut events), None)?;
        for event in &events {
            let number = usize::try_from(event.data.u64())?;
            for line in clients[number].read(&mut chunk, &mut rounds, of)? {
                println!("{line}");
            }
        }
    }
}

impl Client {
    fn read(
        &mut self,
        chunk: &mut [u8],
        rounds: &mut Rounds,
        of: usize,
    ) -> Result<Vec<String>, Box<dyn Error>> {
        let count = match self.stream.read(chunk) {
            Ok(0) => return Err("the server has closed a connection".into()),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => 0,
            count => count?,
        };
        self.inbox.push(&chunk[..count]);
        let mut lines = Vec::new();
        while let Some(frame) = self.inbox.frame() {
            match frame {
                Frame::Text(_) => {
                    lines.extend(rounds.arrived(self.frames, of));
                    self.frames += 1;
                }
                Frame::Ping => self.stream.write_all(&PONG)?,
                Frame::Other => {}
            }
        }
        Ok(lines)
    }
}
