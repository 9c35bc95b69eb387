//! The port of the stand-in: Bot API calls, file downloads, and the chat page.

use std::sync::Arc;

use serde_json::Value;

use super::answer;
use super::denial::Denial;
use super::fault::{Harm, strike};
use super::params::Params;
use super::state::Asked;
use super::{Shared, methods, page, polling};
use crate::net::answer::Answer;
use crate::net::head::Head;
use crate::net::request::{Reply, Request, Site};

/// Uploads have at most 50 MB (Bot API).
const BODY_MAX: u64 = 50 << 20;

/// What stands behind the port.
pub(crate) struct Front {
    shared: Arc<Shared>,
}

impl Front {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// `/bot<token>/<method>`.
    fn call(&self, path: &str, request: &Request) -> Reply {
        let Some(method) = self.strip_token(path) else {
            return answer::answer(&Err(Denial::unauthorized()));
        };
        let kind = request.headers.get("content-type").unwrap_or_default();
        let params = match Params::read(request.query.as_deref(), kind, &request.body) {
            Ok(params) => params,
            Err(denial) => return answer::answer(&Err(denial)),
        };
        let (number, harm) = self.note(method, &params);
        let (reply, status) = self.reply_with(harm, &method.to_lowercase(), &params);
        self.shared.change(|state| state.asked[number].status = status);
        reply
    }

    /// Writes the call down; gives its number and what shall go wrong with it.
    fn note(&self, method: &str, params: &Params) -> (usize, Option<Harm>) {
        self.shared.change(|state| {
            let params = params.object();
            let harm = strike(&mut state.faults, &method.to_lowercase(), &params);
            let asked = Asked { method: method.to_owned(), params, status: 0 };
            state.asked.push(asked);
            let harm =
                if state.revoked { Some(Harm::Denied(Denial::unauthorized())) } else { harm };
            (state.asked.len() - 1, harm)
        })
    }

    fn reply_with(&self, harm: Option<Harm>, method: &str, params: &Params) -> (Reply, u16) {
        match harm {
            None => {
                let result = self.carry_out(method, params);
                (answer::answer(&result), status(&result))
            }
            Some(Harm::Chunked) => {
                let result = self.carry_out(method, params);
                (answer::chunked(&result), status(&result))
            }
            Some(Harm::LostAnswer) => {
                drop(self.carry_out(method, params));
                (answer::hang_up(), 0)
            }
            Some(Harm::Denied(denial)) => {
                let code = denial.code;
                (answer::answer(&Err(denial)), code)
            }
            Some(Harm::Html) => (answer::bad_gateway(), 502),
            Some(Harm::BrokenJson) => (answer::broken_json(), 200),
            Some(Harm::Stall) => (answer::stall(), 0),
            Some(Harm::Reset) => (answer::reset(), 0),
        }
    }

    fn carry_out(&self, method: &str, params: &Params) -> Result<Value, Denial> {
        if method == "getupdates" {
            return polling::updates(&self.shared, params);
        }
        self.shared.change(|state| methods::call(state, method, params))
    }

    /// `/file/bot<token>/<path>`.
    fn file(&self, path: &str) -> Reply {
        let Some(path) = self.strip_token(path) else {
            return answer::answer(&Err(Denial::unauthorized()));
        };
        match self.shared.lock().files.get(path) {
            Some(bytes) => Answer::ok("application/octet-stream", bytes.clone()).into(),
            None => answer::answer(&Err(Denial::new(404, "Not Found"))),
        }
    }

    fn strip_token<'a>(&self, path: &'a str) -> Option<&'a str> {
        path.strip_prefix(self.shared.token.reveal().as_str())?.strip_prefix('/')
    }
}

fn status(result: &Result<Value, Denial>) -> u16 {
    result.as_ref().err().map_or(200, |denial| denial.code)
}

impl Site for Front {
    fn body_limit(&self, _: &Head) -> u64 {
        BODY_MAX
    }

    fn reply(&self, request: Request) -> Reply {
        if let Some(path) = request.path.strip_prefix("/bot") {
            return self.call(path, &request);
        }
        if let Some(path) = request.path.strip_prefix("/file/bot") {
            return self.file(path);
        }
        page::reply(&self.shared, &request).into()
    }
}
