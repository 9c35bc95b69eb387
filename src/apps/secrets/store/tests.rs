use super::*;
use crate::store::Store;

const NOON: i64 = 1_800_000_000;
const SENDER: UserId = UserId(1);

struct World {
    store: Store,
    limits: Limits,
    seed: u8,
    _folder: tempfile::TempDir,
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(NOON + second).unwrap()
}

fn wrong(ticket: &Ticket) -> Ticket {
    Ticket { id: ticket.id, token: Token::of([0; 32]) }
}

fn claim_of(ticket: &Ticket, second: i64) -> Claim {
    Claim {
        ticket: ticket.clone(),
        by: Some(UserId(2)),
        who: vec![Who::User(UserId(2))],
        door: Door::Bot,
        passphrase: None,
        at: at(second),
    }
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("roost.redb");
        let store = Store::open(&path, prepare, Box::new(drop)).unwrap();
        let max_ttl = Duration::from_secs(7 * 86_400);
        let limits = Limits { max_length: 4_000, per_user: 3, max_ttl };
        Self { store, limits, seed: 1, _folder: folder }
    }

    fn new_one(&mut self, text: &str) -> New {
        self.seed += 1;
        New {
            by: Author::User(SENDER),
            text: SecretText::new(text),
            ttl: Duration::from_secs(3_600),
            recipient: None,
            at: at(0),
            chance: Chance::of(&[self.seed; Chance::BYTES]),
            passphrase: None,
        }
    }

    fn try_create(&self, new: New) -> Result<Created, Unkept> {
        let limits = self.limits;
        self.store.write(move |tx| create(tx, &new, &limits)).map_err(|error| match error {
            NotCreated::Refused(why) => why,
            NotCreated::Store(error) => panic!("{error}"),
        })
    }

    fn create(&mut self, text: &str) -> Ticket {
        let new = self.new_one(text);
        self.try_create(new).unwrap().ticket
    }

    fn claim(&self, asked: Claim) -> Claimed {
        self.store.write(move |tx| claim(tx, &asked)).unwrap()
    }

    /// The text, or the "no".
    fn read(&self, asked: Claim) -> Result<String, No> {
        match self.claim(asked) {
            Claimed::Opened(opened) => Ok(opened.text.reveal().to_owned()),
            Claimed::No(no) => Err(no),
            Claimed::Burnt(_) => Err(No::Closed),
        }
    }
}

#[test]
fn a_secret_is_read_once_and_every_no_is_the_same() {
    let mut world = World::new();
    let text = "see https://x: 12:30\n\n  😀 שלום\u{202e} ";
    let ticket = world.create(text);
    assert_eq!(world.read(claim_of(&wrong(&ticket), 0)), Err(No::Closed));
    assert_eq!(world.read(claim_of(&ticket, 0)), Ok(text.to_owned()));
    assert_eq!(world.read(claim_of(&ticket, 0)), Err(No::Closed), "read already");
    let none = Ticket { id: SecretId(99), token: ticket.token.clone() };
    assert_eq!(world.read(claim_of(&none, 0)), Err(No::Closed), "there is none");
    let old = world.create("x");
    assert_eq!(world.read(claim_of(&old, 3_600)), Err(No::Closed), "expired");
    let burnt = world.create("x");
    let (id, by) = (burnt.id, Burner::Author(Author::User(SENDER)));
    assert!(world.store.write(move |tx| burn(tx, id, &by, at(0))).unwrap().is_some());
    assert_eq!(world.read(claim_of(&burnt, 0)), Err(No::Closed), "burnt");
}

#[test]
fn a_secret_for_somebody_opens_for_nobody_else() {
    let mut world = World::new();
    let new = New { recipient: Some(UserId(5)), ..world.new_one("x") };
    let ticket = world.try_create(new).unwrap().ticket;
    for by in [None, Some(UserId(2)), Some(SENDER)] {
        assert_eq!(world.read(Claim { by, ..claim_of(&ticket, 0) }), Err(No::Closed));
    }
    assert!(world.read(Claim { by: Some(UserId(5)), ..claim_of(&ticket, 0) }).is_ok());
}

