//! Notes on creations that were begun.

use std::collections::BTreeMap;
use std::time::Duration;

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
            (nat.to_owned(), at("2026-11-23T10:00:07Z")),
            (alb.to_owned(), at("2026-11-23T10:00:01Z")),
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
