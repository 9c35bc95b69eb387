//! Webhook mode of the real program: Telegram posts, the program commits and answers; everything
//! the updates receiver got wrong stays right.

#[path = "support/models.rs"]
mod models;
mod updates_support;

use std::time::Duration;

use roost::demo::telegram::{Asked, Fault, StandIn};
use roost::hidden::Hidden;
use roost::telegram::Client;
use serde_json::json;
use std::process::Command;
use updates_support::{TOKEN, World, exchange, message};

/// Deliveries of the stand-in so far: id and status.
fn deliveries(telegram: &StandIn) -> Vec<(i64, u16)> {
    let all = |view: &roost::demo::telegram::View| view.deliveries().to_vec();
    telegram.look(all).iter().map(|one| (one.update_id, one.status)).collect()
}

fn waits_for_deliveries(telegram: &StandIn, count: usize) {
    let enough = |view: &roost::demo::telegram::View| view.deliveries().len() >= count;
    telegram.wait_for("deliveries", |view| enough(view).then_some(()));
}

fn client(telegram: &StandIn) -> Client {
    Client::new(&telegram.base_url(), Hidden::new(TOKEN.to_owned()))
}

/// The parameters of the last `setWebhook`.
fn set(world: &World) -> serde_json::Value {
    world.waits_for_webhook();
    world
        .telegram
        .look(|view| view.calls("setWebhook").last().expect("it was called").params.clone())
}

#[test]
fn the_port_is_open_before_telegram_is_told_and_what_waited_arrives() {
    let world = World::new();
    let ada = world.telegram.person(7, "Ada", "en");
    ada.sends("/start");
    let _program = world.hooked(&[]);
    ada.waits_for("the greeting", |message| message.by_bot);
    waits_for_deliveries(&world.telegram, 1);
    let tries = world.telegram.look(|view| view.deliveries().to_vec());
    assert_eq!((tries.len(), tries[0].status, tries[0].answer.as_str()), (1, 200, "OK"));
    let told = set(&world);
    assert_eq!(told["url"], format!("{}/hook", world.base()), "the bind port is not appended");
    assert_eq!(told["max_connections"], 40);
    assert_eq!(told["drop_pending_updates"], false);
    assert_eq!(told["secret_token"].as_str().expect("always").len(), 48);
    let kinds = ["message", "callback_query", "inline_query", "my_chat_member"];
    assert_eq!(told["allowed_updates"], json!(kinds));
    assert!(world.telegram.look(|view| view.calls("getUpdates").is_empty()));
    models::check_all(&world.telegram);
}

#[test]
fn a_repeated_delivery_is_acknowledged_without_a_second_effect() {
    let world = World::new();
    let ada = world.telegram.person(7, "Ada", "en");
    let program = world.hooked(&[]);
    ada.sends("/start");
    waits_for_deliveries(&world.telegram, 1);
    world.telegram.deliver_again();
    waits_for_deliveries(&world.telegram, 2);
    ada.sends("/help");
    waits_for_deliveries(&world.telegram, 3);
    world.telegram.wait_for("two answers", |view| (view.bot_messages(7).len() == 2).then_some(()));
    let ids = deliveries(&world.telegram);
    assert!(ids[0] == ids[1] && ids.iter().all(|(_, status)| *status == 200), "{ids:?}");
    let id = ids[0].0;
    for _ in 0..3 {
        assert_eq!(program.posts(&world.secret(), &message(id, 7, "/start")).status, 200);
    }
    assert_eq!(program.posts(&world.secret(), &message(3, 7, "/help")).status, 200);
    world
        .telegram
        .wait_for("the lower id's answer", |view| (view.bot_messages(7).len() == 3).then_some(()));
}

#[test]
fn without_the_secret_nothing_is_processed_and_no_body_is_logged() {
    let world = World::new();
    world.telegram.person(7, "Ada", "en");
    let program = world.hooked(&[("ROOST_LOG_LEVEL", "trace")]);
    let secret = world.secret();
    let update = message(1, 7, "/start canary-text");
    for wrong in ["", "x", &secret[1..]] {
        assert_eq!(program.posts(wrong, &update).status, 401);
    }
    assert_eq!(program.asks("POST", "/hook", &[], &update).status, 401);
    assert_eq!(
        program
            .asks("POST", "/hook/", &[("x-telegram-bot-api-secret-token", &secret)], &update)
            .status,
        200
    );
    let log = program.stops("TERM").1;
    for hidden in ["canary", &secret, TOKEN, "/hook"] {
        assert!(!log.contains(hidden), "`{hidden}` in\n{log}");
    }
}

