//! The sentences a language must have, in groups.

use super::{Backup, First, Forms, Relay, Secrets, Servers, Watch};

/// Visits every sentence, so that tests can compare the languages.
#[cfg(test)]
pub(super) trait Walk {
    /// Calls `visit` with the name of each sentence and the sentence.
    fn walk(&self, name: &str, visit: &mut dyn FnMut(&str, &'static str));
}

#[cfg(test)]
impl Walk for &'static str {
    fn walk(&self, name: &str, visit: &mut dyn FnMut(&str, &'static str)) {
        visit(name, self);
    }
}

#[cfg(test)]
impl Walk for Forms {
    fn walk(&self, name: &str, visit: &mut dyn FnMut(&str, &'static str)) {
        self.all().into_iter().for_each(|(form, text)| visit(&format!("{name}.{form}"), text));
    }
}

#[cfg(test)]
impl<const N: usize> Walk for [&'static str; N] {
    fn walk(&self, name: &str, visit: &mut dyn FnMut(&str, &'static str)) {
        self.iter().enumerate().for_each(|(index, text)| visit(&format!("{name}.{index}"), text));
    }
}

macro_rules! sentences {
    ($(#[$doc:meta])* $name:ident { $($(#[$about:meta])* $field:ident: $kind:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name {
            $($(#[$about])* pub $field: $kind),*
        }

        #[cfg(test)]
        impl Walk for $name {
            fn walk(&self, name: &str, visit: &mut dyn FnMut(&str, &'static str)) {
                $(self.$field.walk(&format!("{name}.{}", stringify!($field)), visit);)*
            }
        }
    };
}

pub(super) use sentences;

sentences! {
    /// Every sentence, in one language. `{…}` are places for [`super::fill`].
    Sentences {
        /// Anything before login.
        login_required: &'static str,
        /// A message for an app that does not exist.
        unknown_app: &'static str,
        /// A message type that does not exist.
        unknown_command: &'static str,
        /// A frame that is not a JSON object.
        invalid_message: &'static str,
        /// More messages than the limit.
        too_fast: &'static str,
        /// The store cannot take it now.
        busy: &'static str,
        /// Something failed inside; nothing was changed.
        internal: &'static str,
        /// initData that Telegram did not sign.
        login_invalid: &'static str,
        /// initData that is too old.
        login_expired: &'static str,
        /// A banned person.
        login_banned: &'static str,
        /// Too many pages of one person.
        login_too_many: &'static str,
        /// An admin's act by somebody else.
        not_admin: &'static str,
        /// A command of the bot that does not exist.
        unknown_bot_command: &'static str,
        /// The button that opens the page of events.
        view_events: &'static str,
        /// The bot's own part.
        house: House,
        /// The first day.
        first: First,
        /// The relay.
        relay: Relay,
        /// Backups.
        backup: Backup,
        /// Mini Events: what it says of an event and of lists of them.
        events: Events,
        /// Mini Events: what admins are asked and told.
        manage: Manage,
        /// Mini Events: the calendar somebody subscribes to.
        calendar: Calendar,
        /// Mini Events: what people are told without having asked.
        notices: Notices,
        /// One-time messages.
        secrets: Secrets,
        /// TrueConf servers and their conferences.
        servers: Servers,
        /// TrueConf servers: what is told unasked.
        watch: Watch,
        /// Names of an event's fields.
        fields: Fields,
        /// What can be wrong with a field.
        problems: Problems,
        /// Dates and times.
        dates: Dates,
    }
}

sentences! {
    /// What the bot says of itself, of people and of their rights.
    House {
        /// `/start` in the menu.
        about_start: &'static str,
        /// `/help` in the menu.
        about_help: &'static str,
        /// `/stop` in the menu.
        about_stop: &'static str,
        /// `/users` in the menu.
        about_users: &'static str,
        /// `/makeadmin` in the menu.
        about_makeadmin: &'static str,
        /// `/removeadmin` in the menu.
        about_removeadmin: &'static str,
        /// `/ban` in the menu.
        about_ban: &'static str,
        /// `/unban` in the menu.
        about_unban: &'static str,
        /// `/status` in the menu.
        about_status: &'static str,
        /// The answer to `/start`.
        greeting: &'static str,
        /// Somebody who had sent `/stop` sends `/start`.
        reminders_on: &'static str,
        /// The answer to `/stop`.
        stopped: &'static str,
        /// Above the commands everybody may use.
        help_heading: &'static str,
        /// Above the commands of admins.
        help_admins: &'static str,
        /// A command that works in private chats only was sent elsewhere.
        in_private: &'static str,
        /// The button that opens the private chat.
        open_private: &'static str,
        /// A button nobody knows any more.
        stale_button: &'static str,
        /// Above the list of people.
        users_heading: Forms,
        /// Behind an admin's name.
        mark_admin: &'static str,
        /// Behind the name of an admin by the settings.
        mark_settings_admin: &'static str,
        /// Behind the name of somebody banned.
        mark_banned: &'static str,
        /// Behind the name of somebody banned by the settings.
        mark_settings_banned: &'static str,
        /// Behind the name of somebody the bot cannot write to.
        mark_unreachable: &'static str,
        /// Instead of a name.
        nameless: &'static str,
        /// Above a list in several pages.
        page: &'static str,
        /// The button to the page before.
        previous: &'static str,
        /// The button to the page behind.
        next: &'static str,
        /// A command about a person came without an id.
        need_user: &'static str,
        /// An id that cannot be one.
        bad_user: &'static str,
        /// Done.
        made_admin: &'static str,
        /// Nothing to do.
        already_admin: &'static str,
        /// Done.
        removed_admin: &'static str,
        /// Nothing to do.
        no_admin: &'static str,
        /// Rights from the settings stay.
        admin_by_settings: &'static str,
        /// Done.
        banned: &'static str,
        /// Nothing to do.
        already_banned: &'static str,
        /// Done.
        unbanned: &'static str,
        /// Nothing to do.
        not_banned: &'static str,
        /// A ban from the settings stays.
        banned_by_settings: &'static str,
        /// Somebody banned cannot be made an admin.
        unban_first: &'static str,
        /// One cannot ban oneself.
        not_yourself: &'static str,
        /// The program's version.
        status_version: &'static str,
        /// Numbers of people.
        status_people: &'static str,
    }
}

sentences! {
    /// What Mini Events says of an event and of lists of them.
    Events {
        /// `/events` in the menu.
        about_events: &'static str,
        /// `/my` in the menu.
        about_my: &'static str,
        /// Above what is coming.
        coming: &'static str,
        /// Nothing is coming.
        none_coming: &'static str,
        /// Above what somebody goes to or waits for.
        mine: &'static str,
        /// Somebody goes nowhere.
        none_mine: &'static str,
        /// Nobody goes.
        nobody_goes: &'static str,
        /// How many go.
        going: Forms,
        /// How many of the places are taken; the form is that of the places.
        places: Forms,
        /// How many wait.
        waiting: &'static str,
        /// The reader goes.
        you_go: &'static str,
        /// The reader waits.
        you_wait: &'static str,
        /// The event is cancelled.
        cancelled: &'static str,
        /// The event is cancelled, and why.
        cancelled_because: &'static str,
        /// It has begun and not ended.
        running: &'static str,
        /// It has ended.
        over: &'static str,
        /// The button to attend.
        attend: &'static str,
        /// The button to join the line.
        join_line: &'static str,
        /// The button to leave.
        leave: &'static str,
        /// The button back to the list.
        back: &'static str,
        /// Told on attending.
        now_going: &'static str,
        /// Told on attending a full event.
        now_waiting: &'static str,
        /// Told on leaving.
        now_left: &'static str,
        /// Told on leaving what one was not part of.
        was_not_going: &'static str,
        /// The page has moved on: a button for what is no longer there.
        stale: &'static str,
        /// The last date has ended.
        is_over: &'static str,
        /// It was cancelled.
        is_cancelled: &'static str,
        /// No more events can be kept.
        too_many_events: Forms,
        /// No more people can be kept.
        too_many_people: Forms,
        /// No event has this id.
        no_such_event: &'static str,
        /// A field and what is wrong with it.
        invalid: &'static str,
    }
}

sentences! {
    /// What admins are asked and told about events.
    Manage {
        /// `/addevent` in the menu.
        about_addevent: &'static str,
        /// `/editevent` in the menu.
        about_editevent: &'static str,
        /// `/cancelevent` in the menu.
        about_cancelevent: &'static str,
        /// `/deleteevent` in the menu.
        about_deleteevent: &'static str,
        /// `/attendees` in the menu.
        about_attendees: &'static str,
        /// `/cancel` in the menu.
        about_cancel: &'static str,
        /// Asks for the title.
        ask_title: &'static str,
        /// Asks for the start.
        ask_start: &'static str,
        /// Asks for the duration.
        ask_duration: &'static str,
        /// Asks for the description.
        ask_description: &'static str,
        /// Asks for the picture.
        ask_image: &'static str,
        /// Asks for the place.
        ask_location: &'static str,
        /// Asks for the capacity.
        ask_capacity: &'static str,
        /// Asks for the zone.
        ask_timezone: &'static str,
        /// Asks how it repeats.
        ask_recurrence: &'static str,
        /// Asks for the last date.
        ask_until: &'static str,
        /// Asks whether all is right.
        ask_confirm: &'static str,
        /// Which step this is.
        step: &'static str,
        /// The button that leaves a step out.
        skip: &'static str,
        /// The button that ends the questions.
        stop: &'static str,
        /// The button that creates the event.
        create: &'static str,
        /// The button that takes a field's value away.
        remove: &'static str,
        /// The button for every week.
        weekly: &'static str,
        /// The button for every month.
        monthly: &'static str,
        /// The picture is being fetched.
        fetching: &'static str,
        /// The picture could not be had.
        not_fetched: &'static str,
        /// There is a picture, on the last step.
        has_image: &'static str,
        /// The questions are over.
        stopped: &'static str,
        /// There was nothing to end.
        nothing_to_stop: &'static str,
        /// A button of questions that are over.
        question_over: &'static str,
        /// The event exists now.
        created: &'static str,
        /// Asks what to change.
        ask_field: &'static str,
        /// A field name nobody knows; lists those that can be edited.
        unknown_field: &'static str,
        /// The change is kept.
        saved: &'static str,
        /// The value was that already.
        unchanged: &'static str,
        /// A command about an event came without an id.
        need_event: &'static str,
        /// Whether one date or all shall be cancelled.
        ask_which: &'static str,
        /// The button for one date.
        only_date: &'static str,
        /// The button for the whole series.
        whole_series: &'static str,
        /// The button that leaves all as it is.
        keep: &'static str,
        /// The event is cancelled now.
        cancelled: &'static str,
        /// One date is cancelled now.
        date_cancelled: &'static str,
        /// Nothing was done.
        kept: &'static str,
        /// Whether it shall really go.
        ask_delete: &'static str,
        /// The button that deletes.
        delete: &'static str,
        /// The event is gone.
        deleted: &'static str,
        /// A button that somebody else was asked by.
        not_your_button: &'static str,
        /// Above those who go.
        list_going: &'static str,
        /// Above those who wait.
        list_waiting: &'static str,
        /// Nobody goes or waits.
        list_nobody: &'static str,
        /// How many more there are.
        list_more: Forms,
        /// What the mark behind a name means.
        list_mark: &'static str,
        /// Numbers of events.
        status: &'static str,
    }
}

sentences! {
    /// The calendar somebody subscribes to.
    Calendar {
        /// `/calendar` in the menu.
        about_calendar: &'static str,
        /// What calendar programs call it.
        name: &'static str,
        /// Above the address.
        address: &'static str,
        /// Below the address: what to do with it.
        advice: &'static str,
        /// An address that was given before has ended.
        old_ended: &'static str,
        /// The button that ends the address.
        end: &'static str,
        /// The address has ended.
        ended: &'static str,
        /// There was no address to end.
        nothing_to_end: &'static str,
        /// The server cannot be reached from outside.
        no_address: &'static str,
        /// Something else than `revoke` stood behind the command.
        usage: &'static str,
    }
}

sentences! {
    /// Names of an event's fields.
    Fields {
        /// What it is called.
        title: &'static str,
        /// What it is about.
        description: &'static str,
        /// Its picture.
        image: &'static str,
        /// When it starts.
        start: &'static str,
        /// How long it takes.
        duration: &'static str,
        /// The zone of its clock.
        timezone: &'static str,
        /// Where it is.
        location: &'static str,
        /// How many can go.
        capacity: &'static str,
        /// How it repeats.
        recurrence: &'static str,
        /// Its last date.
        until: &'static str,
        /// The event.
        event: &'static str,
        /// A person.
        user: &'static str,
        /// Why it is cancelled.
        reason: &'static str,
        /// One date of it.
        date: &'static str,
    }
}

sentences! {
    /// What can be wrong with a field; stands behind the field's name and a colon.
    Problems {
        /// It is empty.
        missing: &'static str,
        /// It is no text.
        not_text: &'static str,
        /// It is no number.
        not_a_number: &'static str,
        /// It is no whole number.
        not_a_whole_number: &'static str,
        /// It is no JSON object.
        not_an_object: &'static str,
        /// It cannot be edited here.
        not_editable: &'static str,
        /// It has too many characters.
        too_long: Forms,
        /// It has line breaks or control characters.
        control_characters: &'static str,
        /// Not a possible number of hours.
        hours_out_of_range: Forms,
        /// Not a possible number of people.
        capacity_out_of_range: Forms,
        /// Not a start.
        not_a_start: &'static str,
        /// Not a date.
        not_a_date: &'static str,
        /// Not a year we keep.
        year_out_of_range: &'static str,
        /// Not a time zone.
        not_a_timezone: &'static str,
        /// Not a way to repeat.
        not_a_recurrence: &'static str,
        /// It goes with a start that has a date.
        needs_dated_start: &'static str,
        /// It goes with a start that has none.
        needs_undated_start: &'static str,
        /// It goes with a series.
        needs_recurrence: &'static str,
        /// It is before the first date.
        before_start: &'static str,
        /// There is no such date.
        no_such_date: &'static str,
        /// Too many dates are cancelled.
        too_many_dates: Forms,
        /// It is no base64.
        not_base64: &'static str,
        /// It is no picture we take.
        not_an_image: &'static str,
        /// It has too many bytes.
        image_too_large: &'static str,
        /// It is too narrow.
        image_too_narrow: &'static str,
        /// It has too many pixels.
        image_too_many_pixels: &'static str,
        /// It is not 16:9.
        image_wrong_ratio: &'static str,
    }
}

sentences! {
    /// What people are told of their events without having asked.
    Notices {
        /// What follows is other than it was.
        changed: &'static str,
        /// Before the old and the new time.
        when: &'static str,
        /// The reader got a seat from the line.
        promoted: &'static str,
        /// It starts in some days.
        in_days: Forms,
        /// It starts in some hours.
        in_hours: Forms,
        /// It starts in some minutes.
        in_minutes: Forms,
        /// It starts this minute.
        starts_now: &'static str,
        /// It began some minutes ago.
        has_begun: &'static str,
        /// The button to see the event.
        show: &'static str,
        /// The button to leave the event.
        cannot_come: &'static str,
    }
}

sentences! {
    /// Dates and times.
    Dates {
        /// Monday to Sunday, short.
        weekdays: [&'static str; 7],
        /// On every Monday to Sunday.
        every_weekday: [&'static str; 7],
        /// The months as they stand in a date.
        months: [&'static str; 12],
        /// A date of this year.
        date: &'static str,
        /// A date of another year.
        date_with_year: &'static str,
        /// On every day.
        daily: &'static str,
        /// On this day of every month.
        monthly: &'static str,
        /// The last date of a series.
        until: &'static str,
    }
}
