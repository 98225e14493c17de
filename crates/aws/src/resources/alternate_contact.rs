//! Whom AWS writes to beside the account's owner.

use engine::{Class, Cx, Found, Nature, Resource, Result};
use serde::Serialize;

use crate::Account;
use crate::edge::Edge;
use crate::{Grant, Permissions};

/// An alternate contact of the account (Account Management API reference, `PutAlternateContact`). The node's name is
/// the type: `billing`, `operations` or `security`. An account has none of them at first.
#[derive(Clone, Debug, Default, Serialize)]
pub struct AlternateContact {
    /// Who it is.
    pub name: Option<String>,
    /// What they do.
    pub title: Option<String>,
    /// Where AWS writes to.
    pub email: Option<String>,
    /// Where AWS calls.
    pub phone: Option<String>,
}

impl Permissions for AlternateContact {
    const READS: &'static [Grant] = &[Grant::on(ACCOUNT, &["account:GetAlternateContact"])];
    const CHANGES: &'static [Grant] = &[Grant::on(ACCOUNT, &["account:PutAlternateContact"])];
}

/// The account that asks about itself (Service Authorization Reference, "AWS Account Management").
const ACCOUNT: &[&str] = &["arn:aws:account::{account}:account"];

impl Resource for AlternateContact {
    const KIND: &'static str = "alternate-contact";
    const NATURE: Nature = Nature::Setting;
    type Cloud = Account;
    type Output = ();

    /// A call for each: there is no list of them.
    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        let call =
            cx.account().get_alternate_contact().alternate_contact_type(cx.key.name.to_uppercase().as_str().into());
        let actual = match call.send().await.edge() {
            Ok(answer) => answer.alternate_contact.map(|contact| Self {
                name: contact.name,
                title: contact.title,
                email: contact.email_address,
                phone: contact.phone_number,
            }),
            Err(error) if error.class == Class::NotFound => None,
            Err(error) => return Err(error),
        };
        Ok(Some(Found { output: (), actual: actual.unwrap_or_default(), tags: None }))
    }

    async fn update(&self, _: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let call =
            cx.account().put_alternate_contact().alternate_contact_type(cx.key.name.to_uppercase().as_str().into());
        let call = call.set_name(self.name.clone()).set_title(self.title.clone());
        call.set_email_address(self.email.clone()).set_phone_number(self.phone.clone()).send().await.edge()?;
        Ok(())
    }
}
