use super::*;
use crate::store::log::Keep;
use crate::store::{self, Store, StoreError, Tx};
use jiff::SignedDuration;

struct World {
    store: Store,
    delivery: Delivery,
    _folder: tempfile::TempDir,
}

fn world(endpoint: &str, subnets: &[&str]) -> World {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roost.redb");
    let store = Store::open(&path, |_| Ok(()), Box::new(drop)).unwrap();
    let keep = Keep { age: SignedDuration::from_hours(1), bytes: 200 };
    let count = |tx: &Tx, _: &str, _| store::fresh_id(tx, "handled").map(drop);
    let intake = Intake::with_handler(store.clone(), keep, Arc::new(count));
    let token = Hidden::new("42:TEST-token".to_owned());
    let subnets = subnets.iter().map(|network| network.parse().unwrap()).collect();
    let contact = Arc::new(Contact::new("receiving"));
    let delivery = Delivery::new(endpoint, &token, subnets, intake, contact).unwrap();
    World { store, delivery, _folder: folder }
}

impl World {
    fn post(&self, from: &str, secret: &str, body: &str) -> Answer {
        let mut request = Request::local("POST", "/hook").unwrap();
        request.client = from.parse().unwrap();
        self.delivery.answer(&request.with_header(SECRET, secret).with_body(body))
    }

    fn secret(&self) -> String {
        self.delivery.secret().reveal().clone()
    }

    /// How many updates were handled so far, counted once more by looking.
    fn handled(&self) -> u64 {
        self.store.write(|tx| Ok::<_, StoreError>(store::fresh_id(tx, "handled")? - 1)).unwrap()
    }
}

#[test]
fn the_path_is_random_the_token_or_as_written() {
    let first = world("random", &[]).delivery.url("https://a.example");
    let second = world("random", &[]).delivery.url("https://a.example");
    assert_ne!(first, second);
    assert_eq!(first.reveal().len(), "https://a.example/".len() + 2 * CHANCE);
    for (endpoint, url, paths) in [
        ("token", "https://a.example/42:TEST-token", ["/42:TEST-token", "/42:TEST-token/"]),
        ("/in/box/", "https://a.example/in/box", ["/in/box", "/in/box/"]),
        ("a b%?#", "https://a.example/a%20b%25%3F%23", ["/a b%?#", "/a b%?#/"]),
    ] {
        let delivery = world(endpoint, &[]).delivery;
        assert_eq!(delivery.url("https://a.example").reveal(), url);
        assert!(paths.iter().all(|path| delivery.is_for(path)), "{paths:?}");
        for other in ["/", "", "/in", "/in/box/more", "//in/box", "/in/box//", "/IN/BOX", "/42:"] {
            assert!(!delivery.is_for(other), "{other}");
        }
    }
}

#[test]
fn nobody_without_the_secret_is_listened_to() {
    let world = world("hook", &[]);
    let good = world.secret();
    let other = world_secret_of_another_start();
    for wrong in ["", "x", &good[1..], &format!("{good}x"), &good.to_uppercase(), &other] {
        let answer = world.post("192.0.2.1", wrong, r#"{"update_id":1}"#);
        assert_eq!(answer.status, 401, "{wrong}");
    }
    assert_eq!(world.post("192.0.2.1", "x", "no update").status, 401);
    assert_eq!((world.handled(), world.delivery.intake.count_set_aside().unwrap()), (0, 0));
    assert_eq!(world.post("192.0.2.1", &good, r#"{"update_id":1}"#).status, 200);
}

fn world_secret_of_another_start() -> String {
    world("hook", &[]).secret()
}

#[test]
fn only_the_named_networks_may_post() {
    let world = world("hook", &["149.154.160.0/20", "91.108.4.0/22"]);
    for (from, status) in [
        ("149.154.175.9", 200),
        ("91.108.7.255", 200),
        ("::ffff:91.108.7.255", 200),
        ("91.108.8.0", 403),
        ("127.0.0.1", 403),
        ("2001:db8::1", 403),
    ] {
        assert_eq!(
            world.post(from, &world.secret(), r#"{"update_id":5}"#).status,
            status,
            "{from}"
        );
    }
}

#[test]
fn an_answer_repeats_nothing_of_what_was_posted() {
    let world = world("hook", &[]);
    let body = r#"{"update_id":1,"method":"sendMessage"}"#;
    for body in [body, body, r#"{"method":"sendMessage"}"#] {
        let answer = world.post("192.0.2.1", &world.secret(), body);
        assert_eq!((answer.status, answer.body.as_ref()), (200, &b"OK"[..]));
    }
    assert_eq!(world.handled(), 1);
}

#[test]
fn only_posts_are_deliveries() {
    let world = world("hook", &[]);
    for method in ["GET", "PUT", "DELETE", "OPTIONS"] {
        let request = Request::local(method, "/hook").unwrap();
        let answer = world.delivery.answer(&request.with_header(SECRET, &world.secret()));
        assert_eq!((answer.status, answer.header("Allow")), (405, Some("POST")), "{method}");
    }
}

#[test]
fn a_full_log_tells_telegram_to_keep_the_update() {
    let world = world("hook", &[]);
    world.store.write(|tx| store::log::register(tx, "dead")).unwrap();
    let post =
        |id: i64| world.post("192.0.2.1", &world.secret(), &format!("{{\"update_id\":{id}}}"));
    assert_eq!((post(1).status, post(2).status), (200, 200));
    let full = post(3);
    assert_eq!((full.status, full.header("Retry-After")), (503, Some("60")));
    assert_eq!(post(1).status, 200, "what is kept stays acknowledged");
    world.store.write(|tx| store::log::advance(tx, "dead", 2)).unwrap();
    assert_eq!(post(3).status, 200);
}
