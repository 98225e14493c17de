//! The version that a secret of the common account has now: what copies of it are made from.

use engine::{Cx, Found, Id, Nature, Resource, Result};
use serde::Serialize;

use super::secret_values::in_force;
use super::{Secret, unless_missing};
use crate::edge::Edge;
use crate::{Account, Grant, Permissions};

/// Looks the version up. It is asked each time, since a run may change it.
#[derive(Debug, Serialize)]
pub struct SharedSecret {
    /// The secret.
    pub secret: Id<Secret>,
}

impl Resource for SharedSecret {
    const KIND: &'static str = "shared-secret";
    const NATURE: Nature = Nature::Lookup;
    type Cloud = Account;
    /// The id of the version in force.
    type Output = Id<Self>;

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        let Some(secret) = self.secret.known() else { return Ok(None) };
        let answer = cx.secrets_manager().describe_secret().secret_id(secret).send().await.edge();
        let Some(answer) = unless_missing(answer)? else { return Ok(None) };
        let versions = answer.version_ids_to_stages.unwrap_or_default();
        let version = in_force(&versions).map(Id::new);
        Ok(version.map(|output| Found { output, actual: Self { secret: self.secret.clone() }, tags: None }))
    }
}

impl Permissions for SharedSecret {
    const READS: &'static [Grant] = &[Grant::on(super::secret::SECRETS, &["secretsmanager:DescribeSecret"])];
    const CHANGES: &'static [Grant] = &[];
}