#[test]
fn other_methods_and_paths_are_refused_and_status_says_ok() {
    let world = World::new();
    let program = world.hooked(&[]);
    let secret = world.secret();
    for (method, path, status, body) in [
        ("GET", "/hook", 405, None),
        ("PUT", "/hook", 405, None),
        ("POST", "/other", 404, None),
        ("GET", "/status", 200, Some("OK")),
        ("POST", "/status", 200, Some("OK")),
        ("DELETE", "/status", 405, None),
    ] {
        let answer = program.asks(method, path, &[(updates_support::SECRET, &secret)], b"");
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.body);
        assert!(body.is_none_or(|body| answer.body == body), "{}", answer.body);
    }
    let answer = program.asks("GET", "/status", &[], b"");
    assert!(answer.header("content-type").expect("typed").starts_with("text/plain"));
    drop(program);
    let program = world.hooked(&[("WEBHOOK_STATUS_ENDPOINT", "false")]);
    assert_eq!(program.asks("GET", "/status", &[], b"").status, 404);
}

#[test]
fn a_body_over_a_mebibyte_is_refused() {
    let world = World::new();
    let program = world.hooked(&[("ROOST_LIMITS_BODY", "2048")]);
    let secret = world.secret();
    let body = |bytes: usize| {
        let start = br#"{"update_id":1,"x":""#;
        [start, &vec![b'x'; bytes - start.len() - 2][..], b"\"}"].concat()
    };
    assert_eq!(program.posts(&secret, &body(3 << 20)).status, 413);
    assert_eq!(program.posts(&secret, &body((1 << 20) + 1)).status, 413);
    assert_eq!(program.posts(&secret, &body(1 << 20)).status, 200);
}

#[test]
fn a_body_that_is_no_update_is_acknowledged_set_aside_and_shown() {
    let world = World::new();
    let program = world.hooked(&[]);
    let secret = world.secret();
    for body in [&b""[..], b"not json", b"[1]", b"{\"message\":{}}", &[0xff; 40]] {
        assert_eq!(program.posts(&secret, body).status, 200);
    }
    let report = program.waits_until_ready("readiness", |status, _| status == 200);
    let reason = report["checks"]["updates"]["reason"].as_str().expect("loopback is told");
    assert!(reason.starts_with("5 set aside"), "{reason}");
}

#[test]
fn a_forwarded_address_counts_only_from_a_trusted_proxy() {
    let telegram = ("WEBHOOK_LIMIT_SUBNETS", "149.154.160.0/20, 91.108.4.0/22");
    let post = |world: &World, program: &updates_support::Program, forwarded: &str| {
        let secret = world.secret();
        let headers = [(updates_support::SECRET, secret.as_str()), ("X-Forwarded-For", forwarded)];
        program.asks("POST", "/hook", &headers, &message(1, 7, "hi")).status
    };
    let world = World::new();
    let program = world.hooked(&[telegram]);
    assert_eq!(post(&world, &program, "149.154.161.1"), 403, "one header is no proof");
    let world = World::new();
    let program = world.hooked(&[telegram, ("ROOST_TRUSTED_PROXIES", "127.0.0.1/32, 10.0.0.0/8")]);
    for (forwarded, status) in [
        ("149.154.161.1", 200),
        ("6.6.6.6, 149.154.161.1", 200),
        ("6.6.6.6, 149.154.161.1, 10.1.1.1", 200),
        ("::ffff:91.108.4.1", 200),
        ("149.154.161.1, 6.6.6.6", 403),
        ("", 403),
    ] {
        assert_eq!(post(&world, &program, forwarded), status, "{forwarded}");
    }
}

#[test]
fn the_webhook_is_deleted_at_the_end_by_either_signal_and_nothing_is_dropped() {
    for signal in ["TERM", "INT"] {
        let world = World::new();
        let program = world.hooked(&[]);
        world.waits_for_webhook();
        let (status, log) = program.stops(signal);
        assert!(status.success(), "{signal}: {status}\n{log}");
        world.telegram.look(|view| {
            assert_eq!(view.webhook(), None, "{signal}\n{log}");
            let last = *view.calls("deleteWebhook").last().expect("deleted");
            assert_eq!(last.params["drop_pending_updates"], false);
        });
    }
}

