//! Invitations into the organization, for accounts that exist already.

use std::sync::Arc;
use std::time::SystemTime;

use aws_sdk_organizations::operation::invite_account_to_organization::InviteAccountToOrganizationError;
use aws_sdk_organizations::types::{
    ActionType, Handshake, HandshakeFilter, HandshakeParty, HandshakePartyType, HandshakeState,
};
use engine::{Class, Cx, Error, Found, Id, Resource, Result};
use serde::Serialize;

use super::{MemberAccount, Organization, account_failure, organization_tags};
use crate::edge::Edge;
use crate::inventory::{Asks, list};
use crate::{Account, Grant, Invitation, Permissions};

/// An open invitation of an account. Whoever has administrator's rights in that account accepts or declines it, within 15
/// days; one that was declined or has expired is as good as none (Organizations user guide, "Managing account invitations").
#[derive(Debug, Serialize)]
pub struct AccountInvitation {
    /// The organization.
    #[serde(skip)]
    pub organization: Id<Organization>,
    /// The id of the account.
    pub account: Id<MemberAccount>,
}

impl Resource for AccountInvitation {
    const KIND: &'static str = "invitation";
    const FIXED: &'static [&'static str] = &["account"];
    type Cloud = Account;
    type Output = Id<Self>;

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        if self.organization.known().is_none() {
            return Ok(None);
        }
        let open = open(cx).await?;
        let Some(invitation) = open.iter().find(|one| self.account.known() == Some(one.account.as_str())) else {
            return Ok(None);
        };
        let actual = Self { organization: self.organization.clone(), account: Id::new(invitation.account.as_str()) };
        // Its tags are the account's, when it comes.
        Ok(Some(Found { output: Id::new(invitation.handshake.as_str()), actual, tags: None }))
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Id<Self>> {
        let target = HandshakeParty::builder().r#type(HandshakePartyType::Account).id(self.account.get()?).build();
        let target = target.map_err(|error| Error::new(Class::Invalid, error.to_string()))?;
        let call = cx.organizations().invite_account_to_organization().target(target);
        let sent = call.set_tags(Some(organization_tags::to_sdk(cx.tags)?)).send().await;
        let reason = sent.as_ref().err().and_then(|error| reason(error.as_service_error()?));
        let answer = sent.edge().map_err(|error| account_failure::uninvited(error, reason.as_deref()))?;
        let id = answer.handshake.and_then(|handshake| handshake.id).map(Id::new);
        id.ok_or_else(|| Error::new(Class::Other, "AWS Organizations answered without the invitation's id"))
    }

    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        cx.organizations().cancel_handshake().handshake_id(found.output.get()?).send().await.edge().map(drop)
    }
}

impl Permissions for AccountInvitation {
    const READS: &'static [Grant] = &[Grant::everywhere(&["organizations:ListHandshakesForOrganization"])];
    const CHANGES: &'static [Grant] =
        &[Grant::everywhere(&["organizations:CancelHandshake", "organizations:InviteAccountToOrganization"])];
}

/// The invitations that can be accepted.
pub(crate) async fn open(by: &impl Asks) -> Result<Arc<Vec<Invitation>>> {
    list(by, "invitations", async {
        let filter = HandshakeFilter::builder().action_type(ActionType::InviteAccountToOrganization).build();
        let call = by.account().organizations().list_handshakes_for_organization().filter(filter);
        let pages: Vec<_> = call.into_paginator().send().try_collect().await.edge()?;
        let all = pages.into_iter().flat_map(|page| page.handshakes.unwrap_or_default());
        Ok(all.filter(is_open).filter_map(|handshake| invitation(&handshake)).collect())
    })
    .await
}

fn is_open(handshake: &Handshake) -> bool {
    let expires = handshake.expiration_timestamp().and_then(|at| SystemTime::try_from(*at).ok());
    matches!(handshake.state(), Some(HandshakeState::Requested | HandshakeState::Open))
        && expires.is_none_or(|at| at > SystemTime::now())
}

fn invitation(handshake: &Handshake) -> Option<Invitation> {
    let invited = handshake.parties().iter().find(|party| *party.r#type() == HandshakePartyType::Account)?;
    Some(Invitation {
        handshake: handshake.id()?.to_owned(),
        account: invited.id().to_owned(),
        expires: handshake.expiration_timestamp().and_then(|at| SystemTime::try_from(*at).ok()),
    })
}

fn reason(error: &InviteAccountToOrganizationError) -> Option<String> {
    use InviteAccountToOrganizationError as E;
    match error {
        E::HandshakeConstraintViolationException(error) => error.reason().map(|reason| reason.as_str().to_owned()),
        E::ConstraintViolationException(error) => error.reason().map(|reason| reason.as_str().to_owned()),
        E::InvalidInputException(error) => error.reason().map(|reason| reason.as_str().to_owned()),
        _ => None,
    }
}
