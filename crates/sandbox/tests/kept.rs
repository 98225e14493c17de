//! The server that is kept across commands.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod common;

use std::io::{Read, Write};
use std::net::TcpListener;

use common::{Stopped, create_role, eventually, has_role, listens, own_state, silent};
use rustix::process::{Pid, Signal, kill_process};
use sandbox::front::Weather;
use sandbox::{Error, attach, reset, start, status, stop};

fn signal(pid: u32, signal: Signal) {
    kill_process(Pid::from_raw(i32::try_from(pid).unwrap()).unwrap(), signal).unwrap();
}

#[tokio::test]
async fn it_is_started_found_emptied_and_stopped() {
    let (_directory, home) = own_state();
    let _stopped = Stopped(home.clone());
    assert_eq!(status(&home).await.unwrap(), None);
    assert!(!reset(&home).await.unwrap());
    assert!(!stop(&home).await.unwrap());

    let first = start(&home, &silent).await.unwrap();
    assert!(!first.already);
    assert_eq!(first.version, sandbox::MOTO_VERSION);

    let again = start(&home, &silent).await.unwrap();
    assert!(again.already);
    assert_eq!((again.pid, again.port), (first.pid, first.port));
    assert_eq!(status(&home).await.unwrap(), Some(again));

    assert!(create_role(&first.endpoint, "made").contains(sandbox::ACCOUNT_ID));
    assert!(has_role(&first.endpoint, "made"));
    let sandbox = attach(&home, Weather::default(), &silent).await.unwrap();
    assert!(sandbox.kept());
    assert!(has_role(sandbox.server(), "made"));
    sandbox.close().await;

    assert!(reset(&home).await.unwrap());
    assert!(!has_role(&first.endpoint, "made"));

    assert!(stop(&home).await.unwrap());
    assert!(!listens(first.port));
    assert_eq!(status(&home).await.unwrap(), None);
    assert!(!stop(&home).await.unwrap());
}

#[tokio::test]
async fn two_starts_at_once_give_one_server() {
    let (_directory, home) = own_state();
    let _stopped = Stopped(home.clone());
    let (one, other) = tokio::join!(start(&home, &silent), start(&home, &silent));
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_eq!(one.pid, other.pid);
    assert_ne!(one.already, other.already);
}

#[tokio::test]
async fn a_server_that_was_killed_is_not_believed() {
    let (directory, home) = own_state();
    let _stopped = Stopped(home.clone());
    let killed = start(&home, &silent).await.unwrap();
    signal(killed.pid, Signal::KILL);
    eventually("its port is closed", || !listens(killed.port));

    assert_eq!(status(&home).await.unwrap(), None);
    let file = std::fs::read_to_string(directory.path().join("server.json")).unwrap();
    assert_eq!(file, "", "the stale file is emptied");
    assert!(!start(&home, &silent).await.unwrap().already);
}

/// Another program got the dead server's port, and its process id is that of a living process.
#[tokio::test]
async fn a_stranger_on_the_port_is_neither_believed_nor_ended() {
    let (directory, home) = own_state();
    let stranger = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = stranger.local_addr().unwrap().port();
    let stale = serde_json::json!({
        "endpoint": format!("http://127.0.0.1:{port}"), "port": port, "pid": std::process::id(),
        "started": "2026-01-01T00:00:00Z", "version": "5.2.5", "nonce": "0",
    });
    std::fs::write(directory.path().join("server.json"), stale.to_string()).unwrap();

    assert!(!stop(&home).await.unwrap());
    assert_eq!(status(&home).await.unwrap(), None);
}

/// The lock is held, yet the port in the file answers with another server's nonce.
#[tokio::test]
async fn another_sandbox_on_the_port_is_not_believed() {
    let (directory, home) = own_state();
    let stranger = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = stranger.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in stranger.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 1024]);
            let _ = write!(stream, "HTTP/1.1 200 OK\r\n\r\n{{\"nonce\": \"1\"}}");
        }
    });
    let path = directory.path().join("server.json");
    let stale = serde_json::json!({
        "endpoint": format!("http://127.0.0.1:{port}"), "port": port, "pid": 1,
        "started": "2026-01-01T00:00:00Z", "version": "5.2.5", "nonce": "0",
    });
    std::fs::write(&path, stale.to_string()).unwrap();
    let held = std::fs::File::open(&path).unwrap();
    held.lock().unwrap();

    let error = status(&home).await.unwrap_err();
    assert!(matches!(error, Error::NotAnswering { pid: Some(1), .. }), "{error}");
    assert!(error.hint().contains("orgstrap sandbox stop"));
}

#[tokio::test]
async fn a_server_that_hangs_is_reported_and_stopped() {
    let (_directory, home) = own_state();
    let _stopped = Stopped(home.clone());
    let hung = start(&home, &silent).await.unwrap();
    signal(hung.pid, Signal::STOP);

    assert!(matches!(status(&home).await, Err(Error::NotAnswering { .. })));
    assert!(stop(&home).await.unwrap());
    assert_eq!(status(&home).await.unwrap(), None);
}
