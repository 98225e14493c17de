//! Real processes, killed for real. The test program runs itself again as the process to be killed.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use ledger::{Begin, HolderState, Ledger, RunState, Settled, Step};
use tempfile::TempDir;

use crate::bench::{claim, holder, take};

/// Tells the process to be killed where the ledger is.
const FOLDER: &str = "LEDGER_TEST_FOLDER";

/// Starts this program as one of the two below, and waits until it says that it is ready.
fn start(what: &str, folder: &Path) -> Child {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", what, "--ignored", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.map_while(Result::ok).any(|line| line.contains("ready")), "{what} ended early");
    child
}

#[tokio::test]
async fn the_lock_of_a_killed_process_is_free_at_once() {
    let folder = TempDir::new().unwrap();
    let ledger = Ledger::folder(folder.path()).unwrap();
    let mut child = start("processes::takes_the_lock", folder.path());
    assert_eq!(holder(take(&ledger, "bob").await), "ada");
    assert_eq!(ledger.locks().await.unwrap()[0].state, HolderState::Held);
    child.kill().unwrap();
    // Not yet waited for, it is a zombie: it cannot act either.
    while ledger.locks().await.unwrap()[0].state == HolderState::Held {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(ledger.locks().await.unwrap()[0].state, HolderState::Dead);
    child.wait().unwrap();
    let lock = take(&ledger, "bob").await.unwrap();
    assert_eq!(lock.generation(), 2);
    lock.release().await.unwrap();
}

#[tokio::test]
async fn the_journal_of_a_killed_run_has_what_was_written() {
    let folder = TempDir::new().unwrap();
    let ledger = Ledger::folder(folder.path()).unwrap();
    let mut child = start("processes::writes_a_journal", folder.path());
    assert_eq!(ledger.runs(10).await.unwrap()[0].state, RunState::Running);
    child.kill().unwrap();
    child.wait().unwrap();
    let runs = ledger.runs(10).await.unwrap();
    assert_eq!((runs.len(), runs[0].state), (1, RunState::Interrupted));
    let details = ledger.run(&runs[0].start.id).await.unwrap();
    assert_eq!(details.plan.unwrap().len(), 1);
    assert!(details.settled.len() >= 100, "{}", details.settled.len());
    assert!(details.settled.iter().enumerate().all(|(number, settled)| settled.key == format!("dev/subnet/{number}")));
}

#[tokio::test]
#[ignore = "run by another test, to be killed"]
#[expect(clippy::print_stdout, reason = "the other process reads it")]
async fn takes_the_lock() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let ledger = Ledger::folder(folder).unwrap();
    let _lock = ledger.lock("dev", &claim("ada"), None, &|_| ()).await.unwrap();
    println!("ready");
    tokio::time::sleep(Duration::from_mins(2)).await;
}

#[tokio::test]
#[ignore = "run by another test, to be killed"]
#[expect(clippy::print_stdout, reason = "the other process reads it")]
async fn writes_a_journal() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let ledger = Ledger::folder(folder).unwrap();
    let id = ledger.run_id();
    let begin = Begin {
        id: id.clone(),
        command: "apply".into(),
        accounts: vec!["dev".into()],
        owner: "ada".into(),
        version: "1".into(),
    };
    let journal = ledger.begin(begin).await.unwrap();
    journal.plan(&[Step { key: "dev/subnet/0".into(), action: "create".into(), fields: vec![] }]).await.unwrap();
    for number in 0.. {
        let (at, key) = (jiff::Timestamp::now(), format!("dev/subnet/{number}"));
        journal.settled(Settled { at, key, outcome: "created".into(), id: None, error: None });
        tokio::time::sleep(Duration::from_millis(1)).await;
        if number % 100 == 0 && ledger.run(&id).await.unwrap().settled.len() >= 100 {
            println!("ready");
        }
        if number == 60_000 {
            journal.end("done", BTreeMap::new()).await.unwrap();
            return;
        }
    }
}
