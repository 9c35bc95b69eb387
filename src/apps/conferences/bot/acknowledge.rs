//! The buttons under an alert and under a warning of tidying.

use super::desk::{Desk, Screen};
use crate::apps::conferences::alert::{self, Alert, says};
use crate::apps::conferences::audit::What;
use crate::apps::conferences::fleet::{Right, ServerId};
use crate::apps::conferences::record::Acknowledged;
use crate::apps::conferences::store;
use crate::apps::conferences::tidy::Chosen;
use crate::apps::conferences::words;
use crate::apps::{Failure, Press, Refused};
use crate::i18n::fill;
use crate::telegram::html;
use crate::telegram::outgoing::Keyboard;

impl Desk<'_, '_> {
    /// The person looks after the outage that began at this second.
    pub fn acknowledge(&self, press: &Press, id: ServerId, began: i64) -> Result<(), Failure> {
        let kept = self.server(id, Right::Operate)?;
        let says = &says(self.language).acknowledge;
        let mut record = store::find(self.tx, kept)?;
        let Some(outage) = record.outage.as_mut().filter(|o| o.began.as_second() == began) else {
            return Err(Refused::new("over", says.over).into());
        };
        if let Some(other) = &outage.acknowledged {
            let who = html::isolated(&words::name(&other.name));
            return Err(Refused::new("already", fill(says.already, &[("who", &who)])).into());
        }
        let asked = &self.talk.asked;
        let (by, name, at) = (asked.by.id, asked.by.name.clone(), asked.at);
        outage.acknowledged = Some(Acknowledged { by, name, at });
        let outage = outage.clone();
        store::save(self.tx, kept, &record)?;
        self.written_down(kept, What::Acknowledge, "")?;
        self.tell_others(kept, |language| {
            let values = [
                ("who", &html::quoted(&words::name(&asked.by.name))[..]),
                ("server", &format!("<b>{}</b>", html::quoted(&words::name(kept.name())))),
            ];
            fill(&html::escape(alert::says(language).acknowledge.told), &values)
        })?;
        self.toast(press, says.thanks)?;
        let zone = &self.app.context.timezone;
        let text = alert::text(kept, Alert::Down(&outage), (self.language, zone), asked.at);
        let keyboard = alert::buttons(kept, Alert::Down(&outage), &asked.by);
        Ok(self.replace(press, &Screen { text, keyboard })?)
    }

    /// The person puts off the stop of a forgotten conference, or leaves it alone.
    pub fn choose(
        &self,
        press: &Press,
        id: ServerId,
        (number, chosen): (u64, Chosen),
    ) -> Result<(), Failure> {
        let kept = self.server(id, Right::Operate)?;
        let asked = &self.talk.asked;
        let said = self.app.choose(self.tx, kept, number, (chosen, &asked.by), asked.at)?;
        let Some(text) = said else {
            return Err(Refused::new("over", says(self.language).tidy.late).into());
        };
        self.nod(press)?;
        Ok(self.replace(press, &Screen { text, keyboard: Keyboard::new() })?)
    }
}
