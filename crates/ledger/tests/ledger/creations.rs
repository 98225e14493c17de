//! Notes on creations that were begun.

use std::collections::BTreeMap;
use std::time::Duration;

use ledger::Creation;

use crate::bench::{Bench, at};

#[tokio::test]
async fn notes_are_there_until_done() {
    for bench in Bench::all() {
        let ledger = bench.here();
        let (nat, alb) = ("dev/nat-gateway/a", "dev/load-balancer/main, \"x\" #1");
        ledger.creation_begun(nat, at("2026-11-23T10:00:00.25Z"), "one").await.unwrap();
        ledger.creation_begun(nat, at("2026-11-23T10:00:00.25Z"), "one").await.unwrap();
        ledger.creation_begun(nat, at("2026-11-23T10:00:07Z"), "two").await.unwrap();
        ledger.creation_begun(alb, at("2026-11-23T10:00:01Z"), "one").await.unwrap();
        let expected = BTreeMap::from([
            (nat.to_owned(), Creation { at: at("2026-11-23T10:00:07Z"), text: None }),
            (alb.to_owned(), Creation { at: at("2026-11-23T10:00:01Z"), text: None }),
        ]);
        assert_eq!(ledger.creations().await.unwrap(), expected);
        ledger.creations_done([nat]).await.unwrap();
        ledger.creations_done(["dev/nat-gateway"]).await.unwrap();
        assert_eq!(ledger.creations().await.unwrap().into_keys().collect::<Vec<_>>(), [alb]);
    }
}

#[tokio::test]
async fn old_notes_are_forgotten() {
    for bench in Bench::all() {
        let ledger = bench.here();
        ledger.creation_begun("dev/nat-gateway/a", bench.time.now(), "one").await.unwrap();
        bench.time.pass(Duration::from_hours(1));
        assert_eq!(ledger.creations().await.unwrap().len(), 1);
        bench.time.pass(Duration::from_secs(1));
        assert_eq!(ledger.creations().await.unwrap().len(), 0);
        assert_eq!(bench.names("creations").await.len(), 0);
    }
}

#[tokio::test]
async fn a_note_with_a_text_stays_until_it_is_settled() {
    for bench in Bench::all() {
        let (ledger, key, text) = (bench.here(), "management/account/shop, dev", "car-0123456789abcdef, \"x\"");
        ledger.creation_begun(key, bench.time.now(), "one").await.unwrap();
        bench.time.pass(Duration::from_secs(1));
        ledger.creation_noted(key, bench.time.now(), "one", text).await.unwrap();
        bench.time.pass(Duration::from_secs(1));
        // A later beginning does not take the text away.
        ledger.creation_begun(key, bench.time.now(), "two").await.unwrap();
        let begun = ledger.creations().await.unwrap();
        assert_eq!(begun[key], Creation { at: bench.time.now(), text: Some(text.to_owned()) });
        bench.time.pass(Duration::from_hours(24));
        let begun = ledger.creations().await.unwrap();
        assert_eq!(begun[key].text.as_deref(), Some(text));
        assert_eq!(bench.names("creations").await.len(), 1, "only what has no text is forgotten");
        ledger.creations_done([key]).await.unwrap();
        assert_eq!(bench.names("creations").await.len(), 0);
    }
}
