//! The TrueConf servers of the settings, each with an id and a client, and who may do what.

use std::fmt;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::apps::Person;
use crate::settings::Server;
use crate::trueconf::Client;

/// Names a server in buttons, on pages and in tables: 48 bits made of its name, the same after a
/// restart and whatever else the settings say. A number JavaScript keeps exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ServerId(pub u64);

/// What somebody may do with a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Right {
    /// Look, get alerts, and choose for oneself not to get them.
    Look,
    /// Also stop conferences, switch monitoring, and announce maintenance.
    Operate,
}

/// One server that is looked after.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Its id.
    pub id: ServerId,
    /// What the settings say of it.
    pub settings: Server,
    client: Arc<OnceLock<Client>>,
}

/// All servers, in the order of the settings.
#[derive(Clone, Debug, Default)]
pub struct Fleet(Vec<Kept>);

impl ServerId {
    /// The id of the server called `name`.
    pub fn of_name(name: &str) -> Self {
        let digest = Sha256::digest(name.as_bytes());
        Self(digest.iter().take(6).fold(0, |id, byte| id << 8 | u64::from(*byte)))
    }

    /// The id in a button: hexadecimal digits without a sign.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = (1..=12).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit());
        digits.then(|| u64::from_str_radix(text, 16).ok().map(Self))?
    }

    /// The id in a key of a table.
    pub fn key(self) -> i64 {
        i64::try_from(self.0).unwrap_or(i64::MAX)
    }
}

impl fmt::Display for ServerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}", self.0)
    }
}

impl Kept {
    /// What asks it; made when it is needed first, the same for all clones.
    pub fn client(&self) -> &Client {
        self.client.get_or_init(|| Client::new(&self.settings))
    }

    /// Ends every question to it under way, and refuses new ones.
    pub(super) fn abort(&self) {
        if let Some(client) = self.client.get() {
            client.abort();
        }
    }

    /// The name people know it by.
    pub fn name(&self) -> &str {
        &self.settings.name
    }

    /// What `person` may do with it, if anything.
    pub fn right(&self, person: &Person) -> Option<Right> {
        if person.is_admin || self.settings.operators.contains(&person.id) {
            return Some(Right::Operate);
        }
        self.settings.viewers.contains(&person.id).then_some(Right::Look)
    }
}

impl Fleet {
    /// The servers of the settings; nothing is sent yet.
    pub fn new(servers: &[Server]) -> Self {
        let kept = |server: &Server| Kept {
            id: ServerId::of_name(&server.name),
            settings: server.clone(),
            client: Arc::default(),
        };
        Self(servers.iter().map(kept).collect())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Every server.
    pub fn iter(&self) -> impl Iterator<Item = &Kept> {
        self.0.iter()
    }

    /// The server with this id, and where it stands in the settings.
    pub fn position(&self, id: ServerId) -> Option<usize> {
        self.0.iter().position(|kept| kept.id == id)
    }

    /// The server with this id.
    pub fn find(&self, id: ServerId) -> Option<&Kept> {
        self.0.iter().find(|kept| kept.id == id)
    }

    /// The server called `name`; capital letters and blanks around it do not matter.
    pub fn named(&self, name: &str) -> Option<&Kept> {
        let name = name.trim();
        let same = |kept: &&Kept| kept.name() == name;
        let alike = |kept: &&Kept| kept.name().to_lowercase() == name.to_lowercase();
        self.0.iter().find(same).or_else(|| self.0.iter().find(alike))
    }

    /// The servers with which `person` may do at least `right`.
    pub fn of(&self, person: &Person, right: Right) -> impl Iterator<Item = &Kept> {
        self.0.iter().filter(move |kept| kept.right(person) >= Some(right))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn admins_operate_every_server_and_others_those_that_name_them() {
        use crate::apps::conferences::for_tests as testing;
        use crate::apps::{Person, Roles};
        use crate::i18n::Language;
        use crate::ids::UserId;
        let fleet = Fleet::new(&[
            testing::server(),
            Server {
                name: "Other".to_owned(),
                operators: Vec::new(),
                viewers: vec![testing::OPERATOR],
                ..testing::server()
            },
        ]);
        let roles = Roles { admins: [UserId(1)].into(), ..Roles::default() };
        let (look, operate) = (Some(Right::Look), Some(Right::Operate));
        for (id, expected) in [
            (UserId(1), [operate, operate]),
            (testing::OPERATOR, [operate, look]),
            (testing::OTHER, [operate, None]),
            (testing::VIEWER, [look, None]),
            (UserId(99), [None, None]),
        ] {
            let person = Person::named(id, &roles, Language::En);
            let rights: Vec<Option<Right>> = fleet.iter().map(|kept| kept.right(&person)).collect();
            assert_eq!(rights, expected, "{id}");
            let mine = fleet.of(&person, Right::Operate).count();
            assert_eq!(mine, expected.iter().filter(|right| **right == operate).count());
        }
    }

    #[test]
    fn an_id_depends_on_the_name_alone_and_can_be_read_back() {
        let id = ServerId::of_name("Head office");
        assert_eq!(id, ServerId::of_name("Head office"));
        assert_ne!(id, ServerId::of_name("head office"));
        assert!(id.0 < 1 << 48);
        assert_eq!(ServerId::parse(&id.to_string()), Some(id));
        for text in ["", "-1", "+1", "g", "1234567890abc", " 1"] {
            assert_eq!(ServerId::parse(text), None, "{text}");
        }
    }
}
