#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]
#![expect(clippy::needless_pass_by_value, reason = "`json!` makes values")]
use serde_json::json;

use super::*;

const KEY: &str = "dev/vpc/main";

fn step(action: &str, id: Option<&str>, diffs: Value, desired: Value) -> SavedStep {
    serde_json::from_value(json!({"key": KEY, "action": action, "id": id, "diffs": diffs, "desired": desired})).unwrap()
}

fn diff(field: &str, actual: Value, desired: Value) -> Value {
    json!({"field": field, "actual": actual, "desired": desired, "fixed": false})
}

fn keep(desired: Value) -> SavedStep {
    step("keep", Some("vpc-1"), json!([]), desired)
}

fn update(diffs: Value, desired: Value) -> SavedStep {
    step("update", Some("vpc-1"), diffs, desired)
}

/// What moved, with its cause and the two values.
fn moved(planned: &[SavedStep], now: &[SavedStep], same_files: bool) -> Value {
    json!(moves(planned, now, same_files))
}

fn of_field(cause: &str, field: &str, planned: Value, now: Value) -> Value {
    json!({"key": KEY, "field": field, "cause": cause, "planned": planned, "now": now})
}

fn of_object(cause: &str, planned: Value, now: Value) -> Value {
    json!({"key": KEY, "field": null, "cause": cause, "planned": planned, "now": now})
}

#[test]
fn the_same_plan_has_not_moved() {
    let all = [
        keep(json!({"dns": true})),
        update(json!([diff("dns", json!(false), json!(true))]), json!({"dns": true})),
        step("create", None, json!([diff("dns", json!(null), json!(true))]), json!({})),
        step("delete", Some("vpc-2"), json!([]), json!({})),
        step("delete", Some("vpc-3"), json!([]), json!({})),
    ];
    let backwards: Vec<_> = all.iter().rev().cloned().collect();
    assert_eq!(moved(&all[..1], &all[..1], true), json!([]));
    assert_eq!(moved(&all[3..], &backwards[..2], true), json!([]));
    // Somebody did by hand what the files want now: nothing would be done, as before.
    assert_eq!(moved(&[keep(json!({"dns": true}))], &[keep(json!({"dns": false}))], false), json!([]));
}

#[test]
fn what_somebody_changed_is_the_world() {
    let (on, off) = (json!({"dns": true}), json!({"dns": false}));
    let drifted = update(json!([diff("dns", json!(false), json!(true))]), on.clone());
    // Other files that do not concern it change nothing about that.
    for same_files in [true, false] {
        let moves = moved(&[keep(on.clone())], std::slice::from_ref(&drifted), same_files);
        assert_eq!(moves, json!([of_field("world", "dns", json!(true), json!(false))]));
        let moves = moved(std::slice::from_ref(&drifted), &[keep(on.clone())], same_files);
        assert_eq!(moves, json!([of_field("world", "dns", json!(false), json!(true))]));
    }
    let other = update(json!([diff("dns", json!("odd"), json!(false))]), off.clone());
    let moves = moved(&[drifted], &[other], false);
    let both =
        [of_field("world", "dns", json!(false), json!("odd")), of_field("files", "dns", json!(true), json!(false))];
    assert_eq!(moves, json!(both));
}

#[test]
fn what_is_wanted_now_is_the_files() {
    let (on, off) = (json!({"dns": true}), json!({"dns": false}));
    let now = update(json!([diff("dns", json!(true), json!(false))]), off);
    assert_eq!(moved(&[keep(on.clone())], &[now], false), json!([of_field("files", "dns", json!(true), json!(false))]));
    let create = |value: bool| step("create", None, json!([diff("dns", json!(null), json!(value))]), json!({}));
    let moves = moved(&[create(true)], &[create(false)], false);
    assert_eq!(moves, json!([of_field("files", "dns", json!(true), json!(false))]));
    // Drift and another wish, each in a field of its own.
    let planned = keep(json!({"dns": true, "name": "a"}));
    let diffs = json!([diff("dns", json!(false), json!(true)), diff("name", json!("a"), json!("b"))]);
    let now = update(diffs, json!({"dns": true, "name": "b"}));
    let both = [of_field("world", "dns", json!(true), json!(false)), of_field("files", "name", json!("a"), json!("b"))];
    assert_eq!(moved(&[planned], &[now], false), json!(both));
}

#[test]
fn what_is_wanted_because_of_another_object_is_the_world() {
    let planned = keep(json!({"gateway": "igw-1"}));
    let now = update(json!([diff("gateway", json!("igw-1"), json!("igw-2"))]), json!({"gateway": "igw-2"}));
    let moves = moved(&[planned], &[now], true);
    assert_eq!(moves, json!([of_field("world", "gateway", json!("igw-1"), json!("igw-2"))]));
}

