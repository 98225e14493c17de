//! The server process: started, and waited for until it answers.

use std::fs::File;
use std::io::{Read, Seek};
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::sleep;

use crate::files::tail;
use crate::identity::Announcement;
use crate::{Error, Home, Result, launcher};

/// How long a server may take until it answers; it usually takes one or two seconds.
const PATIENCE: Duration = Duration::from_mins(1);

/// How long one question to it may take meanwhile.
const ANSWER: Duration = Duration::from_secs(5);

const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(200);

/// A server process of ours, and what it prints.
pub(crate) struct Server {
    child: Child,
    log: File,
}

impl Server {
    /// Starts a server that outlives this process, announces itself in the home's server file and
    /// prints to the home's log.
    pub(crate) fn spawn_kept(home: &Home) -> Result<Self> {
        let path = home.log();
        let mut options = File::options();
        options.create(true).truncate(true).read(true).write(true);
        let log = options.open(&path).map_err(Error::files("write", &path))?;
        let mut command = launcher::command(home)?;
        command.arg("--kept").arg(home.server_file());
        let output = log.try_clone().map_err(Error::files("write", &path))?;
        command.stdout(output);
        Self::spawn(home, command, log)
    }

    /// Starts a server that ends when its standard input is closed, which the kernel does when
    /// this process ends, however it ends.
    pub(crate) fn spawn_alone(home: &Home) -> Result<Self> {
        // A file without a name: nothing is left behind, however this process ends.
        let log = tempfile::tempfile_in(home.cache()).map_err(Error::files("create a file in", home.cache()))?;
        let mut command = launcher::command(home)?;
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        Self::spawn(home, command, log)
    }

    fn spawn(home: &Home, mut command: Command, log: File) -> Result<Self> {
        let output = log.try_clone().map_err(Error::files("write", home.log()))?;
        let child = command.stderr(output).spawn().map_err(|source| Error::Spawn { python: home.python(), source })?;
        Ok(Self { child, log })
    }

    /// The announcement that a server of one command makes on its standard output.
    pub(crate) async fn announced(&mut self) -> Result<Announcement> {
        let mut line = String::new();
        if let Some(output) = self.child.stdout.take() {
            let mut output = BufReader::new(output);
            // An unreadable or missing line shows below: the server has ended, or will be ended.
            let _ = tokio::time::timeout(PATIENCE, output.read_line(&mut line)).await;
        }
        match serde_json::from_str(&line) {
            Ok(announcement) => Ok(announcement),
            Err(_) => Err(self.failure().await),
        }
    }

    /// Waits until the server answers. `announcement` is asked again and again, for a server that
    /// has not announced itself yet.
    pub(crate) async fn ready(&mut self, announcement: impl Fn() -> Option<Announcement>) -> Result<Announcement> {
        let begin = Instant::now();
        let mut pause = FIRST_PAUSE;
        while begin.elapsed() < PATIENCE && self.ended().is_none() {
            if let Some(found) = announcement().filter(|found| Some(found.pid) == self.child.id())
                && found.is_answered(ANSWER).await
            {
                return Ok(found);
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        Err(self.failure().await)
    }

    /// Ends the server and waits until it is gone.
    pub(crate) async fn end(&mut self) {
        // Fails only for a process that has ended already.
        let _ended = self.child.kill().await;
    }

    fn ended(&mut self) -> Option<String> {
        let status = self.child.try_wait().ok().flatten()?;
        Some(status.to_string())
    }

    /// Why the server never answered. It is ended if it has not, so that nothing stays behind.
    async fn failure(&mut self) -> Error {
        // Its last words and its end are not one moment.
        sleep(LONGEST_PAUSE).await;
        let ended = self.ended();
        self.end().await;
        let output = self.output();
        match ended {
            Some(status) => Error::EndedEarly { status, output },
            None => Error::NotReady { seconds: PATIENCE.as_secs(), output },
        }
    }

    fn output(&mut self) -> String {
        let mut output = Vec::new();
        // What cannot be read is not worth a second error.
        let _ = self.log.rewind().and_then(|()| self.log.read_to_end(&mut output));
        tail(&String::from_utf8_lossy(&output))
    }
}
