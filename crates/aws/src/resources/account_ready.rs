//! Whether an account can be worked on: one of a few minutes refuses calls, service by service.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_account::types::AlternateContactType;
use engine::{Class, Cx, Error, Found, Nature, Resource, Result};
use futures_util::future::{self, BoxFuture, FutureExt};
use serde::Serialize;

use super::Member;
use crate::edge::Edge;
use crate::wait::Wait;
use crate::{Account, Sessions, Way};

/// Minutes are usual; what takes longer than this is broken.
const PATIENCE: Duration = Duration::from_mins(15);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// A service that an account's objects are in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Service {
    /// IAM Access Analyzer.
    AccessAnalyzer,
    /// Account Management.
    Account,
    /// AWS Budgets.
    Budgets,
    /// EC2 and VPC.
    Ec2,
    /// Elastic Container Registry.
    Ecr,
    /// Elastic Container Service.
    Ecs,
    /// Elastic Load Balancing.
    ElasticLoadBalancing,
    /// IAM.
    Iam,
    /// `CloudWatch` Logs.
    Logs,
    /// S3 Control.
    S3Control,
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AccessAnalyzer => "IAM Access Analyzer",
            Self::Account => "Account Management",
            Self::Budgets => "AWS Budgets",
            Self::Ec2 => "EC2",
            Self::Ecr => "ECR",
            Self::Ecs => "ECS",
            Self::ElasticLoadBalancing => "Elastic Load Balancing",
            Self::Iam => "IAM",
            Self::Logs => "CloudWatch Logs",
            Self::S3Control => "S3",
        })
    }
}

/// An account that can be entered and whose services answer. Of one that is not young nothing is asked.
#[derive(Serialize)]
pub struct AccountReady {
    /// The account.
    #[serde(skip)]
    pub member: Member,
    /// How it is entered.
    #[serde(skip)]
    pub sessions: Arc<Sessions>,
    /// The account's name in the fleet.
    #[serde(skip)]
    pub scope: String,
    /// The region that is worked in.
    #[serde(skip)]
    pub region: String,
    /// What has to answer.
    pub services: BTreeSet<Service>,
}

impl fmt::Debug for AccountReady {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccountReady")
            .field("scope", &self.scope)
            .field("services", &self.services)
            .finish_non_exhaustive()
    }
}

impl Resource for AccountReady {
    const KIND: &'static str = "account-ready";
    const NATURE: Nature = Nature::Lookup;
    type Cloud = Account;
    /// The account, of which no patience is asked any more.
    type Output = Member;

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        if self.member.id.known().is_none() {
            return Ok(None);
        }
        if self.member.young {
            cx.unless_cancelled(self.answered(cx).boxed()).await?;
        }
        let actual = Self {
            member: self.member.clone(),
            sessions: Arc::clone(&self.sessions),
            scope: self.scope.clone(),
            region: self.region.clone(),
            services: self.services.clone(),
        };
        let output = Member { id: self.member.id.clone(), young: false };
        Ok(Some(Found { output, actual, tags: None }))
    }
}

impl AccountReady {
    /// Waits until the account lets us in and each of its services has answered once.
    async fn answered(&self, cx: &Cx<'_, Account>) -> Result<()> {
        let (mut wait, mut left) = (Wait::with_pauses_up_to(LONGEST_PAUSE), self.services.clone());
        loop {
            let refusals = match self.sessions.enter(&self.scope, &self.member, &self.region).await {
                // It has roles of its own, so it was ready before.
                Ok(Some(account)) if account.way() != Some(Way::Bootstrap) => return Ok(()),
                Ok(Some(account)) => refusals(&account, &left).await,
                Ok(None) => return Ok(()),
                Err(error) if error.class == Class::NotYet => Refusals::from([(None, error)]),
                Err(error) => return Err(error),
            };
            left.retain(|service| refusals.contains_key(&None) || refusals.contains_key(&Some(*service)));
            if refusals.is_empty() {
                return Ok(());
            }
            let (what, waited) = (described(&refusals), wait.waited());
            if waited >= PATIENCE {
                let message =
                    format!("account {} is not ready after {} min: {what}", self.member.id, waited.as_secs() / 60);
                return Err(Error::new(Class::Other, message).hint(
                    "AWS activates the services of a new account within minutes as a rule: run again; after a day, AWS \
                     Support has to look at it",
                ));
            }
            cx.waiting(format!("{what} in the new account, {} s", waited.as_secs()));
            wait.pause().await;
        }
    }
}

