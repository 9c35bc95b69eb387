//! The bot's commands and buttons for TrueConf servers.
//!
//! Every way in begins with the same question: `Desk::server` gives a server only to who may do
//! with it what the button is for. What a server has to be asked is an errand: the tap is answered,
//! the server asked after the commit, and the message changed by an operation of its own, which looks
//! at the person's rights once more.

mod acknowledge;
mod alert_tap;
mod desk;
mod later;
mod maintenance;
mod menu;
mod mute;
mod sight;
mod stop;
pub mod tap;
mod watch;

use super::app::Conferences;
use super::tidy::Chosen;
use crate::apps::{BotPart, Command, Failure, Press, Refused, Talk, is_private};
use crate::i18n::Sentences;
use crate::store::Tx;
pub(super) use alert_tap::AlertTap;
use desk::Desk;
use tap::{PREFIX, Tap};

const COMMANDS: &[Command] = &[
    Command { name: "servers", for_admins: false, about: |s| s.servers.about_servers },
    Command { name: "mute", for_admins: false, about: |s| s.watch.mute.about },
    Command { name: "maintenance", for_admins: false, about: |s| s.watch.maintenance.about },
];

impl BotPart for Conferences {
    fn commands(&self) -> &'static [Command] {
        COMMANDS
    }

    fn launch(&self, sentences: &Sentences) -> Option<&'static str> {
        Some(sentences.servers.open_page)
    }

    fn command(&self, tx: &Tx, talk: &Talk, command: &str, arguments: &str) -> Result<(), Failure> {
        self.admit(talk)?;
        if !is_private(tx, talk)? {
            return Ok(());
        }
        let desk = Desk::new(self, tx, talk);
        match command {
            "mute" => desk.mute(arguments),
            "maintenance" => desk.maintenance(arguments),
            _ => Ok(desk.send(&desk.servers(0)?)?),
        }
    }

    fn button(&self, tx: &Tx, talk: &Talk, press: &Press) -> Result<(), Failure> {
        self.admit(talk)?;
        let desk = Desk::new(self, tx, talk);
        if !talk.is_private {
            return Ok(desk.alert(press, talk.asked.by.language.sentences().house.in_private)?);
        }
        match Tap::parse(&press.data) {
            Some(Tap::Servers(page)) => desk.turn_servers(press, page),
            Some(Tap::Menu(server)) => desk.menu(press, server),
            Some(Tap::Status(server)) => desk.status(press, server),
            Some(Tap::Online(server)) => desk.online(press, server),
            Some(Tap::List(server, list)) => desk.list(press, server, list),
            Some(Tap::Turn(server, list)) => desk.turn(press, server, list),
            Some(Tap::AskStop(server, run, list)) => desk.ask_stop(press, server, run, list),
            Some(Tap::Stop(number)) => desk.stop(press, number),
            Some(Tap::Watch(server, on)) => desk.watch(press, server, on),
            None => match AlertTap::parse(&press.data) {
                Some(AlertTap::Acknowledge(server, began)) => {
                    desk.acknowledge(press, server, began)
                }
                Some(AlertTap::Mute(server)) => desk.mute_by(press, server),
                Some(AlertTap::Snooze(server, case)) => {
                    desk.choose(press, server, (case, Chosen::Snooze))
                }
                Some(AlertTap::Keep(server, case)) => {
                    desk.choose(press, server, (case, Chosen::Keep))
                }
                None => Ok(desk.alert(press, desk.says().open_again)?),
            },
        }
    }

    fn prefix(&self) -> &'static str {
        PREFIX
    }

    fn greeted(&self, tx: &Tx, talk: &Talk) -> Result<(), Failure> {
        let desk = Desk::new(self, tx, talk);
        Ok(desk.send(&desk.servers(0)?)?)
    }
}

impl Conferences {
    /// Lets in who looks after some server; to all others everything here is the same refusal.
    fn admit(&self, talk: &Talk) -> Result<(), Failure> {
        use crate::apps::App;
        let says = &talk.asked.by.language.sentences().servers;
        if self.is_for(Some(&talk.asked.by)) {
            return Ok(());
        }
        if self.fleet.is_empty() && talk.asked.by.is_admin {
            return Err(Refused::new("no-server", says.none_set).into());
        }
        Err(Refused::new("not-yours", says.not_yours).into())
    }
}
