//! Why a server gave no answer, by names people understand; never holds an address, token or secret.

use std::fmt;

/// Why a server gave no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// Its name has no address.
    Resolve,
    /// It is there, but nobody listens at the port.
    Refused,
    /// No way leads there.
    Unreachable,
    /// No complete answer before the deadline.
    TimedOut,
    /// The connection broke in the middle.
    Broken,
    /// The secure connection could not be made.
    Tls(TlsFault),
    /// It accepts neither the fixed token nor the application's id and secret.
    Credentials,
    /// The application lacks a right.
    Permission(Scope),
    /// What was asked for is not there.
    NotFound,
    /// It answered with an error of its own, such as 500.
    Server(u16),
    /// Its API has no such thing, or it has no API that we speak.
    NotOffered,
    /// An answer that is not of the API's form, too long, or without end.
    Malformed,
    /// [`crate::trueconf::Client::abort`] ended the call.
    Aborted,
}

/// Why a secure connection could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TlsFault {
    /// The certificate has expired.
    Expired,
    /// The certificate is not valid yet; a clock may be wrong.
    NotYetValid,
    /// Nobody we believe has signed the certificate.
    UnknownIssuer,
    /// The certificate is for another name.
    WrongName,
    /// The certificate was revoked.
    Revoked,
    /// The file of `ssl_certificate` cannot be read, or has no certificate in it.
    AuthorityFile,
    /// This system has no certificate authorities.
    NoAuthorities,
    /// What answers does not speak TLS.
    NotTls,
    /// Anything else.
    Handshake,
}

/// The right an application needs for something (API documentation, OAuth2 scopes).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// `logs.calls:read`: running conferences of version 3.3.
    Calls,
    /// `conferences`: stop, and running conferences of version 4.
    Conferences,
    /// `conferences.participants:read`: people of a conference of version 4.
    Participants,
    /// `conferences.sessions:read`: since when a conference of version 4 runs.
    Sessions,
    /// `conferences.sessions.participants:read`: people of a conference of version 3.3.
    SessionParticipants,
    /// `users:read`: people online.
    Users,
}

/// Every fault with the word that stands for it in JSON, metrics and the store.
const WORDS: &[(&str, Fault)] = &[
    ("cannot-resolve", Fault::Resolve),
    ("refused", Fault::Refused),
    ("unreachable", Fault::Unreachable),
    ("timed-out", Fault::TimedOut),
    ("connection-broke", Fault::Broken),
    ("tls-expired", Fault::Tls(TlsFault::Expired)),
    ("tls-not-yet-valid", Fault::Tls(TlsFault::NotYetValid)),
    ("tls-unknown-issuer", Fault::Tls(TlsFault::UnknownIssuer)),
    ("tls-wrong-name", Fault::Tls(TlsFault::WrongName)),
    ("tls-revoked", Fault::Tls(TlsFault::Revoked)),
    ("tls-authority-file", Fault::Tls(TlsFault::AuthorityFile)),
    ("tls-no-authorities", Fault::Tls(TlsFault::NoAuthorities)),
    ("tls-not-spoken", Fault::Tls(TlsFault::NotTls)),
    ("tls-handshake", Fault::Tls(TlsFault::Handshake)),
    ("credentials", Fault::Credentials),
    ("permission-calls", Fault::Permission(Scope::Calls)),
    ("permission-conferences", Fault::Permission(Scope::Conferences)),
    ("permission-participants", Fault::Permission(Scope::Participants)),
    ("permission-sessions", Fault::Permission(Scope::Sessions)),
    ("permission-session-participants", Fault::Permission(Scope::SessionParticipants)),
    ("permission-users", Fault::Permission(Scope::Users)),
    ("not-found", Fault::NotFound),
    ("not-offered", Fault::NotOffered),
    ("malformed", Fault::Malformed),
    ("aborted", Fault::Aborted),
];

/// How the word of [`Fault::Server`] begins; the status follows.
const SERVER: &str = "server-error-";

impl Fault {
    /// A word for it: `timed-out`, `server-error-503`; [`Fault::of_word`] reads it back.
    pub fn word(&self) -> String {
        if let Self::Server(status) = self {
            return format!("{SERVER}{status}");
        }
        let word = WORDS.iter().find(|(_, fault)| fault == self);
        word.map(|(word, _)| (*word).to_owned()).unwrap_or_default()
    }

