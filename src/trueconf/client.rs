//! `Client`: asks one server.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::answers::Run;
use super::api::{Api, Version};
use super::fault::{Fault, TlsFault};
use super::rule::{is_candidate, judge};
use super::types::{Conference, Online, People, Row, Stop};
use super::{der, lookups, v4, v33};
use crate::clock;
use crate::settings::{Forgotten, Scheme, Server};
use crate::telegram::form::encode;

/// Asks one server. Clones share token, connections and end.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    api: Api,
    base: String,
    status_url: String,
    scheme: Scheme,
    rule: Forgotten,
}

impl Client {
    /// A client for `server`; nothing is sent yet.
    pub fn new(server: &Server) -> Self {
        Self(Arc::new(Inner {
            api: Api::new(server),
            base: server.base(),
            status_url: server.status_url.clone(),
            scheme: server.scheme,
            rule: server.forgotten.clone(),
        }))
    }

    /// Asks the status page on a connection of its own; gives how long the answer took.
    pub fn check(&self) -> Result<Duration, Fault> {
        let start = Instant::now();
        match self.0.api.wire.status(&self.0.status_url)? {
            200..=299 => Ok(start.elapsed()),
            404 => Err(Fault::NotFound),
            status => Err(Fault::Server(status)),
        }
    }

    /// The conferences that run, the longest first.
    pub fn running(&self) -> Result<Vec<Conference>, Fault> {
        self.conferences(Api::end()).map(|(conferences, _)| conferences)
    }

    /// How many people are online.
    pub fn online(&self) -> Result<Online, Fault> {
        let (api, end) = (&self.0.api, Api::end());
        api.in_version(end, |version| v33::online(api, version, end))
    }

    /// Who is in a conference.
    pub fn people(&self, conference: &Conference) -> Result<People, Fault> {
        self.people_until(conference, Api::end())
    }

    /// Every conference that runs for longer than the server's rule allows, with a verdict each.
    ///
    /// A look-up that fails, also for want of time, is such a row too.
    pub fn forgotten(&self) -> Result<Vec<Row>, Fault> {
        let end = Api::end();
        let (conferences, ageless) = self.conferences(end)?;
        let of_unknown_age =
            |conference: &Conference| conference.started.is_none() && conference.lasting.is_zero();
        let mut candidates = conferences;
        candidates.retain(|conference| {
            let rule = &self.0.rule;
            is_candidate(rule, conference)
                || (of_unknown_age(conference) && !rule.exempts(conference))
        });
        let asker = self.clone();
        let found = lookups::each(candidates, move |conference| {
            if of_unknown_age(conference) {
                return Err(ageless.unwrap_or(Fault::NotOffered));
            }
            asker.people_until(conference, end)
        });
        Ok(found.into_iter().map(|(conference, people)| self.row(conference, people)).collect())
    }

    /// Stops `conference`, if that very run is still under way.
    pub fn stop(&self, conference: &Conference) -> Result<Stop, Fault> {
        let Some(id) = &conference.id else { return Err(Fault::NotOffered) };
        let end = Api::end();
        let (running, _) = self.conferences(end)?;
        match running.iter().find(|now| now.id.as_ref() == Some(id)) {
            None => return Ok(Stop::Gone),
            Some(now) if now.session != conference.session => return Ok(Stop::Replaced),
            Some(_) => {}
        }
        let api = &self.0.api;
        match api.in_version(end, |version| v33::stop(api, version, id, end)) {
            Ok(()) => Ok(Stop::Stopped),
            Err(Fault::NotFound) => Ok(Stop::Gone),
            Err(fault) => Err(fault),
        }
    }

    /// When the server's certificate expires; none if it is spoken to in the clear. Asks even if the
    /// certificate is not believed.
    pub fn certificate_expiry(&self) -> Result<Option<Timestamp>, Fault> {
        if self.0.scheme == Scheme::Http {
            return Ok(None);
        }
        let certificate = self.0.api.wire.certificate()?;
        let validity = der::validity(&certificate).ok_or(Fault::Tls(TlsFault::Handshake))?;
        Ok(Some(validity.until))
    }

    /// Ends every call in progress on this client and its clones, and refuses new ones.
    ///
    /// For the stop of the program. A name look-up in progress ends by its own deadline of 10 s.
    pub fn abort(&self) {
        self.0.api.wire.abort();
    }

    /// What runs, the longest first, and why nobody knows since when.
    fn conferences(&self, end: Instant) -> Result<(Vec<Conference>, Option<Fault>), Fault> {
        let api = &self.0.api;
        let (runs, ageless) = api.in_version(end, |version| match version {
            Version::V33 => v33::running(api, end).map(|runs| (runs, None)),
            Version::V4 => v4::running(api, end),
        })?;
        let now = clock::now();
        let mut all: Vec<_> = runs.into_iter().map(|run| self.conference(run, now)).collect();
        all.sort_by_key(|conference| std::cmp::Reverse(conference.lasting));
        Ok((all, ageless))
    }

    fn people_until(&self, conference: &Conference, end: Instant) -> Result<People, Fault> {
        let api = &self.0.api;
        api.in_version(end, |version| match (version, &conference.id) {
            (Version::V33, _) => v33::people(api, &conference.session, end),
            (Version::V4, Some(id)) => v4::people(api, id, end),
            (Version::V4, None) => Err(Fault::NotOffered),
        })
    }

    fn row(&self, mut conference: Conference, people: Result<People, Fault>) -> Row {
        if let Ok(people) = people {
            conference.people = Some(people.count);
        }
        let verdict = people.and_then(|people| judge(&self.0.rule, &people));
        Row { conference, verdict }
    }

    fn conference(&self, run: Run, now: Timestamp) -> Conference {
        let since = |started: Timestamp| Duration::try_from(now.duration_since(started)).ok();
        let lasting = run.lasting.or_else(|| since(run.started?)).unwrap_or_default();
        let base = &self.0.base;
        let session = encode(&run.session);
        Conference {
            join: run.id.as_ref().map(|id| format!("{base}/c/{}", encode(id))),
            control: Some(format!("{base}/tools/real-time/{session}?a=cookies")),
            id: run.id,
            session: run.session,
            topic: run.topic,
            owner: run.owner,
            people: run.people,
            started: run.started,
            lasting,
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("base", &self.0.base).finish_non_exhaustive()
    }
}
