//! What the weather does to a call: the errors in the service's own words.

use super::answer::Answer;
use super::call::Request;
use super::protocol::Protocol;

/// The refusal of a call too many, as the service puts it (AWS SDKs and tools reference guide, "Retry behavior"; each
/// service's API reference, "Common Errors").
pub(super) fn throttled(request: &Request) -> Answer {
    let (status, code) = match (request.protocol, request.call.service.as_str()) {
        (Protocol::Ec2, _) => (503, "RequestLimitExceeded"),
        (Protocol::S3, _) => (503, "SlowDown"),
        (_, "organizations" | "account") => (400, "TooManyRequestsException"),
        (Protocol::Query | Protocol::RestXml, _) => (400, "Throttling"),
        _ => (400, "ThrottlingException"),
    };
    Answer::refusal(request.protocol, status, code, "Rate exceeded")
}

/// The failure of a service.
pub(super) fn broken(request: &Request) -> Answer {
    let code = match (request.protocol, request.call.service.as_str()) {
        (Protocol::Ec2 | Protocol::S3, _) => "InternalError",
        (_, "iam") => "ServiceFailure",
        (_, "organizations") => "ServiceException",
        (_, "logs") => "ServiceUnavailableException",
        (Protocol::Query | Protocol::RestXml, _) => "InternalFailure",
        _ => "InternalServerError",
    };
    let status = if code.starts_with("ServiceUnavailable") { 503 } else { 500 };
    Answer::refusal(request.protocol, status, code, "An internal error has occurred")
}
