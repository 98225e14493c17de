//! Bad weather: throttled, broken after the effect, and shown what was true before, a run still ends well.

use end_to_end::{Bench, DEV, Random, World, assert_same, assert_whole};

#[test]
fn onboard_weathers_a_storm() {
    let calm = World::whole_onboarded();
    let (meant, common) = (calm.canonical(), calm.canonical_common());

    let seed = Random::seeded().below(1_000_000);
    let storm = Bench::whole(&format!("throttle=20%, error-after=5%, stale=5/4s, seed={seed}"));
    let run = storm.orgstrap(&["onboard", DEV, "--stats", "--format", "json"]);
    let said = format!("seed {seed}\n{}\n{}", run.stderr, storm.calls());
    assert_eq!(run.code, Some(0), "{said}");
    let throttles: u64 =
        run.json()["stats"].as_array().unwrap().iter().map(|row| row["throttles"].as_u64().unwrap()).sum();
    assert!(throttles > 0, "nothing was throttled: {said}");
    assert!(!run.stderr.contains("Throttl") && !run.stderr.contains("RequestLimitExceeded"), "{said}");
    storm.set_weather("");
    assert_whole(&storm.world, &meant, &said);
    assert_same(&storm.world.canonical_common(), &common, &said);
    storm.orgstrap(&["plan", DEV]).exits(0);
}
