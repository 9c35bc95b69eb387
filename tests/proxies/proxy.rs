//! Each proxy as a program: the page's block, and around it only what a folder of its own needs.

use std::fs;
use std::path::{Path, PathBuf};

use crate::process::{Process, command, free_port, is_root, listens};
use crate::snippet::{block, filled};

/// Where Debian has the modules.
const MODULES: &str = "/usr/lib/apache2/modules";

/// What `a2enmod` of the page switches on, what those need, and what every Debian has on.
const ENABLED: [&str; 9] = [
    "mpm_event",
    "authz_core",
    "authz_host",
    "reqtimeout",
    "socache_shmcb",
    "ssl",
    "headers",
    "proxy",
    "proxy_http",
];

/// What a proxy is started with.
pub struct Around<'a> {
    /// Its own folder, with `cert.pem` and `key.pem`.
    pub folder: &'a Path,
    /// Where Roost listens.
    pub roost: u16,
    /// Changes the page's block first.
    pub change: &'a dyn Fn(&str) -> String,
}

/// Starts a proxy.
pub type Start = fn(&Around<'_>) -> Proxy;

/// A running proxy; it ends with this.
pub struct Proxy {
    /// Where it speaks TLS.
    pub port: u16,
    /// How many bytes of a body that is refused it reads at most.
    pub begun: usize,
    _process: Process,
}

impl Around<'_> {
    fn pem(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    /// The page's block, with this test's ports and certificate.
    fn filled(&self, language: &str, pairs: &[(&str, String)]) -> String {
        filled(&(self.change)(&block(language)), pairs)
    }

    fn certificate(&self) -> [(&'static str, String); 3] {
        [
            ("/etc/letsencrypt/live/bot.example.org/fullchain.pem", self.pem("cert.pem")),
            ("/etc/letsencrypt/live/bot.example.org/privkey.pem", self.pem("key.pem")),
            ("127.0.0.1:2536", format!("127.0.0.1:{}", self.roost)),
        ]
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let file = self.folder.join(name);
        fs::write(&file, text).expect("written");
        file
    }
}

fn running(mut process: Process, port: u16) -> Proxy {
    process.waits_until("the proxy", || listens(port));
    // A part of a body makes them answer, and may be all they take.
    Proxy { port, begun: 32 * 1024, _process: process }
}

/// nginx.
pub fn nginx(around: &Around<'_>) -> Proxy {
    let port = free_port();
    let mut pairs = around.certificate().to_vec();
    pairs.push(("listen 443 ssl", format!("listen 127.0.0.1:{port} ssl")));
    let snippet = around.filled("nginx", &pairs);
    // Its workers would become somebody who may not write here.
    let user = if is_root() { "user root;\n" } else { "" };
    let temp = |kind: &str| format!("{kind}_temp_path {kind}-temp;\n");
    let temps: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(temp).concat();
    let all = format!(
        "{user}daemon off;\npid nginx.pid;\nerror_log stderr;\nevents {{}}\n\
         http {{\naccess_log off;\n{temps}{snippet}}}\n"
    );
    let file = around.write("nginx.conf", &all);
    let mut program = command("nginx", "nginx-light");
    program.arg("-p").arg(around.folder).arg("-c").arg(file).args(["-e", "stderr"]);
    running(Process::start(&mut program, &around.folder.join("proxy.log")), port)
}

/// Apache.
pub fn apache(around: &Around<'_>) -> Proxy {
    let port = free_port();
    let mut pairs = around.certificate().to_vec();
    pairs.push(("<VirtualHost *:443>", format!("<VirtualHost 127.0.0.1:{port}>")));
    let snippet = around.filled("apache", &pairs);
    let folder = around.folder.display();
    let load = |name: &str| format!("LoadModule {name}_module {MODULES}/mod_{name}.so\n");
    let modules: String = ENABLED.map(load).concat();
    let all = format!(
        "ServerRoot {folder}\nServerName localhost\nDefaultRuntimeDir {folder}\n\
         PidFile {folder}/apache.pid\nErrorLog {folder}/proxy.log\nMutex file:{folder} default\n\
         {modules}Listen 127.0.0.1:{port}\n{snippet}"
    );
    let file = around.write("apache.conf", &all);
    let mut program = command("apache2", "apache2");
    program.arg("-d").arg(around.folder).arg("-f").arg(file).arg("-DFOREGROUND");
    let proxy = running(Process::start(&mut program, &around.folder.join("apache.log")), port);
    // It reads a body to its end before it listens to the refusal.
    Proxy { begun: usize::MAX, ..proxy }
}

/// Caddy.
pub fn caddy(around: &Around<'_>) -> Proxy {
    let port = free_port();
    let site = format!(
        "bot.example.org:{port}, 127.0.0.1:{port} {{\n\ttls {} {}",
        around.pem("cert.pem"),
        around.pem("key.pem")
    );
    let pairs =
        [("bot.example.org {", site), ("127.0.0.1:2536", format!("127.0.0.1:{}", around.roost))];
    let snippet = around.filled("caddy", &pairs);
    let own = "{\n\tadmin off\n\tauto_https disable_redirects\n}\n";
    let file = around.write("Caddyfile", &format!("{own}{snippet}"));
    let mut program = command("caddy", "caddy");
    program.args(["run", "--adapter", "caddyfile", "--config"]).arg(file);
    program.env("HOME", around.folder).env_remove("XDG_DATA_HOME").env_remove("XDG_CONFIG_HOME");
    running(Process::start(&mut program, &around.folder.join("proxy.log")), port)
}
