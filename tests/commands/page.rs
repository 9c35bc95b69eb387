//! An open page: one websocket of one person.

use std::net::TcpStream;

use roost::hidden::Hidden;
use roost::telegram::init_data;
use serde_json::{Value, json};
use tungstenite::{Message, WebSocket};

use super::PATIENCE;
use super::server::{Server, TOKEN};

/// An open page.
pub struct Page(WebSocket<TcpStream>);

impl Page {
    /// A page of this person, logged in, with its snapshot read.
    pub fn of(server: &Server, id: i64, name: &str) -> Self {
        let address = server.url.strip_prefix("http://").unwrap();
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let (socket, _) = tungstenite::client(format!("ws://{address}/wss/"), stream).unwrap();
        let mut page = Self(socket);
        let user = json!({"id": id, "first_name": name}).to_string();
        let today = roost::clock::now().as_second().to_string();
        let token = Hidden::new(TOKEN.to_owned());
        let data = init_data::sign(&[("auth_date", &today), ("user", &user)], &token);
        page.send(json!({"type": "login", "data": data}));
        page.next("events-loaded");
        page
    }

    /// Sends a message to Mini Events.
    pub fn send(&mut self, mut message: Value) {
        message["app"] = "mini_event".into();
        self.0.send(Message::text(message.to_string())).unwrap();
    }

    /// The next frame of this type.
    pub fn next(&mut self, wanted: &str) -> Value {
        loop {
            let Message::Text(text) = self.0.read().unwrap() else { continue };
            let frame: Value = serde_json::from_str(&text).unwrap();
            if frame["type"] == wanted {
                return frame;
            }
        }
    }
}
