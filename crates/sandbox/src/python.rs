//! Finds a Python that can make the environment.

use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

use crate::files::tail;
use crate::{Error, Result};

/// What is looked for on `PATH` unless the user names one. `python3` is theirs and comes first; the
/// others are for systems whose `python3` is old.
const NAMES: [&str; 6] = ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10"];

/// The oldest version that moto runs on.
const OLDEST: (u32, u32) = (3, 10);

/// A program that does not answer by then is not a usable Python.
const PATIENCE: Duration = Duration::from_secs(30);

/// Tells the version, then fails if a module is missing that Debian packages separately.
const PROBE: &str = "import sys; print(*sys.version_info[:2], flush=True); import ensurepip, ssl, venv";

/// The first fit Python: `chosen`, or what `PATH` offers.
pub(crate) async fn find(chosen: Option<&str>) -> Result<String> {
    let names = chosen.map_or(NAMES.to_vec(), |name| vec![name]);
    let mut unfit = None;
    for name in &names {
        match probe(name).await {
            Some(Ok(())) => return Ok((*name).to_owned()),
            // The first one found is the user's own, so its fault is the one to tell.
            Some(Err(error)) => unfit = unfit.or(Some(error)),
            None => {}
        }
    }
    Err(unfit.unwrap_or_else(|| Error::NoPython { tried: names.into_iter().map(str::to_owned).collect() }))
}

/// Whether the program is a fit Python; nothing if it is no Python at all.
async fn probe(python: &str) -> Option<Result<()>> {
    let mut command = Command::new(python);
    command.args(["-I", "-c", PROBE]).stdin(Stdio::null()).kill_on_drop(true);
    let output = timeout(PATIENCE, command.output()).await.ok()?.ok()?;
    let version = parse_version(&String::from_utf8_lossy(&output.stdout))?;
    let python = python.to_owned();
    if version < OLDEST {
        return Some(Err(Error::OldPython { python, version: format!("{}.{}", version.0, version.1) }));
    }
    if !output.status.success() {
        return Some(Err(Error::NoVenv { python, output: tail(&String::from_utf8_lossy(&output.stderr)) }));
    }
    Some(Ok(()))
}

fn parse_version(output: &str) -> Option<(u32, u32)> {
    let (major, minor) = output.lines().next()?.split_once(' ')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
