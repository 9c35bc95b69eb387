//! `roost init`: from a token to a bot that knows its admin.
//!
//! Everything that can go wrong is tried before the first file is written: the token is asked for
//! and checked at Telegram, the bot is introduced there. Then the settings are written and the
//! one-time code is kept; if that fails, the files are taken away again.

mod asking;
mod place;
mod signals;
mod steps;

use std::io::{BufRead, IsTerminal, Read, Write};
use std::path::PathBuf;
use std::sync::Arc;

use argh::{ArgsInfo, FromArgs};
use serde_json::{Map, Value, json};

use super::admin_code::Invitation;
use super::data::Data;
use super::{Exit, Failure, Outcome, loaded};
use crate::apps::Apps;
use crate::hidden::Hidden;
use crate::server;
use crate::settings::{Flag, Loaded, Surroundings, load_without_file};
use crate::telegram::introduce::{self, Me};
use crate::telegram::{ApiError, Client};
use asking::Terminal;
use place::Place;

/// How often somebody may mistype the token or the address.
const TRIES: usize = 3;

/// A token is one line of at most 80 bytes; nobody pipes more than this by intent.
const LINE_MAX: u64 = 4_096;

/// begin: ask for the token, write the settings, tell who becomes the admin
#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(
    subcommand,
    name = "init",
    note = "An option is seen by everybody on this machine, in the list of processes. So leave \
            `--bot-token` out, to be asked; or give `-`, and the token on standard input; or set \
            ROOST_BOT_TOKEN or ROOST_BOT_TOKEN_FILE. A settings file that exists is never changed."
)]
pub struct Init {
    /// token from @BotFather; `-` reads a line of standard input
    #[argh(option, arg_name = "token")]
    bot_token: Option<String>,
    /// where the mini apps are reached: https://…
    #[argh(option, arg_name = "url")]
    public_url: Option<String>,
    /// settings file to write (root, where /etc/roost is: /etc/roost/settings.json; else
    /// settings.json)
    #[argh(option, arg_name = "path")]
    settings: Option<PathBuf>,
}

impl Init {
    pub fn run(&self, around: &Surroundings, out: &mut dyn Write) -> Outcome {
        let place = Place::of(self.settings.as_deref(), around)?;
        if self.public_url.is_some() && place.keeps_settings() {
            let text = "roost init: the settings are there already and stay as they are; write `public-url` there";
            return Err(Failure::Usage(text.to_owned()));
        }
        let terminal = Terminal::new().map_err(failed_at("the terminal"))?;
        let around = Around { place: &place, surroundings: around };
        let bot = self.address(self.bot(&around, &terminal)?, &around, &terminal)?;
        let settings = &bot.loaded.settings;
        let apps = Apps::all(Arc::new(server::context(settings)));
        let introduced = introduce::fully(&bot.client, &apps);
        // From here on it is a moment's work, and not left half done.
        terminal.signals().hold();
        let written = place.write(&bot.values())?;
        let code = invite(&around).inspect_err(|_| written.take_back())?;
        steps::print(out, &place, settings, &bot.me, &introduced, &code)?;
        Ok(Exit::Done)
    }

    /// The bot, once Telegram knows its token.
    fn bot(&self, around: &Around<'_>, terminal: &Terminal) -> Result<Bot, Failure> {
        match self.bot_token.as_deref() {
            Some("-") => return Bot::find(Some(piped()?), around),
            Some(token) => return Bot::find(Some(token.to_owned()), around),
            None if around.load(Vec::new())?.settings.bot_token.is_some() => {
                return Bot::find(None, around);
            }
            None if !std::io::stdin().is_terminal() => return Bot::find(Some(piped()?), around),
            None => {}
        }
        terminal.say("@BotFather gives a token for `/newbot`: https://t.me/BotFather")?;
        let mut tries = 1;
        loop {
            match Bot::find(Some(terminal.ask_hidden("Token (not shown): ")?), around) {
                Err(failure) if is_mistyped(&failure) && tries < TRIES => {
                    terminal.say(&failure.to_string())?;
                    tries += 1;
                }
                found => return found,
            }
        }
    }

