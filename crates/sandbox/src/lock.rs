//! One command at a time: a lock file that the kernel frees when its holder ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::time::Duration;

use tokio::time::sleep;

use crate::{Error, Progress, Result};

/// How often a waiting command looks whether the lock is free. Polled, because a thread blocked in
/// the kernel would keep an interrupted command from ending.
const POLL: Duration = Duration::from_millis(100);

/// Waits until no other command holds the lock, and says so once if it must. The lock is held
/// until the file is dropped, and never by a process that this one starts.
pub(crate) async fn acquire(path: &Path, progress: &(dyn Fn(Progress) + Sync)) -> Result<File> {
    let file = open(path)?;
    let mut announced = false;
    while !try_exclusive(&file, path)? {
        if !announced {
            progress(Progress::WaitingForLock { path: path.to_owned() });
            announced = true;
        }
        sleep(POLL).await;
    }
    Ok(file)
}

/// Opens a lock file without touching its content, and makes it if needed.
pub(crate) fn open(path: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    options.open(path).map_err(Error::files("open", path))
}

/// Whether the lock could be taken at once.
pub(crate) fn try_exclusive(file: &File, path: &Path) -> Result<bool> {
    taken(file.try_lock(), path)
}

/// Whether nobody holds the lock exclusively. Askers do not disturb each other; the lock must be
/// let go at once.
pub(crate) fn try_shared(file: &File, path: &Path) -> Result<bool> {
    taken(file.try_lock_shared(), path)
}

fn taken(attempt: std::result::Result<(), TryLockError>, path: &Path) -> Result<bool> {
    match attempt {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(Error::files("lock", path)(error)),
    }
}
