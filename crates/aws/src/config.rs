//! How the SDK is set up: whose credentials, which endpoint, how often and how long it tries.

use std::time::Duration;

use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_async::time::SystemTimeSource;
use aws_smithy_runtime::client::identity::IdentityCache;
use aws_smithy_types::retry::RetryConfig;

use crate::http::Limited;

/// The default credential chain, or one profile of it: environment, SSO, web identity, processes, instance roles.
pub(crate) async fn of_caller(profile: Option<&str>, region: &str, http: Limited) -> SdkConfig {
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        // Known, so that nobody looks for it: the search would end at the instance metadata service.
        .region(Region::new(region.to_owned()))
        .http_client(http)
        .retry_config(retries())
        .timeout_config(timeouts())
        .stalled_stream_protection(no_second_timeout());
    if let Some(profile) = profile {
        loader = loader.profile_name(profile);
    }
    loader.load().await
}

/// A local AWS with made-up credentials.
pub(crate) fn of_sandbox(endpoint: &str, http: Limited) -> SdkConfig {
    let credentials = Credentials::new("test", "test", None, None, "orgstrap::sandbox");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .endpoint_url(endpoint)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .identity_cache(IdentityCache::lazy().build())
        .http_client(http)
        .retry_config(retries())
        .timeout_config(timeouts())
        .stalled_stream_protection(no_second_timeout())
        .sleep_impl(TokioSleep::new())
        .time_source(SystemTimeSource::new())
        .build()
}

/// Standard: each call backs off by itself, exponentially and with chance. The adaptive mode also paces all other calls of
/// the service, at two seconds a token after its first throttle (docs/engine.md says what that cost).
fn retries() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(10)
}

/// The SDK sets none but the connect timeout by default. There is none for an attempt: it would count the time in which
/// a call waits for its account's permit.
fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(5))
        .read_timeout(Duration::from_secs(30))
        .operation_timeout(Duration::from_mins(10))
        .build()
}

/// The SDK gives up a call of which nothing is seen to move for five seconds. It takes the wait for a permit for such a
/// standstill, and there is a read timeout.
fn no_second_timeout() -> StalledStreamProtectionConfig {
    StalledStreamProtectionConfig::disabled()
}
