//! What the caller may tell the user while they wait.

use std::path::PathBuf;

/// A step on the way to a running sandbox.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress {
    /// Another command holds this lock file; this one waits for it, without a bound.
    WaitingForLock {
        /// The lock file.
        path: PathBuf,
    },
    /// moto is being installed, which takes from ten seconds to some minutes and happens once.
    Installing {
        /// The version of moto.
        version: &'static str,
        /// The directory it goes to.
        path: PathBuf,
    },
    /// The server has been started and does not answer yet.
    Starting,
    /// The sandbox answers.
    Ready {
        /// Its address, such as `http://127.0.0.1:41267`.
        endpoint: String,
    },
}
