//! What AWS enforces and the local AWS does not: one rule per file.

mod caller_references;
mod idempotency;
mod locks;

use futures_util::future::{BoxFuture, FutureExt, ready};

use super::answer::Answer;
use super::call::Request;
use super::upstream::Broken;
use super::world::World;

/// A rule looks at each call on its way, and at each answer.
pub(crate) trait Rule: Send + Sync {
    /// Before the call is passed on: it may change the call, or answer it.
    fn before<'a>(
        &'a self,
        request: &'a mut Request,
        world: &'a World,
    ) -> BoxFuture<'a, Result<Option<Answer>, Broken>> {
        let _ = (request, world);
        ready(Ok(None)).boxed()
    }

    /// Before the answer is given: it may change the answer.
    fn after<'a>(
        &'a self,
        request: &'a Request,
        answer: &'a mut Answer,
        world: &'a World,
    ) -> BoxFuture<'a, Result<(), Broken>> {
        let _ = (request, answer, world);
        ready(Ok(())).boxed()
    }
}

/// Every rule, in the order in which calls meet them; answers meet them in the reverse order.
pub(crate) fn all() -> Vec<Box<dyn Rule>> {
    vec![
        Box::<idempotency::Idempotency>::default(),
        Box::<caller_references::CallerReferences>::default(),
    ]
}
