//! One logged-in page that acts, as a person would.

use std::error::Error;
use std::io::Write;
use std::net::{SocketAddr, TcpStream};

use crate::wire::{self, Inbox};
use crate::world;

/// A page of one person.
pub struct Page(TcpStream);

impl Page {
    /// Logs `user` in.
    pub fn open(address: SocketAddr, user: i64) -> Result<Self, Box<dyn Error>> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        let mut inbox = Inbox::default();
        stream.write_all(wire::HANDSHAKE)?;
        wire::shake(&stream, &mut inbox)?;
        stream.write_all(&wire::login(&world::init_data(user)))?;
        wire::snapshot(&stream, &mut inbox)?;
        Ok(Self(stream))
    }

    /// Joins or leaves the first event: `attend` or `leave`.
    pub fn act(&mut self, verb: &str) -> std::io::Result<()> {
        let event = world::EVENT;
        self.0.write_all(&wire::text(&format!(
            r#"{{"app":"mini_event","type":"{verb}","event":{event}}}"#
        )))
    }
}
