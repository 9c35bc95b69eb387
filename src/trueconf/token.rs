//! The access token of one server: fetched by one thread while the others wait, kept in memory only.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::answers::{self, Granted};
use super::fault::Fault;
use crate::hidden::Hidden;
use crate::settings::Server;

/// After rejected credentials, and after a fresh token that is not accepted, nobody asks for another
/// one for so long: a server that never accepts must not be asked at the pace of our own work.
const HOLD: Duration = Duration::from_secs(60);

/// A token is given up this long before its end, so that it does not end on the way.
const MARGIN: Duration = Duration::from_secs(30);

/// A token in use.
#[derive(Clone, Debug)]
pub struct Token {
    /// What the server wants to see.
    pub text: Hidden<String>,
    /// Which one it is; 0 is the fixed one of the settings.
    number: u64,
}

/// Gives everybody the same token.
#[derive(Debug)]
pub struct Tokens {
    /// The fixed one of the settings.
    fixed: Option<Hidden<String>>,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    fixed_is_rejected: bool,
    current: Option<Current>,
    /// How many were fetched or tried to; also the number of the newest.
    fetched: u64,
    is_fetching: bool,
    /// Why the last fetch failed, for those who waited for it.
    failed: Option<Fault>,
    /// Until when nobody asks, and what is said meanwhile.
    hold: Option<(Instant, Fault)>,
}

#[derive(Debug)]
struct Current {
    token: Token,
    until: Option<Instant>,
    was_accepted: bool,
}

impl Tokens {
    /// Begins with the fixed token of `server`, if it has one that can be sent.
    pub fn new(server: &Server) -> Self {
        let fixed = server.access_token.clone();
        let (usable, odd) = match fixed {
            Some(token) if answers::is_token(token.reveal()) => (Some(token), false),
            other => (None, other.is_some()),
        };
        if odd {
            log::warn!(
                "server `{}`: `access_token` cannot be a token; it is not used",
                server.name
            );
        }
        Self { fixed: usable, state: Mutex::default(), changed: Condvar::new() }
    }

