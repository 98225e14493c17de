//! What the kinds of IAM share: one list of roles and policies, and tags.

use std::sync::Arc;

use aws_sdk_iam::types::{EntityType, ManagedPolicyDetail, RoleDetail, Tag};
use engine::{Class, Cx, Error, Result, Tags};

use crate::edge::Edge;
use crate::inventory::list;
use crate::{Account, Grant};

/// What [`all`] needs; the call takes no other resource (service authorization reference, "AWS Identity and Access
/// Management").
pub(super) const READS: &[Grant] = &[Grant::everywhere(&["iam:GetAccountAuthorizationDetails"])];

/// The roles and the managed policies of an account.
#[derive(Debug, Default)]
pub(super) struct Details {
    pub(super) roles: Vec<RoleDetail>,
    pub(super) policies: Vec<ManagedPolicyDetail>,
}

/// One list gives roles with trust, policies, boundary and tags, and the customer's managed policies with their documents;
/// every other would need calls per object.
pub(super) async fn all(cx: &Cx<'_, Account>) -> Result<Arc<Details>> {
    list(cx, "authorization-details", async {
        let call = cx.iam().get_account_authorization_details();
        let call = call.filter(EntityType::Role).filter(EntityType::LocalManagedPolicy);
        let pages: Vec<_> = call.into_paginator().send().try_collect().await.edge()?;
        let mut details = Details::default();
        for page in pages {
            details.roles.extend(page.role_detail_list.unwrap_or_default());
            details.policies.extend(page.policies.unwrap_or_default());
        }
        Ok(details)
    })
    .await
}

/// Tags as IAM takes them.
pub(super) fn tags_to(tags: &Tags) -> Result<Vec<Tag>> {
    let tags = tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
    tags.collect::<Result<_, _>>().map_err(|error| Error::new(Class::Invalid, format!("tags: {error}")))
}