    /// The fault [`Fault::word`] stands for.
    pub fn of_word(word: &str) -> Option<Self> {
        if let Some(status) = word.strip_prefix(SERVER) {
            return status.parse().ok().map(Self::Server);
        }
        WORDS.iter().find(|(known, _)| *known == word).map(|(_, fault)| *fault)
    }

    /// Whether it says something about the way to the server rather than about the server: our own
    /// network being down looks like this at every server.
    pub fn is_of_the_way(&self) -> bool {
        matches!(self, Self::Resolve | Self::Unreachable | Self::TimedOut)
    }

    /// What an administrator can do about it, as a phrase to stand after a semicolon.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Resolve => "check `ip` and the name server",
            Self::Refused => "start the server, or correct `ip` and the port",
            Self::Unreachable => "check the network and firewalls between",
            Self::TimedOut => "check the server's load, the network and firewalls",
            Self::Broken => "try again; a proxy or firewall may cut connections",
            Self::Tls(fault) => fault.remedy(),
            Self::Credentials => "correct `client_id` and `client_secret`",
            Self::Permission(_) => "tick it in the OAuth2 application in the control panel",
            Self::NotFound => "check `ip`, the port and `status-url`",
            Self::Server(_) => "look into the server's own log",
            Self::NotOffered => "set `api`, and check that `ip` is a TrueConf Server",
            Self::Malformed => {
                "check that `ip` leads to a TrueConf Server and not to a proxy's page"
            }
            Self::Aborted => "try again",
        }
    }
}

impl TlsFault {
    fn remedy(self) -> &'static str {
        match self {
            Self::Expired => "renew the server's certificate",
            Self::NotYetValid => "check the clocks",
            Self::UnknownIssuer => "put its authority's file into `ssl_certificate`",
            Self::WrongName => "use the name in the certificate as `ip`",
            Self::Revoked => "replace the server's certificate",
            Self::AuthorityFile => "correct the path in `ssl_certificate`; the file has to be PEM",
            Self::NoAuthorities => "install `ca-certificates`",
            Self::NotTls => "correct the port in `ip`",
            Self::Handshake => "check that the server speaks TLS 1.2 or 1.3",
        }
    }
}

impl Scope {
    /// Its name in the control panel.
    pub fn name(self) -> &'static str {
        match self {
            Self::Calls => "logs.calls:read",
            Self::Conferences => "conferences",
            Self::Participants => "conferences.participants:read",
            Self::Sessions => "conferences.sessions:read",
            Self::SessionParticipants => "conferences.sessions.participants:read",
            Self::Users => "users:read",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resolve => f.write_str("cannot resolve its name"),
            Self::Refused => f.write_str("connection refused"),
            Self::Unreachable => f.write_str("no way leads there"),
            Self::TimedOut => f.write_str("timed out"),
            Self::Broken => f.write_str("connection broke"),
            Self::Tls(fault) => write!(f, "TLS: {fault}"),
            Self::Credentials => f.write_str("credentials are not accepted"),
            Self::Permission(scope) => write!(f, "permission `{}` is missing", scope.name()),
            Self::NotFound => f.write_str("not found"),
            Self::Server(status) => write!(f, "server error {status}"),
            Self::NotOffered => f.write_str("not offered by this server"),
            Self::Malformed => f.write_str("answer is not of the API's form"),
            Self::Aborted => f.write_str("call aborted"),
        }
    }
}

impl fmt::Display for TlsFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Expired => "certificate has expired",
            Self::NotYetValid => "certificate is not valid yet",
            Self::UnknownIssuer => "certificate of an unknown authority",
            Self::WrongName => "certificate is for another name",
            Self::Revoked => "certificate was revoked",
            Self::AuthorityFile => "file of `ssl_certificate` cannot be used",
            Self::NoAuthorities => "this system has no certificate authorities",
            Self::NotTls => "no TLS is spoken there",
            Self::Handshake => "handshake failed",
        })
    }
}

impl std::error::Error for Fault {}

impl std::error::Error for TlsFault {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_has_a_word_of_its_own_that_can_be_read_back() {
        for (word, fault) in WORDS {
            assert_eq!((fault.word().as_str(), Fault::of_word(word)), (*word, Some(*fault)));
            assert!(!fault.to_string().is_empty() && !fault.remedy().is_empty());
        }
        assert_eq!(Fault::of_word(&Fault::Server(503).word()), Some(Fault::Server(503)));
        assert_eq!((Fault::of_word("server-error-"), Fault::of_word("zebra")), (None, None));
    }
}
