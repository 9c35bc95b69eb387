//! `roost edit-event`: changes the fields of an event that are given.

use super::data::Data;
use super::{Exit, Failure, Outcome};
use crate::apps::events::model::EventId;
use crate::apps::events::refusal::Field;
use crate::control::{Form, Request};
use crate::settings::Surroundings;
use argh::{ArgsInfo, FromArgs};
use serde_json::Value;
use std::io::Write;
use std::path::PathBuf;

/// change an event; an empty text takes a field away
#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand, name = "edit-event")]
pub struct EditEvent {
    /// number of the event
    #[argh(positional)]
    id: u64,
    /// what it is called
    #[argh(option, short = 't')]
    title: Option<String>,
    /// what it is about
    #[argh(option, short = 'd')]
    description: Option<String>,
    /// when it starts: "18:30" for every day, or "2026-12-24 18:00"
    #[argh(option, short = 's')]
    start: Option<String>,
    /// how many hours it takes, e.g. 1.5
    #[argh(option, short = 'r')]
    duration: Option<String>,
    /// picture: a PNG, JPEG or WebP file, 16:9
    #[argh(option, short = 'i')]
    image: Option<String>,
    /// zone of its clock, e.g. Europe/Berlin
    #[argh(option)]
    timezone: Option<String>,
    /// where it is
    #[argh(option)]
    location: Option<String>,
    /// how many can go
    #[argh(option)]
    capacity: Option<String>,
    /// weekly or monthly, for a start with a date
    #[argh(option)]
    recurrence: Option<String>,
    /// last date of the series, e.g. 2027-06-30
    #[argh(option)]
    until: Option<String>,
    /// settings file
    #[argh(option)]
    settings: Option<PathBuf>,
}

impl EditEvent {
    pub fn run(&self, around: &Surroundings, out: &mut dyn Write) -> Outcome {
        let data = Data::of(self.settings.as_ref(), around)?;
        let form = data.with_picture(self.form(), self.image.as_ref())?;
        if form.is_empty() {
            let text = "roost edit-event: nothing to change; see `roost edit-event --help`";
            return Err(Failure::Usage(text.to_owned()));
        }
        let changed = data.carry_out(&Request::EditEvent { id: EventId(self.id), form })?;
        let how = if changed == Value::Bool(true) { "changed" } else { "was like that already" };
        writeln!(out, "event {} {how}", self.id)?;
        Ok(Exit::Done)
    }

    fn form(&self) -> Form {
        Form::default()
            .with(Field::Title, self.title.as_ref())
            .with(Field::Description, self.description.as_ref())
            .with(Field::Start, self.start.as_ref())
            .with(Field::Duration, self.duration.as_ref())
            .with(Field::Timezone, self.timezone.as_ref())
            .with(Field::Location, self.location.as_ref())
            .with(Field::Capacity, self.capacity.as_ref())
            .with(Field::Recurrence, self.recurrence.as_ref())
            .with(Field::Until, self.until.as_ref())
    }
}
