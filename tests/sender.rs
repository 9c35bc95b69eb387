//! The sender and the outbox against the stand-in Telegram: order, trouble, crash and restart.

#[path = "support/models.rs"]
mod models;

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use roost::apps::Apps;
use roost::clock;
use roost::demo::telegram::{Asked, Fault, Harm, StandIn, View};
use roost::hidden::Hidden;
use roost::ids::{ChatId, UserId};
use roost::server;
use roost::settings::{self, Surroundings};
use roost::store::outbox::{self, Lane};
use roost::store::{Store, StoreError, users};
use roost::telegram::contact::Contact;
use roost::telegram::pace::{Limits, Rate, Window};
use roost::telegram::sender::{self, Bell, Fetch, Hearing, Sender, Tuning};
use roost::telegram::{Client, Outgoing};
use serde_json::json;

const TOKEN: &str = "42:TEST-token-of-the-stand-in-0123456789ab";

/// Ada and Bob, and a group with both.
const ADA: i64 = 7;
const BOB: i64 = 8;
const GROUP: i64 = -50;

/// Long enough that only a fault on purpose reaches it.
const LONG: Duration = Duration::from_secs(60);

/// A Telegram, and a folder with our database.
struct World {
    telegram: StandIn,
    folder: tempfile::TempDir,
}

/// Store and sender of one run of the program.
struct Run {
    sender: Sender,
    store: Store,
    contact: Arc<Contact>,
}

impl World {
    fn new() -> Self {
        let telegram = StandIn::start(TOKEN, "RoostBot").unwrap();
        let people = [(ADA, "Ada"), (BOB, "Bob")].map(|(id, name)| telegram.person(id, name, "en"));
        for person in &people {
            person.allows_writing();
        }
        telegram.group(GROUP, "Walkers", &[&people[0], &people[1]]);
        Self { telegram, folder: tempfile::tempdir().unwrap() }
    }

    fn database(&self) -> PathBuf {
        self.folder.path().join("roost.db")
    }

    fn settings(&self) -> serde_json::Value {
        json!({
            "bot-token": TOKEN, "telegram-api-url": self.telegram.base_url(),
            "database": self.database(), "port": 0, "hostname": "127.0.0.1",
        })
    }

    fn apps(&self) -> Arc<Apps> {
        let file = self.folder.path().join("settings.json");
        std::fs::write(&file, self.settings().to_string()).unwrap();
        let folder = self.folder.path().to_owned();
        let around = Surroundings { folder, ..Surroundings::default() };
        let loaded = settings::load(&settings::Asked::default(), &around);
        let Ok(loaded) = loaded else { panic!("the settings are good") };
        Arc::new(Apps::all(Arc::new(server::context(&loaded.settings))))
    }

    fn open(&self, apps: &Arc<Apps>) -> (Store, (Bell, Hearing)) {
        let (bell, hearing) = sender::bell();
        let rung = bell.clone();
        let on_commit = move |effects: roost::store::Effects| {
            if effects.outbox {
                rung.ring();
            }
        };
        let store = Store::open(&self.database(), |tx| apps.prepare(tx), Box::new(on_commit));
        (store.unwrap(), (bell, hearing))
    }

    fn run(&self) -> Run {
        self.run_with(quick())
    }

    fn run_with(&self, tuning: Tuning) -> Run {
        let apps = self.apps();
        let (store, bell) = self.open(&apps);
        let client = Client::new(&self.telegram.base_url(), Hidden::new(TOKEN.to_owned()));
        let contact = Arc::new(Contact::new("sending"));
        let (kept, told) = (store.clone(), Arc::clone(&contact));
        let sender = Sender::start_with(tuning, client, kept, apps, told, bell).unwrap();
        Run { sender, store, contact }
    }

    /// Fills the outbox while nobody sends.
    fn post(&self, messages: &[(i64, &str)]) {
        let (store, _bell) = self.open(&self.apps());
        post_all(&store, messages);
    }

    /// Waits for calls of `method` that were answered with `status`.
    fn waits_for_calls(&self, method: &str, status: u16, count: usize) {
        self.telegram.wait_for("calls", |view| {
            let calls = view.calls(method);
            (calls.iter().filter(|call| call.status == status).count() >= count).then_some(())
        });
    }

    /// Waits until the last message in `chat` is `text`.
    fn waits_for(&self, chat: i64, text: &str) {
        self.telegram.wait_for(text, |view| {
            let last = view.bot_messages(chat).into_iter().next_back();
            last.filter(|message| message.text == text).map(drop)
        });
    }

