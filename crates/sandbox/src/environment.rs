//! Installs moto into a virtual environment, once for everybody.
//!
//! Each attempt builds in a directory of its own name, since an environment cannot be moved; a
//! symbolic link, set last, makes it the installed one. Whatever is killed on the way, even a pip
//! that outlives its owner, leaves a directory that nothing links to.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tempfile::TempDir;
use tokio::process::Command;

use crate::files::{create_directory, tail, write_whole};
use crate::launcher::REQUIREMENTS;
use crate::{Error, Home, MOTO_VERSION, Progress, Result, lock, python};

/// Holds the path of the Python that the environment was made with. A system upgrade that
/// replaces it leaves the environment without its packages.
const MADE_WITH: &str = "made-with";

/// Makes sure that moto is installed, and gives the Python that has it ([`Home::python`]).
///
/// A second command that finds an installation under way waits for it. A failure changes nothing.
///
/// # Errors
/// No fit Python, a pip that fails, or a cache that cannot be written to.
pub async fn install(home: &Home, progress: &(dyn Fn(Progress) + Sync)) -> Result<PathBuf> {
    if is_installed(home) {
        return Ok(home.python());
    }
    create_directory(home.cache())?;
    let _lock = lock::acquire(&home.cache().join("install.lock"), progress).await?;
    if !is_installed(home) {
        build(home, progress).await?;
    }
    Ok(home.python())
}

/// Whether the link is there and what it leads to still works.
fn is_installed(home: &Home) -> bool {
    let made_with = fs::read_to_string(home.environment().join(MADE_WITH));
    let python = fs::canonicalize(home.python());
    made_with.is_ok_and(|made| python.is_ok_and(|python| python == Path::new(&made)))
}

async fn build(home: &Home, progress: &(dyn Fn(Progress) + Sync)) -> Result<()> {
    let base = python::find(home.interpreter()).await?;
    progress(Progress::Installing { version: MOTO_VERSION, path: home.environment() });
    remove_unlinked(home);

    // Deleted when dropped: by an error, or by a caller who loses patience.
    let prefix = format!("{}.", home.environment_name());
    let directory = tempfile::Builder::new()
        .prefix(&prefix)
        .tempdir_in(home.cache())
        .map_err(Error::files("create a directory in", home.cache()))?;
    make_environment(&base, directory.path()).await?;
    install_packages(directory.path()).await?;
    link(home, directory)
}

async fn make_environment(base: &str, directory: &Path) -> Result<()> {
    let mut command = Command::new(base);
    command.args(["-I", "-m", "venv"]).arg(directory);
    run(command).await.map_err(|output| Error::NoVenv { python: base.to_owned(), output })
}

async fn install_packages(directory: &Path) -> Result<()> {
    let requirements = directory.join("requirements.txt");
    write_whole(&requirements, REQUIREMENTS)?;
    let mut command = Command::new(python_in(directory));
    command
        .args(["-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
        .args(["--no-input", "--require-hashes", "--requirement"])
        .arg(requirements)
        // The user's index, proxy and certificates are theirs to choose; the target is ours.
        .env("PIP_USER", "0")
        .env_remove("PIP_TARGET")
        .env_remove("PIP_PREFIX")
        .env_remove("PIP_ROOT");
    run(command).await.map_err(|output| Error::Pip { output })
}

/// Makes the finished directory the installed environment, in one step.
fn link(home: &Home, directory: TempDir) -> Result<()> {
    let python = python_in(directory.path());
    let made_with = fs::canonicalize(&python).map_err(Error::files("find", &python))?;
    write_whole(&directory.path().join(MADE_WITH), &made_with.to_string_lossy())?;

    let environment = home.environment();
    let unfinished = directory.path().join("link");
    let name = directory.path().file_name().unwrap_or_default();
    symlink(name, &unfinished)
        .and_then(|()| fs::rename(&unfinished, &environment))
        .map_err(Error::files("create the link", &environment))?;
    let _kept = directory.keep();
    Ok(())
}

/// Removes what killed installations have left. As good as it gets: a pip that still runs there
/// may write on, and the next installation tries again.
fn remove_unlinked(home: &Home) {
    let linked = fs::read_link(home.environment()).unwrap_or_default();
    let prefix = format!("{}.", home.environment_name());
    for entry in fs::read_dir(home.cache()).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let is_ours = name.as_encoded_bytes().starts_with(prefix.as_bytes());
        if is_ours && OsStr::new(&name) != linked {
            let _still_written_to = fs::remove_dir_all(entry.path());
        }
    }
}

fn python_in(directory: &Path) -> PathBuf {
    directory.join("bin").join("python")
}

/// Runs a program to its end; it ends with this command. If it fails: its last words.
async fn run(mut command: Command) -> std::result::Result<(), String> {
    command.stdin(Stdio::null()).kill_on_drop(true);
    match command.output().await {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => {
            let said = [output.stdout, output.stderr].concat();
            let said = tail(&String::from_utf8_lossy(&said));
            Err(if said.is_empty() { output.status.to_string() } else { said })
        }
        Err(error) => Err(error.to_string()),
    }
}
