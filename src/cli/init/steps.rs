//! What `init` prints: what is done, and what only people can do.

use std::io::{self, Write};

use super::place::Place;
use crate::cli::admin_code::Invitation;
use crate::settings::{Settings, show};
use crate::telegram::introduce::{Introduced, Me};

/// Prints it all; each line is about this very bot.
pub(super) fn print(
    out: &mut dyn Write,
    place: &Place,
    settings: &Settings,
    me: &Me,
    introduced: &Introduced,
    code: &Invitation,
) -> io::Result<()> {
    let file = show::place(place.settings());
    writeln!(out, "The settings of @{} are in {file}", me.username)?;
    for line in introduced.lines() {
        writeln!(out, "{line}")?;
    }
    writeln!(out, "\nStart it:\n  {}", start(place, &file))?;
    writeln!(out, "\nBecome its admin, within 24 hours and before anybody else:")?;
    writeln!(out, "{}", code.how(Some(&me.username)))?;
    writeln!(out, "\nWhat only you can do, at https://t.me/BotFather:")?;
    for step in for_bot_father(settings, me) {
        writeln!(out, "  * {step}")?;
    }
    writeln!(
        out,
        "\n`roost check --online{}` then tells what is still missing.",
        option(place, &file)
    )
}

fn start(place: &Place, file: &str) -> String {
    if place.is_service() {
        return "systemctl enable --now roost    (or, if it runs: systemctl restart roost)"
            .to_owned();
    }
    format!("roost serve{}", option(place, file))
}

/// `--settings` where the file is not found without.
fn option(place: &Place, file: &str) -> String {
    if place.is_service() || file == "settings.json" {
        return String::new();
    }
    format!(" --settings {file}")
}

/// The steps that remain for this bot.
fn for_bot_father(settings: &Settings, me: &Me) -> Vec<String> {
    let (bot, short) = (&me.username, &settings.events.short_name);
    let mut steps = Vec::new();
    match &settings.public_url {
        Some(url) => {
            steps.push(format!(
                "/newapp, choose @{bot}, Web App URL {url}/mini_event/, short name `{short}`: then links https://t.me/{bot}/{short} open the events"
            ));
            if !me.has_main_app {
                steps.push(format!(
                    "/mybots, @{bot}, Bot Settings, Configure Mini App, Enable, URL {url}/: then its profile has a button that opens the apps"
                ));
            }
        }
        None => steps.push(
            "nothing for mini apps yet: they need an address, `public-url` in the settings; then /newapp".to_owned(),
        ),
    }
    if !me.is_inline {
        steps.push(format!(
            "/setinline, @{bot}, placeholder `event`: then `@{bot} chess` finds events in any chat"
        ));
    }
    if !me.reads_groups {
        steps.push(format!(
            "only if another program needs all that is written in groups (`relay`): /setprivacy, @{bot}, Disable"
        ));
    }
    steps
}
