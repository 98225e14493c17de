//! One account in one region: its clients, made when they are first used, and what it was found to hold.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use aws_config::{Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials;
use aws_smithy_runtime::client::retries::RetryPartition;
use aws_smithy_types::error::display::DisplayErrorContext;
use engine::{Class, Error, Key, Result, Tags};
use tokio::sync::Semaphore;

use crate::entry::{self, Way};
use crate::inventory::Inventory;
use crate::resources::account_request::InProgress;
use crate::stats::Stats;
use crate::{Losses, Sessions, s3_control_endpoint, tags};

/// Where an account's calls go.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// The account's name in the fleet.
    pub(crate) scope: String,
    /// The account's id.
    pub(crate) id: String,
    pub(crate) region: String,
}

/// What the resources of a scope make their calls through.
pub struct Account {
    fleet: String,
    place: Place,
    config: SdkConfig,
    stats: Stats,
    clients: Clients,
    /// The role by which it was entered; none is the caller's own account.
    way: Option<Way>,
    /// How to enter it by a stronger role, if there is one.
    elevation: Option<Arc<Sessions>>,
    losses: Losses,
    pub(crate) inventory: Inventory,
    /// How many accounts may be in creation at a time.
    pub(crate) in_creation: Semaphore,
    /// The same account in other regions, which some settings are kept in.
    elsewhere: Mutex<BTreeMap<String, Arc<Self>>>,
    /// The requests for accounts that were in progress a moment ago.
    pub(crate) in_progress: InProgress,
}

/// AWS refuses more (Organizations user guide, "Quotas for AWS Organizations": "Member accounts you can concurrently
/// create").
const ACCOUNTS_IN_CREATION: usize = 5;

/// Declares a lazily built client per service, all in the same way: the one place where the retry partition is set
/// per account. The SDK's default partition is `service-region` in a process-wide map, so one throttled account
/// would slow all others.
macro_rules! clients {
    ($($service:ident: $sdk:ident $(through $adjusted:path)?),* $(,)?) => {
        #[derive(Default)]
        struct Clients {
            $($service: OnceLock<$sdk::Client>,)*
        }

        impl Account {
            $(pub(crate) fn $service(&self) -> &$sdk::Client {
                self.clients.$service.get_or_init(|| {
                    let Place { scope, id, region } = &self.place;
                    let partition = RetryPartition::new(format!("{id}-{}-{region}", stringify!($service)));
                    let config = $sdk::config::Builder::from(&self.config)
                        .retry_partition(partition)
                        .interceptor(self.stats.counter(scope));
                    $(let config = $adjusted(config, &self.config);)?
                    $sdk::Client::from_conf(config.build())
                })
            })*
        }
    };
}

clients! {
    access_analyzer: aws_sdk_accessanalyzer,
    account: aws_sdk_account,
    acm: aws_sdk_acm,
    autoscaling: aws_sdk_applicationautoscaling,
    budgets: aws_sdk_budgets,
    code_deploy: aws_sdk_codedeploy,
    ec2: aws_sdk_ec2,
    ecr: aws_sdk_ecr,
    ecs: aws_sdk_ecs,
    elastic_load_balancing: aws_sdk_elasticloadbalancingv2,
    iam: aws_sdk_iam,
    kms: aws_sdk_kms,
    logs: aws_sdk_cloudwatchlogs,
    organizations: aws_sdk_organizations,
    rds: aws_sdk_rds,
    route53: aws_sdk_route53,
    s3: aws_sdk_s3 through path_style,
    s3_control: aws_sdk_s3control through s3_control_endpoint::own,
    secrets_manager: aws_sdk_secretsmanager,
    service_discovery: aws_sdk_servicediscovery,
    service_quotas: aws_sdk_servicequotas,
    tagging: aws_sdk_resourcegroupstagging,
}

/// At an endpoint of the caller's own a bucket is a part of the path: `bucket.host` may be no host.
fn path_style(config: aws_sdk_s3::config::Builder, shared: &SdkConfig) -> aws_sdk_s3::config::Builder {
    config.force_path_style(shared.endpoint_url().is_some())
}

impl Account {
    pub(crate) fn new(fleet: String, place: Place, config: SdkConfig, stats: Stats) -> Self {
        Self {
            fleet,
            place,
            config,
            stats,
            clients: Clients::default(),
            way: None,
            elevation: None,
            losses: Losses::default(),
            inventory: Inventory::default(),
            in_creation: Semaphore::new(ACCOUNTS_IN_CREATION),
            elsewhere: Mutex::default(),
            in_progress: InProgress::default(),
        }
    }

    /// Says how it was entered.
    pub(crate) fn entered(self, way: Option<Way>, elevation: Option<Arc<Sessions>>) -> Self {
        Self { way, elevation, ..self }
    }

    /// Says how far deletions may go.
    pub(crate) fn losing(self, losses: Losses) -> Self {
        Self { losses, ..self }
    }

    /// How far the operator said that deletions may go.
    pub(crate) fn losses(&self) -> Losses {
        self.losses
    }

    pub(crate) fn way(&self) -> Option<Way> {
        self.way
    }

    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// IAM, to change a node's object. What the account is entered by is changed through the bootstrap role: a role that
    /// could change itself would be as strong as it likes.
    pub(crate) async fn iam_to_change(&self, key: &Key) -> Result<aws_sdk_iam::Client> {
        match &self.elevation {
            Some(sessions) if entry::is_protected(key) => Ok(sessions.elevate(&self.place).await?.iam().clone()),
            _ => Ok(self.iam().clone()),
        }
    }

    /// The same account in another region: the same session and the same limit of calls in flight, and a retry partition
    /// of its own, since AWS throttles by region.
    pub(crate) fn in_region(&self, region: &str) -> Arc<Self> {
        let mut elsewhere = self.elsewhere.lock().unwrap_or_else(PoisonError::into_inner);
        let there = elsewhere.entry(region.to_owned()).or_insert_with(|| {
            let place = Place { region: region.to_owned(), ..self.place.clone() };
            let config = self.config.to_builder().region(Region::new(region.to_owned())).build();
            let there = Self::new(self.fleet.clone(), place, config, self.stats.clone());
            Arc::new(there.losing(self.losses))
        });
        Arc::clone(there)
    }

    /// The account's twelve digits.
    pub fn id(&self) -> &str {
        &self.place.id
    }

    /// The region of this scope.
    pub fn region(&self) -> &str {
        &self.place.region
    }

    /// Whether calls go to an endpoint of the caller's own, such as the sandbox: what is done there is not in the world.
    pub(crate) fn has_own_endpoint(&self) -> bool {
        self.config.endpoint_url().is_some()
    }

    /// The account's name in the fleet.
    pub fn scope(&self) -> &str {
        &self.place.scope
    }

    /// The name of the fleet, as in the ownership tags.
    pub(crate) fn fleet(&self) -> &str {
        &self.fleet
    }

    /// The node that an object with these tags belongs to, if it is one of this scope's.
    pub(crate) fn owner(&self, tags: &Tags) -> Option<Key> {
        tags::owner(&self.fleet, tags).filter(|key| key.scope == self.place.scope)
    }

    /// The credentials of the session.
    pub(crate) async fn credentials(&self) -> Result<Credentials> {
        let failed = |text: String| Error::new(Class::Denied, text);
        let provider = self.config.credentials_provider().ok_or_else(|| failed("no credentials".into()))?;
        provider.provide_credentials().await.map_err(|error| failed(DisplayErrorContext(error).to_string()))
    }
}
