//! A server for tests, and what its checks and its certificate do to it.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::Conferences;
use super::fleet::{Fleet, Kept};
use super::pulse::Turn;
use super::watch;
use crate::apps::Context;
use crate::hidden::Hidden;
use crate::ids::UserId;
use crate::settings::{Api, Authority, AutoStop, Forgotten, Scheme, Server};
use crate::store::Store;
use crate::trueconf::Fault;

/// Operates the servers of [`server`].
pub const OPERATOR: UserId = UserId(70);

/// Operates them, too.
pub const OTHER: UserId = UserId(71);

/// May look at them.
pub const VIEWER: UserId = UserId(72);

/// A server nobody answers at, monitored.
pub fn server() -> Server {
    Server {
        name: "Head office".to_owned(),
        scheme: Scheme::Https,
        host: "127.0.0.1".to_owned(),
        port: Some(1),
        client_id: String::new(),
        client_secret: Hidden::new(String::new()),
        access_token: None,
        authority: Authority::SystemRoots,
        api: Api::Auto,
        status_url: "http://127.0.0.1:1/vsstatus".to_owned(),
        monitored: true,
        every: Duration::from_secs(15),
        down_after: 3,
        up_after: 2,
        forgotten: Forgotten {
            longer_than: Duration::from_secs(3_600),
            no_moderator: true,
            moderator_alone: true,
            max_people: None,
            exempt: Vec::new(),
            auto_stop: AutoStop::Off,
            warn_before: Duration::from_secs(900),
            quiet_hours: None,
        },
        viewers: vec![VIEWER],
        operators: vec![OPERATOR, OTHER],
    }
}

/// What an app with these servers is given.
pub fn context(servers: Vec<Server>) -> Arc<Context> {
    Arc::new(Context { servers, ..Context::default() })
}

/// One server of a fleet.
pub fn kept(server: Server) -> Kept {
    Fleet::new(&[server]).iter().next().expect("there is one").clone()
}

/// Plays what checks find, as the checkers do.
pub struct Checks {
    app: Conferences,
    store: Store,
}

impl Checks {
    /// Of the servers of `context`, kept in `store`.
    pub fn new(context: &Arc<Context>, store: &Store) -> Self {
        Self { app: Conferences::new(context), store: store.clone() }
    }

    /// The first server is confirmed down since `began`.
    pub fn down(&self, began: Timestamp, now: Timestamp) {
        self.turn((Turn::Down(began), Some(Fault::Refused)), now);
    }

    /// It is confirmed up since `first`.
    pub fn up(&self, first: Timestamp, now: Timestamp) {
        self.turn((Turn::Up(first), None), now);
    }

    /// Its certificate was seen to expire then.
    pub fn certificate(&self, expires: Timestamp, now: Timestamp) {
        let (app, kept) = (self.app.clone(), self.first());
        self.store
            .write(move |tx| watch::certificate(&app, tx, &kept, Ok(Some(expires)), now))
            .unwrap();
    }

    fn turn(&self, turn: (Turn, Option<Fault>), now: Timestamp) {
        let (app, kept) = (self.app.clone(), self.first());
        self.store.write(move |tx| watch::turned(&app, tx, &kept, turn, now)).unwrap();
    }

    fn first(&self) -> Kept {
        self.app.fleet.iter().next().expect("there is one").clone()
    }
}
