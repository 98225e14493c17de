//! What a run cost: calls, retries and throttles, by account, service and operation.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextRef, BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use serde::Serialize;

use crate::edge::is_throttling;
use crate::pace::Pace;

/// The calls of one operation in one account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Calls {
    /// The account's name in the fleet.
    pub account: String,
    /// Such as `ec2`.
    pub service: String,
    /// Such as `DescribeSubnets`.
    pub operation: String,
    /// How often it was called; a paginated list counts once per page.
    pub calls: u64,
    /// How often the client called again by itself.
    pub retries: u64,
    /// How often the service answered that there were too many calls.
    pub throttles: u64,
}

/// The calls of a whole run.
#[derive(Clone, Debug, Default)]
pub struct Stats {
    calls: Arc<Mutex<BTreeMap<Called, Calls>>>,
    /// Of AWS Organizations, which is told here how it went.
    pace: Pace,
}

/// Account, service and operation.
type Called = (String, String, String);

impl Stats {
    /// All calls so far, by account, service and operation.
    pub fn all(&self) -> Vec<Calls> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// How many calls were made in an account, retries left out.
    pub fn of_account(&self, account: &str) -> u64 {
        self.all().iter().filter(|calls| calls.account == account).map(|calls| calls.calls).sum()
    }

    /// How fast AWS Organizations is called.
    pub(crate) fn pace(&self) -> &Pace {
        &self.pace
    }

    pub(crate) fn counter(&self, account: &str) -> Counter {
        Counter { stats: self.clone(), account: account.to_owned() }
    }

    fn count(&self, account: &str, cfg: &ConfigBag, count: impl FnOnce(&mut Calls)) {
        let Some(metadata) = cfg.load::<Metadata>() else { return };
        let service = metadata.service().to_lowercase().replace(' ', "");
        let operation = metadata.name().to_owned();
        let mut all = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let calls = all.entry((account.to_owned(), service.clone(), operation.clone())).or_insert_with(|| Calls {
            account: account.to_owned(),
            service,
            operation,
            ..Calls::default()
        });
        count(calls);
    }
}

/// Counts the calls of one account's clients.
#[derive(Clone, Debug)]
pub(crate) struct Counter {
    stats: Stats,
    account: String,
}

#[dyn_dispatch_hint]
impl Intercept for Counter {
    fn name(&self) -> &'static str {
        "orgstrap::Counter"
    }

    fn read_before_serialization(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.stats.count(&self.account, cfg, |calls| calls.calls += 1);
        Ok(())
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // `amz-sdk-request: attempt=2; max=8` (smithy retry header, set by every AWS SDK).
        let header = context.request().headers().get("amz-sdk-request").unwrap_or_default();
        if header.contains("attempt=") && !header.contains("attempt=1;") && !header.ends_with("attempt=1") {
            self.stats.count(&self.account, cfg, |calls| calls.retries += 1);
        }
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // The operation's error is type-erased here; its debug text names the code, which is enough to count by.
        let is_throttle = context.output_or_error().is_some_and(|outcome| {
            let text = outcome.err().map(|error| format!("{error:?}")).unwrap_or_default();
            text.split(|c: char| !c.is_alphanumeric()).any(is_throttling)
        });
        if is_throttle {
            self.stats.count(&self.account, cfg, |calls| calls.throttles += 1);
        }
        if cfg.load::<Metadata>().is_some_and(|metadata| metadata.service() == "Organizations") {
            let pace = &self.stats.pace;
            if is_throttle { pace.throttled() } else { pace.passed() }
        }
        Ok(())
    }
}
