//! A web service that is posted to, and answers as it is told.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Instant;

use roost::thread::{Handle, spawn};

use super::updates_support::PATIENCE;

/// What was posted.
#[derive(Clone, Debug)]
pub struct Post {
    pub line: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
    pub at: Instant,
}

/// What becomes of a request.
#[derive(Clone, Debug)]
pub enum Act {
    /// A status, further header lines, and a body.
    Answer(u16, &'static str, &'static str),
    /// Never answered.
    Hang,
    /// The connection is closed.
    Close,
    /// These bytes, which are no HTTP.
    Raw(&'static str),
}

/// The service. Dropping it closes its port.
pub struct Hook {
    port: u16,
    shared: Arc<Shared>,
    listener: TcpListener,
    _thread: Handle,
}

type Acts = Box<dyn Fn(&Post, usize) -> Act + Send>;

struct Shared {
    posts: Mutex<Vec<Post>>,
    came: Condvar,
    act: Mutex<Acts>,
    open: Mutex<Vec<TcpStream>>,
}

impl Post {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

impl Hook {
    /// A service that answers `act` to a post, given with how many came before it.
    pub fn start(act: impl Fn(&Post, usize) -> Act + Send + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        let shared = Arc::new(Shared {
            posts: Mutex::default(),
            came: Condvar::new(),
            act: Mutex::new(Box::new(act)),
            open: Mutex::default(),
        });
        let (ours, also) = (Arc::clone(&shared), listener.try_clone().expect("cloned"));
        let thread = spawn("hook", move || {
            let mut threads = Vec::new();
            while let Ok((stream, _)) = also.accept() {
                ours.open.lock().expect("no panic").push(stream.try_clone().expect("cloned"));
                let shared = Arc::clone(&ours);
                threads.push(spawn("hook-one", move || drop(shared.serve(&stream))).expect("made"));
            }
        });
        Self { port, shared, listener, _thread: thread.expect("made") }
    }

    /// One that answers 200 to everything.
    pub fn fine() -> Self {
        Self::start(|_, _| ok())
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/updates", self.port)
    }

    /// From now on it answers so.
    pub fn acts(&self, act: impl Fn(&Post, usize) -> Act + Send + 'static) {
        *self.shared.act.lock().expect("no panic") = Box::new(act);
    }

    /// Everything that was posted so far.
    pub fn posts(&self) -> Vec<Post> {
        self.shared.posts.lock().expect("no panic").clone()
    }

    /// The bodies so far.
    pub fn bodies(&self) -> Vec<String> {
        self.posts().into_iter().map(|post| post.body).collect()
    }

    /// Waits until there are so many.
    pub fn waits_for(&self, count: usize) -> Vec<Post> {
        let posts = self.shared.posts.lock().expect("no panic");
        let few = |posts: &mut Vec<Post>| posts.len() < count;
        let waited = self.shared.came.wait_timeout_while(posts, PATIENCE, few).expect("no panic");
        assert!(waited.0.len() >= count, "waited for {count} posts: {:?}", *waited.0);
        waited.0.clone()
    }
}

impl Drop for Hook {
    fn drop(&mut self) {
        // Wakes the thread that accepts, and those that read.
        let _ = rustix::net::shutdown(&self.listener, rustix::net::Shutdown::Both);
        for stream in self.shared.open.lock().expect("no panic").drain(..) {
            drop(stream.shutdown(Shutdown::Both));
        }
    }
}

/// `200 OK`.
pub fn ok() -> Act {
    Act::Answer(200, "", "")
}

/// A status without anything else.
pub fn status(status: u16) -> Act {
    Act::Answer(status, "", "")
}

impl Shared {
    fn serve(&self, stream: &TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(stream);
        while let Some(post) = request(&mut reader)? {
            let mut posts = self.posts.lock().expect("no panic");
            let act = self.act.lock().expect("no panic")(&post, posts.len());
            posts.push(post);
            drop(posts);
            self.came.notify_all();
            let mut writer = stream;
            match act {
                Act::Answer(status, headers, body) => {
                    let length = body.len();
                    let answer = format!(
                        "HTTP/1.1 {status} Status\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
                    );
                    // At once, or the next request waits for an acknowledgement.
                    writer.write_all(answer.as_bytes())?;
                }
                Act::Raw(bytes) => return writer.write_all(bytes.as_bytes()),
                // Until the other side gives up.
                Act::Hang => return reader.read_to_end(&mut Vec::new()).map(drop),
                Act::Close => return stream.shutdown(Shutdown::Both),
            }
        }
        Ok(())
    }
}

fn request(reader: &mut impl BufRead) -> std::io::Result<Option<Post>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        match header.trim_end().split_once(": ") {
            Some((name, value)) => headers.push((name.to_owned(), value.to_owned())),
            None => break,
        }
    }
    let mut post =
        Post { line: line.trim_end().to_owned(), headers, body: String::new(), at: Instant::now() };
    let length = post.header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    post.body = String::from_utf8(body).expect("text");
    Ok(Some(post))
}
