//! Whose tokens an account believes, so that a workflow elsewhere can take on a role without keys.

use engine::{Class, Cx, Error, Found, Id, Resource, Result};
use serde::Serialize;

use super::iam;
use crate::edge::Edge;
use crate::inventory::list;
use crate::{Account, Grant, Permissions};

/// An `OpenID` Connect provider. It is known by its host, which is the node's name and is in its ARN: an account has one for
/// each, which others may use too, so that nothing is taken from it.
#[derive(Debug, Serialize)]
pub struct OidcProvider {
    /// Whom tokens have to be for: `sts.amazonaws.com` where AWS is meant.
    pub audience: Option<String>,
}

impl OidcProvider {
    /// The ARN of the provider of a host.
    pub fn arn(account: &str, host: &str) -> String {
        format!("arn:aws:iam::{account}:oidc-provider/{host}")
    }
}

impl Permissions for OidcProvider {
    const READS: &'static [Grant] = &[
        Grant::everywhere(&["iam:ListOpenIDConnectProviders"]),
        Grant::on(PROVIDERS, &["iam:GetOpenIDConnectProvider"]),
    ];
    const CHANGES: &'static [Grant] = &[Grant::on(
        PROVIDERS,
        &[
            "iam:AddClientIDToOpenIDConnectProvider",
            "iam:CreateOpenIDConnectProvider",
            "iam:DeleteOpenIDConnectProvider",
            "iam:TagOpenIDConnectProvider",
        ],
    )];
}

const PROVIDERS: &[&str] = &["arn:aws:iam::{account}:oidc-provider/*"];

impl Resource for OidcProvider {
    const KIND: &'static str = "oidc-provider";
    type Cloud = Account;
    /// The provider's ARN.
    type Output = Id<Self>;

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        let arn = Self::arn(cx.id(), &cx.key.name);
        let known = list(cx, Self::KIND, async {
            let answer = cx.iam().list_open_id_connect_providers().send().await.edge()?;
            Ok(answer.open_id_connect_provider_list.unwrap_or_default())
        });
        if known.await?.iter().all(|provider| provider.arn() != Some(&arn)) {
            return Ok(None);
        }
        // The list has ARNs alone.
        let call = cx.iam().get_open_id_connect_provider().open_id_connect_provider_arn(&arn);
        let audiences = match call.send().await.edge() {
            Err(error) if error.class == Class::NotFound => return Ok(None),
            answer => answer?.client_id_list.unwrap_or_default(),
        };
        let audience = self.audience.clone().filter(|audience| audiences.contains(audience));
        Ok(Some(Found { output: Id::new(arn), actual: Self { audience }, tags: None }))
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Id<Self>> {
        let call = cx.iam().create_open_id_connect_provider().url(format!("https://{}", cx.key.name));
        let call = call.set_client_id_list(self.audience.clone().map(|audience| vec![audience]));
        let made = call.set_tags(Some(iam::tags_to(cx.tags)?)).send().await.edge()?;
        let arn = made.open_id_connect_provider_arn.map(Id::new);
        arn.ok_or_else(|| Error::new(Class::Other, "IAM answered without the ARN of the provider"))
    }

    async fn update(&self, found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let call = cx.iam().add_client_id_to_open_id_connect_provider();
        let call = call.open_id_connect_provider_arn(found.output.get()?);
        call.set_client_id(self.audience.clone()).send().await.edge()?;
        Ok(())
    }

    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let call = cx.iam().delete_open_id_connect_provider();
        call.open_id_connect_provider_arn(found.output.get()?).send().await.edge()?;
        Ok(())
    }
}