/// Another address range makes another network, in which nothing is found.
#[test]
fn what_is_not_found_because_its_parent_is_replaced_is_the_files() {
    let pending = json!({"pending": "dev/vpc/other"});
    let planned = keep(json!({"vpc": "vpc-0"}));
    let now = step("create", None, json!([diff("vpc", json!(null), pending.clone())]), json!({}));
    let moves = moved(std::slice::from_ref(&planned), std::slice::from_ref(&now), false);
    assert_eq!(moves, json!([of_field("files", "vpc", json!("vpc-0"), pending.clone())]));
    let moves = moved(std::slice::from_ref(&now), std::slice::from_ref(&planned), false);
    assert_eq!(moves, json!([of_field("files", "vpc", pending, json!("vpc-0"))]));
    // With the same files somebody deleted the parent.
    let missing = of_object("world", json!({"action": "keep", "id": "vpc-1"}), json!({"action": "create", "id": null}));
    assert_eq!(moved(&[planned], &[now], true), json!([missing]));
    // Deleted by hand, and wanted in another way.
    let planned = keep(json!({"dns": true}));
    let now = step("create", None, json!([diff("dns", json!(null), json!(false))]), json!({}));
    let both = [missing, of_field("files", "dns", json!(true), json!(false))];
    assert_eq!(moved(&[planned], &[now], false), json!(both));
}

#[test]
fn of_tags_those_are_named_that_moved() {
    let wanted = json!({"tags": {"team": "cms", "key": "k", "fleet": "f"}});
    let drifted = |actual: Value, desired: Value| update(json!([diff("tags", actual, desired)]), wanted.clone());
    let one = drifted(json!({"team": "shop"}), json!({"team": "cms"}));
    let two = drifted(json!({"team": "shop"}), json!({"team": "cms", "key": "k"}));
    let moves = moved(&[keep(wanted.clone())], std::slice::from_ref(&one), true);
    assert_eq!(moves, json!([of_field("world", "tags", json!({"team": "cms"}), json!({"team": "shop"}))]));
    assert_eq!(moved(&[one], &[two], true), json!([of_field("world", "tags", json!({"key": "k"}), json!({}))]));
}

#[test]
fn objects_come_and_go() {
    let kept = keep(json!({}));
    let created = step("create", None, json!([]), json!({}));
    let unwanted = step("delete", Some("vpc-1"), json!([]), json!({}));
    let other = SavedStep { id: Some("vpc-2".into()), ..kept.clone() };
    let is = |action: &str| json!({"action": action, "id": "vpc-1"});
    let missing = json!({"action": "create", "id": null});
    for (planned, now, expected) in [
        (Some(&created), Some(&kept), of_object("world", missing.clone(), is("keep"))),
        (Some(&kept), Some(&created), of_object("world", is("keep"), missing.clone())),
        (Some(&kept), Some(&other), of_object("world", is("keep"), json!({"action": "keep", "id": "vpc-2"}))),
        (Some(&unwanted), None, of_object("world", is("delete"), json!(null))),
        (None, Some(&unwanted), of_object("world", json!(null), is("delete"))),
        (Some(&kept), Some(&unwanted), of_object("files", is("keep"), is("delete"))),
        (Some(&unwanted), Some(&kept), of_object("files", is("delete"), is("keep"))),
        (None, Some(&created), of_object("files", json!(null), missing.clone())),
        (Some(&created), None, of_object("files", missing.clone(), json!(null))),
    ] {
        let slice = |step: Option<&SavedStep>| step.cloned().into_iter().collect::<Vec<_>>();
        assert_eq!(moved(&slice(planned), &slice(now), false), json!([expected]));
    }
}

#[test]
fn unwanted_objects_of_one_key_are_told_apart_by_their_ids() {
    let unwanted = |id: &str| step("delete", Some(id), json!([]), json!({}));
    let [a, b, c] = ["vpc-a", "vpc-b", "vpc-c"].map(unwanted);
    let moves = moved(&[a, b.clone()], &[b, c], true);
    let is = |id: &str| json!({"action": "delete", "id": id});
    let expected = [of_object("world", json!(null), is("vpc-c")), of_object("world", is("vpc-a"), json!(null))];
    assert_eq!(moves, json!(expected));
}

#[test]
fn a_difference_that_means_something_else_has_moved_too() {
    let planned = update(json!([diff("dns", json!(false), json!(true))]), json!({"dns": true}));
    let mut now = planned.clone();
    now.action = Action::Replace;
    now.diffs[0].fixed = true;
    assert_eq!(moves(&[planned], &[now], true).len(), 1);
}

#[test]
fn a_plan_that_was_applied_is_done() {
    let kept = keep(json!({}));
    let created = step("create", None, json!([]), json!({}));
    let unwanted = step("delete", Some("vpc-9"), json!([]), json!({}));
    let replaced = step("replace", Some("vpc-0"), json!([]), json!({}));
    assert!(is_done(&[created.clone(), unwanted.clone()], std::slice::from_ref(&kept)));
    assert!(is_done(&[replaced], std::slice::from_ref(&kept)));
    assert!(!is_done(std::slice::from_ref(&kept), std::slice::from_ref(&kept)), "it had nothing to do");
    let still = SavedStep { key: "dev/vpc/other".into(), ..unwanted.clone() };
    assert!(!is_done(&[created.clone(), still.clone()], &[kept.clone(), still]));
    assert!(!is_done(std::slice::from_ref(&created), std::slice::from_ref(&created)));
    assert!(!is_done(&[created], &[kept, unwanted]));
}