    /// The same with the address of its mini apps, if it has one.
    fn address(&self, bot: Bot, around: &Around<'_>, terminal: &Terminal) -> Result<Bot, Failure> {
        if let Some(url) = &self.public_url {
            return bot.at(url, around);
        }
        let is_settled = bot.loaded.settings.public_url.is_some() || around.place.keeps_settings();
        if is_settled || self.bot_token.is_some() || !std::io::stdin().is_terminal() {
            return Ok(bot);
        }
        terminal.say(&format!(
            "This is @{}. Mini apps need an address with HTTPS, of a tunnel or proxy to port {}.",
            bot.me.username, bot.loaded.settings.port
        ))?;
        for _ in 0..TRIES {
            let url = terminal.ask("Address, https://… (Enter: none yet): ")?;
            if url.is_empty() {
                break;
            }
            match bot.clone().at(&url, around) {
                Err(failure) => terminal.say(&failure.to_string())?,
                found => return found,
            }
        }
        Ok(bot)
    }
}

/// Keeps a one-time code where the server will look for it.
fn invite(around: &Around<'_>) -> Result<Invitation, Failure> {
    around.place.make_state_folder()?;
    let settings = around.place.settings().to_owned();
    Invitation::new(&Data::of(Some(&settings), around.surroundings)?)
}

/// What is said before there are settings.
struct Around<'a> {
    place: &'a Place,
    surroundings: &'a Surroundings,
}

impl Around<'_> {
    fn load(&self, flags: Vec<Flag>) -> Result<Loaded, Failure> {
        if self.place.keeps_settings() {
            return loaded(Some(self.place.settings()), flags, self.surroundings);
        }
        Ok(load_without_file(flags, self.surroundings)?)
    }
}

/// A bot whose token is good, and what was said of it.
#[derive(Clone)]
struct Bot {
    token: Hidden<String>,
    client: Client,
    me: Me,
    loaded: Arc<Loaded>,
    flags: Vec<Flag>,
}

impl Bot {
    /// Asks Telegram about the `given` token, else about the one around.
    fn find(given: Option<String>, around: &Around<'_>) -> Result<Self, Failure> {
        let flag = |text: String| Flag { name: "--bot-token", key: "bot-token", text };
        let flags: Vec<Flag> = given.map(flag).into_iter().collect();
        let loaded = around.load(flags.clone())?;
        let token = loaded.settings.token()?.clone();
        let client = Client::new(&loaded.settings.telegram_api_url, token.clone());
        let me = introduce::me(&client).map_err(|error| Failure::Failed(unknown(&error)))?;
        Ok(Self { token, client, me, loaded: Arc::new(loaded), flags })
    }

    /// The same bot with its mini apps at `url`.
    fn at(mut self, url: &str, around: &Around<'_>) -> Result<Self, Failure> {
        self.flags.push(Flag { name: "--public-url", key: "public-url", text: url.to_owned() });
        self.loaded = Arc::new(around.load(self.flags.clone())?);
        Ok(self)
    }

    /// What the settings file says: what `init` was told, and nothing that is so anyway.
    fn values(&self) -> Map<String, Value> {
        let settings = &self.loaded.settings;
        let mut values = Map::new();
        values.insert("bot-token".to_owned(), json!(self.token.reveal()));
        if let Some(url) = &settings.public_url {
            values.insert("public-url".to_owned(), json!(url));
            // A tunnel or proxy here: without this all visitors would count as one address.
            values.insert("trusted-proxies".to_owned(), json!(["127.0.0.1/32", "::1/128"]));
        }
        let api = &settings.telegram_api_url;
        if Some(api.as_str()) != self.loaded.default_text("telegram-api-url").as_deref() {
            values.insert("telegram-api-url".to_owned(), json!(api));
        }
        values
    }
}

/// A line of standard input.
fn piped() -> Result<String, Failure> {
    let mut line = String::new();
    let mut input = std::io::stdin().lock().take(LINE_MAX);
    input.read_line(&mut line).map_err(failed_at("standard input"))?;
    match line.trim() {
        "" => Err(Failure::Usage(
            "roost init: there is no token on standard input; see `roost init --help`".to_owned(),
        )),
        token => Ok(token.to_owned()),
    }
}

/// Whether asking again may help.
fn is_mistyped(failure: &Failure) -> bool {
    match failure {
        Failure::Settings(_) => true,
        Failure::Failed(text) => text.starts_with("`bot-token`"),
        _ => false,
    }
}

fn unknown(error: &ApiError) -> String {
    match error {
        ApiError::Unauthorized | ApiError::Refused { code: 404, .. } => {
            "`bot-token`: Telegram does not know it; ask @BotFather for it again (`/mybots`, API Token)"
                .to_owned()
        }
        error => format!(
            "cannot ask Telegram who the bot is: {error}; nothing was written; see that this machine reaches `telegram-api-url` and try again"
        ),
    }
}

fn failed_at(what: &str) -> impl Fn(std::io::Error) -> Failure + '_ {
    move |error| Failure::Failed(format!("{what}: {error}; nothing was written"))
}
