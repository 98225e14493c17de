//! The embedded Python program that serves moto, and the lock of the packages it needs.

use std::path::PathBuf;
use std::process::Stdio;

use tokio::process::Command;

use crate::files::write_whole;
use crate::{Home, Result};

/// Every package with its version and hashes.
pub(crate) const REQUIREMENTS: &str = include_str!("../python/requirements.txt");

const LAUNCHER: &str = include_str!("../python/launcher.py");

/// The command that runs the server in the installed environment.
///
/// It is in a process group of its own: Ctrl-C at the terminal must not end the server
/// while the command that uses it finishes its calls.
pub(crate) fn command(home: &Home) -> Result<Command> {
    let mut command = Command::new(home.python());
    // Isolated: no PYTHONPATH or user packages of the caller's get in. Unbuffered: the log is up
    // to date when it is needed.
    command.args(["-I", "-u"]).arg(install(home)?).process_group(0).stdin(Stdio::null());
    Ok(command)
}

/// Puts the program where Python and the reader of a process list can find it.
fn install(home: &Home) -> Result<PathBuf> {
    let path = home.environment().join("launcher.py");
    write_whole(&path, LAUNCHER)?;
    Ok(path)
}
