//! The life of an installation: installed, set up, upgraded, removed, installed again, purged.

use roost::demo::telegram::StandIn;

use super::machine::{GIVEN, Machine};
use super::{VERSIONS, pack};

/// Of the form tokens have.
const TOKEN: &str = "123456:TEST-TOKEN-made-up-by-the-tests-0000";

struct Owner<'a>(&'a Machine);

impl Owner<'_> {
    fn installs(&self, version: &str) -> String {
        self.0.ok(&format!("dpkg --install {GIVEN}/roost_{version}_*.deb"))
    }

    /// Answers the one question of `roost init`; the link that makes an admin.
    fn sets_up(&self, telegram: &StandIn) -> String {
        let init = format!(
            "cd / && echo '{TOKEN}' | ROOST_TELEGRAM_API_URL={} roost init",
            telegram.base_url()
        );
        let told = self.0.ok(&init);
        assert!(told.contains("systemctl enable --now roost"), "{told}");
        // Other tests may have the usual port.
        self.0.ok(r#"sed --in-place '1s/{/{"port": 0,/' /etc/roost/settings.json"#);
        let code = told.split("?start=").nth(1).and_then(|rest| rest.split_whitespace().next());
        code.unwrap_or_else(|| panic!("{told}")).to_owned()
    }

    /// A property of the service.
    fn service(&self, property: &str) -> String {
        let line = format!("systemctl show --value --property={property} roost.service");
        self.0.ok(&line).trim().to_owned()
    }

    fn adds(&self, title: &str) -> String {
        // In a folder that is not the settings': they are found all the same.
        self.0.ok(&format!("cd / && roost add-event -t '{title}' -s '2199-12-24 18:00' -r 2"))
    }

    fn titles(&self) -> Vec<String> {
        let list = self.0.ok("cd / && roost list-events --json");
        let list: serde_json::Value = serde_json::from_str(&list).unwrap();
        let title = |event: &serde_json::Value| event["title"].as_str().unwrap().to_owned();
        list.as_array().unwrap().iter().map(title).collect()
    }

    /// Modes, owners and names of files; the service's user has no name outside of it.
    fn files(&self, paths: &str) -> Vec<String> {
        let line = format!(
            "stat --format='%a %U %n' {paths} | sed 's/ [0-9]* / the-service /; s/UNKNOWN/the-service/'"
        );
        self.0.ok(&line).lines().map(str::to_owned).collect()
    }

    /// Everything that has our name, but what the test brought.
    fn traces(&self) -> String {
        self.0.ok(&format!("find / -xdev -path {GIVEN} -prune -o -name '*roost*' -print"))
    }
}

#[test]
fn a_package_is_installed_set_up_upgraded_removed_and_purged() {
    let given = tempfile::tempdir().unwrap();
    let [old, new] = VERSIONS;
    pack(given.path(), old, &[]);
    pack(given.path(), new, &[]);
    let machine = Machine::start(given.path());
    let owner = Owner(&machine);
    assert_eq!(owner.traces(), "");

    // Installed: it says what is next, and waits for it.
    assert!(owner.installs(old).contains("sudo roost init"));
    assert_eq!(owner.service("UnitFileState"), "enabled");
    assert_eq!(
        (owner.service("ActiveState"), owner.service("ConditionResult")),
        ("inactive".into(), "no".into())
    );
    assert_eq!(machine.runs("cd / && roost list-events").0, Some(1));
    assert_eq!(
        owner.files("/etc/roost /usr/bin/roost"),
        ["755 root /etc/roost", "755 root /usr/bin/roost"]
    );

    // Set up: the service runs, and root's commands speak with it.
    let telegram = StandIn::start(TOKEN, "RoostBot").unwrap();
    let code = owner.sets_up(&telegram);
    assert_eq!(
        owner.files("/etc/roost/*"),
        ["600 root /etc/roost/bot-token", "644 root /etc/roost/settings.json"]
    );
    machine.ok("systemctl enable --now roost");
    assert_eq!(owner.service("ActiveState"), "active");
    assert!(owner.service("StatusText").starts_with("listening on http://127.0.0.1:"));
    let ada = telegram.person(100, "Ada", "en");
    ada.sends(&format!("/start {code}"));
    ada.waits_for("the news", |message| {
        message.by_bot && message.text.contains("You are an admin")
    });
    assert_eq!(owner.adds("Tea"), "1\n");
    machine.ok("roost health --json | grep -q '\"name\":\"server\",\"ok\":true'");
    assert_eq!(
        owner.files("/var/lib/roost/ /var/lib/roost/roost.redb /var/lib/roost/roost.redb.sock"),
        [
            "700 the-service /var/lib/roost/",
            "600 the-service /var/lib/roost/roost.redb",
            "600 the-service /var/lib/roost/roost.redb.sock"
        ]
    );
    assert_eq!(machine.ok("ls /etc/roost"), "bot-token\nsettings.json\n");
    // Nobody else gets in, and nobody reads the token where processes can be seen.
    assert_ne!(machine.runs("setpriv --reuid=65534 --clear-groups cat /etc/roost/bot-token /var/lib/roost/roost.redb").0, Some(0));
    let main = owner.service("MainPID");
    assert!(
        !machine
            .ok(&format!("cat /proc/{main}/environ /proc/{main}/cmdline"))
            .contains("TEST-TOKEN")
    );
    assert_eq!(machine.runs("journalctl --no-pager | grep TEST-TOKEN").1, "");

    // Upgraded while it runs: a new process, the old settings and data.
    let kept = "cat /etc/roost/*; stat --format='%a %Y %n' /etc/roost/*";
    let before = machine.ok(kept);
    owner.installs(new);
    assert_eq!(machine.ok(kept), before);
    assert_eq!(owner.service("ActiveState"), "active");
    assert_ne!(owner.service("MainPID"), main);
    assert_eq!(owner.titles(), ["Tea"]);

    // Commands without a server leave files that the service can open.
    machine.ok("systemctl stop roost");
    owner.adds("Coffee");
    machine.ok("systemctl start roost");
    assert_eq!(owner.titles(), ["Tea", "Coffee"]);

    // Upgraded while it is stopped: it stays stopped.
    machine.ok("systemctl stop roost");
    owner.installs(new);
    assert_eq!(owner.service("ActiveState"), "inactive");
    machine.ok("systemctl start roost");

    // Removed: it has ended, and nothing of its owner's is lost.
    machine.ok("dpkg --remove roost");
    assert_eq!(
        machine.runs("grep -lx roost /proc/[0-9]*/comm; systemctl is-active roost").1,
        "inactive\n"
    );
    assert_eq!(machine.ok(kept), before);
    machine.ok("test -e /var/lib/roost/roost.redb && ! test -e /usr/bin/roost");

    // Installed again: everything is as it was.
    owner.installs(new);
    assert_eq!(owner.service("ActiveState"), "active");
    assert_eq!(owner.titles(), ["Tea", "Coffee"]);
    assert_eq!(machine.ok("systemctl list-units --failed --no-legend 'roost*'"), "");

    // Purged: nothing is left.
    machine.ok("dpkg --purge roost");
    assert_eq!(owner.traces(), "");
    assert_eq!(machine.runs("systemctl is-active roost").1, "inactive\n");
}
