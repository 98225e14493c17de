//! What can go wrong, and the way out of each.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// The result of everything in this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Why there is no sandbox. [`Error::hint`] says what to do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No environment variable leads to a directory for the cache.
    #[error("there is no directory for the sandbox: HOME is not set")]
    NoHome,

    /// A file or directory of the sandbox cannot be used.
    #[error("cannot {action} {}", path.display())]
    Files {
        /// What was tried, such as `write`.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },

    /// None of these Python interpreters could be run.
    #[error("the sandbox needs Python, and cannot run {}", tried.join(", "))]
    NoPython {
        /// The names or paths that were tried.
        tried: Vec<String>,
    },

    /// The only Python there is too old for moto.
    #[error("the sandbox needs Python 3.10 or newer, and {python} is {version}")]
    OldPython {
        /// The interpreter.
        python: String,
        /// Its version, such as `3.9`.
        version: String,
    },

    /// Python cannot make virtual environments.
    #[error("{python} cannot make a virtual environment:\n{output}")]
    NoVenv {
        /// The interpreter.
        python: String,
        /// The last lines it printed.
        output: String,
    },

    /// pip could not install moto.
    #[error("moto could not be installed:\n{output}")]
    Pip {
        /// The last lines pip printed.
        output: String,
    },

    /// The Python of the installed environment could not be started.
    #[error("cannot run {}", python.display())]
    Spawn {
        /// Its path.
        python: PathBuf,
        /// What the system said.
        source: io::Error,
    },

    /// The server ended before it answered.
    #[error("the sandbox's server ended at once ({status}):\n{output}")]
    EndedEarly {
        /// How it ended, such as `exit status: 1`.
        status: String,
        /// The last lines it printed.
        output: String,
    },

    /// The server runs and does not answer in time.
    #[error("the sandbox's server does not answer after {seconds} seconds:\n{output}")]
    NotReady {
        /// How long it was waited for.
        seconds: u64,
        /// The last lines it printed.
        output: String,
    },

    /// The kept server lives and does not answer.
    #[error("the kept sandbox is alive and does not answer")]
    NotAnswering {
        /// Its process id, if it has told one.
        pid: Option<u32>,
        /// Its log.
        log: PathBuf,
    },

    /// There is no port for the front to listen on.
    #[error("the sandbox's front cannot listen on this machine's loopback address")]
    Port(#[source] io::Error),

    /// moto refused to forget what it holds.
    #[error("the sandbox could not be emptied: {answer}")]
    Reset {
        /// What was answered, or why nothing was.
        answer: String,
    },

    /// The kept server did not end, not even when killed.
    #[error("process {pid} of the kept sandbox does not end")]
    StillAlive {
        /// Its process id.
        pid: u32,
    },
}

/// The way out that is always there.
const OWN_SERVER: &str = "or leave --sandbox away and set AWS_ENDPOINT_URL to a server of your own";

impl Error {
    /// What to do about it, in a sentence or two for the person at the terminal.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::NoHome => "set HOME, or ORGSTRAP_CACHE_DIR to a directory you may write to".into(),
            Self::Files { source, .. } if is_full(source) => {
                "the disk is full: make room (some 150 MB) and run this again".into()
            }
            Self::Files { .. } => "set ORGSTRAP_CACHE_DIR (where moto is installed) and \
                 ORGSTRAP_SANDBOX_HOME (where the kept server's state is) to directories you may write to"
                .into(),
            Self::NoPython { .. } | Self::OldPython { .. } => format!(
                "install Python 3.10 or newer (Debian, Ubuntu: apt install python3 python3-venv; \
                 macOS: brew install python), or name one in ORGSTRAP_PYTHON, {OWN_SERVER}"
            ),
            Self::NoVenv { .. } => format!(
                "install Python's venv module (Debian, Ubuntu: apt install python3-venv), or name \
                 another Python in ORGSTRAP_PYTHON, {OWN_SERVER}"
            ),
            Self::Pip { output } if output.contains("No space left on device") => {
                "the disk is full; nothing was changed: make room (some 150 MB) and run this again".into()
            }
            Self::Pip { .. } => format!(
                "nothing was changed: check the network (behind a mirror or a proxy: PIP_INDEX_URL, \
                 HTTPS_PROXY, PIP_CERT) and run this again, {OWN_SERVER}"
            ),
            Self::Spawn { python, .. } => {
                format!("delete {} and run this again: moto is then installed anew", environment(python).display())
            }
            Self::EndedEarly { .. } => format!(
                "run this again; if it stays, delete the directory moto-* in the cache to install anew, {OWN_SERVER}"
            ),
            Self::NotReady { .. } => "the machine may be very busy: run this again".into(),
            Self::NotAnswering { pid: Some(pid), log } => format!(
                "end it with `orgstrap sandbox stop` and start it again; it is process {pid}, and \
                 its log is {}",
                log.display()
            ),
            Self::NotAnswering { pid: None, log } => format!(
                "it is still starting, or stuck: look for a process `launcher.py --kept` and end \
                 it; its log is {}",
                log.display()
            ),
            Self::Port(_) => {
                "close some programs, or raise the limits of open files and ports, and run this again".into()
            }
            Self::Reset { .. } => "start afresh with `orgstrap sandbox stop` and `orgstrap sandbox start`".into(),
            Self::StillAlive { pid } => format!("end it yourself: kill -9 {pid}"),
        }
    }

    /// Makes an error of what the system said about `path`.
    pub(crate) fn files(action: &'static str, path: impl AsRef<Path>) -> impl Fn(io::Error) -> Self {
        move |source| Self::Files { action, path: path.as_ref().to_owned(), source }
    }
}

fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
}

/// What to delete so that the environment with `bin/python` in it is made anew.
fn environment(python: &Path) -> &Path {
    python.ancestors().nth(2).unwrap_or(python)
}