    fn texts(&self, chat: i64) -> Vec<String> {
        self.telegram.look(|view| texts(view, chat))
    }

    fn calls(&self, chat: i64) -> Vec<Asked> {
        let to = |asked: &Asked| asked.params["chat_id"] == chat;
        self.telegram.requests().into_iter().filter(to).collect()
    }
}

impl Run {
    fn says(&self, chat: i64, text: &str) {
        post_all(&self.store, &[(chat, text)]);
    }

    fn posts(&self, lane: Lane, call: Outgoing) {
        let posted = self.store.write(move |tx| sender::post_in(tx, lane, call.clone()));
        posted.unwrap();
    }

    /// Stops, so that what was answered is written down; gives what is left in the outbox.
    fn stops(self) -> u64 {
        drop(self.sender);
        let waiting = outbox::waiting(&self.store.snapshot().unwrap()).unwrap();
        waiting.iter().map(|lane| lane.messages).sum()
    }
}

fn texts(view: &View, chat: i64) -> Vec<String> {
    view.bot_messages(chat).into_iter().map(|message| message.text).collect()
}

fn post_all(store: &Store, messages: &[(i64, &str)]) {
    let calls = messages.iter().map(|(chat, text)| Outgoing::message(ChatId(*chat), text));
    let calls: Vec<Outgoing> = calls.collect();
    let posted =
        store.write(move |tx| calls.iter().try_for_each(|call| sender::post(tx, call.clone())));
    posted.unwrap();
}

/// No pacing, short waits; Telegram's seconds pass as milliseconds.
fn quick() -> Tuning {
    let rate = Rate { every: Duration::from_nanos(1), burst: 1_000_000 };
    let group = Window { most: 1000, within: Duration::from_millis(1) };
    Tuning {
        deadline: LONG,
        probe: Duration::from_millis(20),
        limits: Limits { chat: rate, group, all: rate },
        wait: |_, told| told.unwrap_or(Duration::from_secs(10)) / 1000,
        ..Tuning::default()
    }
}

#[test]
fn every_chat_gets_its_messages_once_and_in_order_whatever_fails() {
    let world = World::new();
    let run = world.run();
    for harm in [Harm::Html, Harm::BrokenJson, Harm::Reset] {
        world.telegram.fault(Fault::new(harm).on("sendMessage").in_chat(ADA).times(3));
    }
    world.telegram.fault(Fault::restart().on("sendMessage").in_chat(GROUP).times(5));
    world.telegram.fault(Fault::flood(30).on("sendMessage").in_chat(BOB).times(5));
    let numbers: Vec<String> = (1..=20).map(|number| number.to_string()).collect();
    for number in &numbers {
        post_all(&run.store, &[(ADA, number), (BOB, number), (GROUP, number)]);
    }
    for chat in [ADA, BOB, GROUP] {
        world.waits_for(chat, "20");
        assert_eq!(world.texts(chat), numbers);
    }
    assert_eq!(run.stops(), 0);
    models::check_all(&world.telegram);
}

#[test]
fn a_chat_that_must_wait_or_stalls_holds_up_no_other() {
    for fault in [Fault::flood(86_400_000), Fault::new(Harm::Stall)] {
        let world = World::new();
        let run = world.run();
        world.telegram.fault(fault.in_chat(ADA));
        run.says(ADA, "held");
        world.telegram.wait_for("the held call", |view| {
            (!view.calls("sendMessage").is_empty()).then_some(())
        });
        for number in 1..=50 {
            run.says(ADA, "behind");
            run.says(BOB, &number.to_string());
        }
        world.waits_for(BOB, "50");
        assert_eq!(world.texts(BOB).len(), 50);
        assert_eq!(world.calls(ADA).len(), 1, "nothing else was tried");
        // What waits was waiting for this run only.
        assert_eq!(run.stops(), 51);
        world.telegram.heal();
        let run = world.run();
        world.telegram.wait_for("the rest", |view| (texts(view, ADA).len() == 51).then_some(()));
        assert_eq!(world.texts(ADA)[0], "held");
        assert_eq!(run.stops(), 0);
    }
}

