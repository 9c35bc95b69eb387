//! A server and an app for tests.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jiff::tz::TimeZone;

use super::fleet::{Fleet, Kept};
use crate::apps::{Context, Roles};
use crate::hidden::Hidden;
use crate::i18n::Language;
use crate::ids::UserId;
use crate::settings::{Api, Authority, AutoStop, Forgotten, Scheme, Server};

/// An admin by the settings.
pub const ADMIN: UserId = UserId(1);

/// Operates the servers of [`server`].
pub const OPERATOR: UserId = UserId(7);

/// May look at them.
pub const VIEWER: UserId = UserId(8);

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
        operators: vec![OPERATOR],
    }
}

/// One server of a fleet.
pub fn kept(server: Server) -> Kept {
    Fleet::new(&[server]).iter().next().expect("there is one").clone()
}

/// What an app with these servers is given.
pub fn context(servers: Vec<Server>) -> Arc<Context> {
    Arc::new(Context {
        roles: Roles { admins: [ADMIN].into(), banned: [].into() },
        language: Language::En,
        timezone: TimeZone::UTC,
        timezone_name: "UTC".to_owned(),
        public_url: None,
        short_name: "events".to_owned(),
        media_limit: 1024,
        reminders: Vec::new(),
        servers,
        bot: OnceLock::new(),
    })
}
