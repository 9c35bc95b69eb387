//! Nothing people write and no token is ever printed, not even at the most talkative level.

use roost::demo::telegram::{Fault, Harm};
use serde_json::json;

use crate::support::pictures::png;
use crate::support::{ADA, TOKEN};
use crate::world::{World, toast};

#[test]
fn neither_the_token_nor_what_people_write_is_printed_at_trace() {
    let world = World::with(&json!({"log": {"level": "trace"}}), |_| ());
    let canary = "canary-9f3a";
    let group = -100_777;
    world.telegram.group(group, canary, &[&world.ada]);
    let id = world.event("Chess");
    let init_data = ADA.init_data();
    let mut page = world.page(ADA);
    page.send(json!({"type": canary}));
    page.expect("error");
    page.send_text(format!("{{{canary}"));
    page.expect("error");
    world.ada.sends(canary);
    world.ada.sends(&format!("/start {canary}"));
    world.ada.waits_for_text("Hi!");
    world.ada.sends(&format!("/{}", canary.replace('-', "")));
    world.ada.sends_in(group, &format!("/help {canary}"));
    world.ada.sends_photo(&png(1280, 720), canary).unwrap();
    world.admin.sends(&format!("/addevent {canary} | x{canary} | 2 |"));
    world.admin.waits_for_text("Start:");
    world.admin.sends(&format!("/cancelevent {id} {canary}"));
    world.admin.waits_for_text("happens more than once");
    for odd in [
        json!({"message": {"message_id": canary, "text": canary}}),
        json!({"message": canary}),
        json!({"callback_query": {"id": canary, "data": canary}}),
        json!({"telepathy": {"text": canary}}),
    ] {
        world.telegram.inject(odd);
    }
    for harm in [Harm::Html, Harm::BrokenJson, Harm::Reset, Harm::LostAnswer] {
        world.telegram.fault(Fault::new(harm).on("sendMessage").in_chat(ADA.id).times(1));
    }
    world.telegram.fault(Fault::new(Harm::Reset).on("getUpdates").times(1));
    world.ada.sends(&format!("/help {canary}"));
    world.ada.waits_for_text("This is what I can do");
    let tap = world.ada.taps_with(&world.told(&world.ada)[0], canary);
    toast(&world.ada, &tap);
    let (host, token) = (world.telegram.base_url(), TOKEN.split(':').nth(1).unwrap());
    let mut world = world;
    world.program.ask_to_stop();
    let (status, output) = world.program.ended();
    assert!(status.success(), "{output}");
    assert!(output.contains("TRACE") || output.contains("DEBUG"), "it talks: {output}");
    let hash = init_data.split("hash=").nth(1).unwrap();
    for secret in [canary, &canary.replace('-', ""), token, hash, &format!("{host}/bot"), ADA.name]
    {
        assert!(!output.contains(secret), "`{secret}` in:\n{output}");
    }
}
