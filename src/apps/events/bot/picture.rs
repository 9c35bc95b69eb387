//! Pictures sent to the bot. Telegram makes photos smaller and keeps their shape, so one that is not
//! 16:9 is refused here like everywhere else; images sent as files stay as they are.

use super::desk::{Desk, Screen};
use super::dialogue::{self, Dialogue, Topic};
use super::guide::asked_field;
use super::tap::PREFIX;
use crate::apps::events::action::{Action, Verb};
use crate::apps::events::changes::{Change, Changes};
use crate::apps::events::image::Picture;
use crate::apps::events::model::EventId;
use crate::apps::events::refusal::{Field, Problem};
use crate::apps::events::text::kilobytes;
use crate::apps::{Failure, Said};
use crate::i18n::fill;
use crate::store::StoreError;
use crate::telegram::html;
use crate::telegram::sender::{self, Fetch};

impl Desk<'_, '_> {
    /// A message that should be a picture: has it fetched.
    pub fn picture_sent(&self, dialogue: &Dialogue, said: &Said) -> Result<(), StoreError> {
        let Some((file, size)) = &said.photo else {
            return self.ask_again(dialogue, Problem::NotAnImage);
        };
        let max = self.events.context.media_limit;
        if size.is_some_and(|size| size > max as u64) {
            return self.ask_again(dialogue, Problem::ImageTooLarge { max });
        }
        let part = PREFIX.to_owned();
        let fetch = Fetch { user: self.user(), part, max_bytes: max as u64 };
        sender::fetch(self.tx, self.talk.chat, file, fetch)?;
        self.say(self.sentences().manage.fetching)
    }

    /// The picture is there, or cannot be had. Questions may have moved on in the meantime.
    pub fn picture_arrived(&self, file: Option<&[u8]>) -> Result<(), Failure> {
        let Some(dialogue) = dialogue::current(self.tx, self.talk)? else { return Ok(()) };
        if asked_field(&dialogue) != Some(Field::Image) {
            return Ok(());
        }
        self.may(Verb::Create)?;
        let max = self.events.context.media_limit;
        let Some(bytes) = file else {
            let why = fill(self.sentences().manage.not_fetched, &[("max", &kilobytes(max))]);
            return Ok(self.ask_again_because(&dialogue, &why)?);
        };
        match (Picture::check(bytes, max), &dialogue.topic) {
            (Err(problem), _) => Ok(self.ask_again(&dialogue, problem)?),
            (Ok(_), Topic::Add { .. }) => {
                dialogue::keep_picture(self.tx, self.talk, bytes)?;
                Ok(self.next_step(dialogue, None)?)
            }
            (Ok(picture), Topic::Edit { event, .. }) => self.new_picture(*event, picture),
        }
    }

    fn new_picture(&self, event: EventId, picture: Picture) -> Result<(), Failure> {
        dialogue::end(self.tx, self.talk)?;
        let changes = Changes { image: Change::Set(picture), ..Changes::default() };
        let (id, decision) = self.act(Some(event), &Action::Edit(changes.into()))?;
        let Screen { text, keyboard } = self.edited(id, &decision)?;
        let image = html::escape(self.sentences().manage.has_image);
        Ok(self.send(Screen { text: format!("{text}\n\n🖼 {image}"), keyboard })?)
    }
}
