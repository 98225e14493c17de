//! An answer as it goes out: at once, or in drops.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::Frame;
use tokio::time::sleep;

use super::answer::Answer;

pub(super) type Response = hyper::Response<UnsyncBoxBody<Bytes, Infallible>>;

/// A slow answer comes in so many parts.
const DROPS: usize = 8;
/// And so much time is between two of them.
const BETWEEN_DROPS: Duration = Duration::from_millis(60);

pub(super) fn whole(answer: Answer) -> Response {
    let body = Full::new(answer.body).boxed_unsync();
    let mut response = hyper::Response::new(body);
    (*response.status_mut(), *response.headers_mut()) = (answer.status, answer.headers);
    response
}

pub(super) fn in_drops(answer: Answer) -> Response {
    let size = answer.body.len().div_ceil(DROPS).max(1);
    let parts: Vec<Bytes> = answer.body.chunks(size).map(Bytes::copy_from_slice).collect();
    let drops = stream::unfold(parts.into_iter(), |mut parts| async move {
        let part = parts.next()?;
        sleep(BETWEEN_DROPS).await;
        Some((Ok(Frame::data(part)), parts))
    });
    let mut response = hyper::Response::new(StreamBody::new(drops).boxed_unsync());
    (*response.status_mut(), *response.headers_mut()) = (answer.status, answer.headers);
    response
}
