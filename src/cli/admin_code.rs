//! `roost admin-code`: a one-time code; whoever sends it to the bot first becomes an admin.

use std::io::Write;
use std::path::PathBuf;

use argh::{ArgsInfo, FromArgs};

use super::data::Data;
use super::{Exit, Failure, Outcome};
use crate::control::Request;
use crate::settings::Surroundings;
use crate::store::admin_code::Code;
use crate::telegram::{Client, introduce};

/// print a one-time code; whoever sends it to the bot within 24 hours becomes an admin
#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(
    subcommand,
    name = "admin-code",
    note = "A new code replaces the one before. `roost make-admin ID` does the same for somebody whose id is known."
)]
pub struct AdminCode {
    /// settings file
    #[argh(option, arg_name = "path")]
    settings: Option<PathBuf>,
}

/// A code that the database knows by its hash.
pub(super) struct Invitation {
    code: Code,
    /// The bot's name, if a server runs.
    bot: Option<String>,
}

impl Invitation {
    /// Makes a code and has it kept.
    pub(super) fn new(data: &Data) -> Result<Self, Failure> {
        let mut bits = [0; 20];
        getrandom::fill(&mut bits)
            .map_err(|error| Failure::Failed(format!("no random numbers: {error}")))?;
        let code = Code::of(bits);
        let bot = data.carry_out(&Request::AdminCode { hash: code.hash() })?;
        Ok(Self { code, bot: bot.as_str().map(str::to_owned) })
    }

    /// How somebody uses it.
    pub(super) fn how(&self, bot: Option<&str>) -> String {
        let code = self.code.expose();
        match bot {
            Some(bot) => {
                format!("  open https://t.me/{bot}?start={code}\n  or write to @{bot}: {code}")
            }
            None => format!("  write to the bot: {code}"),
        }
    }
}

impl AdminCode {
    pub fn run(&self, around: &Surroundings, out: &mut dyn Write) -> Outcome {
        let data = Data::of(self.settings.as_ref(), around)?;
        let invitation = Invitation::new(&data)?;
        let bot = invitation.bot.clone().or_else(|| name(&data));
        writeln!(out, "Whoever does this first, within 24 hours, becomes an admin:")?;
        writeln!(out, "{}", invitation.how(bot.as_deref()))?;
        Ok(Exit::Done)
    }
}

/// The bot's name, if Telegram can be asked.
fn name(data: &Data) -> Option<String> {
    let settings = data.settings();
    let client = Client::new(&settings.telegram_api_url, settings.bot_token.clone()?);
    Some(introduce::me(&client).ok()?.username)
}
