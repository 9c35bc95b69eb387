//! Ids as Telegram means them: plain numbers with a type each, so that they cannot be mixed up.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id! {
    /// A Telegram user; up to 52 significant bits (Bot API `User.id`).
    UserId
}

id! {
    /// A Telegram chat; negative for groups, equal to the user's id for private chats.
    ChatId
}

impl From<UserId> for ChatId {
    /// The private chat with `user` (Bot API: a private chat has its user's id).
    fn from(user: UserId) -> Self {
        Self(user.0)
    }
}