#[test]
fn a_passphrase_is_asked_for_and_five_wrong_ones_burn_the_secret() {
    let mut world = World::new();
    let mut sealed = || {
        let new = world.new_one("x").stretch(&SecretText::new("open sesame"));
        world.try_create(new).unwrap().ticket
    };
    let (first, second) = (sealed(), sealed());
    let with = |ticket: &Ticket, word: &str| Claim {
        passphrase: Some(Given::Typed(SecretText::new(word))),
        ..claim_of(ticket, 0)
    };
    assert_eq!(world.read(claim_of(&wrong(&first), 0)), Err(No::Closed));
    assert_eq!(world.read(claim_of(&first, 0)), Err(No::Passphrase));
    for _ in 0..4 {
        assert_eq!(world.read(with(&first, "open sesam")), Err(No::Closed));
    }
    let ready = with(&first, "open sesame").stretched(&world.store.snapshot().unwrap()).unwrap();
    assert!(matches!(ready.passphrase, Some(Given::Stretched(_))));
    assert_eq!(world.read(ready), Ok("x".to_owned()));
    for _ in 0..4 {
        assert_eq!(world.read(Claim { who: Vec::new(), ..with(&second, "") }), Err(No::Closed));
    }
    assert!(matches!(
        world.claim(Claim { who: Vec::new(), ..with(&second, "") }),
        Claimed::Burnt(_)
    ));
    let right = Claim { who: Vec::new(), ..with(&second, "open sesame") };
    assert_eq!(world.read(right), Err(No::Closed));
}

#[test]
fn a_passphrase_where_none_is_needed_does_no_harm() {
    let mut world = World::new();
    let ticket = world.create("x");
    let passphrase = Some(Given::Typed(SecretText::new("?")));
    assert_eq!(world.read(Claim { passphrase, ..claim_of(&ticket, 0) }), Ok("x".to_owned()));
}

#[test]
fn wrong_tries_lock_the_number_whether_or_not_there_is_a_secret() {
    let mut world = World::new();
    let ticket = world.create("x");
    for id in [ticket.id, SecretId(77)] {
        let guess = Ticket { id, token: Token::of([0; 32]) };
        for _ in 0..5 {
            let nobody = Claim { who: Vec::new(), ..claim_of(&guess, 0) };
            assert_eq!(world.read(nobody), Err(No::Closed));
        }
        let minute = Duration::from_secs(60);
        assert_eq!(world.read(claim_of(&guess, 0)), Err(No::TooMany(minute)));
    }
    assert!(matches!(world.read(claim_of(&ticket, 59)), Err(No::TooMany(_))));
    assert_eq!(world.read(claim_of(&ticket, 60)), Ok("x".to_owned()));
}

#[test]
fn ten_wrong_tries_in_a_minute_stop_a_person_and_nobody_else() {
    let mut world = World::new();
    let ticket = world.create("x");
    for id in 100..110 {
        let guess = Ticket { id: SecretId(id), token: ticket.token.clone() };
        assert_eq!(world.read(claim_of(&guess, 0)), Err(No::Closed));
    }
    assert!(matches!(world.read(claim_of(&ticket, 0)), Err(No::TooMany(_))));
    let other = Claim { who: vec![Who::User(UserId(3))], ..claim_of(&ticket, 0) };
    assert_eq!(world.read(other), Ok("x".to_owned()));
}

#[test]
fn what_cannot_be_kept_is_refused_and_leaves_nothing() {
    let mut world = World::new();
    let longest = "😀".repeat(4_000);
    let ticket = world.create(&longest);
    assert_eq!(world.read(claim_of(&ticket, 0)), Ok(longest.clone()));
    for (text, ttl, why) in [
        ("", 60, Unkept::Empty),
        (" \n", 60, Unkept::Empty),
        (&*format!("{longest}x"), 60, Unkept::TooLong(4_000)),
        ("x", 0, Unkept::Ttl(world.limits.max_ttl)),
        ("x", 7 * 86_400 + 1, Unkept::Ttl(world.limits.max_ttl)),
    ] {
        let new = New { ttl: Duration::from_secs(ttl), ..world.new_one(text) };
        assert_eq!(world.try_create(new), Err(why));
    }
    (0..3).for_each(|_| drop(world.create("x")));
    let fourth = world.new_one("x");
    assert_eq!(world.try_create(fourth), Err(Unkept::TooManyOfYours(3)));
    let by_a_script = New { by: Author::ApiKey("shop".to_owned()), ..world.new_one("x") };
    assert!(world.try_create(by_a_script).is_ok());
    assert_eq!(count(&world.store.snapshot().unwrap()).unwrap(), 4);
}

