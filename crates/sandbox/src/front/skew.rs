//! Two clocks that differ: answers carry AWS's time, and what is signed more than five minutes off is refused (IAM user
//! guide, "Elements of an AWS API request signature").

use std::time::Duration;

use hyper::header::{DATE, HeaderValue};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;

use super::answer::Answer;
use super::call::Request;
use super::protocol::Protocol;

/// How far the clocks may be apart.
const ALLOWED: Duration = Duration::from_mins(5);

/// The refusal of a call that was signed too early or too late for AWS's clock, as the service puts it (EC2 API reference, "Error codes"; S3
/// API reference, "Error responses"; each other service's "Common Errors").
pub(super) fn refusal(request: &Request, ahead: Duration) -> Option<Answer> {
    // Callers that learn of the difference sign anew, with AWS's time.
    let signed = request.headers.get("x-amz-date").and_then(|date| date.to_str().ok()).and_then(time);
    let off = Timestamp::now().checked_add(ahead).ok()?.duration_since(signed?).unsigned_abs();
    if off <= ALLOWED {
        return None;
    }
    let (status, code) = match request.protocol {
        Protocol::Ec2 => (400, "RequestExpired"),
        Protocol::S3 => (403, "RequestTimeTooSkewed"),
        Protocol::Query | Protocol::RestXml => (403, "SignatureDoesNotMatch"),
        Protocol::RestJson => (403, "InvalidSignatureException"),
        Protocol::Json | Protocol::Cbor => (400, "InvalidSignatureException"),
    };
    Some(Answer::refusal(request.protocol, status, code, "Signature expired"))
}

/// `20260101T000000Z`.
fn time(text: &str) -> Option<Timestamp> {
    let parts = [text.get(0..4)?, text.get(4..6)?, text.get(6..11)?, text.get(11..13)?, text.get(13..)?];
    let [year, month, day_and_hour, minute, second] = parts;
    format!("{year}-{month}-{day_and_hour}:{minute}:{second}").parse().ok()
}

/// Says AWS's time.
pub(super) fn date(answer: &mut Answer, ahead: Duration) {
    let now = Timestamp::now().checked_add(ahead).ok();
    let text = now.and_then(|now| DateTimePrinter::new().timestamp_to_rfc9110_string(&now).ok());
    if let Some(value) = text.and_then(|text| HeaderValue::from_str(&text).ok()) {
        answer.headers.insert(DATE, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_a_signature_is_read() {
        assert_eq!(time("20260102T030405Z"), "2026-01-02T03:04:05Z".parse().ok());
        assert_eq!(time("yesterday"), None);
    }
}
