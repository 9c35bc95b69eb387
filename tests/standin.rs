//! The stand-in Telegram follows the rules of the official server, over real HTTP.

#[path = "support/models.rs"]
mod models;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use roost::clock;
use roost::demo::telegram::{Asked, Fault, Harm, Person, StandIn};
use roost::hidden::Hidden;
use roost::ids::{ChatId, UserId};
use roost::telegram::outgoing::{
    Button, CallbackData, Keyboard, MenuButton, MenuCommand, Pending, Scope,
};
use roost::telegram::types::{Kind, Update};
use roost::telegram::{ApiError, Client, Outgoing, RawUpdate, Trouble, init_data};
use roost::thread::{Handle, spawn};
use serde_json::{Value, json};

const TOKEN: &str = "42:TEST-token-of-the-stand-in-0123456789ab";

/// Long enough that a test fails by its assertion, not by this.
const LONG: Duration = Duration::from_secs(60);

/// A long poll that only an event ends.
const WAIT: Duration = Duration::from_secs(50);

fn started() -> (StandIn, Client, Person) {
    let telegram = StandIn::start(TOKEN, "RoostBot").unwrap();
    let client = client(&telegram);
    let ada = telegram.person(7, "Ada Lovelace", "de");
    (telegram, client, ada)
}

fn client(telegram: &StandIn) -> Client {
    Client::new(&telegram.base_url(), Hidden::new(TOKEN.to_owned()))
}

fn send(client: &Client, call: &Outgoing) -> Result<Value, ApiError> {
    client.call(&call.method, &call.params, LONG)
}

fn ids(updates: &[RawUpdate]) -> Vec<i64> {
    updates.iter().map(|update| update.id).collect()
}

/// A poll at once, of what waits; `offset` must differ from call to call.
fn poll(client: &Client, offset: i64) -> Vec<RawUpdate> {
    client.get_updates(offset, 100, Duration::ZERO, &[]).unwrap()
}

/// A long poll on its own thread.
fn poll_aside(client: &Client, offset: i64) -> (Receiver<Result<Vec<i64>, ApiError>>, Handle) {
    let (sender, receiver) = channel();
    let client = client.apart();
    let thread = spawn("poll", move || {
        let polled = client.get_updates(offset, 100, WAIT, &[]);
        sender.send(polled.map(|updates| ids(&updates))).unwrap();
    });
    (receiver, thread.unwrap())
}

fn wait_for_polls(telegram: &StandIn, count: u32) {
    telegram.wait_for("polls that wait", |view| (view.polls_waiting() == count).then_some(()));
}

