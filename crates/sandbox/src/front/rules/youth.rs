//! A new account can be entered before its services know it: each refuses in its own words for a while, and they do not
//! become ready at once. The local AWS answers from the first moment.

use async_trait::async_trait;

use super::Rule;
use super::clock::Clock;
use crate::front::answer::Answer;
use crate::front::call::Request;
use crate::front::protocol::Protocol;
use crate::front::upstream::Broken;
use crate::front::world::World;

/// See the module.
#[derive(Default)]
pub(super) struct Youth {
    /// Until when services refuse, by account; the first half of that time, by account and a word.
    young: Clock,
}

#[async_trait]
impl Rule for Youth {
    async fn before(&self, request: &mut Request, _: &World) -> Result<Option<Answer>, Broken> {
        let (service, account) = (request.call.service.as_str(), request.call.account.as_str());
        let until = if is_quick(service) { format!("{account} half") } else { account.to_owned() };
        if service == "sts" || !self.young.is_running(&until) {
            return Ok(None);
        }
        let (status, code, message) = refusal(service, request.protocol);
        Ok(Some(Answer::refusal(request.protocol, status, code, message)))
    }

    async fn after(&self, request: &Request, answer: &mut Answer, world: &World) -> Result<(), Broken> {
        if !request.call.is("organizations.CreateAccount") || !answer.is_success() {
            return Ok(());
        }
        let Some(json) = answer.json() else { return Ok(()) };
        let Some(account) = json["CreateAccountStatus"]["AccountId"].as_str() else { return Ok(()) };
        let weather = world.weather();
        // It counts from when the account is there.
        let (there, young) = (weather.pending(&request.call), weather.young(&request.call));
        if !young.is_zero() {
            self.young.begin(account, there + young);
            self.young.begin(&format!("{account} half"), there + young / 2);
        }
        Ok(())
    }
}

/// Identities come first.
fn is_quick(service: &str) -> bool {
    service == "iam"
}

/// EC2 API reference, "Error codes", `OptInRequired`; common errors of IAM and of Elastic Load Balancing, the same; those of
/// JSON services, `SubscriptionRequiredException` (as `DescribeLogGroups` gives it) and `UnrecognizedClientException`; S3 API
/// reference, "Error responses", `NotSignedUp`.
fn refusal(service: &str, protocol: Protocol) -> (u16, &'static str, &'static str) {
    const SUBSCRIPTION: &str = "The AWS Access Key Id needs a subscription for the service";
    match (service, protocol) {
        (_, Protocol::Ec2) => (
            401,
            "OptInRequired",
            "You are not subscribed to this service. Please go to http://aws.amazon.com to subscribe.",
        ),
        (_, Protocol::S3 | Protocol::RestXml) => {
            (403, "NotSignedUp", "Your account is not signed up for the Amazon S3 service.")
        }
        (_, Protocol::Query) => (403, "OptInRequired", SUBSCRIPTION),
        ("logs", _) => (400, "SubscriptionRequiredException", SUBSCRIPTION),
        _ => (400, "UnrecognizedClientException", "The security token included in the request is invalid."),
    }
}
