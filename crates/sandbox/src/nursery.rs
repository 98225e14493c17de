//! A process that has moto loaded and forks servers, for tests that start many: loading takes seconds of a core, and a fork none.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use tokio::sync::OnceCell;

use crate::files::create_directory;
use crate::{Error, Home, Result, install, launcher};

/// Such a process, with the installation of a home ([`install`](crate::install)). It ends when this process does, or when it is
/// dropped; the servers that came from it live on.
#[derive(Debug)]
pub struct Nursery {
    socket: PathBuf,
    child: Child,
    /// Closed at the end, by which it knows.
    owner: Option<ChildStdin>,
}

impl Nursery {
    /// Opens one for this process.
    ///
    /// # Errors
    /// When the program cannot be written or started.
    pub fn open(home: &Home) -> Result<Self> {
        create_directory(home.cache())?;
        let socket = home.cache().join(format!("nursery-{}", std::process::id()));
        // What another process of this number has left.
        let _none = std::fs::remove_file(&socket);
        let mut command = Command::new(home.python());
        command.args(["-I", "-u"]).arg(launcher::install(home)?).arg("--nursery").arg(&socket);
        command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|source| Error::Spawn { python: home.python(), source })?;
        let owner = child.stdin.take();
        let mut line = String::new();
        if let Some(output) = child.stdout.take() {
            // If it has ended instead, whoever asks it says so.
            let _ = BufReader::new(output).read_line(&mut line);
        }
        Ok(Self { socket, child, owner })
    }

    /// A home whose servers come from one that all tests of this process share; moto is installed before, if needed.
    ///
    /// # Errors
    /// Those of [`install`] and [`open`](Self::open).
    pub async fn shared(home: &Home) -> Result<Home> {
        static SHARED: OnceCell<Nursery> = OnceCell::const_new();
        let open = || async {
            install(home, &|_| {}).await?;
            Self::open(home)
        };
        Ok(home.clone().with_nursery(SHARED.get_or_try_init(open).await?.socket()))
    }

    /// Where it is asked: [`Home::with_nursery`], or `ORGSTRAP_SANDBOX_NURSERY`.
    #[must_use]
    pub fn socket(&self) -> &Path {
        &self.socket
    }
}

impl Drop for Nursery {
    fn drop(&mut self) {
        drop(self.owner.take());
        let _ended = self.child.wait();
    }
}
