//! The journal of runs.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

use ledger::{Begin, Error, Journal, Ledger, Process, RunState, Settled, Step};

use crate::bench::{Bench, claim};

async fn begin(ledger: &Ledger, id: &str) -> Journal {
    let begin = Begin {
        id: id.into(),
        command: "apply".into(),
        accounts: vec!["dev".into(), "prod".into()],
        owner: "ada".into(),
        version: "0.1.0".into(),
    };
    ledger.begin(begin).await.unwrap()
}

fn settled(bench: &Bench, number: usize) -> Settled {
    let (at, key) = (bench.time.now(), format!("dev/subnet/{number}"));
    Settled { at, key, outcome: "created".into(), id: Some("subnet-1".into()), error: None }
}

fn counts() -> BTreeMap<String, u64> {
    BTreeMap::from([("created".into(), 250)])
}

#[tokio::test]
async fn a_run_comes_back_as_it_was_written() {
    for bench in Bench::all() {
        let ledger = bench.here();
        let journal = begin(&ledger, "20261123T100000Z-1f3a").await;
        let steps = [Step { key: "dev/subnet/0".into(), action: "update".into(), fields: vec!["tags".into()] }];
        journal.plan(&steps).await.unwrap();
        for number in 0..250 {
            journal.settled(settled(&bench, number));
        }
        assert_eq!(ledger.runs(10).await.unwrap()[0].state, RunState::Running);
        journal.end("done", counts()).await.unwrap();

        let details = ledger.run("1f3a").await.unwrap();
        assert_eq!(details.run.state, RunState::Ended);
        assert_eq!(details.run.start.accounts, ["dev", "prod"]);
        let end = details.run.end.unwrap();
        assert_eq!((end.exit.as_str(), end.counts), ("done", counts()));
        assert_eq!(details.plan.unwrap(), steps);
        assert_eq!(details.settled, (0..250).map(|number| settled(&bench, number)).collect::<Vec<_>>());
        let batches = bench.names("runs/20261123T100000Z-1f3a").await.len() - 3;
        assert!((1..=4).contains(&batches), "{batches} batches for 250 entries");
    }
}

#[tokio::test]
async fn runs_are_listed_newest_first_and_found_by_a_part_of_their_id() {
    let bench = Bench::memory();
    let ledger = bench.here();
    for id in ["20261123T100000Z-1f3a", "20261124T100000Z-2b2b", "20261124T110000Z-3c3a"] {
        begin(&ledger, id).await.end("done", counts()).await.unwrap();
    }
    let ids = |limit| {
        let ledger = ledger.clone();
        async move { ledger.runs(limit).await.unwrap().into_iter().map(|run| run.start.id).collect::<Vec<_>>() }
    };
    assert_eq!(ids(10).await, ["20261124T110000Z-3c3a", "20261124T100000Z-2b2b", "20261123T100000Z-1f3a"]);
    assert_eq!(ids(1).await, ["20261124T110000Z-3c3a"]);
    for part in ["2b2b", "20261124T10", "20261124T100000Z-2b2b"] {
        assert_eq!(ledger.run(part).await.unwrap().run.start.id, "20261124T100000Z-2b2b");
    }
    let error = ledger.run("3a").await.unwrap_err();
    assert_eq!(error.to_string(), "3a may be any of 20261124T110000Z-3c3a, 20261123T100000Z-1f3a");
    assert!(matches!(ledger.run("20261124").await, Err(Error::AmbiguousRun { .. })));
    for unknown in ["9999", ""] {
        assert!(matches!(ledger.run(unknown).await, Err(Error::UnknownRun { .. })));
    }
}

#[tokio::test]
async fn two_runs_never_share_an_id() {
    let bench = Bench::memory();
    let _journal = begin(&bench.host("one"), "20261123T100000Z-1f3a").await;
    let begin = Begin {
        id: "20261123T100000Z-1f3a".into(),
        command: "apply".into(),
        accounts: vec![],
        owner: "bob".into(),
        version: "1".into(),
    };
    assert!(matches!(bench.host("two").begin(begin).await, Err(Error::Taken { .. })));
}

#[tokio::test]
async fn what_cannot_be_written_is_kept_and_written_later() {
    let bench = Bench::memory();
    let ledger = bench.here();
    let journal = begin(&ledger, "20261123T100000Z-1f3a").await;
    bench.store.fails.store(true, Ordering::SeqCst);
    for number in 0..150 {
        journal.settled(settled(&bench, number));
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    bench.store.fails.store(false, Ordering::SeqCst);
    journal.settled(settled(&bench, 150));
    journal.end("done", counts()).await.unwrap();
    assert_eq!(ledger.run("1f3a").await.unwrap().settled.len(), 151);
}

#[tokio::test]
async fn what_cannot_be_written_at_all_is_told_at_the_end() {
    let bench = Bench::memory();
    let journal = begin(&bench.here(), "20261123T100000Z-1f3a").await;
    bench.store.fails.store(true, Ordering::SeqCst);
    for number in 0..3 {
        journal.settled(settled(&bench, number));
    }
    let error = journal.end("done", counts()).await.unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("3 entries of the journal of run 20261123T100000Z-1f3a are not written: cannot write"),
        "{error}"
    );
}

#[tokio::test]
async fn a_dropped_journal_is_written_and_has_no_end() {
    let bench = Bench::memory();
    let other = bench.host("one");
    let journal = begin(&other, "20261123T100000Z-1f3a").await;
    journal.settled(settled(&bench, 0));
    drop(journal);
    crate::bench::soon(async {
        while bench.here().run("1f3a").await.unwrap().settled.is_empty() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(bench.here().runs(1).await.unwrap()[0].state, RunState::Interrupted);
}

#[tokio::test]
async fn a_run_elsewhere_goes_on_as_long_as_it_has_a_lock() {
    let bench = Bench::memory();
    let other = bench.host("one");
    let lock = other.lock("dev", &claim("ada"), None, &|_| ()).await.unwrap();
    let _journal = begin(&other, &claim("ada").run.replace("ada", "mine")).await;
    assert_eq!(bench.here().runs(1).await.unwrap().len(), 0, "no id of ours");
    lock.release().await.unwrap();

    let run = "20261123T100000Z-1f3a";
    let claim = ledger::Claim { run: run.into(), ..claim("ada") };
    let lock = other.lock("dev", &claim, None, &|_| ()).await.unwrap();
    let _journal = begin(&other, run).await;
    assert_eq!(bench.here().runs(1).await.unwrap()[0].state, RunState::Running);
    lock.release().await.unwrap();
    assert_eq!(bench.here().runs(1).await.unwrap()[0].state, RunState::Interrupted);
}

#[tokio::test]
async fn ids_are_told_apart_and_sort() {
    let ledger = Bench::memory().here();
    let ids: std::collections::BTreeSet<String> = (0..1000).map(|_| ledger.run_id()).collect();
    assert_eq!(ids.len(), 1000);
    assert!(ids.iter().all(|id| id.starts_with("20261123T100000Z-") && id.len() == 25));
    assert_eq!(Process::current(), Process::current());
}
