//! Where a command's ledger is: where the fleet says, or beside the sandbox's world, which it is as old as.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{env, fs, io};

use aws::Sessions;
use fleet::{Fleet, LedgerLocation};
use ledger::{Bucket, Credentials, Ledger};
use sandbox::{Home, Sandbox};

use crate::cli::Global;
use crate::failure::Failure;

/// The ledger of a command that may change something.
pub(crate) fn of_run(
    fleet: &Fleet,
    global: &Global,
    sandbox: Option<&Sandbox>,
    sessions: &Arc<Sessions>,
) -> Result<Ledger, Failure> {
    // A rehearsal is not written into the books of the real thing, unless that is asked for.
    match sandbox.filter(|_| global.ledger.is_none()) {
        Some(sandbox) if sandbox.kept() => Ok(Ledger::folder(sandbox_folder()?)?),
        Some(_) => Ok(Ledger::memory()),
        None => at(fleet, sandbox.map(Sandbox::endpoint).or_else(own_endpoint), sessions),
    }
}

/// The ledger that `lock` and `runs` look into. There may be no sandbox running any more, and a folder needs no
/// credentials: `sessions` is asked for a bucket alone.
pub(crate) async fn of_reader(
    fleet: &Fleet,
    global: &Global,
    sessions: impl AsyncFnOnce() -> Arc<Sessions>,
) -> Result<Ledger, Failure> {
    if global.sandbox && global.ledger.is_none() {
        return in_folder(&sandbox_folder()?);
    }
    match &fleet.ledger.location {
        LedgerLocation::Folder(path) => in_folder(path),
        LedgerLocation::Bucket { .. } => at(fleet, own_endpoint(), &sessions().await),
    }
}

/// Proves that a run could keep its books, and says where. Makes nothing that stays, not even the folder.
pub(crate) async fn prove(
    fleet: &Fleet,
    global: &Global,
    sandbox: Option<&Sandbox>,
    sessions: &Arc<Sessions>,
) -> Result<String, Failure> {
    let location = &fleet.ledger.location;
    let folder = match (sandbox.filter(|_| global.ledger.is_none()), location) {
        (Some(sandbox), _) if sandbox.kept() => sandbox_folder()?,
        (Some(_), _) => return Ok("the ledger is in memory, and ends with the rehearsal".to_owned()),
        (None, LedgerLocation::Folder(path)) => path.clone(),
        (None, LedgerLocation::Bucket { .. }) => {
            of_run(fleet, global, sandbox, sessions)?.check().await?;
            return Ok(format!("{} can be written", fleet.ledger.url));
        }
    };
    if folder.exists() {
        Ledger::folder(&folder)?.check().await?;
        return Ok(format!("{} can be written", folder.display()));
    }
    // The first run makes it, below what is there.
    let above = folder.ancestors().skip(1).find(|above| above.exists() || above.as_os_str().is_empty());
    let above = above.filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // A file without a name: it is gone when it is closed.
    tempfile::tempfile_in(above).map_err(|error| Failure::io("write into", above, &error))?;
    Ok(format!("the first run makes {}", folder.display()))
}

/// Whoever only looks makes no folder: it may be a mistyped name, or a disk for reading only.
fn in_folder(path: &Path) -> Result<Ledger, Failure> {
    let is_missing = fs::metadata(path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
    Ok(if is_missing { Ledger::memory() } else { Ledger::folder(path)? })
}

fn at(fleet: &Fleet, endpoint: Option<String>, sessions: &Arc<Sessions>) -> Result<Ledger, Failure> {
    match &fleet.ledger.location {
        LedgerLocation::Folder(path) => Ok(Ledger::folder(path)?),
        LedgerLocation::Bucket { bucket, prefix } => {
            let sessions = Arc::clone(sessions);
            let credentials = Arc::new(move || {
                let sessions = Arc::clone(&sessions);
                Box::pin(async move {
                    let keys = sessions.keys().await?;
                    let aws::Keys { access_key_id, secret_access_key, session_token, .. } = keys;
                    Ok(Credentials { access_key_id, secret_access_key, session_token })
                }) as _
            });
            let (bucket, prefix, region) = (bucket.clone(), prefix.clone(), fleet.region.clone());
            Ok(Ledger::bucket(Bucket { bucket, prefix, region, endpoint, credentials })?)
        }
    }
}

/// An endpoint of the user's own, as every AWS SDK reads it (AWS SDKs and tools reference guide, "Service-specific
/// endpoints").
fn own_endpoint() -> Option<String> {
    ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"]
        .iter()
        .find_map(|name| env::var(name).ok())
        .filter(|url| !url.is_empty())
}

fn sandbox_folder() -> Result<PathBuf, Failure> {
    Ok(Home::from_env(|name| env::var(name).ok())?.ledger())
}
