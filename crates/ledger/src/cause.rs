//! What a failure of the store means, from what the system or S3 said.

use std::error::Error as StdError;
use std::io::{self, ErrorKind};

use object_store::client::{HttpError, HttpErrorKind};

/// Why the ledger's store refused, in the few classes that have a remedy of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// The disk is full, or the quota used up.
    Full,
    /// The disk is mounted for reading only.
    ReadOnly,
    /// No permission.
    Denied,
    /// The folder, or one above it, is a file.
    NotAFolder,
    /// The bucket does not exist.
    NoBucket,
    /// The bucket is in another region.
    OtherRegion,
    /// There are no credentials, or they are wrong or expired.
    Credentials,
    /// No connection, or no answer in time.
    Unreachable,
    /// Anything else.
    Other,
}

/// The cause, and what was said in a few words: the system's message with its number, or S3's code.
pub(crate) fn explain(error: &object_store::Error) -> (Cause, String) {
    let text = error.to_string();
    if let Some(said) = Said::parse(&text) {
        return (said.cause(), said.words());
    }
    if text.contains("Received redirect without LOCATION") {
        return (Cause::OtherRegion, "the bucket is in another region (status 301)".into());
    }
    let chain = || chain(error);
    if let Some(failed) = chain().find_map(|error| error.downcast_ref::<CredentialsError>()) {
        return (Cause::Credentials, failed.to_string());
    }
    if let Some(http) = chain().find_map(|error| error.downcast_ref::<HttpError>()) {
        let root = chain().last().map(ToString::to_string).unwrap_or_default();
        let is_network = !matches!(http.kind(), HttpErrorKind::Decode);
        return (if is_network { Cause::Unreachable } else { Cause::Other }, root);
    }
    // The last one: an error of the walk over a folder wraps the system's.
    if let Some(io) = chain().filter_map(|error| error.downcast_ref::<io::Error>()).last() {
        return (of_io(io), io.to_string());
    }
    (Cause::Other, text)
}

fn chain<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error| {
        let error: &'a (dyn StdError + 'static) = *error;
        error.source()
    })
}

/// The cause behind an error of the system.
pub(crate) fn of_io(error: &io::Error) -> Cause {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => Cause::Full,
        ErrorKind::ReadOnlyFilesystem => Cause::ReadOnly,
        ErrorKind::PermissionDenied => Cause::Denied,
        ErrorKind::NotADirectory | ErrorKind::AlreadyExists => Cause::NotAFolder,
        _ => Cause::Other,
    }
}

/// The caller could not give credentials.
#[derive(Debug, thiserror::Error)]
#[error("there are no credentials: {0}")]
pub(crate) struct CredentialsError(pub(crate) Box<dyn StdError + Send + Sync>);

/// S3's answer: <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>.
struct Said<'a> {
    code: &'a str,
    message: Option<&'a str>,
    request: Option<&'a str>,
}

impl<'a> Said<'a> {
    /// The store gives the answer's body only as part of its message.
    fn parse(text: &'a str) -> Option<Self> {
        Some(Self {
            code: element(text, "Code")?,
            message: element(text, "Message"),
            request: element(text, "RequestId").or_else(|| element(text, "RequestID")),
        })
    }

    fn cause(&self) -> Cause {
        match self.code {
            "NoSuchBucket" => Cause::NoBucket,
            "AccessDenied" | "AllAccessDisabled" | "AccountProblem" => Cause::Denied,
            "PermanentRedirect"
            | "TemporaryRedirect"
            | "AuthorizationHeaderMalformed"
            | "IllegalLocationConstraintException" => Cause::OtherRegion,
            "ExpiredToken"
            | "InvalidAccessKeyId"
            | "InvalidToken"
            | "SignatureDoesNotMatch"
            | "RequestTimeTooSkewed"
            | "TokenRefreshRequired" => Cause::Credentials,
            "SlowDown" | "ServiceUnavailable" | "InternalError" | "RequestTimeout" => Cause::Unreachable,
            _ => Cause::Other,
        }
    }

    fn words(&self) -> String {
        let mut words = self.code.to_owned();
        if let Some(message) = self.message {
            words.push_str(": ");
            words.push_str(message);
        }
        if let Some(request) = self.request {
            words.push_str(" (request ");
            words.push_str(request);
            words.push(')');
        }
        words
    }
}

fn element<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    let (value, _) = rest.split_once(&format!("</{name}>"))?;
    Some(value.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(code: i32) -> object_store::Error {
        object_store::Error::Generic { store: "LocalFileSystem", source: io::Error::from_raw_os_error(code).into() }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_systems_errors_have_causes() {
        for (code, cause) in [
            (28, Cause::Full),       // ENOSPC
            (122, Cause::Full),      // EDQUOT
            (30, Cause::ReadOnly),   // EROFS
            (13, Cause::Denied),     // EACCES
            (20, Cause::NotAFolder), // ENOTDIR
            (5, Cause::Other),       // EIO
        ] {
            let (found, said) = explain(&local(code));
            assert_eq!(found, cause, "{said}");
            assert!(said.contains(&format!("os error {code}")), "{said}");
        }
    }

    #[test]
    fn s3s_answer_is_told_in_a_line() {
        let body = "Server returned non-2xx status code: 403 Forbidden: <?xml version=\"1.0\"?>\n<Error>\
                    <Code>AccessDenied</Code><Message>Access Denied</Message><RequestId>4442587FB7D0A2F9</RequestId>\
                    </Error>";
        let error = object_store::Error::PermissionDenied { path: "x".into(), source: body.into() };
        let (cause, said) = explain(&error);
        assert_eq!(cause, Cause::Denied);
        assert_eq!(said, "AccessDenied: Access Denied (request 4442587FB7D0A2F9)");
    }
}
