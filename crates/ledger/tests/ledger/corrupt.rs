//! Files that are not ours, cut short, or meddled with.

use ledger::{Broken, Error};

use crate::bench::{Bench, claim, take};

#[tokio::test]
async fn a_record_that_was_cut_short_names_itself_and_the_way_out() {
    for bench in Bench::all() {
        let ledger = bench.here();
        for content in ["", "{\"lock\": \"dev\", \"sta", "[]", "\u{0}\u{0}"] {
            take(&ledger, "ada").await.unwrap().release().await.unwrap();
            let highest = bench.names("locks/dev").await.pop().unwrap();
            bench.write(&highest, content).await;
            for error in [take(&ledger, "bob").await.unwrap_err(), ledger.locks().await.unwrap_err()] {
                assert!(matches!(&error, Error::Corrupt { lock: Some(lock), .. } if lock == "dev"), "{error}");
                assert!(error.to_string().contains(&highest), "{error}");
                assert!(error.hint().contains("orgstrap lock break dev"), "{}", error.hint());
            }
            assert_eq!(ledger.break_lock("dev", "bob").await.unwrap(), Broken::Unreadable);
            take(&ledger, "bob").await.unwrap().release().await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_record_of_another_lock_is_not_believed() {
    let bench = Bench::memory();
    let ledger = bench.here();
    ledger.lock("prod", &claim("ada"), None, &|_| ()).await.unwrap().release().await.unwrap();
    let record = bench.read("locks/prod/0000000001.json").await;
    bench.write("locks/dev/0000000001.json", Box::leak(record.into_boxed_str())).await;
    let error = take(&ledger, "bob").await.unwrap_err();
    assert!(error.to_string().contains("it is a record of the lock prod"), "{error}");
}

#[tokio::test]
async fn other_peoples_files_are_left_alone() {
    for bench in Bench::all() {
        let ledger = bench.here();
        let strange =
            ["locks/dev/notes.txt", "locks/README", "runs/notes/start.json", "creations/x.json", "locks/dev/7.json"];
        for name in strange {
            bench.write(name, "not JSON").await;
        }
        for _ in 0..3 {
            take(&ledger, "ada").await.unwrap().release().await.unwrap();
        }
        assert_eq!(ledger.locks().await.unwrap(), []);
        assert_eq!(ledger.runs(10).await.unwrap(), []);
        assert!(ledger.creations().await.unwrap().is_empty());
        for name in strange {
            assert_eq!(bench.read(name).await, "not JSON");
        }
    }
}

#[tokio::test]
async fn a_run_that_cannot_be_read_names_the_file() {
    let bench = Bench::memory();
    bench.write("runs/20261123T100000Z-1f3a/start.json", "{").await;
    let error = bench.here().runs(10).await.unwrap_err();
    assert!(error.to_string().contains("memory://runs/20261123T100000Z-1f3a/start.json cannot be read"), "{error}");
    assert!(error.hint().contains("move"), "{}", error.hint());
}