/// Who refuses, and how; nobody's service is the way into the account itself.
type Refusals = BTreeMap<Option<Service>, Error>;

/// `EC2 (OptInRequired), CloudWatch Logs (SubscriptionRequiredException)`.
fn described(refusals: &Refusals) -> String {
    let one = |(service, error): (&Option<Service>, &Error)| {
        let service = service.map_or_else(|| "the way in".to_owned(), |service| service.to_string());
        error.code.as_ref().map_or_else(|| service.clone(), |code| format!("{service} ({code})"))
    };
    refusals.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Asks the services, all at once. A service that says that the account is new refuses, and so does one that is broken;
/// whatever else it says, it is up.
async fn refusals(account: &Account, services: &BTreeSet<Service>) -> Refusals {
    let asked = services.iter().map(async |service| (*service, probe(*service, account).await));
    let mut refusals = Refusals::new();
    for (service, answer) in future::join_all(asked).await {
        match answer {
            Err(error) if is_of_new_account(&error) || matches!(error.class, Class::Other | Class::Throttled) => {
                refusals.insert(Some(service), error);
            }
            _ => {}
        }
    }
    refusals
}

/// `OptInRequired` (EC2 API reference, "Error codes": "You are not authorized to use the requested service ... have you
/// subscribed to it"), `NotSignedUp` (S3 API reference, "Error responses"), `SubscriptionRequiredException` (common errors of JSON services), and keys that a service has not
/// heard of (`UnrecognizedClientException`, `InvalidClientTokenId`, `AuthFailure`).
fn is_of_new_account(error: &Error) -> bool {
    let new = [
        "OptInRequired",
        "NotSignedUp",
        "PendingVerification",
        "SubscriptionRequiredException",
        "UnrecognizedClientException",
        "InvalidClientTokenId",
        "AuthFailure",
    ];
    error.code.as_deref().is_some_and(|code| new.contains(&code))
}

/// A cheap call that reads.
fn probe(service: Service, account: &Account) -> BoxFuture<'_, Result<()>> {
    async move {
        match service {
            Service::AccessAnalyzer => {
                account.access_analyzer().list_analyzers().max_results(1).send().await.edge().map(drop)
            }
            Service::Account => {
                let call = account.account().get_alternate_contact();
                call.alternate_contact_type(AlternateContactType::Billing).send().await.edge().map(drop)
            }
            Service::Budgets => account
                .budgets()
                .describe_budgets()
                .account_id(account.id())
                .max_results(1)
                .send()
                .await
                .edge()
                .map(drop),
            Service::Ec2 => account.ec2().describe_account_attributes().send().await.edge().map(drop),
            Service::Ecr => account.ecr().describe_registry().send().await.edge().map(drop),
            Service::Ecs => account.ecs().list_clusters().max_results(1).send().await.edge().map(drop),
            Service::ElasticLoadBalancing => {
                account.elastic_load_balancing().describe_account_limits().send().await.edge().map(drop)
            }
            Service::Iam => account.iam().list_roles().max_items(1).send().await.edge().map(drop),
            Service::Logs => account.logs().describe_log_groups().limit(1).send().await.edge().map(drop),
            Service::S3Control => {
                account.s3_control().get_public_access_block().account_id(account.id()).send().await.edge().map(drop)
            }
        }
    }
    .boxed()
}
