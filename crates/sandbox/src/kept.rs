//! The server that is kept running across commands.
//!
//! The server holds a lock on its file for as long as it lives, so "is it alive" is a question to
//! the kernel that neither a stale file nor a reused process id can answer wrongly. Who answers on
//! its port is told by a nonce, made anew by each server.

use std::fs::{File, read_to_string};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process_group};
use serde::Serialize;
use tokio::time::sleep;

use crate::files::create_directory;
use crate::identity::Announcement;
use crate::server::Server;
use crate::{Error, Home, Progress, Result, http, install, lock};

/// How long a living server may stay silent. A busy one may need a second or two.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long one question to it may take.
const ANSWER: Duration = Duration::from_secs(3);

/// How long a server may take to end, first when asked, then when killed.
const END: Duration = Duration::from_secs(5);

/// How long it may take to forget; two or three seconds are usual for a full one.
const FORGET: Duration = Duration::from_mins(1);

const POLL: Duration = Duration::from_millis(20);

/// The kept server, as it answered a moment ago.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Running {
    /// Its address, such as `http://127.0.0.1:41267`.
    pub endpoint: String,
    /// The port of the address, chosen by the system.
    pub port: u16,
    /// Its process id, and the id of its process group.
    pub pid: u32,
    /// When it was started.
    pub started: Timestamp,
    /// The version of moto.
    pub version: String,
    /// The file it prints to.
    pub log: PathBuf,
    /// Whether it was there before this call.
    pub already: bool,
}

/// Starts the kept server, after installing moto if needed; gives the one that is there if there
/// is one.
///
/// The server belongs to no terminal and outlives this process. Of two commands that start one at
/// once, the second waits and gets the first one's.
///
/// # Errors
/// Those of [`install`]; a server that ends early or does not answer in time, which is then ended;
/// a kept server that is alive and does not answer.
pub async fn start(home: &Home, progress: &(dyn Fn(Progress) + Sync)) -> Result<Running> {
    let running = match settled(home, progress).await? {
        Some(running) => running,
        None => start_new(home, progress).await?,
    };
    progress(Progress::Ready { endpoint: running.endpoint.clone() });
    Ok(running)
}

async fn start_new(home: &Home, progress: &(dyn Fn(Progress) + Sync)) -> Result<Running> {
    install(home, progress).await?;
    let _lock = one_at_a_time(home, progress).await?;
    if let Some(running) = status(home).await? {
        return Ok(running);
    }
    progress(Progress::Starting);
    forget(home)?;
    let mut server = Server::spawn_kept(home)?;
    let file = home.server_file();
    let announcement = server.ready(|| read(&file)).await?;
    Ok(running(home, announcement, false))
}

/// The kept server, or nothing if none is alive. The file of a dead one is emptied.
///
/// # Errors
/// [`Error::NotAnswering`] if it is alive and silent; a state directory that cannot be read.
pub async fn status(home: &Home) -> Result<Option<Running>> {
    let path = home.server_file();
    let begin = Instant::now();
    // All is read anew in each round: the server may end, or another one start, meanwhile.
    while is_alive(&path)? {
        let announcement = read(&path);
        if let Some(announcement) = &announcement
            && announcement.is_answered(ANSWER).await
        {
            return Ok(Some(running(home, announcement.clone(), true)));
        }
        if begin.elapsed() > PATIENCE {
            let pid = announcement.map(|announcement| announcement.pid);
            return Err(Error::NotAnswering { pid, log: home.log() });
        }
        sleep(POLL).await;
    }
    Ok(None)
}

/// The [`status`], where a silent server gets the benefit of the doubt: if another command is
/// starting it, on a slow machine perhaps, that command is waited for.
pub(crate) async fn settled(home: &Home, progress: &(dyn Fn(Progress) + Sync)) -> Result<Option<Running>> {
    match status(home).await {
        Err(Error::NotAnswering { .. }) => {
            let _lock = one_at_a_time(home, progress).await?;
            status(home).await
        }
        result => result,
    }
}

/// Makes the kept server forget everything. Gives whether there is one.
///
/// # Errors
/// Those of [`status`]; [`Error::Reset`] if moto refuses.
pub async fn reset(home: &Home) -> Result<bool> {
    let Some(running) = status(home).await? else { return Ok(false) };
    match http::ask(running.port, "POST", "/moto-api/reset", FORGET).await {
        Ok((200, _)) => forget(home).map(|()| true),
        Ok((status, body)) => Err(Error::Reset { answer: format!("status {status}: {body}") }),
        Err(error) => Err(Error::Reset { answer: error.to_string() }),
    }
}

/// Removes the ledger of a world that is gone.
fn forget(home: &Home) -> Result<()> {
    let ledger = home.ledger();
    match std::fs::remove_dir_all(&ledger) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::files("remove", &ledger)(error)),
        _ => Ok(()),
    }
}

/// Ends the kept server and waits until it is gone. Gives whether there was one.
///
/// # Errors
/// [`Error::StillAlive`] if it does not end even when killed; [`Error::NotAnswering`] if one is
/// alive that has not told its process id; a state directory that cannot be written to.
pub async fn stop(home: &Home) -> Result<bool> {
    if !home.server_file().exists() {
        return Ok(false);
    }
    let _lock = one_at_a_time(home, &|_| ()).await?;
    let pid = match status(home).await {
        Ok(None) => return Ok(false),
        Ok(Some(running)) => running.pid,
        Err(Error::NotAnswering { pid: Some(pid), .. }) => pid,
        Err(error) => return Err(error),
    };
    for signal in [Signal::TERM, Signal::KILL] {
        if ends(home, pid, signal).await? {
            return Ok(true);
        }
    }
    Err(Error::StillAlive { pid })
}

/// Sends a signal to the server's process group; whether the server is then gone in time.
async fn ends(home: &Home, pid: u32, signal: Signal) -> Result<bool> {
    let group = i32::try_from(pid).ok().and_then(Pid::from_raw);
    match group.map(|group| kill_process_group(group, signal)) {
        Some(Ok(()) | Err(Errno::SRCH)) => {}
        Some(Err(_)) | None => return Err(Error::StillAlive { pid }),
    }
    let begin = Instant::now();
    while is_alive(&home.server_file())? {
        if begin.elapsed() > END {
            return Ok(false);
        }
        sleep(POLL).await;
    }
    Ok(true)
}

/// Keeps two commands from starting and stopping at once.
async fn one_at_a_time(home: &Home, progress: &(dyn Fn(Progress) + Sync)) -> Result<File> {
    create_directory(home.state())?;
    lock::acquire(&home.state().join("command.lock"), progress).await
}

/// Whether a server holds its lock on the file. If none does, the file is emptied, never deleted:
/// a server that is just starting must lock the same file that others look at.
fn is_alive(path: &Path) -> Result<bool> {
    if !path.exists() {
        return Ok(false);
    }
    let file = lock::open(path)?;
    if !lock::try_shared(&file, path)? {
        return Ok(true);
    }
    let is_stale = file.metadata().is_ok_and(|metadata| metadata.len() > 0);
    if is_stale && lock::try_exclusive(&file, path)? {
        file.set_len(0).map_err(Error::files("empty", path))?;
    }
    Ok(false)
}

/// What the server has announced, if it has.
fn read(path: &Path) -> Option<Announcement> {
    serde_json::from_str(&read_to_string(path).ok()?).ok()
}

fn running(home: &Home, announcement: Announcement, already: bool) -> Running {
    let Announcement { endpoint, port, pid, started, version, .. } = announcement;
    Running { endpoint, port, pid, started, version, log: home.log(), already }
}
