//! AMQP and RabbitMQ.

use roost::relay::{Cause, Sink, Trouble};
use roost::settings::relay::{Amqp, Target};
use serde_json::Value;

use crate::brokers::RabbitMq;
use crate::brokers::consumers::amqp::{bind, drain};
use crate::records::{bodies, records, sink, url};

fn settings(rabbit: &RabbitMq) -> Amqp {
    Amqp {
        url: url(&rabbit.url()),
        exchange: "telegram".to_owned(),
        routing_key: "{kind}.{chat}".to_owned(),
        declare: true,
        persistent: true,
    }
}

fn to(settings: Amqp) -> Box<dyn Sink> {
    sink(Target::Amqp(settings))
}

fn seen(messages: &[Value]) -> Vec<&str> {
    messages.iter().filter_map(|message| message["body"].as_str()).collect()
}

#[test]
fn messages_are_confirmed_persistent_and_say_what_they_are() {
    let rabbit = RabbitMq::start();
    bind(&rabbit.url(), "shop", "telegram", "message.*");
    let all = bodies(1..=500);
    assert_eq!(to(settings(&rabbit)).deliver(&records(&all, 1, "message.5")), Ok(()));
    let messages = drain(&rabbit.url(), "shop");
    assert_eq!(seen(&messages), all);
    let first = &messages[0];
    assert_eq!((&first["key"], &first["exchange"]), (&"message.5".into(), &"telegram".into()));
    let said = |name: &str| first["properties"][name].clone();
    assert_eq!(said("content_type"), "application/json");
    assert_eq!(said("message_id"), "1001");
    assert_eq!(said("delivery_mode"), 2);
    let age = roost::clock::now().as_second() - said("timestamp").as_i64().unwrap();
    assert!((0..60).contains(&age), "{age}");
}

#[test]
fn what_no_queue_takes_waits_for_one_and_nothing_comes_twice() {
    let rabbit = RabbitMq::start();
    bind(&rabbit.url(), "orders", "telegram", "order");
    let mut sink = to(settings(&rabbit));
    let all = bodies(1..=3);
    let mut batch = records(&all, 1, "order");
    batch[1].place = "rare";
    let nowhere = Trouble::again(1, "no queue is bound for `rare`");
    assert_eq!(sink.deliver(&batch), Err(nowhere));
    let still = Trouble::again(0, "no queue is bound for `rare`");
    assert_eq!(sink.deliver(&batch[1..]), Err(still.clone()));
    assert_eq!(sink.deliver(&batch[1..]), Err(still));
    bind(&rabbit.url(), "rare", "telegram", "rare");
    assert_eq!(sink.deliver(&batch[1..]), Ok(()));
    assert_eq!(seen(&drain(&rabbit.url(), "orders")), [&all[0], &all[2]]);
    assert_eq!(seen(&drain(&rabbit.url(), "rare")), [&all[1]]);
}

#[test]
fn settings_that_the_broker_contradicts_are_told_in_words() {
    let rabbit = RabbitMq::start();
    let check = |change: &dyn Fn(&mut Amqp)| {
        let mut settings = settings(&rabbit);
        change(&mut settings);
        to(settings).check().err().map(|cause: Cause| cause.reason().to_owned())
    };
    assert_eq!(check(&|_| ()), None);
    let absent = check(&|settings| {
        settings.exchange = "nowhere".to_owned();
        settings.declare = false;
    });
    let expected = "there is no exchange `nowhere`; create it, or set `declare`";
    assert_eq!(absent.as_deref(), Some(expected));
    let fanout = check(&|settings| settings.exchange = "amq.fanout".to_owned());
    let expected =
        "exchange `amq.fanout` exists and is no durable topic exchange; remove `declare`";
    assert_eq!(fanout.as_deref(), Some(expected));
    let password = check(&|settings| {
        settings.url = url(&format!("amqp://guest:canary@127.0.0.1:{}", rabbit.port()));
    });
    let password = password.expect("not let in");
    assert!(password.contains("ACCESS_REFUSED") && !password.contains("canary"), "{password}");
    let host = check(&|settings| settings.url.path = Some("elsewhere".to_owned()));
    assert!(host.as_ref().is_some_and(|reason| reason.contains("elsewhere")), "{host:?}");
}

#[test]
fn a_queue_is_reached_through_the_default_exchange() {
    let rabbit = RabbitMq::start();
    let default = Amqp { exchange: String::new(), declare: false, ..settings(&rabbit) };
    let mut sink = to(default);
    let all = bodies(1..=1);
    let batch = records(&all, 1, "shop");
    let nowhere = Trouble::again(0, "no queue is bound for `shop`");
    assert_eq!(sink.deliver(&batch), Err(nowhere));
    bind(&rabbit.url(), "shop", "", "");
    assert_eq!(sink.deliver(&batch), Ok(()));
    assert_eq!(seen(&drain(&rabbit.url(), "shop")), all);
}

#[test]
fn a_killed_broker_is_found_again_and_has_what_it_confirmed() {
    let mut rabbit = RabbitMq::start();
    bind(&rabbit.url(), "shop", "telegram", "#");
    let mut sink = to(settings(&rabbit));
    let all = bodies(1..=1_000);
    assert_eq!(sink.deliver(&records(&all[..500], 1, "message.5")), Ok(()));
    rabbit.kill();
    let rest = records(&all[500..], 501, "message.5");
    assert_eq!(sink.deliver(&rest), Err(Trouble::again(0, "connection refused")));
    rabbit.restart();
    assert_eq!(sink.deliver(&rest), Ok(()));
    assert_eq!(seen(&drain(&rabbit.url(), "shop")), all);
}

#[test]
fn a_broker_that_hangs_is_given_up() {
    let rabbit = RabbitMq::start();
    bind(&rabbit.url(), "shop", "telegram", "#");
    let mut sink = to(settings(&rabbit));
    let all = bodies(1..=2);
    assert_eq!(sink.deliver(&records(&all[..1], 1, "message.5")), Ok(()));
    rabbit.process().freeze();
    let rest = records(&all[1..], 2, "message.5");
    assert_eq!(sink.deliver(&rest), Err(Trouble::again(0, "no answer for 15 seconds")));
    rabbit.process().thaw();
    assert_eq!(sink.deliver(&rest), Ok(()));
    let messages = drain(&rabbit.url(), "shop");
    // What the frozen broker had in its socket is a repeat that nobody can tell from the first.
    assert!(seen(&messages).starts_with(&[&all[0], &all[1]]), "{messages:?}");
}
