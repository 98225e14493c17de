//! Where the calls of S3 Control go when the caller has an endpoint of their own.
//!
//! S3 Control's endpoint rules put the account's id before the host, also before a custom one: `123456789012.127.0.0.1`
//! is no host at all, and `123456789012.localhost` one that few resolvers know. AWS itself keeps its rules.

use aws_config::SdkConfig;
use aws_sdk_s3control::config::Builder;
use aws_sdk_s3control::config::endpoint::{Endpoint, EndpointFuture, Params, ResolveEndpoint};

/// A custom endpoint as it was given. What account a call is about is also in its header `x-amz-account-id`.
#[derive(Debug)]
struct AsGiven(Endpoint);

impl ResolveEndpoint for AsGiven {
    fn resolve_endpoint<'a>(&'a self, _: &'a Params) -> EndpointFuture<'a> {
        EndpointFuture::ready(Ok(self.0.clone()))
    }
}

/// The client's configuration, with the custom endpoint as it was given, if there is one.
pub(crate) fn own(config: Builder, shared: &SdkConfig) -> Builder {
    match shared.endpoint_url() {
        Some(url) => config.endpoint_resolver(AsGiven(Endpoint::builder().url(url.to_owned()).build())),
        None => config,
    }
}
