//! A ledger in S3.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::BoxFuture;
use object_store::aws::{AmazonS3Builder, AwsCredential, S3ConditionalPut};
use object_store::prefix::PrefixStore;
use object_store::{BackoffConfig, ClientOptions, CredentialProvider, ObjectStore, RetryConfig};
use secrecy::{ExposeSecret, SecretString};

use crate::cause::CredentialsError;
use crate::store::Store;
use crate::{Error, Result};

/// Credentials for S3.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The access key's id.
    pub access_key_id: SecretString,
    /// The secret access key.
    pub secret_access_key: SecretString,
    /// The session token of temporary credentials.
    pub session_token: Option<SecretString>,
}

/// Credentials, or why there are none.
pub type CredentialsResult = Result<Credentials, Box<dyn std::error::Error + Send + Sync>>;

/// Gives credentials that are valid now. It is asked before every call, so it should remember them.
pub type GetCredentials = Arc<dyn Fn() -> BoxFuture<'static, CredentialsResult> + Send + Sync>;

/// Where in S3 a ledger is.
#[derive(Clone)]
pub struct Bucket {
    /// The bucket's name.
    pub bucket: String,
    /// What the names of all objects begin with; may be empty.
    pub prefix: String,
    /// The bucket's region.
    pub region: String,
    /// Another server than AWS's, such as `http://127.0.0.1:5000`.
    pub endpoint: Option<String>,
    /// Whose name to sign in.
    pub credentials: GetCredentials,
}

impl Bucket {
    pub(crate) fn open(self) -> Result<Store> {
        // reqwest is built without a provider of cryptography and takes the process's. Another one may be installed
        // already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let prefix = self.prefix.trim_matches('/');
        let url = format!("s3://{}{}{prefix}", self.bucket, if prefix.is_empty() { "" } else { "/" });
        // A heartbeat must know within seconds whether it came through, and a stored call must not land minutes later.
        let client =
            ClientOptions::new().with_connect_timeout(Duration::from_secs(5)).with_timeout(Duration::from_secs(10));
        let retry = RetryConfig {
            backoff: BackoffConfig { max_backoff: Duration::from_secs(2), ..BackoffConfig::default() },
            max_retries: 5,
            retry_timeout: Duration::from_secs(15),
        };
        // Locks need If-None-Match, which S3 has since 2024:
        // https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
        let mut builder = AmazonS3Builder::new()
            .with_client_options(client)
            .with_bucket_name(&self.bucket)
            .with_region(&self.region)
            .with_conditional_put(S3ConditionalPut::ETagMatch)
            .with_credentials(Arc::new(Provider(self.credentials)))
            .with_retry(retry);
        if let Some(endpoint) = &self.endpoint {
            // A server elsewhere seldom has a host name for each bucket.
            builder = builder
                .with_endpoint(endpoint.trim_end_matches('/'))
                .with_allow_http(endpoint.starts_with("http://"))
                .with_virtual_hosted_style_request(false);
        }
        let bucket = builder.build().map_err(|error| Error::store("open", url.clone(), &error))?;
        let store: Arc<dyn ObjectStore> =
            if prefix.is_empty() { Arc::new(bucket) } else { Arc::new(PrefixStore::new(bucket, prefix)) };
        Ok(Store::new(store, url))
    }
}

impl fmt::Debug for Bucket {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { bucket, prefix, region, endpoint, credentials: _ } = self;
        let mut debug = formatter.debug_struct("Bucket");
        debug.field("bucket", bucket).field("prefix", prefix).field("region", region).field("endpoint", endpoint);
        debug.finish_non_exhaustive()
    }
}

struct Provider(GetCredentials);

impl fmt::Debug for Provider {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Provider")
    }
}

#[async_trait]
impl CredentialProvider for Provider {
    type Credential = AwsCredential;

    async fn get_credential(&self) -> object_store::Result<Arc<AwsCredential>> {
        let credentials = (self.0)()
            .await
            .map_err(|error| object_store::Error::Generic { store: "S3", source: Box::new(CredentialsError(error)) })?;
        Ok(Arc::new(AwsCredential {
            key_id: credentials.access_key_id.expose_secret().to_owned(),
            secret_key: credentials.secret_access_key.expose_secret().to_owned(),
            token: credentials.session_token.map(|token| token.expose_secret().to_owned()),
        }))
    }
}