fn refused(result: Result<Value, ApiError>) -> (u16, String) {
    match result {
        Err(ApiError::Refused { code, description, .. }) => (code, description),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_offset_confirms_and_what_is_not_confirmed_comes_again() {
    let (_telegram, client, ada) = started();
    for text in ["/start", "two", "three"] {
        ada.sends(text);
    }
    let first = poll(&client, 0);
    assert_eq!(first.len(), 3);
    let last = first[2].id;
    assert_eq!(ids(&poll(&client, first[0].id)), ids(&first), "nothing was confirmed");
    assert_eq!(ids(&poll(&client, first[1].id)), ids(&first)[1..]);
    assert_eq!(ids(&poll(&client, -1)), [last], "a negative offset keeps the last only");
    let update = Update::parse(first[0].json.get()).unwrap();
    let Kind::Message(message) = update.kind else { panic!("{update:?}") };
    assert_eq!(message.from.as_ref().unwrap().name(), "Ada Lovelace");
    assert!(message.begins_with_command());
    assert!(client.get_updates(last + 1, 100, Duration::ZERO, &[]).unwrap().is_empty());
}

#[test]
fn an_empty_queue_waits_and_an_update_ends_the_wait() {
    let (telegram, client, ada) = started();
    let (polled, _thread) = poll_aside(&client, 0);
    wait_for_polls(&telegram, 1);
    ada.sends("hello");
    assert_eq!(polled.recv_timeout(LONG).unwrap().unwrap().len(), 1);
}

#[test]
fn asking_for_the_same_again_too_soon_waits() {
    let (telegram, client, ada) = started();
    assert!(poll(&client, 5).is_empty());
    let (sender, polled) = channel();
    let again = client.apart();
    let _thread = spawn("poll", move || {
        sender.send(again.get_updates(5, 100, Duration::ZERO, &[]).unwrap().len()).unwrap();
    });
    wait_for_polls(&telegram, 1);
    ada.sends("hello");
    assert_eq!(polled.recv_timeout(LONG), Ok(1));
}

#[test]
fn a_second_poller_throws_out_the_first() {
    let (telegram, client, ada) = started();
    let (first, _first) = poll_aside(&client, 0);
    wait_for_polls(&telegram, 1);
    let (second, _second) = poll_aside(&client, 1);
    let error = first.recv_timeout(LONG).unwrap().unwrap_err();
    assert!(error.is_conflict() && error.to_string().contains("terminated by other"), "{error}");
    wait_for_polls(&telegram, 1);
    ada.sends("hello");
    assert_eq!(second.recv_timeout(LONG).unwrap().unwrap().len(), 1);
}

#[test]
fn a_webhook_ends_a_poll_and_forbids_the_next() {
    let (telegram, client, _ada) = started();
    let (polled, _thread) = poll_aside(&client, 0);
    wait_for_polls(&telegram, 1);
    let url = json!({"url": "https://bot.example.org/hook"});
    assert_eq!(client.call("setWebhook", &url, LONG), Ok(true.into()));
    let error = polled.recv_timeout(LONG).unwrap().unwrap_err();
    assert!(error.to_string().contains("terminated by setWebhook"), "{error}");
    assert_eq!(client.call("getWebhookInfo", &json!({}), LONG).unwrap()["url"], url["url"]);
    // Still a conflict, told 3 s after the first.
    let error = client.get_updates(0, 100, Duration::ZERO, &[]).unwrap_err();
    assert!(error.to_string().contains("while webhook is active"), "{error}");
    assert_eq!(send(&client, &Outgoing::delete_webhook(Pending::Kept)), Ok(true.into()));
    assert!(poll(&client, 0).is_empty());
}

#[test]
fn taps_grow_too_old_in_the_queue_and_to_be_answered() {
    let (telegram, client, ada) = started();
    ada.sends("/start");
    let data = CallbackData::new("x").unwrap();
    let keyboard = Keyboard::new().row([Button::callback("Go", data)]);
    send(&client, &Outgoing::message(ChatId(7), "hi").with_buttons(&keyboard)).unwrap();
    let message = ada.waits_for_text("hi");

    let tap = ada.taps(&message, "Go");
    assert_eq!(poll(&client, 0).len(), 2);
    assert_eq!(send(&client, &Outgoing::toast(&tap, "done")), Ok(true.into()));
    assert_eq!(ada.waits_for_toast(&tap), "done");

    let late = ada.taps(&message, "Go");
    telegram.expire_taps();
    assert!(send(&client, &Outgoing::answer_tap(&late)).unwrap_err().is_late_tap());
    assert!(send(&client, &Outgoing::answer_tap("nonsense")).unwrap_err().is_late_tap());

    telegram.pass(Duration::from_secs(151));
    assert_eq!(poll(&client, 1).len(), 1, "taps wait 150 s, messages a day");
    telegram.pass(Duration::from_secs(86_400));
    assert!(poll(&client, 2).is_empty());
}

#[test]
fn strange_kinds_lower_ids_and_repeats_reach_the_bot() {
    let (telegram, client, ada) = started();
    ada.sends("one");
    telegram.inject(json!({"telepathy": {"deep": [1]}}));
    let first = poll(&client, 0);
    assert_eq!(first.len(), 2);
    telegram.restart_ids_at(5);
    ada.sends("two");
    let offset = first[1].id + 1;
    assert_eq!(ids(&poll(&client, offset)), [5]);
    telegram.deliver_again();
    assert_eq!(ids(&poll(&client, 1)), [first[0].id, first[1].id, 5]);
}

#[test]
fn a_chat_that_cannot_be_written_to_says_why() {
    let (telegram, client, ada) = started();
    let hello = |chat| send(&client, &Outgoing::message(ChatId(chat), "hi"));
    assert_eq!(refused(hello(99)), (400, "Bad Request: chat not found".to_owned()));
    let words = "Forbidden: bot can't initiate conversation with a user";
    assert_eq!(refused(hello(7)), (403, words.to_owned()));
    ada.sends("/start");
    assert!(hello(7).is_ok());
    ada.blocks();
    assert_eq!(refused(hello(7)), (403, "Forbidden: bot was blocked by the user".to_owned()));
    let blocked = poll(&client, 0);
    let update = Update::parse(blocked.last().unwrap().json.get()).unwrap();
    assert!(matches!(update.kind, Kind::MyChatMember(change) if !change.is_reachable()));
    ada.unblocks();
    assert!(hello(7).is_ok());
    telegram.group(-50, "Walkers", &[&ada]);
    assert!(hello(-50).is_ok());
    telegram.migrate(-50, -10050);
    assert_eq!(hello(-50).unwrap_err().migrated_to(), Some(ChatId(-10050)));
    assert!(hello(-10050).is_ok());
    let app = Keyboard::new().row([Button::web_app("Open", "https://x.org/")]);
    let call = Outgoing::message(ChatId(-10050), "hi").with_buttons(&app);
    assert_eq!(refused(send(&client, &call)).1, "Bad Request: BUTTON_TYPE_INVALID");
}

#[test]
fn an_edit_shows_in_place_and_one_that_changes_nothing_is_refused() {
    let (_telegram, client, ada) = started();
    ada.sends("/start");
    let sent = send(&client, &Outgoing::message(ChatId(7), "<b>one</b>")).unwrap();
    let id = sent["message_id"].as_i64().unwrap();
    let edit = Outgoing::edit_text(ChatId(7), id, "two");
    assert!(send(&client, &edit).is_ok());
    let seen = ada.waits_for_text("two");
    assert!(seen.id == id && seen.edited);
    let error = send(&client, &edit).unwrap_err();
    assert!(error.is_not_modified(), "{error}");
    assert!(send(&client, &Outgoing::delete(ChatId(7), id)).is_ok());
    assert_eq!(refused(send(&client, &edit)).1, "Bad Request: message to edit not found");
}

#[test]
fn photos_of_people_can_be_fetched() {
    let (_telegram, client, ada) = started();
    let picture = include_bytes!("../src/demo/pictures/music.webp");
    assert!(ada.sends_photo(b"no image", "").is_none());
    ada.sends_photo(picture, "/addevent").unwrap();
    let update = Update::parse(poll(&client, 0)[0].json.get()).unwrap();
    let Kind::Message(message) = update.kind else { panic!("{update:?}") };
    assert!(message.begins_with_command());
    let largest = message.photo.last().unwrap();
    assert_eq!((largest.width, largest.height), (800, 450));
    let file = client.call("getFile", &json!({"file_id": largest.file_id}), LONG).unwrap();
    let path = file["file_path"].as_str().unwrap();
    assert_eq!(client.download(path, 10_000, LONG), Ok(picture.to_vec()));
    let wrong = client.call("getFile", &json!({"file_id": "x"}), LONG);
    assert_eq!(refused(wrong).0, 400);
}

#[test]
fn every_fault_arrives_as_what_it_is() {
    let (telegram, client, ada) = started();
    ada.sends("/start");
    let hello = || send(&client, &Outgoing::message(ChatId(7), "hi")).map(drop);
    let written = || telegram.look(|view| view.bot_messages(7).len());
    for (harm, expect) in [
        (Harm::Html, ApiError::Malformed { status: 502 }),
        (Harm::BrokenJson, ApiError::Malformed { status: 200 }),
        (Harm::Reset, Trouble::Broken.into()),
    ] {
        telegram.fault(Fault::new(harm).times(1));
        assert_eq!(hello(), Err(expect));
    }
    assert_eq!(written(), 0);
    telegram.fault(Fault::new(Harm::LostAnswer).times(1));
    assert_eq!(hello(), Err(Trouble::Broken.into()));
    assert_eq!(written(), 1);
    telegram.fault(Fault::new(Harm::Chunked).times(1));
    assert_eq!(hello(), Ok(()));
    telegram.fault(Fault::new(Harm::Stall).times(1));
    let stalled = client.call("getMe", &json!({}), Duration::from_millis(50));
    assert_eq!(stalled, Err(Trouble::Deadline.into()));
    telegram.fault(Fault::flood(7).in_chat(7).times(1));
    assert!(client.call("getMe", &json!({}), LONG).is_ok());
    assert_eq!(hello().unwrap_err().retry_after(), Some(Duration::from_secs(7)));
    telegram.fault(Fault::conflict().times(1));
    assert!(client.get_updates(0, 100, WAIT, &[]).unwrap_err().is_conflict());
    telegram.fault(Fault::restart());
    assert!(hello().unwrap_err().is_passing());
    telegram.heal();
    telegram.revoke();
    assert_eq!(hello(), Err(ApiError::Unauthorized));
    telegram.heal();
    assert_eq!(hello(), Ok(()));
}

#[test]
fn wrong_tokens_and_unknown_methods_are_refused() {
    let (telegram, client, _ada) = started();
    for token in ["42:WRONG", "", "42:TEST-token-of-the-stand-in-0123456789ab/x"] {
        let stranger = Client::new(&telegram.base_url(), Hidden::new(token.to_owned()));
        let answer = stranger.call("getMe", &json!({}), LONG);
        let refused = matches!(answer, Err(ApiError::Unauthorized))
            || matches!(answer, Err(ApiError::Refused { code: 404, .. }));
        assert!(refused, "{token}: {answer:?}");
    }
    let unknown = client.call("makeCoffee", &json!({}), LONG);
    assert_eq!(refused(unknown), (404, "Not Found: method not found".to_owned()));
    assert_eq!(client.call("GETME", &json!({}), LONG).unwrap()["username"], "RoostBot");
}

#[test]
fn people_see_the_commands_and_the_menu_of_their_own_scope() {
    let (telegram, client, ada) = started();
    telegram.person(8, "Bob", "en");
    let command = |name: &str| MenuCommand::new(name, "does it").unwrap();
    let set = |names: &[&str], scope, language| {
        let list: Vec<_> = names.iter().map(|name| command(name)).collect();
        send(&client, &Outgoing::commands(&list, scope, language))
    };
    let mine = Scope::Chat { chat_id: ChatId(7) };
    assert!(set(&["start"], Scope::Default, None).is_ok());
    assert!(set(&["los"], Scope::AllPrivateChats, Some("de")).is_ok());
    let shown = |person| telegram.look(|view| view.commands_for(person));
    assert_eq!((shown(7)[0].0.as_str(), shown(8)[0].0.as_str()), ("los", "start"));
    assert!(set(&["start", "users"], mine, None).is_ok());
    assert_eq!((shown(7).len(), shown(8).len()), (2, 1));
    assert_eq!(send(&client, &Outgoing::no_commands(mine)), Ok(true.into()));
    assert_eq!(shown(7).len(), 1);
    assert_eq!(refused(set(&["x"], Scope::Chat { chat_id: ChatId(99) }, None)).0, 400);
    let app = MenuButton::WebApp { text: "Events".to_owned(), url: "https://x.org/".to_owned() };
    assert!(send(&client, &Outgoing::menu_button(None, &app)).is_ok());
    assert_eq!(telegram.look(|view| view.menu_button(7).unwrap()["text"].clone()), "Events");
    drop(ada);
}

#[test]
fn a_launch_link_carries_a_login_that_verifies() {
    let (telegram, _client, ada) = started();
    let link = telegram.launch_link(&ada, "http://127.0.0.1:2536/", Some("e_5"));
    let (page, launch) = link.split_once('#').unwrap();
    assert_eq!(page, "http://127.0.0.1:2536/mini_event/");
    let launch = roost::telegram::form::pairs(launch).unwrap();
    assert_eq!(launch[0].0, "tgWebAppData");
    let token = Hidden::new(TOKEN.to_owned());
    let login = init_data::verify(&launch[0].1, &token, clock::now()).unwrap();
    assert_eq!((login.user.id, login.user.name()), (UserId(7), "Ada Lovelace".to_owned()));
    assert_eq!(login.start_param.as_deref(), Some("e_5"));
}

#[test]
fn everything_we_can_build_is_what_telegram_documents() {
    let (telegram, client, ada) = started();
    ada.sends("/start");
    let chat = ChatId(7);
    let data = CallbackData::new("e:5").unwrap();
    let keyboard = Keyboard::new()
        .row([Button::callback("Go", data), Button::url("Site", "https://x.org/")])
        .row([Button::web_app("App", "https://x.org/")]);
    let sent = Outgoing::message(chat, "<b>hi</b>")
        .with_buttons(&keyboard)
        .without_preview()
        .silent()
        .protected();
    let id = send(&client, &sent).unwrap()["message_id"].as_i64().unwrap();
    let tap = ada.taps(&ada.waits_for_text("hi"), "Go");
    let list = [MenuCommand::new("start", "Begin").unwrap()];
    let app = MenuButton::WebApp { text: "Events".to_owned(), url: "https://x.org/".to_owned() };
    let user_id = UserId(7);
    let mut calls = vec![
        Outgoing::edit_text(chat, id, "new").without_preview(),
        Outgoing::edit_buttons(chat, id, &keyboard),
        Outgoing::edit_buttons(chat, id, &Keyboard::new()),
        Outgoing::alert(&tap, "done"),
        Outgoing::menu_button(None, &app),
        Outgoing::menu_button(Some(chat), &MenuButton::Commands),
        Outgoing::menu_button(Some(chat), &MenuButton::Default),
        Outgoing::no_commands(Scope::Default),
        Outgoing::delete(chat, id),
        Outgoing::delete_webhook(Pending::Kept),
    ];
    calls.extend(
        [
            Scope::Default,
            Scope::AllPrivateChats,
            Scope::AllGroupChats,
            Scope::AllChatAdministrators,
            Scope::Chat { chat_id: chat },
            Scope::ChatAdministrators { chat_id: chat },
            Scope::ChatMember { chat_id: chat, user_id },
        ]
        .map(|scope| Outgoing::commands(&list, scope, Some("de"))),
    );
    for call in calls {
        assert!(send(&client, &call).is_ok(), "{call:?}");
    }
    client.get_updates(1, 100, Duration::ZERO, &["message", "callback_query"]).unwrap();
    client.call("getMe", &json!({}), LONG).unwrap();
    models::check_all(&telegram);
}

#[test]
fn a_call_that_telegram_does_not_document_is_noticed() {
    for (method, params, what) in [
        ("sendMessage", json!({"chat_id": 7, "text": "x", "colour": "red"}), "/colour"),
        ("sendMessage", json!({"chat_id": 7}), "form"),
        ("sendMessage", json!({"chat_id": 7, "text": "x".repeat(4097)}), "4096"),
        ("sendMessage", json!({"chat_id": 7, "text": ""}), "no text"),
        ("answerCallbackQuery", json!({"callback_query_id": "q", "text": "x".repeat(201)}), "200"),
        ("getMe", json!({"x": 1}), "no parameters"),
        ("makeCoffee", json!({}), "no model"),
        (
            "sendMessage",
            json!({"chat_id": 7, "text": "x", "reply_markup":
                {"inline_keyboard": [[{"text": "a", "callback_data": "x".repeat(65)}]]}}),
            "data",
        ),
    ] {
        let asked = Asked { method: method.to_owned(), params, status: 200 };
        let found = models::check(&asked).unwrap_err();
        assert!(found.contains(what), "{found}");
    }
}

#[test]
fn the_page_serves_its_own_address_only() {
    let (telegram, _client, ada) = started();
    ada.sends("/start");
    let address = telegram.base_url().replace("http://", "");
    let own = format!("Host: {address}\r\n");
    let json = "Content-Type: application/json\r\n";
    let deed = r#"{"do":"send","person":7,"text":"from the page"}"#;
    for (target, headers, body, status) in [
        ("GET /", own.clone(), "", 200),
        ("GET /page.js", own.clone(), "", 200),
        ("GET /page.css", own.replace("127.0.0.1", "localhost"), "", 200),
        ("GET /chat/state?person=7", own.clone(), "", 200),
        ("GET /chat/photo/none", own.clone(), "", 404),
        ("GET /nothing", own.clone(), "", 404),
        ("GET /", "Host: evil.example\r\n".to_owned(), "", 403),
        ("GET /chat/state", format!("Host: evil.example:{}\r\n", &address[10..]), "", 403),
        ("GET /chat/state", format!("{own}Sec-Fetch-Site: cross-site\r\n"), "", 403),
        ("POST /chat/do", format!("{own}{json}"), deed, 200),
        ("POST /chat/do", format!("{own}{json}Origin: http://{address}\r\n"), deed, 200),
        ("POST /chat/do", format!("{own}{json}Origin: https://evil.example\r\n"), deed, 403),
        ("POST /chat/do", format!("{own}{json}Origin: null\r\n"), deed, 403),
        ("POST /chat/do", own.clone(), deed, 415),
        ("POST /chat/do", format!("{own}{json}"), "{}", 400),
        ("POST /chat/do", format!("{own}{json}"), r#"{"do":"send","person":99,"text":"x"}"#, 400),
        ("POST /chat/do", format!("{own}{json}"), r#"{"do":"send","person":7,"text":""}"#, 400),
    ] {
        let answer = raw(&address, target, &headers, body);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{target} {headers} {answer}");
    }
    assert_eq!(telegram.look(|view| view.chat(7).len()), 3);
}

#[test]
fn the_page_shows_a_chat_and_opens_mini_apps_signed_in() {
    let (telegram, client, ada) = started();
    ada.sends("/start");
    let data = CallbackData::new("x").unwrap();
    let keyboard = Keyboard::new().row([Button::callback("Go", data)]);
    let hi = Outgoing::message(ChatId(7), "<b>hi</b>").with_buttons(&keyboard);
    let id = send(&client, &hi).unwrap()["message_id"].clone();
    let address = telegram.base_url().replace("http://", "");
    let headers = format!("Host: {address}\r\nContent-Type: application/json\r\n");
    let ask = |target: &str, body: &Value| -> Value {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = raw(&address, target, &headers, &body);
        serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
    };

    let state = ask("GET /chat/state?person=7", &Value::Null);
    assert_eq!(state["messages"][1]["entities"][0]["type"], "bold");
    assert_eq!((&state["bot"], &state["person"]), (&json!("RoostBot"), &json!(7)));

    let tap = json!({"do": "tap", "person": 7, "message": id, "data": "x"});
    let tap = ask("POST /chat/do", &tap)["tap"].as_str().unwrap().to_owned();
    send(&client, &Outgoing::alert(&tap, "done")).unwrap();
    let state = ask("GET /chat/state?person=7", &Value::Null);
    assert_eq!(state["toasts"][&tap], json!({"text": "done", "alert": true}));

    let open = json!({"do": "open", "person": 7, "url": "https://x.org/app#old"});
    let url = ask("POST /chat/do", &open)["url"].as_str().unwrap().to_owned();
    let launch = url.strip_prefix("https://x.org/app#").unwrap();
    let launch = roost::telegram::form::pairs(launch).unwrap();
    let token = Hidden::new(TOKEN.to_owned());
    assert!(init_data::verify(&launch[0].1, &token, clock::now()).is_ok());
}

/// One request as it is, and the whole answer.
fn raw(address: &str, target: &str, headers: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    let head =
        format!("{target} HTTP/1.1\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n");
    stream.write_all(format!("{head}\r\n{body}").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