#[test]
fn a_flood_for_all_stops_all_and_everything_is_delivered_after_it() {
    let world = World::new();
    let people: Vec<i64> = (1000..1100).collect();
    for id in &people {
        world.telegram.person(*id, "Somebody", "en").allows_writing();
    }
    let messages: Vec<(i64, &str)> = people.iter().map(|id| (*id, "hi")).collect();
    world.post(&messages);
    world.telegram.fault(Fault::flood(86_400_000));
    let run = world.run();
    world.waits_for_calls("sendMessage", 429, 3);
    run.says(BOB, "later");
    assert_eq!(run.stops(), 101);
    let refused = world.telegram.look(|view| view.calls("sendMessage").len());
    assert!(refused <= 7, "3 in a row and those under way, not {refused}");
    world.telegram.heal();
    let run = world.run();
    world.telegram.wait_for("everything", |view| {
        people.iter().all(|id| texts(view, *id) == ["hi"]).then_some(())
    });
    world.waits_for(BOB, "later");
    assert_eq!(run.stops(), 0);
}

#[test]
fn who_blocks_the_bot_is_marked_and_gets_no_more_notices() {
    let world = World::new();
    let run = world.run();
    let known = run.store.write(|tx| {
        let user = users::User { reachable: true, ..users::User::unknown(UserId(ADA)) };
        users::save(tx, &user)
    });
    known.unwrap();
    world.telegram.person(ADA, "Ada", "en").blocks();
    let posted = run.store.write(|tx| {
        for text in ["one", "two", "three"] {
            sender::post_in(tx, Lane::Notices, Outgoing::message(ChatId(ADA), text))?;
        }
        sender::post(tx, Outgoing::message(ChatId(99), "to nobody"))?;
        sender::post(tx, Outgoing::message(ChatId(BOB), "hi"))
    });
    posted.unwrap();
    world.waits_for(BOB, "hi");
    world.waits_for_calls("sendMessage", 403, 1);
    world.waits_for_calls("sendMessage", 400, 1);
    let store = run.store.clone();
    assert_eq!(run.stops(), 0);
    assert_eq!(world.calls(ADA).len(), 1);
    let user = users::find(&store.snapshot().unwrap(), UserId(ADA)).unwrap().unwrap();
    assert!(!user.reachable);
}

#[test]
fn what_waits_follows_a_group_to_its_new_id() {
    let world = World::new();
    world.telegram.migrate(GROUP, -10050);
    world.post(&[(GROUP, "1"), (GROUP, "2"), (GROUP, "3")]);
    let run = world.run();
    run.posts(Lane::Notices, Outgoing::message(ChatId(GROUP), "4"));
    world.waits_for(-10050, "4");
    assert_eq!(world.texts(-10050), ["1", "2", "3", "4"]);
    assert!(world.calls(GROUP).len() <= 2, "the last may have come after the move");
    assert_eq!(run.stops(), 0);
}

#[test]
fn a_notice_for_a_group_that_moved_arrives_once() {
    let world = World::new();
    world.telegram.migrate(GROUP, -10050);
    let run = world.run();
    run.posts(Lane::Notices, Outgoing::message(ChatId(GROUP), "soon"));
    world.waits_for(-10050, "soon");
    assert_eq!(world.texts(-10050), ["soon"]);
    assert_eq!(run.stops(), 0);
}

#[test]
fn changes_of_nothing_and_late_answers_are_no_failures() {
    let world = World::new();
    let run = world.run();
    run.says(ADA, "same");
    world.waits_for(ADA, "same");
    let id = world.telegram.look(|view| view.bot_messages(ADA)[0].id);
    run.posts(Lane::Replies, Outgoing::edit_text(ChatId(ADA), id, "same"));
    run.posts(Lane::Replies, Outgoing::answer_tap("long gone"));
    run.posts(Lane::Replies, Outgoing::delete(ChatId(ADA), 12_345));
    run.says(ADA, "after");
    world.waits_for(ADA, "after");
    world.waits_for_calls("answerCallbackQuery", 400, 1);
    let contact = Arc::clone(&run.contact);
    assert_eq!(run.stops(), 0);
    assert_eq!(contact.standing(clock::now()).last_error, None);
    assert_eq!(world.telegram.look(|view| view.calls("editMessageText").len()), 1);
}

#[test]
fn after_a_stall_an_edit_is_repeated_and_a_message_is_not() {
    let world = World::new();
    let run = world.run_with(Tuning { deadline: Duration::from_millis(100), ..quick() });
    run.says(ADA, "one");
    world.waits_for(ADA, "one");
    let id = world.telegram.look(|view| view.bot_messages(ADA)[0].id);
    world.telegram.fault(Fault::new(Harm::Stall).on("sendMessage").times(1));
    world.telegram.fault(Fault::new(Harm::Stall).on("editMessageText").times(1));
    run.says(ADA, "perhaps");
    run.posts(Lane::Replies, Outgoing::edit_text(ChatId(ADA), id, "edited"));
    run.says(ADA, "two");
    world.waits_for(ADA, "two");
    assert_eq!(world.texts(ADA), ["edited", "two"]);
    assert_eq!(run.stops(), 0);
}

