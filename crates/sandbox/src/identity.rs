//! Who answers on a port: our server, or somebody who got its port later.

use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;

use crate::http;

/// What a server tells about itself as soon as it has a port.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Announcement {
    pub(crate) endpoint: String,
    pub(crate) port: u16,
    pub(crate) pid: u32,
    pub(crate) started: Timestamp,
    pub(crate) version: String,
    /// Made anew by each server, and repeated in its answers.
    nonce: String,
}

#[derive(Deserialize)]
struct Identity {
    nonce: String,
}

impl Announcement {
    /// Whether the server that made this announcement is the one that answers on its port.
    pub(crate) async fn is_answered(&self, patience: Duration) -> bool {
        let answer = http::ask(self.port, "GET", "/orgstrap/identity", patience).await;
        let Ok((200, body)) = answer else { return false };
        serde_json::from_str::<Identity>(&body).is_ok_and(|identity| identity.nonce == self.nonce)
    }
}
