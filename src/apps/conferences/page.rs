//! The live page: what it shows of each server to whom, and what it asks for.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::app::Conferences;
use super::audience;
use super::audit::Door;
use super::fleet::{Kept, Right, ServerId};
use super::frame::{ConferenceFrame, Facts, MORE, ServerFrame, list};
use super::input::{Request, Wrong, read};
use super::looks::{Answer, RunId};
use super::stopping::{self, Stopped};
use super::stops::{self, Question};
use super::{store, switch, words};
use crate::apps::{Asked, Failure, Others, Outcome, Person, Refused, Reply, View};
use crate::i18n::Servers;
use crate::store::{Snapshot, StoreError, Tx};
use crate::trueconf::{Client, Conference};

/// A server is asked again when somebody looks and its answers are older than this.
const FRESH: SignedDuration = SignedDuration::from_secs(10);

/// A question shows what the page shows; a page that looks is not older than this.
const SHOWN: SignedDuration = SignedDuration::from_mins(5);

/// Stops of a frame.
const STOPS: usize = 5;

/// The variants of a frame, in the order of [`View::variants`].
const VIEWER: u8 = 0;
const OPERATOR: u8 = 1;

impl Conferences {
    /// One server as pages show it, to those it concerns.
    pub(super) fn tile(
        &self,
        read: &Snapshot,
        id: u64,
        now: Timestamp,
    ) -> Result<Option<View>, StoreError> {
        let Some(at) = self.fleet.position(ServerId(id)) else { return Ok(None) };
        let Some(kept) = self.fleet.find(ServerId(id)) else { return Ok(None) };
        let record = store::find(read, kept)?;
        let (uptime, curve) = self.figures(read, kept, now)?;
        let facts = Facts {
            kept,
            record: &record,
            look: &self.looks.of(kept.id),
            uptime,
            curve: &curve,
            stops: &stops::of_server(read, kept.id, STOPS)?,
            questions: &stops::open_on_pages(read, kept.id, now)?,
        };
        let encode = |frame: &ServerFrame<'_>| {
            serde_json::to_string(frame).map_err(|error| StoreError::Row("conferences", error))
        };
        let operators = ServerFrame::for_operators(&facts);
        let for_operators = encode(&operators)?;
        let for_viewers = encode(&operators.for_viewers())?;
        let rights = audience::rights(read, &self.context, kept)?;
        let variant = |right| if right >= Right::Operate { OPERATOR } else { VIEWER };
        Ok(Some(View {
            order: format!("{at:05}"),
            variants: vec![for_viewers, for_operators],
            special: rights.into_iter().map(|(user, right)| (user, variant(right))).collect(),
            others: Others::Nothing,
            until: None,
        }))
    }

    /// Does what a page asks for. Who may look at no server hears the same whatever it is.
    pub(super) fn answer(
        &self,
        tx: &Tx,
        asked: &Asked,
        message: &Value,
    ) -> Result<Outcome, Failure> {
        use crate::apps::App;
        let Value::Object(members) = message else { return Ok(Vec::new()) };
        let says = words::servers(asked.by.language);
        if !self.is_for(Some(&asked.by)) {
            return Err(Refused::new("not-yours", says.not_yours).into());
        }
        let counter = Counter { app: self, tx, asked, says, members };
        match read(members) {
            Err(wrong) => Err(counter.wrong(wrong)),
            Ok(Request::Look(id)) => counter.look(id),
            Ok(Request::Conferences(id, from)) => counter.conferences(id, from),
            Ok(Request::AskStop(id, run)) => counter.ask_stop(id, run),
            Ok(Request::Stop(id, number)) => counter.stop(id, number),
            Ok(Request::Watch(id, on)) => counter.watch(id, on),
        }
    }
}

/// Where one message of a page is dealt with.
struct Counter<'a, 'tx> {
    app: &'a Conferences,
    tx: &'a Tx<'tx>,
    asked: &'a Asked,
    says: &'static Servers,
    members: &'a Map<String, Value>,
}

