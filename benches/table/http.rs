//! A static file of about 10 KB over keep-alive connections, against nginx, measured with `wrk`.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::json;

use crate::Measured;
use crate::process::Process;
use crate::report::Row;
use crate::statistics::median;
use crate::wire;
use crate::world::World;

/// The size we look for.
const SIZE: u64 = 10 * 1024;

/// Connections, and whether the budget is about them.
const CASES: [(usize, bool); 3] = [(1, false), (32, true), (200, false)];

/// Rounds of each, in turns.
const ROUNDS: usize = 5;

/// Seconds of each round.
const SECONDS: &str = "2";

/// Compares the two on the same bytes.
pub fn measure() -> Measured {
    for program in ["nginx", "wrk"] {
        if !is_there(program) {
            return Err(format!("no `{program}`; apt-get install nginx-light wrk").into());
        }
    }
    let world = World::new(10, 1)?;
    let server = world.serve(&[], json!({}))?;
    let file = nearest();
    let body = wire::get(&TcpStream::connect(server.address)?, &file)?;
    let body = body.split_once("\r\n\r\n").ok_or("no answer")?.1;
    let (nginx, other) = nginx(world.path(), body)?;
    let mut rows = vec![Row::plain(format!("GET {file}"), format!("{} bytes", body.len()))];
    for (connections, is_budget) in CASES {
        let mut rates = [Vec::new(), Vec::new()];
        for _ in 0..ROUNDS {
            rates[0].push(wrk(server.address, &file, connections)?);
            rates[1].push(wrk(other, "/file.js", connections)?);
        }
        let [ours, theirs] = rates.map(|mut rates| median(&mut rates));
        let what = format!("GET, {connections} connections");
        rows.push(if is_budget {
            Row::at_least(what, (ours, theirs), "/s")
        } else {
            Row::plain(what, format!("{ours:.0} /s"))
        });
        rows.push(Row::plain("  nginx", format!("{theirs:.0} /s")));
    }
    drop(nginx);
    Ok(rows)
}

fn is_there(program: &str) -> bool {
    let asked = Command::new(program).arg("-v").stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    asked.and_then(|mut child| child.wait()).is_ok()
}

/// The URL path of the embedded file whose size is nearest to the one we look for.
fn nearest() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("www");
    let mut files = Vec::new();
    walk(&root, &mut files);
    files.sort_by_key(|(size, _)| size.abs_diff(SIZE));
    let path = files.first().and_then(|(_, path)| path.strip_prefix(&root).ok());
    let path = path.map_or_else(String::new, |path| path.display().to_string());
    format!("/{}", path.strip_prefix("apps/").unwrap_or(&path))
}

fn walk(folder: &Path, files: &mut Vec<(u64, PathBuf)>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match fs::metadata(&path) {
            Ok(about) if about.is_dir() => walk(&path, files),
            Ok(about) => files.push((about.len(), path)),
            Err(_) => {}
        }
    }
}

/// An nginx with the file, in a folder of its own.
fn nginx(world: &Path, body: &str) -> Result<(Process, SocketAddr), Box<dyn Error>> {
    let folder = world.join("nginx");
    fs::create_dir_all(folder.join("www"))?;
    fs::write(folder.join("www/file.js"), body)?;
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    fs::write(folder.join("nginx.conf"), configuration(address, &folder)?)?;
    let mut command = Command::new("nginx");
    command.arg("-p").arg(&folder).arg("-c").arg(folder.join("nginx.conf"));
    command.args(["-e", "stderr", "-g", "daemon off;"]).stderr(Stdio::null());
    let process = Process::start(&mut command)?;
    for _ in 0..500 {
        if TcpStream::connect(address).is_ok() {
            return Ok((process, address));
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    Err("nginx did not start".into())
}

/// nginx at its best: no log, sendfile, known files kept open, connections never closed.
fn configuration(address: SocketAddr, folder: &Path) -> Result<String, std::fmt::Error> {
    let folder = folder.display();
    let mut text = String::new();
    if rustix::process::getuid().is_root() {
        // Otherwise its workers may not read the temporary folder.
        writeln!(text, "user root;")?;
    }
    writeln!(text, "worker_processes auto; pid {folder}/nginx.pid; error_log stderr crit;")?;
    writeln!(text, "events {{ worker_connections 4096; }}")?;
    writeln!(text, "http {{ access_log off; sendfile on; tcp_nopush on; tcp_nodelay on;")?;
    writeln!(text, "types {{ text/javascript js; }} open_file_cache max=100;")?;
    writeln!(text, "keepalive_requests 100000000;")?;
    for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"] {
        writeln!(text, "{kind}_temp_path {folder}/{kind};")?;
    }
    writeln!(text, "server {{ listen {address}; root {folder}/www; }} }}")?;
    Ok(text)
}

/// Requests a second.
fn wrk(address: SocketAddr, path: &str, connections: usize) -> Result<f64, Box<dyn Error>> {
    let threads = connections.min(2).to_string();
    let output = Command::new("wrk")
        .args(["-t", &threads, "-c", &connections.to_string(), "-d", SECONDS])
        .arg(format!("http://{address}{path}"))
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    if text.contains("Non-2xx") || text.contains("Socket errors") {
        return Err(format!("wrk saw failures: {text}").into());
    }
    let rate = text.lines().find_map(|line| line.strip_prefix("Requests/sec:"));
    Ok(rate.ok_or("wrk says nothing of use")?.trim().parse()?)
}
