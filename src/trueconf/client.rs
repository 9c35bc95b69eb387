//! `Client`: asks one server.

use std::time::Duration;

use jiff::Timestamp;

use super::fault::Fault;
use super::types::{Conference, Online, People, Row, Stop};
use crate::settings::Server;

/// Asks one server. Clones share token, connections and end.
#[derive(Clone, Debug)]
pub struct Client;

#[expect(unused_variables)]
impl Client {
    /// A client for `server`; nothing is sent yet.
    pub fn new(server: &Server) -> Self {
        Self
    }

    /// Asks the status page on a connection of its own; gives how long the answer took.
    pub fn check(&self) -> Result<Duration, Fault> {
        Err(Fault::NotOffered)
    }

    /// The conferences that run, the longest first.
    pub fn running(&self) -> Result<Vec<Conference>, Fault> {
        Err(Fault::NotOffered)
    }

    /// How many people are online.
    pub fn online(&self) -> Result<Online, Fault> {
        Err(Fault::NotOffered)
    }

    /// Who is in a conference.
    pub fn people(&self, conference: &Conference) -> Result<People, Fault> {
        Err(Fault::NotOffered)
    }

    /// Every conference that runs for longer than the server's rule allows, with a verdict each.
    pub fn forgotten(&self) -> Result<Vec<Row>, Fault> {
        Err(Fault::NotOffered)
    }

    /// Stops `conference`, if that very run is still under way.
    pub fn stop(&self, conference: &Conference) -> Result<Stop, Fault> {
        Err(Fault::NotOffered)
    }

    /// When the server's certificate expires; none if it is spoken to in the clear. Asks even if the
    /// certificate is not believed.
    pub fn certificate_expiry(&self) -> Result<Option<Timestamp>, Fault> {
        Err(Fault::NotOffered)
    }

    /// Ends every call in progress on this client and its clones, and refuses new ones.
    pub fn abort(&self) {}
}
