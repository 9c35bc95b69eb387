//! What can go wrong on purpose: which calls it hits, how often, and how.

use serde_json::Value;

use super::denial::Denial;

/// Something that goes wrong, until it has happened often enough.
#[derive(Clone, Debug)]
pub struct Fault {
    harm: Harm,
    method: Option<String>,
    chat: Option<i64>,
    left: Option<u32>,
}

/// How it goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Harm {
    /// The call is refused and not carried out.
    Denied(Denial),
    /// A proxy's error page, `502`.
    Html,
    /// `200` with JSON that ends too early; not carried out.
    BrokenJson,
    /// Nothing is ever answered, until the caller hangs up; not carried out.
    Stall,
    /// The connection breaks in the middle of the answer; not carried out.
    Reset,
    /// Carried out, but the connection breaks before the answer: the caller cannot know.
    LostAnswer,
    /// Carried out and answered in chunks, which is good HTTP.
    Chunked,
}

impl Fault {
    /// `harm` on every call, for ever.
    pub fn new(harm: Harm) -> Self {
        Self { harm, method: None, chat: None, left: None }
    }

    /// `409`: another poller.
    pub fn conflict() -> Self {
        let words = "terminated by other getUpdates request; make sure that only one bot instance \
                     is running";
        Self::new(Harm::Denied(Denial::conflict(words))).on("getUpdates")
    }

    /// `429` with the time to wait.
    pub fn flood(seconds: u64) -> Self {
        Self::new(Harm::Denied(Denial::flood(seconds)))
    }

    /// `500`: the server restarts.
    pub fn restart() -> Self {
        Self::new(Harm::Denied(Denial::new(500, "Internal Server Error: restart")))
    }

    /// Only calls of this method.
    #[must_use]
    pub fn on(self, method: &str) -> Self {
        Self { method: Some(method.to_lowercase()), ..self }
    }

    /// Only calls that name this chat.
    #[must_use]
    pub fn in_chat(self, chat: i64) -> Self {
        Self { chat: Some(chat), ..self }
    }

    /// Only so many times.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { left: Some(times), ..self }
    }

    fn hits(&self, method: &str, chat: Option<i64>) -> bool {
        self.left != Some(0)
            && self.method.as_deref().is_none_or(|only| only == method)
            && self.chat.is_none_or(|only| chat == Some(only))
    }
}

/// The harm done to this call, if any; `method` in lower case.
pub(crate) fn strike(faults: &mut [Fault], method: &str, params: &Value) -> Option<Harm> {
    let chat = params["chat_id"].as_i64().or_else(|| params["chat_id"].as_str()?.parse().ok());
    let fault = faults.iter_mut().find(|fault| fault.hits(method, chat))?;
    if let Some(left) = &mut fault.left {
        *left -= 1;
    }
    Some(fault.harm.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_fault_hits_what_it_is_meant_for_as_often_as_it_should() {
        let mut faults =
            [Fault::conflict().times(1), Fault::flood(3).in_chat(7), Fault::restart().on("getMe")];
        for (method, params, code) in [
            ("sendmessage", json!({"chat_id": 8}), None),
            ("sendmessage", json!({"chat_id": 7}), Some(429)),
            ("sendmessage", json!({"chat_id": "7"}), Some(429)),
            ("getupdates", json!({}), Some(409)),
            ("getupdates", json!({}), None),
            ("getme", json!({}), Some(500)),
        ] {
            let struck = strike(&mut faults, method, &params).map(|harm| match harm {
                Harm::Denied(denial) => denial.code,
                other => panic!("{other:?}"),
            });
            assert_eq!(struck, code, "{method} {params}");
        }
    }
}