#[test]
fn a_notice_is_rather_missing_than_there_twice() {
    for (lane, calls) in [(Lane::Notices, 1), (Lane::Replies, 2)] {
        let world = World::new();
        let run = world.run();
        world.telegram.fault(Fault::new(Harm::LostAnswer).on("sendMessage").times(1));
        run.posts(lane, Outgoing::message(ChatId(ADA), "soon"));
        run.posts(lane, Outgoing::message(ChatId(ADA), "after"));
        world.waits_for(ADA, "after");
        assert_eq!(world.texts(ADA).len(), calls + 1, "{lane}");
        assert_eq!(run.stops(), 0);
    }
}

#[test]
fn a_notice_that_was_refused_for_now_is_not_lost() {
    for fault in [Fault::flood(5), Fault::restart(), Fault::new(Harm::Html)] {
        let world = World::new();
        let run = world.run();
        world.telegram.fault(fault.on("sendMessage").times(3));
        run.posts(Lane::Notices, Outgoing::message(ChatId(ADA), "soon"));
        world.waits_for(ADA, "soon");
        assert_eq!(world.texts(ADA), ["soon"]);
        assert_eq!(run.stops(), 0);
    }
}

#[test]
fn an_alert_overtakes_two_thousand_notices_of_which_some_stall() {
    let world = World::new();
    let run = world.run_with(Tuning { limits: Limits::default(), ..quick() });
    let photo = |chat| Outgoing {
        method: "sendPhoto".to_owned(),
        params: json!({"chat_id": chat, "photo": "x"}),
        chat: Some(ChatId(chat)),
    };
    world.telegram.fault(Fault::new(Harm::Stall).on("sendPhoto"));
    let posted = run.store.write(move |tx| {
        (1..=2000).try_for_each(|chat| sender::post_in(tx, Lane::Notices, photo(10_000 + chat)))
    });
    posted.unwrap();
    world
        .telegram
        .wait_for("the notices", |view| (view.calls("sendPhoto").len() == 2).then_some(()));
    run.posts(Lane::Alerts, Outgoing::message(ChatId(ADA), "server down"));
    run.says(BOB, "a reply");
    world.waits_for(ADA, "server down");
    world.waits_for(BOB, "a reply");
    assert_eq!(world.telegram.look(|view| view.calls("sendPhoto").len()), 2);
    drop(run);
}

#[test]
fn an_unreachable_telegram_is_tried_until_it_is_back() {
    let mut world = World::new();
    let address = world.telegram.base_url();
    let port = address.rsplit(':').next().unwrap().parse().unwrap();
    let run = world.run();
    run.says(ADA, "before");
    world.waits_for(ADA, "before");
    world.telegram = StandIn::start(TOKEN, "Elsewhere").unwrap();
    run.says(ADA, "after");
    while run.contact.standing(clock::now()).failures < 3 {
        std::thread::yield_now();
    }
    world.telegram = StandIn::start_at(port, TOKEN, "RoostBot").unwrap();
    world.telegram.person(ADA, "Ada", "en").allows_writing();
    // The person may have been met after the first try: only then it is unreachable.
    run.says(ADA, "last");
    world.waits_for(ADA, "last");
    assert_eq!(run.stops(), 0);
}

#[test]
fn a_revoked_token_stops_sending_and_says_so_until_it_is_good_again() {
    let world = World::new();
    world.telegram.revoke();
    let run = world.run();
    run.says(ADA, "hi");
    world.waits_for_calls("sendMessage", 401, 3);
    let told = run.contact.standing(clock::now()).last_error.unwrap();
    assert!(told.contains("check `bot-token`"), "{told}");
    world.telegram.heal();
    world.waits_for(ADA, "hi");
    assert_eq!(run.stops(), 0);
}

#[test]
fn what_is_out_of_date_is_dropped_unsent() {
    let world = World::new();
    let run = world.run();
    let past = clock::now() - Duration::from_secs(60);
    let posted = run.store.write(move |tx| {
        let soon = Outgoing::message(ChatId(ADA), "it begins now");
        sender::post_until(tx, Lane::Notices, past, soon)?;
        sender::post_in(tx, Lane::Notices, Outgoing::message(ChatId(ADA), "in time"))
    });
    posted.unwrap();
    world.waits_for(ADA, "in time");
    assert_eq!(world.texts(ADA), ["in time"]);
    assert_eq!(run.stops(), 0);
}

