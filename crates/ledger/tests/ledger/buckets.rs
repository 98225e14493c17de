//! S3, against a server of its kind named in `LEDGER_TEST_S3`, such as a moto at `http://127.0.0.1:5000`. Left out
//! without one.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::FutureExt as _;
use ledger::{
    Begin, Broken, Bucket, Cause, Creation, Credentials, CredentialsResult, Error, Ledger, Replaced, Settled, Step,
};

use crate::bench::{claim, holder, take};

#[expect(clippy::print_stderr, reason = "who reads the output should know what was not tested")]
fn server() -> Option<String> {
    let server = std::env::var("LEDGER_TEST_S3").ok();
    if server.is_none() {
        eprintln!("left out: LEDGER_TEST_S3 names no server");
    }
    server
}

fn ledger(endpoint: &str, bucket: &str, credentials: fn() -> CredentialsResult) -> Ledger {
    let credentials: ledger::GetCredentials = Arc::new(move || std::future::ready(credentials()).boxed());
    let (bucket, endpoint) = (bucket.to_owned(), Some(endpoint.to_owned()));
    Ledger::bucket(Bucket { bucket, prefix: "team/a b".into(), region: "us-west-1".into(), endpoint, credentials })
        .unwrap()
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of the callback")]
fn credentials() -> CredentialsResult {
    let session_token = Some("token".to_owned().into());
    Ok(Credentials {
        access_key_id: "AKIATEST".to_owned().into(),
        secret_access_key: "secret".to_owned().into(),
        session_token,
    })
}

/// Makes a bucket, which these servers allow without a signature.
fn make(endpoint: &str, bucket: &str) {
    let address = endpoint.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).unwrap();
    let body =
        "<CreateBucketConfiguration><LocationConstraint>us-west-1</LocationConstraint></CreateBucketConfiguration>";
    let credential =
        "AWS4-HMAC-SHA256 Credential=AKIATEST/20261123/us-west-1/s3/aws4_request, SignedHeaders=host, Signature=0";
    write!(
        stream,
        "PUT /{bucket} HTTP/1.1\r\nHost: {address}\r\nAuthorization: {credential}\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn everything_works_in_a_bucket() {
    let Some(endpoint) = server() else { return };
    let bucket = format!("ledger-{}", std::process::id());
    let ledger = ledger(&endpoint, &bucket, credentials);
    let error = ledger.check().await.unwrap_err();
    assert!(matches!(&error, Error::Store { cause: Cause::NoBucket, .. }), "{error}");
    assert!(error.to_string().contains(&format!("cannot write s3://{bucket}/team/a b/probes/")), "{error}");
    assert!(error.hint().contains(&format!("aws s3 mb s3://{bucket}")), "{}", error.hint());
    assert!(take(&ledger, "ada").await.is_err());
    assert!(ledger.runs(1).await.is_err());

    make(&endpoint, &bucket);
    ledger.check().await.unwrap();
    let lock = take(&ledger, "ada").await.unwrap();
    assert_eq!(holder(take(&ledger, "bob").await), "ada");
    lock.confirm().await.unwrap();
    lock.confirm().await.unwrap();
    assert!(matches!(ledger.break_lock("dev", "bob").await.unwrap(), Broken::Holder(_)));
    assert!(matches!(lock.confirm().await, Err(Error::Lost { .. })));
    take(&ledger, "bob").await.unwrap().release().await.unwrap();

    let id = ledger.run_id();
    let begin =
        Begin { id: id.clone(), command: "apply".into(), accounts: vec![], owner: "ada".into(), version: "1".into() };
    let journal = ledger.begin(begin).await.unwrap();
    let (at, key) = (jiff::Timestamp::now(), "dev/role/a#1 [x]".to_owned());
    journal.plan(&[Step { key: key.clone(), action: "create".into(), fields: vec![] }]).await.unwrap();
    journal.settled(Settled { at, key: key.clone(), outcome: "created".into(), id: None, error: None });
    journal.end("done", BTreeMap::new()).await.unwrap();
    assert_eq!(ledger.run(&id[20..]).await.unwrap().settled.len(), 1);
    let (run, object, account, field) = (id.clone(), String::new(), String::new(), "policy".to_owned());
    let replaced = Replaced { at, run, key: key.clone(), object, account, field, document: 1.into(), next: None };
    ledger.keep(&replaced).await.unwrap();
    ledger.keep(&replaced).await.unwrap();
    assert_eq!(ledger.history(&key).await.unwrap(), std::slice::from_ref(&replaced));
    assert_eq!(ledger.replaced_by(&id).await.unwrap(), [replaced]);
    ledger.creation_begun(&key, at, &id).await.unwrap();
    assert_eq!(ledger.creations().await.unwrap(), BTreeMap::from([(key.clone(), Creation { at, text: None })]));
    ledger.creations_done([&key]).await.unwrap();
    assert!(ledger.creations().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_takers_at_once_one_is_refused() {
    let Some(endpoint) = server() else { return };
    let bucket = format!("ledger-race-{}", std::process::id());
    make(&endpoint, &bucket);
    let inside = Arc::new(AtomicU32::new(0));
    let takers = (0..4).map(|taker| {
        let (ledger, inside) = (ledger(&endpoint, &bucket, credentials), Arc::clone(&inside));
        tokio::spawn(async move {
            let mut won = 0;
            for _ in 0..15 {
                let wait = Some(std::time::Duration::from_mins(1));
                let lock = ledger.lock("dev", &claim(&format!("taker-{taker}")), wait, &|_| ()).await.unwrap();
                assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0, "two are inside");
                won = won.max(lock.generation());
                assert_eq!(inside.fetch_sub(1, Ordering::SeqCst), 1, "two are inside");
                lock.release().await.unwrap();
            }
            won
        })
    });
    let won = futures_util::future::join_all(takers).await.into_iter().map(Result::unwrap).max();
    assert_eq!(won, Some(60));
}

#[tokio::test]
async fn missing_credentials_and_servers_are_told() {
    let none = ledger("http://127.0.0.1:9", "ledger", || Err("the session has ended".into()));
    let error = none.check().await.unwrap_err();
    assert!(matches!(&error, Error::Store { cause: Cause::Credentials, .. }), "{error}");
    assert!(error.to_string().ends_with("there are no credentials: the session has ended"), "{error}");
    let nobody = ledger("http://127.0.0.1:9", "ledger", credentials);
    let error = nobody.check().await.unwrap_err();
    assert!(matches!(&error, Error::Store { cause: Cause::Unreachable, .. }), "{error}");
    assert!(error.to_string().contains("refused"), "{error}");
}
