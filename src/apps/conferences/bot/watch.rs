//! Monitoring on and off from the chat.

use super::desk::Desk;
use crate::apps::conferences::audit::Door;
use crate::apps::conferences::fleet::{Right, ServerId};
use crate::apps::conferences::{store, switch};
use crate::apps::{Failure, Press};

impl Desk<'_, '_> {
    /// Switches monitoring of a server, and shows how it stands.
    pub fn watch(&self, press: &Press, id: ServerId, on: bool) -> Result<(), Failure> {
        let kept = self.server(id, Right::Operate)?;
        let (by, now) = (&self.talk.asked.by, self.talk.asked.at);
        switch::monitoring(self.app, self.tx, kept, (by, Door::Chat), on, now)?;
        let states = &self.says().states;
        self.toast(press, if on { states.begun } else { states.ended })?;
        let sight = self.sight(kept);
        let uptime = self.app.uptime(self.tx, kept, now)?;
        let (mark, state) = sight.state(&store::find(self.tx, kept)?);
        Ok(self.replace(press, &sight.status((mark, &state), (on, uptime), None))?)
    }
}