#[test]
fn nobody_burns_the_secrets_of_others() {
    let mut world = World::new();
    let ticket = world.create("x");
    let id = ticket.id;
    let burn = |by: Burner| world.store.write(move |tx| burn(tx, id, &by, at(0))).unwrap();
    assert_eq!(burn(Burner::Author(Author::User(UserId(2)))), None);
    assert_eq!(burn(Burner::Author(Author::Operator)), None);
    assert_eq!(burn(Burner::Author(Author::ApiKey("shop".to_owned()))), None);
    assert_eq!(burn(Burner::Holder(Token::of([0; 32]))), None);
    assert!(burn(Burner::Holder(ticket.token)).is_some());
    assert_eq!(burn(Burner::Operator), None);
}

#[test]
fn secrets_end_in_their_order_and_leave_no_row() {
    let mut world = World::new();
    let ids = [30, 10, 20].map(|ttl| {
        let new = New { ttl: Duration::from_secs(ttl), ..world.new_one("x") };
        world.try_create(new).unwrap().ticket.id
    });
    let end = || next_end(&world.store.snapshot().unwrap()).unwrap();
    let list = |second| list(&world.store.snapshot().unwrap(), None, at(second)).unwrap().len();
    let expire = |second, most| {
        let over = move |tx: &Tx| expire(tx, at(second), most);
        world.store.write(over).unwrap().iter().map(|gone| gone.id).collect::<Vec<_>>()
    };
    assert_eq!((end(), list(0), list(10)), (Some(at(10)), 3, 2));
    assert_eq!(expire(9, 9), []);
    assert_eq!(expire(25, 1), [ids[1]]);
    assert_eq!(expire(25, 9), [ids[2]]);
    assert_eq!((end(), list(0)), (Some(at(30)), 1));
    assert_eq!(expire(30, 9), [ids[0]]);
    let read = world.store.snapshot().unwrap();
    assert_eq!((end(), count(&read).unwrap(), count_of(&read, SENDER).unwrap()), (None, 0, 0));
    assert!(read.table(TEXTS).unwrap().is_empty().unwrap());
}

#[test]
fn whoever_comes_too_late_guesses_nothing_and_locks_nothing() {
    let mut world = World::new();
    let ticket = world.create("x");
    assert!(world.read(claim_of(&ticket, 0)).is_ok());
    for _ in 0..30 {
        assert_eq!(world.read(claim_of(&ticket, 0)), Err(No::Closed));
    }
    for _ in 0..5 {
        assert_eq!(world.read(claim_of(&wrong(&ticket), 0)), Err(No::Closed));
    }
    assert!(matches!(world.read(claim_of(&ticket, 0)), Err(No::TooMany(_))));
}

#[test]
fn of_200_threads_one_gets_the_text() {
    let mut world = World::new();
    for round in 0..3 {
        let ticket = world.create(&format!("text {round}"));
        let texts = std::sync::atomic::AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for number in 0..200 {
                let (store, texts) = (world.store.clone(), &texts);
                let by = Some(UserId(number));
                let asked =
                    Claim { by, who: vec![Who::User(UserId(number))], ..claim_of(&ticket, 0) };
                scope.spawn(move || match store.write(move |tx| claim(tx, &asked)).unwrap() {
                    Claimed::Opened(_) => {
                        texts.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                    }
                    Claimed::No(No::Closed) => {}
                    other => panic!("{other:?}"),
                });
            }
        });
        assert_eq!(texts.into_inner(), 1);
    }
}