    /// A token to try: the one in use, else a new one from `fetch`, which only one thread calls.
    pub fn current(&self, fetch: impl FnOnce() -> Result<Granted, Fault>) -> Result<Token, Fault> {
        let mut state = self.lock();
        loop {
            if let Some(token) = self.usable(&state) {
                return Ok(token);
            }
            if let Some(fault) = state.held() {
                return Err(fault);
            }
            if !state.is_fetching {
                break;
            }
            let flight = state.fetched;
            while state.is_fetching && state.fetched == flight {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            if let Some(fault) = state.failed.filter(|_| state.fetched == flight) {
                return Err(fault);
            }
        }
        state.is_fetching = true;
        state.fetched += 1;
        state.failed = Some(Fault::Broken);
        drop(state);
        let _landing = Landing(self);
        self.land(fetch())
    }

    /// The server has accepted `token`.
    pub fn accept(&self, token: &Token) {
        let mut state = self.lock();
        if let Some(current) = state.current.as_mut().filter(|now| now.token.number == token.number)
        {
            current.was_accepted = true;
        }
    }

    /// The server has rejected `token`; whether it makes sense to try another one at once.
    pub fn reject(&self, token: &Token) -> bool {
        let mut state = self.lock();
        if token.number == 0 {
            state.fixed_is_rejected = true;
            return true;
        }
        match state.current.take_if(|now| now.token.number == token.number) {
            // Somebody else has been here.
            None => true,
            Some(now) if now.was_accepted => true,
            Some(_) => {
                state.hold = Some((Instant::now() + HOLD, Fault::Credentials));
                false
            }
        }
    }

    fn usable(&self, state: &State) -> Option<Token> {
        if let Some(text) = self.fixed.as_ref().filter(|_| !state.fixed_is_rejected) {
            return Some(Token { text: text.clone(), number: 0 });
        }
        let current = state.current.as_ref()?;
        let is_over = current.until.is_some_and(|until| until <= Instant::now());
        (!is_over).then(|| current.token.clone())
    }

    /// Puts what a fetch brought where everybody finds it.
    fn land(&self, granted: Result<Granted, Fault>) -> Result<Token, Fault> {
        let mut state = self.lock();
        match granted {
            Ok(granted) => {
                let token = Token { text: granted.token, number: state.fetched };
                let until = granted.lasting.and_then(|all| Instant::now().checked_add(usable(all)));
                let new = Current { token: token.clone(), until, was_accepted: false };
                state.current = Some(new);
                state.failed = None;
                Ok(token)
            }
            Err(fault) => {
                state.failed = Some(fault);
                if fault == Fault::Credentials {
                    state.hold = Some((Instant::now() + HOLD, fault));
                }
                Err(fault)
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// What is said instead of asking.
    fn held(&mut self) -> Option<Fault> {
        let (until, fault) = self.hold?;
        if Instant::now() < until {
            return Some(fault);
        }
        self.hold = None;
        None
    }
}

/// Of a short life half is used.
fn usable(lasting: Duration) -> Duration {
    lasting.checked_sub(MARGIN).unwrap_or_default().max(lasting / 2)
}

/// The end of a fetch, also by a panic: those who wait go on.
struct Landing<'a>(&'a Tokens);

impl Drop for Landing<'_> {
    fn drop(&mut self) {
        self.0.lock().is_fetching = false;
        self.0.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, Barrier};

    fn tokens(fixed: Option<&str>) -> Tokens {
        let fixed = fixed.map(|text| Hidden::new(text.to_owned()));
        Tokens { fixed, state: Mutex::default(), changed: Condvar::new() }
    }

    #[expect(clippy::unnecessary_wraps, reason = "what a fetch gives")]
    fn granted(text: &str, seconds: Option<u64>) -> Result<Granted, Fault> {
        let token = Hidden::new(text.to_owned());
        Ok(Granted { token, lasting: seconds.map(Duration::from_secs) })
    }

    fn nobody_asks() -> Result<Granted, Fault> {
        panic!("nobody may ask for a token now")
    }

    fn text(token: &Result<Token, Fault>) -> Option<&str> {
        token.as_ref().ok().map(|token| token.text.reveal().as_str())
    }

    #[test]
    fn a_token_is_used_until_it_ends_or_is_rejected() {
        let tokens = tokens(None);
        let first = tokens.current(|| granted("one", Some(3_600)));
        assert_eq!(text(&first), Some("one"));
        let first = first.expect("a token");
        tokens.accept(&first);
        assert_eq!(text(&tokens.current(nobody_asks)), Some("one"));
        assert!(tokens.reject(&first), "it was good before");
        let second = tokens.current(|| granted("two", Some(0)));
        assert_eq!(text(&second), Some("two"));
        assert!(tokens.reject(&first), "an old one says nothing about the new");
        assert_eq!(
            text(&tokens.current(|| granted("three", None))),
            Some("three"),
            "two has ended"
        );
        assert_eq!(text(&tokens.current(nobody_asks)), Some("three"), "no end is known");
    }

    #[test]
    fn a_fresh_token_that_is_rejected_is_not_followed_by_another() {
        let tokens = tokens(None);
        let first = tokens.current(|| granted("one", None)).expect("a token");
        assert!(!tokens.reject(&first));
        assert_eq!(tokens.current(nobody_asks).err(), Some(Fault::Credentials));
    }

    #[test]
    fn rejected_credentials_are_not_sent_again_at_once_but_a_dead_line_is_tried() {
        let tokens = tokens(None);
        assert_eq!(tokens.current(|| Err(Fault::Refused)).err(), Some(Fault::Refused));
        assert_eq!(tokens.current(|| Err(Fault::Credentials)).err(), Some(Fault::Credentials));
        assert_eq!(tokens.current(nobody_asks).err(), Some(Fault::Credentials));
    }

    #[test]
    fn the_fixed_token_comes_first_and_is_given_up_when_rejected() {
        let tokens = tokens(Some("fixed"));
        let fixed = tokens.current(nobody_asks).expect("a token");
        assert_eq!(fixed.text.reveal(), "fixed");
        assert!(tokens.reject(&fixed));
        assert_eq!(text(&tokens.current(|| granted("new", None))), Some("new"));
        assert!(tokens.reject(&fixed));
        assert_eq!(text(&tokens.current(nobody_asks)), Some("new"));
    }

    #[test]
    fn many_threads_ask_for_one_token() {
        let (tokens, asked) = (Arc::new(tokens(None)), Arc::new(AtomicUsize::new(0)));
        let together = Arc::new(Barrier::new(8));
        let handles: Vec<_> = (0..8)
            .map(|_| {
                let (tokens, asked, together) = (tokens.clone(), asked.clone(), together.clone());
                crate::thread::spawn("asks", move || {
                    together.wait();
                    let token = tokens.current(|| {
                        asked.fetch_add(1, Ordering::SeqCst);
                        granted("one", None)
                    });
                    assert_eq!(text(&token), Some("one"));
                })
                .expect("a thread")
            })
            .collect();
        drop(handles);
        assert_eq!(asked.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn a_panic_while_fetching_leaves_nobody_waiting() {
        let tokens = tokens(None);
        let caught = crate::thread::catch(|| drop(tokens.current(|| panic!("in the middle"))));
        assert!(caught.is_none());
        assert_eq!(text(&tokens.current(|| granted("one", None))), Some("one"));
    }
}
