//! `roost add-event`: makes an event and prints its number.

use super::data::Data;
use super::{Exit, Outcome};
use crate::apps::events::refusal::Field;
use crate::control::{Form, Request};
use crate::settings::Surroundings;
use argh::{ArgsInfo, FromArgs};
use std::io::Write;
use std::path::PathBuf;

/// make an event and print its number
#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand, name = "add-event")]
pub struct AddEvent {
    /// what it is called
    #[argh(option, short = 't')]
    title: String,
    /// what it is about
    #[argh(option, short = 'd')]
    description: Option<String>,
    /// when it starts: "18:30" for every day, or "2026-12-24 18:00"
    #[argh(option, short = 's')]
    start: String,
    /// how many hours it takes, e.g. 1.5
    #[argh(option, short = 'r')]
    duration: String,
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

impl AddEvent {
    pub fn run(&self, around: &Surroundings, out: &mut dyn Write) -> Outcome {
        let data = Data::of(self.settings.as_ref(), around)?;
        let form = data.with_picture(self.form(), self.image.as_ref())?;
        let id = data.carry_out(&Request::AddEvent { form })?;
        writeln!(out, "{id}")?;
        Ok(Exit::Done)
    }

    fn form(&self) -> Form {
        Form::default()
            .with(Field::Title, Some(&self.title))
            .with(Field::Description, self.description.as_ref())
            .with(Field::Start, Some(&self.start))
            .with(Field::Duration, Some(&self.duration))
            .with(Field::Timezone, self.timezone.as_ref())
            .with(Field::Location, self.location.as_ref())
            .with(Field::Capacity, self.capacity.as_ref())
            .with(Field::Recurrence, self.recurrence.as_ref())
            .with(Field::Until, self.until.as_ref())
    }
}
