//! The way to the local AWS behind the front.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::header::{CONNECTION, CONTENT_LENGTH, EXPECT, HOST, TRANSFER_ENCODING};
use hyper::{HeaderMap, Method};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use super::answer::Answer;

/// Why the local AWS gave no answer.
pub(crate) type Broken = Box<dyn std::error::Error + Send + Sync>;

/// A pool of connections to it.
pub(crate) struct Upstream {
    endpoint: String,
    client: Client<HttpConnector, Full<Bytes>>,
}

impl Upstream {
    pub(crate) fn new(endpoint: &str) -> Self {
        let client = Client::builder(TokioExecutor::new()).build_http();
        Self { endpoint: endpoint.trim_end_matches('/').to_owned(), client }
    }

    /// Passes a request on. Headers that belong to the connection are made anew.
    pub(crate) async fn send(
        &self,
        method: Method,
        target: &str,
        headers: &HeaderMap,
        body: Bytes,
    ) -> Result<Answer, Broken> {
        // It is the length of what the answer to a HEAD does not have.
        let is_head = method == Method::HEAD;
        let mut request =
            hyper::Request::builder().method(method).uri(format!("{}{target}", self.endpoint)).body(Full::new(body))?;
        *request.headers_mut() = headers.clone();
        for name in [CONNECTION, CONTENT_LENGTH, EXPECT, HOST, TRANSFER_ENCODING] {
            request.headers_mut().remove(name);
        }
        let (head, body) = self.client.request(request).await?.into_parts();
        let mut headers = head.headers;
        for name in [CONNECTION, TRANSFER_ENCODING] {
            headers.remove(name);
        }
        if !is_head {
            headers.remove(CONTENT_LENGTH);
        }
        Ok(Answer { status: head.status, headers, body: body.collect().await?.to_bytes() })
    }
}
