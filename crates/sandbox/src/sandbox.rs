//! The sandbox that a command uses: the strict front, and behind it the kept server or one of its own.

use crate::front::{Calls, Front, Weather};
use crate::kept::settled;
use crate::server::Server;
use crate::{Home, Progress, Result, install};

/// A local AWS for one command.
///
/// If it is the command's own, it ends when this is closed or dropped, and when the process ends,
/// however it ends.
pub struct Sandbox {
    front: Front,
    server: String,
    own: Option<Server>,
}

/// Puts a front before the kept server if one is running; otherwise before one that is started for this command alone,
/// after installing moto if needed.
///
/// # Errors
/// Those of [`start`](crate::start) and of [`Front::start`].
pub async fn attach(home: &Home, weather: Weather, progress: &(dyn Fn(Progress) + Sync)) -> Result<Sandbox> {
    let (server, own) = match settled(home, progress).await? {
        Some(running) => (running.endpoint, None),
        None => start_own(home, progress).await.map(|(server, own)| (server, Some(own)))?,
    };
    let front = Front::start(&server, weather).await?;
    progress(Progress::Ready { endpoint: front.endpoint() });
    Ok(Sandbox { front, server, own })
}

async fn start_own(home: &Home, progress: &(dyn Fn(Progress) + Sync)) -> Result<(String, Server)> {
    install(home, progress).await?;
    progress(Progress::Starting);
    let mut server = Server::spawn_alone(home)?;
    let announcement = server.announced().await?;
    let announcement = server.ready(|| Some(announcement.clone())).await?;
    Ok((announcement.endpoint, server))
}

impl Sandbox {
    /// Its address, such as `http://127.0.0.1:41267`, for every service and account. It is the front's, and so ends
    /// with this.
    #[must_use]
    pub fn endpoint(&self) -> String {
        self.front.endpoint()
    }

    /// The address of the server behind the front, where nothing is enforced, delayed or disturbed: for looking at the
    /// world from outside.
    #[must_use]
    pub fn server(&self) -> &str {
        &self.server
    }

    /// The front.
    #[must_use]
    pub fn front(&self) -> &Front {
        &self.front
    }

    /// Every call that went through the front.
    #[must_use]
    pub fn calls(&self) -> Calls {
        self.front.calls()
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
