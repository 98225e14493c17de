//! The strict front: a proxy before the local AWS that knows the calls, makes it as strict as AWS, and misbehaves on
//! demand. docs/front.md says what it enforces.
//!
//! ```text
//! call -> hook -> weather -> session -> authorization -> visibility -> rules -> local AWS -> rules -> visibility -> hook
//!      -> weather -> answer
//! ```

mod answer;
mod call;
mod chance;
mod disturbance;
mod needs;
mod protocol;
mod record;
mod response;
mod rules;
mod server;
mod sign_in;
mod skew;
mod upstream;
mod visibility;
mod weather;
mod world;
mod xml;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use call::Call;
pub use needs::Need;
pub use record::{Calls, Outcome, Recorded};
pub use weather::{Weather, WeatherError};

use crate::{Error, Result};
use server::Server;

/// When a [`Hook`] is asked about a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Just before its effect.
    Before,
    /// Just after its effect, before its answer.
    After,
}

/// What a [`Hook`] does with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It goes on.
    Pass,
    /// It ends here, without an answer.
    Drop,
}

/// Asked about each call, with its number, before and after its effect: what a test does at a certain call.
pub type Hook = Arc<dyn Fn(&Call, usize, Moment) -> Verdict + Send + Sync>;

/// A front that serves on a port of its own until it is dropped.
#[derive(Debug)]
pub struct Front {
    address: SocketAddr,
    server: Arc<Server>,
    accepting: JoinHandle<()>,
}

impl Front {
    /// Starts a front before the local AWS at `upstream`.
    ///
    /// # Errors
    /// When there is no port to listen on.
    pub async fn start(upstream: &str, weather: Weather) -> Result<Self> {
        Self::start_with(upstream, weather, None).await
    }

    /// The same, with a hook that every call meets.
    ///
    /// # Errors
    /// When there is no port to listen on.
    pub async fn start_with(upstream: &str, weather: Weather, hook: Option<Hook>) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(Error::Port)?;
        let address = listener.local_addr().map_err(Error::Port)?;
        let server = Arc::new(Server::new(upstream, weather, hook));
        let accepting = tokio::spawn(Arc::clone(&server).accept(listener));
        Ok(Self { address, server, accepting })
    }

    /// Its address, for every service and account.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every call so far.
    #[must_use]
    pub fn calls(&self) -> Calls {
        self.server.calls()
    }

    /// Another weather from now on.
    pub fn set_weather(&self, weather: Weather) {
        self.server.set_weather(weather);
    }

    /// Holds every call of an account until [`thaw`](Self::thaw).
    pub fn freeze(&self, account: &str) {
        self.server.freeze(account);
    }

    /// Lets the calls of every account go on.
    pub fn thaw(&self) {
        self.server.thaw();
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        // The connections belong to it, and end with it.
        self.accepting.abort();
    }
}
