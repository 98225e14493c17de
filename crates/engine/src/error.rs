//! Why something failed, in the few classes that decide what happens next.

use serde::Serialize;

/// The outcome of anything that talks to a cloud.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What an error means for the run. Decided once, where the cloud's own error is first seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// The caller may not do this.
    Denied,
    /// The object is not there. For a deletion, that is success.
    NotFound,
    /// Something else still uses the object. Deletions are retried, with a bound.
    InUse,
    /// Not possible yet: something new is not visible everywhere. Retried, with a bound.
    NotYet,
    /// Too many calls, even after the client's own retries.
    Throttled,
    /// The request can never succeed as it is.
    Invalid,
    /// Anything else, such as a broken connection or a fault of the service.
    Other,
}

/// A failure, with all that somebody needs to go on.
#[derive(Clone, Debug, Serialize, thiserror::Error)]
#[error("{}{message}{}", self.prefix(), self.suffix())]
pub struct Error {
    /// What the error means for the run.
    pub class: Class,
    /// What failed, in words.
    pub message: Box<str>,
    /// The operation that failed, such as `ec2:CreateSubnet`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<Box<str>>,
    /// The service's own code, such as `InvalidSubnet.Conflict`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<Box<str>>,
    /// The id under which the service's support finds the call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<Box<str>>,
    /// What to do next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<Box<str>>,
    /// Whether the call may have had its effect all the same, such as one whose answer was lost. Of interest where it
    /// made something.
    #[serde(skip)]
    pub uncertain: bool,
}

impl Error {
    /// An error that did not come from a call.
    pub fn new(class: Class, message: impl Into<Box<str>>) -> Self {
        Self {
            class,
            message: message.into(),
            operation: None,
            code: None,
            request_id: None,
            hint: None,
            uncertain: false,
        }
    }

    /// The same error with what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Box<str>>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    fn prefix(&self) -> String {
        self.operation.as_ref().map(|operation| format!("{operation}: ")).unwrap_or_default()
    }

    fn suffix(&self) -> String {
        match (&self.code, &self.request_id) {
            (Some(code), Some(id)) => format!(" ({code}, request {id})"),
            (Some(code), None) => format!(" ({code})"),
            (None, Some(id)) => format!(" (request {id})"),
            (None, None) => String::new(),
        }
    }
}
