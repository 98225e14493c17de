//! What keeps a creation from happening twice: no repetition of what may be done where the call takes no idempotency
//! token, and a token for each life of an object where it does.

use std::time::{Duration, SystemTime};

use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{
    ClassifyRetry, RetryAction, RetryClassifierPriority, RetryReason, SharedRetryClassifier,
};
use aws_smithy_types::retry::ErrorKind;
use engine::{Class, Cx, Error, Id, Result};
use futures_util::future::BoxFuture;

use crate::Account;
use crate::token::token;
use crate::wait::Wait;

/// For creations that take no token. The SDK would repeat a call whose answer was lost, and the first may have had its
/// effect. What was throttled has had none.
pub(super) fn unless_done() -> SharedRetryClassifier {
    SharedRetryClassifier::new(OnlyThrottled)
}

#[derive(Debug)]
struct OnlyThrottled;

impl ClassifyRetry for OnlyThrottled {
    fn classify_retry(&self, _: &InterceptorContext) -> RetryAction {
        RetryAction::NoActionIndicated
    }

    fn classify_retry_v2(&self, _: &InterceptorContext, previous: &RetryAction) -> RetryAction {
        match previous {
            RetryAction::RetryIndicated(RetryReason::RetryableError { kind: ErrorKind::ThrottlingError, .. }) => {
                previous.clone()
            }
            _ => RetryAction::RetryForbidden,
        }
    }

    fn name(&self) -> &'static str {
        "orgstrap::OnlyThrottled"
    }

    /// After all others, whose verdict it judges.
    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::transient_error_classifier())
    }
}

/// For the errors of such a creation: whatever else the SDK would have repeated, the engine repeats, and looks before it
/// does.
pub(super) fn look_again(error: Error) -> Error {
    if error.class == Class::Other { Error { class: Class::NotYet, uncertain: true, ..error } } else { error }
}

/// How long a new object may take until it is described. It takes a second or two; what is longer away is dead.
const UNTIL_SEEN: Duration = Duration::from_secs(20);

/// More deaths than this are no accident.
const LIVES: usize = 8;

/// Creates an object by a call that takes a token.
///
/// The token is derived from the key, the tags, the call's other parameters and the predecessors that are known to be
/// dead, so the same desired object is the same call, in this run and in one after a crash. AWS answers a repeated token
/// with the first answer, also when that object was deleted since (EC2 API reference, "Ensuring idempotency"). So what
/// comes back is looked at, and if it is dead, or not there after a while, it counts as one more predecessor.
///
/// `is_there` looks at one object, and says false if it is dead for certain; what is not listed is [`Class::NotFound`].
pub(super) async fn with_token<'c, R>(
    cx: &Cx<'_, Account>,
    parameters: &[&str],
    mut dead: Vec<String>,
    create: impl Fn(String) -> BoxFuture<'c, Result<Id<R>>> + Send + Sync,
    is_there: impl Fn(Id<R>) -> BoxFuture<'c, Result<bool>> + Send + Sync,
) -> Result<Id<R>> {
    let tags = cx.tags.iter().flat_map(|(key, value)| [key.as_str(), value.as_str()]);
    let call: Vec<&str> = parameters.iter().copied().chain(tags).collect();
    for _ in 0..LIVES {
        let context: Vec<&str> = call.iter().copied().chain(dead.iter().map(String::as_str)).collect();
        let id = create(token(cx.key, &context)).await?;
        if !cx.has_deleted(id.get()?) && cx.unless_cancelled(seen(&id, &is_there)).await? {
            return Ok(id);
        }
        dead.push(id.get()?.to_owned());
    }
    Err(Error::new(Class::Other, format!("{} is gone each time it is created: {}", cx.key, dead.join(", "))))
}

/// A reference that this creation alone has. It is noted before it is used, so that a creation whose answer was lost is the
/// same call again, and one after a deletion is another. For [noted](engine::Resource::NOTED) kinds.
pub(super) async fn reference(cx: &Cx<'_, Account>) -> Result<String> {
    if let Some(noted) = cx.noted() {
        return Ok(noted);
    }
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let new = format!("{:x}", since.as_nanos());
    cx.note(&new).await?;
    Ok(new)
}

/// Whether something is in a list of one, as `is_there` says it.
pub(super) fn listed<T>(all: &[T], is_alive: impl Fn(&T) -> bool) -> Result<bool> {
    let one = all.first().ok_or_else(|| Error::new(Class::NotFound, "it is not listed"))?;
    Ok(is_alive(one))
}

async fn seen<'c, R>(
    id: &Id<R>,
    is_there: &(impl Fn(Id<R>) -> BoxFuture<'c, Result<bool>> + Send + Sync),
) -> Result<bool> {
    let mut wait = Wait::with_pauses_up_to(UNTIL_SEEN / 2);
    loop {
        match is_there(id.clone()).await {
            Err(error) if error.class == Class::NotFound => {}
            seen => return seen,
        }
        if wait.waited() >= UNTIL_SEEN {
            return Ok(false);
        }
        wait.pause().await;
    }
}