impl<'a> Counter<'a, '_> {
    /// The server with this id, if the person may do `right` with it. One that is not theirs to see
    /// is as unknown as one that is not there.
    fn server(&self, id: ServerId, right: Right) -> Result<&'a Kept, Failure> {
        let theirs =
            self.app.fleet.find(id).and_then(|kept| Some((kept, kept.right(&self.asked.by)?)));
        match theirs {
            None => Err(self.refused("no-such-server", self.says.page_stale)),
            Some((_, has)) if has < right => {
                Err(self.refused("not-operator", self.says.operators_only))
            }
            Some((kept, _)) => Ok(kept),
        }
    }

    /// A refusal that names what the message was about.
    fn refused(&self, code: &'static str, sentence: &str) -> Failure {
        let mut refused = Refused::new(code, sentence);
        for name in ["id", "conference", "ask"] {
            if let Some(value) = self.members.get(name).filter(|v| v.is_u64() || v.is_string()) {
                refused = refused.about(name, value.clone());
            }
        }
        refused.into()
    }

    fn wrong(&self, wrong: Wrong) -> Failure {
        let sentences = self.asked.by.language.sentences();
        match wrong {
            Wrong::Unknown => Refused::new("unknown-command", sentences.unknown_command)
                .about("what", Value::Object(self.members.clone()))
                .into(),
            Wrong::Field(field) => {
                Refused::new("invalid-data", self.says.page_stale).about("field", field).into()
            }
        }
    }

    /// Has the servers asked that somebody looks at, unless they were just now. A server that is not
    /// watched is asked only when it is meant alone.
    fn look(&self, id: Option<ServerId>) -> Result<Outcome, Failure> {
        if let Some(id) = id {
            self.ask(self.server(id, Right::Look)?);
            return Ok(Vec::new());
        }
        for kept in self.app.fleet.of(&self.asked.by, Right::Look) {
            if store::find(self.tx, kept)?.is_monitored(kept.settings.monitored) {
                self.ask(kept);
            }
        }
        Ok(Vec::new())
    }

    /// Asks `kept` after the commit, for nobody alone.
    fn ask(&self, kept: &Kept) {
        let (looks, errands, kept) =
            (self.app.looks.clone(), self.app.errands.clone(), kept.clone());
        let now = self.asked.at;
        self.tx.after(move || {
            if !looks.shall_ask(kept.id, now, FRESH) {
                return;
            }
            let (id, told) = (kept.id, looks.clone());
            let sent = errands.send_unasked(id, ask_both, move |tx, (running, online), now| {
                let changed = told.put(id, now, running.clone());
                if told.put(id, now, online.clone()) || changed {
                    tx.changed(store::subject(&kept));
                }
                told.asked(id);
                Ok(())
            });
            if !sent {
                looks.asked(id);
            }
        });
    }

    fn conferences(&self, id: ServerId, from: usize) -> Result<Outcome, Failure> {
        let kept = self.server(id, Right::Look)?;
        let look = self.app.looks.of(id);
        let all = list(look.running.as_deref());
        let mut page: Vec<ConferenceFrame> =
            all.iter().skip(from).take(MORE).map(ConferenceFrame::new).collect();
        if kept.right(&self.asked.by) < Some(Right::Operate) {
            page.iter_mut().for_each(ConferenceFrame::hide_control);
        }
        let frame = json!({"type": "conferences", "id": id, "from": from, "list": page});
        Ok(vec![Reply::Frame(frame)])
    }

    fn ask_stop(&self, id: ServerId, run: RunId) -> Result<Outcome, Failure> {
        let kept = self.server(id, Right::Operate)?;
        let found = self.app.looks.find(id, run, self.asked.at, SHOWN);
        let Some(conference) = found else {
            return Err(self.refused("no-such-conference", self.says.stop.over));
        };
        if conference.id.is_none() {
            return Err(self.refused("no-such-conference", self.says.stop.impossible));
        }
        if conference.people.is_none() {
            return self.ask_stop_later(kept, conference);
        }
        let question = Question::new(kept, &conference, &self.asked.by, Door::Page, self.asked.at);
        let number = stops::ask(self.tx, &question)?;
        let frame = json!({
            "type": "confirm", "ask": number, "id": id, "conference": run.to_string(),
            "topic": conference.topic.as_deref().map(words::name), "people": conference.people,
        });
        Ok(vec![Reply::Frame(frame)])
    }

    /// Has the people counted first; the question comes with the next frame of the server.
    fn ask_stop_later(&self, kept: &Kept, conference: Conference) -> Result<Outcome, Failure> {
        let (context, kept, user) = (Arc::clone(&self.app.context), kept.clone(), self.asked.by.id);
        let sent = self.app.errands.send(
            self.tx,
            kept.id,
            move |client| stopping::counted(client, conference),
            move |tx, conference, now| {
                let person = context.person(tx, user)?;
                let may = |person: &Person| kept.right(person) >= Some(Right::Operate);
                if let Some(person) = person.filter(may) {
                    let question = Question::new(&kept, conference, &person, Door::Page, now);
                    stops::ask(tx, &question)?;
                    tx.changed(store::subject(&kept));
                }
                Ok(())
            },
        );
        sent.map_err(|_| self.refused("busy", self.says.too_much))?;
        Ok(Vec::new())
    }

    fn stop(&self, id: ServerId, number: u64) -> Result<Outcome, Failure> {
        let kept = self.server(id, Right::Operate)?;
        let question = stops::find(self.tx, number)?.filter(|question| question.server == id);
        if question.is_none() {
            return Err(self.refused("no-such-question", self.says.page_stale));
        }
        let claimed = stops::claim(self.tx, number, self.asked.by.id, self.asked.at)?;
        let question = claimed.map_err(|no| {
            self.refused("not-stopped", &stopping::no(&no, self.asked.by.language))
        })?;
        let stop = Stopped::new(self.app, kept, number, question);
        let sent = stop.send(&self.app.errands, self.tx, |_, _, _| Ok(()));
        sent.map_err(|_| self.refused("busy", self.says.too_much))?;
        self.tx.changed(store::subject(kept));
        Ok(Vec::new())
    }

    fn watch(&self, id: ServerId, on: bool) -> Result<Outcome, Failure> {
        let kept = self.server(id, Right::Operate)?;
        let by = (&self.asked.by, Door::Page);
        switch::monitoring(self.app, self.tx, kept, by, on, self.asked.at)?;
        Ok(vec![Reply::Subject(id.0)])
    }
}

/// What pages want to know of a server. One that cannot be reached is not asked twice.
fn ask_both(client: &Client) -> (Answer, Answer) {
    let running = client.running();
    let online = match &running {
        Err(fault) if fault.is_of_the_way() => Err(*fault),
        _ => client.online(),
    };
    (Answer::Running(running), Answer::Online(online))
}
