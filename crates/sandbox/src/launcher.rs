//! The embedded Python program that serves moto, and the lock of the packages it needs.

use std::path::PathBuf;
use std::process::Stdio;

use tokio::process::Command;

use crate::files::{create_directory, short_hash, write_whole};
use crate::{Home, Result};

/// Every package with its version and hashes.
pub(crate) const REQUIREMENTS: &str = include_str!("../python/requirements.txt");

const PROGRAM: [(&str, &str); 4] = [
    ("launcher.py", include_str!("../python/launcher.py")),
    ("code_deploy.py", include_str!("../python/code_deploy.py")),
    ("moto_as_aws.py", include_str!("../python/moto_as_aws.py")),
    ("nursery.py", include_str!("../python/nursery.py")),
];

/// The command that runs the server in the installed environment.
///
/// It is in a process group of its own: Ctrl-C at the terminal must not end the server
/// while the command that uses it finishes its calls.
pub(crate) fn command(home: &Home) -> Result<Command> {
    let mut command = Command::new(home.python());
    // Isolated: no PYTHONPATH or user packages of the caller's get in. Unbuffered: the log is up
    // to date when it is needed.
    command.args(["-I", "-u"]).arg(install(home)?).process_group(0).stdin(Stdio::null());
    if let Some(nursery) = home.nursery() {
        command.arg("--from").arg(nursery);
    }
    Ok(command)
}

/// Puts the program where Python and the reader of a process list can find it. Another version of it is elsewhere.
pub(crate) fn install(home: &Home) -> Result<PathBuf> {
    let hash = short_hash(PROGRAM.map(|(_, text)| text));
    let folder = home.environment().join(format!("program-{hash}"));
    create_directory(&folder)?;
    for (name, text) in PROGRAM {
        write_whole(&folder.join(name), text)?;
    }
    Ok(folder.join(PROGRAM[0].0))
}
