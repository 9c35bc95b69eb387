//! `docs/settings.md` is written from the table of settings; here it is compared, and with `UPDATE=1`
//! written.

use std::fmt::Write as _;
use std::fs;

use roost::settings::Path;
use roost::settings::table::{KEYS, Key, RELOADED, Secrecy};

use crate::page::top;

const FILE: &str = "docs/settings.md";

/// How the page is made anew.
const COMMAND: &str = "UPDATE=1 cargo test --test documents settings_reference";

/// Before the tables.
const HEAD: &str = "\
<!-- Written from src/settings/table.rs; do not edit. -->

# Settings

Every setting there is, with what it takes. [README](../README.md#settings) says what most people need.

**The file** is looked for at `--settings`, `ROOST_SETTINGS`, `./settings.json` and
`/etc/roost/settings.json`. A dot in a key is a level: `limits.body` is `{\"limits\": {\"body\": …}}`. `*` is a name
you choose. Unknown keys are errors with a suggestion. A file whose name ends in `.toml` is TOML.

**The environment** has a name for every key, in the last column; with `_FILE` behind it the name of a file
that holds the value (`ROOST_BOT_TOKEN_FILE`). Lists are separated by commas or written as JSON. Whole groups can
be JSON, too: `ROOST_LIMITS='{\"connections\": 200}'`. `.env` in the working directory (or the file `ENV_FILE`
names) has the same names. Blanks and dots in names you choose become `_`, and an empty value counts as none.

**systemd credentials** are read for what is marked *secret*, under the key's own name: `bot-token`,
`servers.Head office.client_secret`.

**Who wins**: option, environment, credential, `.env`, file, default. `roost settings` shows every value and where
it came from, secrets masked.

**Durations** are numbers with `s`, `m`, `h` or `d`. **Paths** begin at the folder of the settings file;
`database`, `backup.folder` and paths of sinks at systemd's state folder (`/var/lib/roost`) where there is one.

**Changes** wait for a restart, except for *reload*: those a running server takes over on SIGHUP
(`systemctl reload roost`), and it names what else has changed. A settings file that is wrong changes nothing.

`relay.consumers` is read and checked; no version acts on it yet.

";

/// What stands above the table of a group.
const GROUPS: &[(&str, &str)] = &[
    ("", "The bot and its address"),
    ("limits", "Limits"),
    ("log", "Log"),
    ("tls", "TLS"),
    ("updates", "Telegram's updates"),
    ("metrics", "Metrics"),
    ("backup", "Backups"),
    ("backup", "Backups"),
    ("events", "Events"),
    ("secrets", "One-time messages"),
    ("servers", "TrueConf servers"),
    ("relay", "Relay"),
];

fn group(key: &Key) -> &'static str {
    let grouped = key.path.split_once('.').map(|(first, _)| first);
    let groups = GROUPS.iter().map(|(name, _)| *name);
    let group = groups.skip(1).find(|name| grouped == Some(name) || key.path == *name);
    assert!(group.is_some() || grouped.is_none(), "`{}` needs a group in this page", key.path);
    group.unwrap_or("")
}

fn page() -> String {
    let mut page = HEAD.to_owned();
    for (name, title) in GROUPS {
        let keys: Vec<&Key> = KEYS.iter().filter(|key| group(key) == *name).collect();
        assert!(!keys.is_empty(), "`{name}` has no keys any more");
        let _ = writeln!(page, "## {title}\n");
        page += "| key | takes | default | meaning | environment |\n|---|---|---|---|---|\n";
        for key in keys {
            page += &row(key);
        }
        page += "\n";
    }
    page.trim_end().to_owned() + "\n"
}

fn row(key: &Key) -> String {
    let default = key.default.map(|json| format!("`{json}`")).unwrap_or_default();
    let variable = Path::of(key.path, "<NAME>").variable().replace("__NAME_", "_<NAME>");
    let mut meaning = key.meaning.to_owned();
    if key.secrecy == Secrecy::Secret {
        meaning += "; *secret*";
    }
    if key.path.split('.').next() == Some(RELOADED) {
        meaning += "; *reload*";
    }
    let old = |name: Option<&str>| name.map(|name| format!(", `{name}`")).unwrap_or_default();
    let variables = format!("`{variable}`{}", old(key.variable));
    let path = format!("`{}`{}", key.path, old(key.formerly));
    let cells = [path, key.kind.expected(), default, meaning, variables];
    let cells = cells.map(|cell| cell.replace('|', "\\|"));
    format!("| {} |\n", cells.join(" | ").replace("|  |", "| |"))
}

#[test]
fn settings_reference() {
    let (page, file) = (page(), top().join(FILE));
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&file, &page).expect("written");
    }
    let kept = fs::read_to_string(&file).unwrap_or_default();
    assert!(kept == page, "{FILE} is not what the table of settings says; write it: {COMMAND}");
}
