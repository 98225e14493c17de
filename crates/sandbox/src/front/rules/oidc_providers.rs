//! Providers of tokens take more audiences (IAM API reference, `AddClientIDToOpenIDConnectProvider`). The local AWS does
//! not know the call: the provider is made anew under its ARN, with one audience more.

use std::borrow::Cow;

use async_trait::async_trait;
use xmltree::Element;

use super::Rule;
use crate::front::answer::Answer;
use crate::front::call::Request;
use crate::front::upstream::Broken;
use crate::front::world::World;
use crate::front::xml::{children, descendant};

/// The region of calls to IAM, which has none.
const REGION: &str = "us-east-1";

/// See the module.
pub(super) struct OidcProviders;

#[async_trait]
impl Rule for OidcProviders {
    async fn before(&self, request: &mut Request, world: &World) -> Result<Option<Answer>, Broken> {
        if !request.call.is("iam.AddClientIDToOpenIDConnectProvider") {
            return Ok(None);
        }
        let text = |name| request.parameters.text(name).unwrap_or_default();
        let (account, arn, audience) = (&request.call.account, text("OpenIDConnectProviderArn"), text("ClientID"));
        let named = [("Action", "GetOpenIDConnectProvider"), ("OpenIDConnectProviderArn", arn)];
        let found = world.form(account, REGION, "iam", &named).await?;
        let Some(provider) = found.xml().filter(|_| found.is_success()) else { return Ok(Some(found)) };
        let make = creation(&provider, audience);
        let make: Vec<_> = make.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let named = [("Action", "DeleteOpenIDConnectProvider"), ("OpenIDConnectProviderArn", arn)];
        world.form(account, REGION, "iam", &named).await?;
        let answer = world.form(account, REGION, "iam", &make).await?;
        Ok(Some(if answer.is_success() { Answer::success_query_empty(&request.call.operation) } else { answer }))
    }
}

/// The call that makes a provider as it is, with an audience more.
fn creation(provider: &Element, audience: &str) -> Vec<(String, String)> {
    let text = |element: &Element| element.get_text().map(Cow::into_owned).unwrap_or_default();
    let members = |name: &str| descendant(provider, name).into_iter().flat_map(children);
    let url = descendant(provider, "Url").map(text).unwrap_or_default();
    let url = if url.starts_with("https://") { url } else { format!("https://{url}") };
    let mut call = vec![("Action".to_owned(), "CreateOpenIDConnectProvider".to_owned()), ("Url".to_owned(), url)];
    let mut audiences: Vec<String> = members("ClientIDList").map(text).collect();
    if !audiences.iter().any(|known| known == audience) {
        audiences.push(audience.to_owned());
    }
    let numbered = |list: &str, at: usize, rest: &str| format!("{list}.member.{}{rest}", at + 1);
    for (at, audience) in audiences.into_iter().enumerate() {
        call.push((numbered("ClientIDList", at, ""), audience));
    }
    for (at, thumbprint) in members("ThumbprintList").map(text).enumerate() {
        call.push((numbered("ThumbprintList", at, ""), thumbprint));
    }
    for (at, tag) in members("Tags").enumerate() {
        for part in ["Key", "Value"] {
            call.push((numbered("Tags", at, &format!(".{part}")), descendant(tag, part).map(text).unwrap_or_default()));
        }
    }
    call
}
