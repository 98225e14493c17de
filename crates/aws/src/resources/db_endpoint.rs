//! Where a database answers, and where the password of its master user is.

use engine::{Class, Cx, Error, Found, Id, Key, Nature, Output, Resource, Result};
use serde::Serialize;

use super::db_instances::{all, one};
use super::{DbInstance, Secret};
use crate::{Account, Grant, Permissions};

/// Looks up what RDS alone knows of a database.
#[derive(Debug, Serialize)]
pub struct DbEndpoint {
    /// The database.
    pub instance: Id<DbInstance>,
}

/// What whoever talks to a database has to know. Nothing changes it.
#[derive(Clone, Debug)]
pub struct Database {
    /// The name that DNS has for it.
    pub host: Id<DbEndpoint>,
    /// Where it listens, as a text.
    pub port: Id<DbEndpoint>,
    /// The ARN of the secret that RDS keeps, with `username` and `password` in it.
    pub secret: Id<Secret>,
}

impl Output for Database {
    fn pending(key: &Key) -> Self {
        let pending = || Id::pending(key.clone());
        Self { host: pending(), port: pending(), secret: Id::pending(key.clone()) }
    }

    fn id(&self) -> Option<&str> {
        self.host.known()
    }
}

impl Resource for DbEndpoint {
    const KIND: &'static str = "db-endpoint";
    const NATURE: Nature = Nature::Lookup;
    type Cloud = Account;
    type Output = Database;

    /// None as long as RDS does not show it: a plan does not wait.
    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        let Some(name) = self.instance.known() else { return Ok(None) };
        let all = all(cx).await?;
        let listed = all.iter().find(|one| one.db_instance_identifier() == Some(name));
        let actual = || Self { instance: self.instance.clone() };
        Ok(listed.and_then(database).map(|output| Found { output, actual: actual(), tags: None }))
    }

    /// Makes nothing, but goes on looking until RDS shows it.
    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Database> {
        let name = self.instance.get()?;
        let missing = || {
            let message = format!("RDS does not show the address and the secret of database {name} yet");
            Error::new(Class::NotYet, message)
                .hint("look whether RDS keeps its password in a secret; run again to go on")
        };
        cx.waiting(format!("the address and the secret of {name}"));
        database(&one(name, cx).await?).ok_or_else(missing)
    }
}

impl Permissions for DbEndpoint {
    const READS: &'static [Grant] = DbInstance::READS;
    const CHANGES: &'static [Grant] = &[];
}

/// A secret that is being rotated, or that cannot be, can be read (RDS API reference, `MasterUserSecret`).
fn database(listed: &aws_sdk_rds::types::DbInstance) -> Option<Database> {
    let (endpoint, secret) = (listed.endpoint()?, listed.master_user_secret()?);
    let is_there = secret.secret_status().is_some_and(|status| status != "creating");
    let (host, port) = (endpoint.address()?, endpoint.port()?.to_string());
    let secret = secret.secret_arn().filter(|_| is_there)?;
    Some(Database { host: Id::new(host), port: Id::new(port), secret: Id::new(secret) })
}
