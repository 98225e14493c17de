//! One pool of HTTP connections for the whole run, and a limit on the calls in flight per account. The limit is on
//! calls and not on nodes: a node that waits holds no permit.

use std::sync::Arc;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use tokio::sync::Semaphore;

use crate::pace::{Does, Pace};

/// The pool. The plain builder knows no proxy, so the connector is put together here, as the SDK's default one is:
/// `HTTPS_PROXY` and `NO_PROXY` are respected.
pub(crate) fn pool() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new().build_with_connector_fn(|settings, components| {
        let mut connector = Connector::builder().tls_provider(Provider::Rustls(CryptoMode::Ring));
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        connector.proxy_config(ProxyConfig::from_env()).build()
    })
}

/// The shared pool, as one account may use it.
#[derive(Clone, Debug)]
pub(crate) struct Limited {
    pool: SharedHttpClient,
    permits: Arc<Semaphore>,
    /// How fast AWS Organizations is called.
    pace: Pace,
}

impl Limited {
    pub(crate) fn new(pool: SharedHttpClient, calls_in_flight: usize, pace: &Pace) -> Self {
        Self { pool, permits: Arc::new(Semaphore::new(calls_in_flight.max(1))), pace: pace.clone() }
    }
}

impl HttpClient for Limited {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let connector = self.pool.http_connector(settings, components);
        SharedHttpConnector::new(LimitedConnector {
            connector,
            permits: Arc::clone(&self.permits),
            pace: self.pace.clone(),
        })
    }
}

#[derive(Debug)]
struct LimitedConnector {
    connector: SharedHttpConnector,
    permits: Arc<Semaphore>,
    pace: Pace,
}

/// What a call of AWS Organizations says that it is, at its beginning (Organizations API reference, "Making API requests").
const ORGANIZATIONS: &str = "AWSOrganizationsV20161128.";

impl HttpConnector for LimitedConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (connector, permits, pace) = (self.connector.clone(), Arc::clone(&self.permits), self.pace.clone());
        HttpConnectorFuture::new(async move {
            let target = request.headers().get("x-amz-target");
            let operation = target.and_then(|target| target.strip_prefix(ORGANIZATIONS));
            let does = operation.map(|operation| {
                let reads = ["Describe", "List"].iter().any(|verb| operation.starts_with(verb));
                if reads { Does::Read } else { Does::Change }
            });
            // Before the permit: whoever waits for a turn holds up nobody else.
            let _turn = match does {
                Some(does) => pace.turn(does).await,
                None => None,
            };
            let _permit = permits.acquire_owned().await.map_err(|closed| ConnectorError::other(closed.into(), None))?;
            connector.call(request).await
        })
    }
}
