//! A page: one websocket, every frame it got, and a deadline for the next one.

use std::io::Write;
use std::net::{Shutdown, SocketAddr, TcpStream};

use serde_json::{Map, Value, json};
use tungstenite::{Error, Message, WebSocket, client};

use super::{Line, now, signed};

/// A person in Telegram.
#[derive(Clone, Copy, Debug)]
pub struct Person {
    /// Telegram's id.
    pub id: i64,
    /// First and last name.
    pub name: &'static str,
    /// Language of their Telegram.
    pub language: &'static str,
}

impl Person {
    /// Somebody of whom only the id matters.
    pub const fn number(id: i64) -> Self {
        Self { id, name: "Some Body", language: "en" }
    }

    /// The `user` of initData.
    pub fn user(&self) -> String {
        let (first, last) = self.name.split_once(' ').unwrap_or((self.name, ""));
        json!({"id": self.id, "first_name": first, "last_name": last,
            "language_code": self.language})
        .to_string()
    }

    /// initData as Telegram signs them now.
    pub fn init_data(&self) -> String {
        self.init_data_from(None)
    }

    /// The same for a page opened by a link with `start_param`.
    pub fn init_data_from(&self, start_param: Option<&str>) -> String {
        let (date, user) = (now().to_string(), self.user());
        let mut pairs =
            vec![("auth_date", &date[..]), ("query_id", "AAF0000000000000"), ("user", &user[..])];
        pairs.extend(start_param.map(|start_param| ("start_param", start_param)));
        signed(&pairs)
    }
}

/// How a page was told that it is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// A close frame with this code.
    Code(u16),
    /// A close frame without a code.
    Bare,
    /// The connection broke.
    Broken,
}

/// One websocket to the server.
pub struct Page {
    socket: WebSocket<Line>,
    /// Every frame so far.
    pub seen: Vec<Value>,
    /// The events it shows, as a page keeps them.
    pub events: Map<String, Value>,
    /// What it puts into `app`; nothing for the oldest protocol.
    pub app: Option<&'static str>,
}

impl Page {
    /// Connects, and has read `connect`.
    pub fn open(server: SocketAddr) -> Self {
        Self::on(server, "/wss/")
    }

    /// The same on another path.
    pub fn on(server: SocketAddr, path: &str) -> Self {
        Self::over(Line::plain(server), path)
    }

    /// The same over a connection there is.
    pub fn over(line: Line, path: &str) -> Self {
        let server = line.tcp().peer_addr().unwrap();
        let (socket, _) = client(format!("ws://{server}{path}"), line).unwrap();
        let mut page =
            Self { socket, seen: Vec::new(), events: Map::new(), app: Some("mini_event") };
        assert_eq!(page.next(), json!({"type": "connect"}));
        page
    }

    /// A page of `person`, logged in, with its snapshot read.
    pub fn of(server: SocketAddr, person: Person) -> Self {
        let mut page = Self::open(server);
        page.login(person);
        page
    }

    /// Logs in; the events of the snapshot.
    pub fn login(&mut self, person: Person) -> Vec<Value> {
        self.send(json!({"type": "login", "data": person.init_data()}));
        self.snapshot()
    }

    /// Reads `welcome`, events and `events-loaded`; the events.
    pub fn snapshot(&mut self) -> Vec<Value> {
        self.expect("welcome");
        let mut events = Vec::new();
        loop {
            let frame = self.next();
            match frame["type"].as_str() {
                Some("event") => events.push(frame),
                Some("events-loaded") => return events,
                _ => panic!("in the snapshot: {frame}"),
            }
        }
    }

    /// Sends a message, with `app` added.
    pub fn send(&mut self, mut message: Value) {
        if let (Some(app), Value::Object(members)) = (self.app, &mut message) {
            members.entry("app").or_insert(app.into());
        }
        self.send_text(message.to_string());
    }

    /// Sends a text frame as it is.
    pub fn send_text(&mut self, text: impl Into<String>) {
        self.socket.send(Message::text(text.into())).unwrap();
    }

    /// Sends whatever; whether the server still took it.
    pub fn try_send(&mut self, message: Message) -> bool {
        self.socket.send(message).is_ok()
    }

    /// Sends bytes under the frames.
    pub fn send_raw(&mut self, bytes: &[u8]) {
        self.socket.get_mut().write_all(bytes).unwrap();
    }

    /// The same where the server may have closed.
    pub fn try_send_raw(&mut self, bytes: &[u8]) -> bool {
        self.socket.get_mut().write_all(bytes).is_ok()
    }

