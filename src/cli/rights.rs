//! `roost make-admin`, `remove-admin`, `ban` and `unban`: what somebody may do.

use super::data::{Data, user};
use super::{Exit, Outcome};
use crate::control::{Request, Right};
use crate::ids::UserId;
use crate::settings::Surroundings;
use argh::{ArgsInfo, FromArgs};
use std::io::Write;
use std::path::PathBuf;

macro_rules! commands {
    ($($(#[$doc:meta])* $type:ident = $name:literal: $right:ident, $how:literal;)*) => {$(
        $(#[$doc])*
        #[derive(ArgsInfo, FromArgs, Debug)]
        #[argh(subcommand, name = $name)]
        pub struct $type {
            /// id at Telegram; need not be known yet
            #[argh(positional, from_str_fn(user))]
            id: UserId,
            /// settings file
            #[argh(option)]
            settings: Option<PathBuf>,
        }

        impl $type {
            pub fn run(&self, around: &Surroundings, out: &mut dyn Write) -> Outcome {
                let request = Request::SetRight { user: self.id, right: Right::$right };
                Data::of(self.settings.as_ref(), around)?.carry_out(&request)?;
                writeln!(out, "{} is {}", self.id, $how)?;
                Ok(Exit::Done)
            }
        }
    )*};
}

commands! {
    /// make somebody an admin
    MakeAdmin = "make-admin": Admin, "an admin";
    /// take the rights of an admin away
    RemoveAdmin = "remove-admin": NoAdmin, "no admin";
    /// keep somebody out of the bot and the mini apps
    Ban = "ban": Banned, "banned";
    /// let somebody in again
    Unban = "unban": NotBanned, "not banned";
}
