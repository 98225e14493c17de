//! The sandbox that a command uses: the kept server's, or one of its own.

use crate::kept::settled;
use crate::server::Server;
use crate::{Home, Progress, Result, install};

/// A local AWS for one command.
///
/// If it is the command's own, it ends when this is closed or dropped, and when the process ends,
/// however it ends.
pub struct Sandbox {
    endpoint: String,
    own: Option<Server>,
}

/// Gives the kept sandbox if one is running; otherwise starts one for this command alone, after
/// installing moto if needed.
///
/// # Errors
/// Those of [`start`](crate::start).
pub async fn attach(home: &Home, progress: &(dyn Fn(Progress) + Sync)) -> Result<Sandbox> {
    let sandbox = match settled(home, progress).await? {
        Some(running) => Sandbox { endpoint: running.endpoint, own: None },
        None => start_own(home, progress).await?,
    };
    progress(Progress::Ready { endpoint: sandbox.endpoint.clone() });
    Ok(sandbox)
}

async fn start_own(home: &Home, progress: &(dyn Fn(Progress) + Sync)) -> Result<Sandbox> {
    install(home, progress).await?;
    progress(Progress::Starting);
    let mut server = Server::spawn_alone(home)?;
    let announcement = server.announced().await?;
    let announcement = server.ready(|| Some(announcement.clone())).await?;
    Ok(Sandbox { endpoint: announcement.endpoint, own: Some(server) })
}

impl Sandbox {
    /// Its address, such as `http://127.0.0.1:41267`, for every service and account.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Whether it stays after this command, with what the command has made.
    #[must_use]
    pub fn kept(&self) -> bool {
        self.own.is_none()
    }

    /// Ends the command's own sandbox and waits until it is gone; leaves a kept one alone.
    pub async fn close(self) {
        if let Some(mut server) = self.own {
            server.end().await;
        }
    }
}