    /// The next JSON frame, or how it ended.
    pub fn read(&mut self) -> Result<Value, End> {
        loop {
            match self.socket.read() {
                Ok(Message::Text(text)) => {
                    let frame: Value = serde_json::from_str(&text).expect("frames are JSON");
                    self.keep(&frame);
                    return Ok(frame);
                }
                Ok(Message::Close(frame)) => {
                    // Answers the close frame, so that the server can let go.
                    while self.socket.read().is_ok() {}
                    return Err(frame.map_or(End::Bare, |frame| End::Code(frame.code.into())));
                }
                Ok(_) => {}
                Err(Error::Io(error)) if error.kind() == std::io::ErrorKind::WouldBlock => {
                    panic!("nothing came; the last frames were {:#?}", self.last(3));
                }
                Err(_) => return Err(End::Broken),
            }
        }
    }

    fn keep(&mut self, frame: &Value) {
        let id = frame["id"].to_string();
        match frame["type"].as_str() {
            Some("event") => drop(self.events.insert(id, frame.clone())),
            Some("delete-event") => drop(self.events.remove(&id)),
            _ => {}
        }
        self.seen.push(frame.clone());
    }

    fn last(&self, count: usize) -> &[Value] {
        &self.seen[self.seen.len().saturating_sub(count)..]
    }

    /// Waits until the server has pinged so many times.
    pub fn pinged(&mut self, times: usize) {
        let mut seen = 0;
        while seen < times {
            match self.socket.read() {
                Ok(Message::Ping(_)) => seen += 1,
                Ok(_) => {}
                Err(error) => panic!("{error} after {seen} pings"),
            }
        }
    }

    /// The next JSON frame.
    pub fn next(&mut self) -> Value {
        let next = self.read();
        next.unwrap_or_else(|end| panic!("{end:?} after {:#?}", self.last(3)))
    }

    /// The next frame, which must be of this type.
    pub fn expect(&mut self, kind: &str) -> Value {
        let frame = self.next();
        assert_eq!(frame["type"], kind, "{frame}");
        frame
    }

    /// The next frame, which must be an `error` with this code.
    pub fn expect_error(&mut self, code: &str) -> Value {
        let frame = self.expect("error");
        assert_eq!(frame["code"], code, "{frame}");
        assert!(frame["msg"].as_str().is_some_and(|msg| !msg.is_empty()), "{frame}");
        frame
    }

    /// The first frame from now on that `is_it`.
    pub fn until(&mut self, mut is_it: impl FnMut(&Value) -> bool) -> Value {
        loop {
            let frame = self.next();
            if is_it(&frame) {
                return frame;
            }
        }
    }

    /// Reads until the event shows `count` people going.
    pub fn until_going(&mut self, event: u64, count: u64) -> Value {
        self.until(|frame| frame["id"] == event && frame["attendees"] == count)
    }

    /// Sends a message and reads its answer, which must be the event.
    pub fn ask(&mut self, message: Value) -> Value {
        self.send(message);
        self.expect("event")
    }

    /// Makes an event; its id.
    pub fn create(&mut self, event: Value) -> u64 {
        self.ask(event)["id"].as_u64().unwrap()
    }

    /// Reads to the end: everything before it was for nobody to see any more.
    pub fn end(&mut self) -> End {
        loop {
            if let Err(end) = self.read() {
                return end;
            }
        }
    }

    /// That the server still answers this page, and that nothing else came meanwhile.
    pub fn is_quiet(&mut self) {
        self.send(json!({"type": "are-you-there"}));
        let frame = self.next();
        assert_eq!(frame["code"], "unknown-command", "something else came: {frame}");
    }

    /// Says goodbye.
    pub fn close(mut self) {
        drop(self.socket.close(None));
        while self.socket.read().is_ok() {}
    }

    /// Goes away without a word.
    pub fn vanish(self) {
        drop(self.stream().shutdown(Shutdown::Both));
    }

    /// The socket itself.
    pub fn stream(&self) -> &TcpStream {
        self.socket.get_ref().tcp()
    }
}

/// A client's frame, masked with zeros.
pub fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match payload.len() {
        length @ ..126 => frame.push(0x80 | u8::try_from(length).unwrap()),
        length @ ..65_536 => {
            frame.push(0xfe);
            frame.extend(u16::try_from(length).unwrap().to_be_bytes());
        }
        length => {
            frame.push(0xff);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend(payload);
    frame
}