#[test]
fn the_webhook_stays_if_asked_or_if_it_is_somebody_elses() {
    let world = World::new();
    let program = world.hooked(&[("TELEGRAM_DELETE_WEBHOOK", "false")]);
    world.waits_for_webhook();
    assert!(program.stops("TERM").0.success());
    let first = world.telegram.look(|view| view.webhook().map(str::to_owned));
    assert!(first.is_some());
    let program = world.hooked(&[("ROOST_UPDATES_ENDPOINT", "second")]);
    world.telegram.wait_for("the second program to have set its webhook", |view| {
        (view.webhook() != first.as_deref()).then_some(())
    });
    let other = json!({"url": "https://elsewhere.example/hook"});
    client(&world.telegram).call("setWebhook", &other, updates_support::PATIENCE).expect("set");
    assert!(program.stops("TERM").0.success());
    let url = world.telegram.look(|view| view.webhook().map(str::to_owned));
    assert_eq!(url.as_deref(), Some("https://elsewhere.example/hook"));
}

#[test]
fn a_refused_webhook_is_asked_for_again_and_shown() {
    let world = World::new();
    let ada = world.telegram.person(7, "Ada", "en");
    world.telegram.fault(Fault::restart().on("setWebhook").times(1));
    let program = world.hooked(&[]);
    program.waits_until_ready("the failure", |_, report| {
        report["checks"]["telegram"]["reason"].as_str().is_some_and(|why| why.contains("500"))
            || world.telegram.look(|view| view.webhook().is_some())
    });
    ada.sends("/start");
    ada.waits_for("the greeting", |message| message.by_bot);
}

#[test]
fn updates_survive_every_change_between_polling_and_webhook() {
    let world = World::new();
    let ada = world.telegram.person(7, "Ada", "en");
    let said = ["/start", "/help", "/stop", "/nonsense"];
    for (round, text) in said.into_iter().enumerate() {
        ada.sends(text);
        let program = if round % 2 == 0 { world.polls() } else { world.hooked(&[]) };
        world.telegram.wait_for("the answer", |view| {
            let mut texts: Vec<String> =
                view.bot_messages(7).into_iter().map(|message| message.text).collect();
            texts.sort();
            texts.dedup();
            (texts.len() == round + 1).then_some(())
        });
        match round {
            // Killed: the webhook is still set when polling begins.
            1 => program.dies(),
            _ => assert!(program.stops("TERM").0.success()),
        }
    }
}

#[test]
fn a_random_path_may_change_at_a_restart_and_no_update_is_lost() {
    let world = World::new();
    let ada = world.telegram.person(7, "Ada", "en");
    let random = [("ROOST_UPDATES_ENDPOINT", "random")];
    let program = world.hooked(&random);
    let first = set(&world)["url"].clone();
    assert_eq!(first.as_str().expect("a URL").len(), world.base().len() + 1 + 48);
    program.dies();
    ada.sends("/start");
    waits_for_deliveries(&world.telegram, 1);
    let _program = world.hooked(&random);
    ada.waits_for("the greeting", |message| message.by_bot);
    assert_ne!(set(&world)["url"], first);
}

#[test]
fn pending_updates_are_dropped_only_if_asked() {
    for mode in ["polling", "webhook"] {
        let world = World::new();
        let ada = world.telegram.person(7, "Ada", "en");
        ada.sends("/start");
        let drop = [("ROOST_UPDATES_DROP_PENDING", "true"), ("ROOST_UPDATES_MODE", mode)];
        let _program = world.hooked(&drop);
        world.telegram.wait_for("what ends the past", |view| {
            let method = if mode == "polling" { "deleteWebhook" } else { "setWebhook" };
            let call = view.calls(method).into_iter().find(|call| call.status == 200)?;
            assert_eq!(call.params["drop_pending_updates"], true);
            Some(())
        });
        ada.sends("/help");
        ada.waits_for("the help", |message| message.by_bot);
        world.telegram.look(|view| assert_eq!(view.bot_messages(7).len(), 1, "{mode}"));
    }
}

