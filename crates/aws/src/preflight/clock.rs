//! How far this machine's clock is from AWS's: every answer says when it was given (RFC 9110, "Date").

use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::DateTime;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::date_time::Format;

/// What the latest answer said, refusals too. Cheap to clone; clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clock(Arc<Mutex<Option<i64>>>);

impl Clock {
    /// By how many seconds AWS's clock is ahead of this machine's; negative if it is behind.
    pub(crate) fn ahead(&self) -> Option<i64> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The seconds from one to the other.
fn ahead(date: &str, now: SystemTime) -> Option<i64> {
    Some(DateTime::from_str(date, Format::HttpDate).ok()?.secs() - DateTime::from(now).secs())
}

#[dyn_dispatch_hint]
impl Intercept for Clock {
    fn name(&self) -> &'static str {
        "orgstrap::Clock"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(seconds) = context.response().headers().get("date").and_then(|date| ahead(date, SystemTime::now()))
        {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(seconds);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_difference_has_a_sign() {
        let epoch = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        assert_eq!(ahead("Thu, 01 Jan 1970 00:10:00 GMT", epoch(540)), Some(60));
        assert_eq!(ahead("Thu, 01 Jan 1970 00:10:00 GMT", epoch(900)), Some(-300));
        assert_eq!(ahead("yesterday", epoch(0)), None);
    }
}
