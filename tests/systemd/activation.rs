//! Socket activation: the socket outlives the program, and nobody is turned away meanwhile.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::manager::Manager;
use crate::updates_support::{PATIENCE, TOKEN, free_port};
use crate::{runs, said};

/// One request on a connection of its own; the whole answer.
fn ask(server: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(server)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

#[test]
fn a_restart_refuses_no_connection() {
    let manager = Manager::new();
    let address = manager.address();
    let (over, answered) = (AtomicBool::new(false), AtomicUsize::new(0));
    let program = std::thread::scope(|scope| {
        let mut program = manager.activates();
        assert_eq!(program.port(), address.port(), "the settings' port does not count");
        let clients: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    while !over.load(Ordering::Relaxed) {
                        let answer = ask(address).expect("an answer");
                        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer:?}");
                        answered.fetch_add(1, Ordering::Relaxed);
                    }
                })
            })
            .collect();
        for _ in 0..4 {
            let (before, end) = (answered.load(Ordering::Relaxed), roost::clock::now() + PATIENCE);
            while answered.load(Ordering::Relaxed) < before + 100 {
                assert!(roost::clock::now() < end && clients.iter().all(|c| !c.is_finished()));
                std::thread::yield_now();
            }
            let (status, log) = program.stops("TERM");
            assert!(status.success(), "{log}");
            program = manager.activates();
        }
        over.store(true, Ordering::Relaxed);
        program
    });
    assert!(program.stops("TERM").0.success());
    // The socket is still open: whoever comes now waits for the next start.
    let mut waiting = TcpStream::connect(address).unwrap();
    waiting.write_all(b"GET /healthz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").unwrap();
    let _again = manager.activates();
    let mut answer = String::new();
    waiting.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[test]
fn a_socket_that_cannot_be_used_is_said_at_the_start() {
    let manager = Manager::new();
    let fails = |count, socket: OwnedFd| {
        let output = manager.activation(count).stdin(Stdio::from(socket)).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", said(&output));
        said(&output)
    };
    let udp = || UdpSocket::bind("127.0.0.1:0").unwrap();
    let told = fails(1, udp().into());
    assert!(told.contains("`ListenStream=` takes an address and a port"), "{told}");
    let connected = TcpStream::connect(manager.address()).unwrap();
    let told = fails(1, connected.into());
    assert!(told.contains("it does not listen; set `Accept=no`"), "{told}");
    let told = fails(2, udp().into());
    assert!(told.contains("2 sockets; leave one `ListenStream=`"), "{told}");
}

#[test]
fn sockets_for_another_process_are_left_alone() {
    let manager = Manager::new();
    let variables = [("LISTEN_FDS", "1"), ("LISTEN_PID", "1")];
    let program = manager.starts(&variables);
    assert_ne!(program.port(), manager.address().port());
}

#[test]
fn systemds_own_tool_can_hand_over_the_socket() {
    let manager = Manager::new();
    let port = free_port();
    let version = runs("systemd", Command::new("systemd-socket-activate").arg("--version"));
    assert!(said(&version).starts_with("systemd "), "{}", said(&version));
    let mut command = Command::new("systemd-socket-activate");
    command.arg(format!("--listen=127.0.0.1:{port}")).current_dir(manager.world.folder.path());
    for (name, value) in
        [("ROOST_BOT_TOKEN", TOKEN), ("ROOST_TELEGRAM_API_URL", &manager.world.telegram.base_url())]
    {
        command.arg(format!("--setenv={name}={value}"));
    }
    command.args([env!("CARGO_BIN_EXE_roost"), "serve"]);
    // It starts the program when the first client comes, and says nothing of its own to wait for.
    let mut child = command.stderr(Stdio::null()).spawn().unwrap();
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let end = roost::clock::now() + PATIENCE;
    let answer = loop {
        match ask(address) {
            Err(_) if roost::clock::now() < end => std::thread::yield_now(),
            answer => break answer,
        }
    };
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(answer.unwrap().starts_with("HTTP/1.1 200 "));
}