#[test]
fn the_receivers_environment_works_as_it_did() {
    let world = World::new();
    let ada = world.telegram.person(7, "Ada", "en");
    let (telegram, database) = (world.telegram.base_url(), world.database());
    let (domain, port) = (world.base(), world.port.to_string());
    let mut command = Command::new(env!("CARGO_BIN_EXE_roost"));
    command.arg("serve").env_clear().current_dir(world.folder.path()).envs([
        ("TELEGRAM_TOKEN", TOKEN),
        ("TELEGRAM_API_URL", &telegram),
        ("TELEGRAM_DELETE_WEBHOOK", "true"),
        ("WEBHOOK_DOMAIN", &domain),
        ("WEBHOOK_ENDPOINT", "token"),
        ("WEBHOOK_BIND", "127.0.0.1"),
        ("WEBHOOK_PORT", &port),
        ("WEBHOOK_LIMIT_SUBNETS", "127.0.0.0/8"),
        ("WEBHOOK_STATUS_ENDPOINT", "true"),
        ("LOG_LEVEL", "DEBUG"),
    ]);
    let program = updates_support::Program::start(&mut command);
    ada.sends("/start");
    ada.waits_for("the greeting", |message| message.by_bot);
    assert_eq!(set(&world)["url"], format!("{domain}/{TOKEN}"));
    assert_eq!(program.port(), world.port);
    assert_eq!(exchange(world.port, "POST", "/status", &[], b"").body, "OK");
    let (status, log) = program.stops("TERM");
    assert!(status.success() && world.telegram.look(|view| view.webhook().is_none()));
    assert!(!log.contains(TOKEN), "{log}");
    assert!(database.exists(), "relative to the working directory");
}

#[test]
fn a_domain_means_https_and_no_port_is_appended() {
    for (domain, url) in [
        ("bot.example.org", "https://bot.example.org/in"),
        ("https://bot.example.org:8443/", "https://bot.example.org:8443/in"),
    ] {
        let world = World::new();
        let settings = [("WEBHOOK_DOMAIN", domain), ("WEBHOOK_ENDPOINT", "/in/")];
        let _program = world.runs(&settings);
        assert_eq!(set(&world)["url"], url);
    }
}

#[test]
fn a_disk_that_is_full_keeps_updates_at_telegram_and_is_survived() {
    let world = World::new();
    world.telegram.person(7, "Ada", "en");
    let program = world.runs_on_a_small_disk(&world.webhook_settings());
    let secret = world.secret();
    assert_eq!(program.posts(&secret, &message(1, 7, "/start")).status, 200);
    program.fills_disk();
    for _ in 0..3 {
        let answer = program.posts(&secret, &message(2, 7, "/help"));
        let after = answer.header("Retry-After").and_then(|after| after.parse::<u64>().ok());
        assert_eq!(answer.status, 503, "{}\n{}", answer.body, program.log());
        assert!(after.is_some_and(|seconds| seconds > 0), "{}", answer.head);
    }
    assert_eq!(program.ready().0, 503);
    program.frees_disk();
    assert_eq!(program.posts(&secret, &message(2, 7, "/help")).status, 200, "{}", program.log());
    assert_eq!(program.posts(&secret, &message(1, 7, "/start")).status, 200);
    world.telegram.wait_for("both answers", |view| {
        let said = |text: &str| {
            let is = |call: &Asked| call.params["text"].as_str().is_some_and(|t| t.contains(text));
            view.calls("sendMessage").into_iter().any(is)
        };
        (said("Hi!") && said("/stop")).then_some(())
    });
    program.waits_until_ready("readiness", |status, _| status == 200);
}

#[test]
fn an_update_refused_for_a_moment_is_delivered_later_and_other_chats_do_not_wait() {
    let world = World::new();
    let ada = world.telegram.person(7, "Ada", "en");
    let bob = world.telegram.person(8, "Bob", "en");
    let program = world.hooked(&[]);
    world.waits_for_webhook();
    program.dies();
    ada.sends("/start");
    waits_for_deliveries(&world.telegram, 2);
    assert!(deliveries(&world.telegram).iter().all(|(_, status)| *status == 0));
    let _program = world.hooked(&[]);
    bob.sends("/start");
    bob.waits_for("the greeting", |message| message.by_bot);
    world.telegram.pass(Duration::from_secs(120));
    ada.waits_for("the greeting", |message| message.by_bot);
}