#[test]
fn a_file_that_stalls_holds_up_no_message_not_even_of_its_chat() {
    let world = World::new();
    let run = world.run();
    world.telegram.fault(Fault::new(Harm::Stall).on("getFile"));
    let posted = run.store.write(|tx| {
        let fetch = Fetch { user: UserId(ADA), part: "e".to_owned(), max_bytes: 100 };
        sender::fetch(tx, ChatId(ADA), "photo1x1", fetch.clone())?;
        sender::fetch(tx, ChatId(BOB), "photo2x1", fetch)
    });
    posted.unwrap();
    run.says(ADA, "meanwhile");
    run.says(BOB, "meanwhile");
    world.waits_for(ADA, "meanwhile");
    world.waits_for(BOB, "meanwhile");
    assert_eq!(run.stops(), 2, "they are fetched after the next start");
}

/// The real program, killed when dropped.
struct Program(Child);

impl Program {
    fn start(world: &World) -> Self {
        let file = world.folder.path().join("settings.json");
        std::fs::write(&file, world.settings().to_string()).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_roost"));
        command.arg("serve").arg("--settings").arg(file).env_clear();
        command.current_dir(world.folder.path()).stdout(Stdio::null()).stderr(Stdio::null());
        Self(command.spawn().unwrap())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // `kill -9`; it may have ended already.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[test]
fn a_kill_loses_nothing_and_repeats_only_what_was_under_way() {
    let world = World::new();
    let carol = 9;
    world.telegram.person(carol, "Carol", "en").allows_writing();
    // Ada's first was carried out, but never answered; Bob's was not even carried out.
    world.post(&[(ADA, "1"), (ADA, "2"), (BOB, "1"), (BOB, "2"), (carol, "1"), (carol, "2")]);
    world.telegram.fault(Fault::new(Harm::Stall).in_chat(ADA));
    world.telegram.fault(Fault::new(Harm::Stall).in_chat(BOB));
    let program = Program::start(&world);
    world.waits_for(carol, "2");
    world.telegram.wait_for("both", |view| {
        let to = |chat| view.calls("sendMessage").iter().any(|call| call.params["chat_id"] == chat);
        (to(ADA) && to(BOB)).then_some(())
    });
    drop(program);
    world.telegram.heal();
    let _program = Program::start(&world);
    for chat in [ADA, BOB] {
        world.waits_for(chat, "2");
        assert_eq!(world.texts(chat), ["1", "2"]);
        assert_eq!(world.calls(chat).len(), 3, "the first was tried twice");
    }
    let carols = world.texts(carol);
    assert_eq!(carols[0], "1");
    assert!(carols.len() <= 3 && carols.ends_with(&["2".to_owned()]), "{carols:?}");
}

#[test]
fn kills_at_any_moment_lose_no_reply_and_repeat_no_notice() {
    let world = World::new();
    let chats: Vec<i64> = (1000..1020).collect();
    for id in &chats {
        world.telegram.person(*id, "Somebody", "en").allows_writing();
    }
    let (store, bell) = world.open(&world.apps());
    let ids = chats.clone();
    let posted = store.write(move |tx| {
        for id in &ids {
            let text = |text| Outgoing::message(ChatId(*id), text);
            sender::post(tx, text("reply"))?;
            sender::post_in(tx, Lane::Notices, text("notice"))?;
        }
        Ok::<_, StoreError>(())
    });
    posted.unwrap();
    drop((store, bell));
    let done = |view: &View| {
        let sent = view.calls("sendMessage").len();
        chats.iter().all(|id| texts(view, *id).contains(&"reply".to_owned())).then_some(sent)
    };
    // Each run is killed after one call more than the last.
    let mut kills = 0;
    for more in 1..8 {
        let before = world.telegram.look(|view| view.calls("sendMessage").len());
        let program = Program::start(&world);
        world.telegram.wait_for("some calls", |view| {
            (done(view).is_some() || view.calls("sendMessage").len() >= before + more).then_some(())
        });
        drop(program);
        kills += 1;
    }
    let _program = Program::start(&world);
    world.telegram.wait_for("all replies", |view| done(view));
    let count = |text: &str| -> Vec<usize> {
        let of = |id: &i64| world.texts(*id).iter().filter(|found| *found == text).count();
        chats.iter().map(of).collect()
    };
    let replies: usize = count("reply").iter().sum();
    assert!(replies <= chats.len() + kills * 4, "more than what was under way: {replies}");
    assert!(count("notice").iter().all(|times| *times <= 1), "{:?}", count("notice"));
}
