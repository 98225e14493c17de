//! The documents that were replaced.

use ledger::{Error, Replaced};
use serde_json::json;

use crate::bench::{Bench, at};

fn replaced(time: &str, run: &str, key: &str, field: &str) -> Replaced {
    Replaced {
        at: at(time),
        run: run.into(),
        key: key.into(),
        object: "arn:aws:ecr:us-west-1:123456789012:repository/backend".into(),
        account: "verb-common".into(),
        field: field.into(),
        document: json!({"Version": "2012-10-17", "Statement": []}),
        next: Some(json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow"}]})),
    }
}

#[tokio::test]
async fn documents_are_found_by_key_and_by_run() {
    for bench in Bench::all() {
        let ledger = bench.here();
        let first = replaced("2026-11-23T10:00:00Z", "20261123T100000Z-1f3a", "common/repository/a", "policy");
        let second = replaced("2026-11-23T10:00:00.5Z", "20261123T100000Z-1f3a", "common/repository/a/b", "policy");
        let third = replaced("2026-11-24T10:00:00Z", "20261124T100000Z-2b2b", "common/repository/a", "tags[#1]");
        for replaced in [&first, &second, &third] {
            ledger.keep(replaced).await.unwrap();
            ledger.keep(replaced).await.unwrap();
        }
        assert_eq!(ledger.history("common/repository/a").await.unwrap(), [third.clone(), first.clone()]);
        assert_eq!(ledger.history("common/repository/a/b").await.unwrap(), std::slice::from_ref(&second));
        assert_eq!(ledger.history("common/repository").await.unwrap(), []);
        assert_eq!(ledger.replaced_by("20261123T100000Z-1f3a").await.unwrap(), [first.clone(), second]);
        assert_eq!(ledger.replaced_by("20261124T100000Z-2b2b").await.unwrap(), [third]);
        assert_eq!(ledger.replaced_by("unknown").await.unwrap(), []);

        let other = Replaced { document: json!({}), ..first.clone() };
        assert!(matches!(ledger.keep(&other).await, Err(Error::Taken { .. })));
        assert!(ledger.history("common/repository/a").await.unwrap().contains(&first), "the first is kept");
    }
}

#[tokio::test]
async fn a_pointer_without_its_document_is_a_replacement_that_was_not_made() {
    let bench = Bench::memory();
    let ledger = bench.here();
    let kept = replaced("2026-11-23T10:00:00Z", "20261123T100000Z-1f3a", "common/repository/a", "policy");
    ledger.keep(&kept).await.unwrap();
    bench.write("runs/20261123T100000Z-1f3a/replaced/x.json", "{\"document\": \"history/nowhere.json\"}").await;
    assert_eq!(ledger.replaced_by("20261123T100000Z-1f3a").await.unwrap(), [kept]);
}
