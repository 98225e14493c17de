//! The request for an account: AWS takes it, and makes the account later. Its id is noted before it is waited for, so that
//! whoever was killed meanwhile goes on with it.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_organizations::error::SdkError;
use aws_sdk_organizations::operation::create_account::CreateAccountError;
use aws_sdk_organizations::types::{CreateAccountState, CreateAccountStatus};
use engine::{Class, Cx, Error, Result};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep};

use super::{MemberAccount, account_failure, creation, organization_tags};
use crate::Account;
use crate::edge::Edge;

/// Some thirty seconds are usual, and minutes happen.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// After so many visits, some half a minute, a request that AWS does not know is gone.
const GONE: u32 = 6;

/// The requests that are in progress, as they were listed last: one call serves all who wait.
#[derive(Default)]
pub(crate) struct InProgress(Mutex<Option<(Instant, Arc<HashSet<String>>)>>);

impl InProgress {
    /// Those that were in progress at most so long ago.
    async fn within(&self, age: Duration, cx: &Cx<'_, Account>) -> Result<Arc<HashSet<String>>> {
        let mut last = self.0.lock().await;
        if let Some((at, ids)) = last.as_ref()
            && at.elapsed() <= age
        {
            return Ok(Arc::clone(ids));
        }
        let ids = Arc::new(listed(cx).await?.into_iter().filter_map(|status| status.id).collect());
        *last = Some((Instant::now(), Arc::clone(&ids)));
        Ok(ids)
    }
}

/// Asks for an account, unless this or an earlier run has, and waits until it is there. Gives its id.
pub(super) async fn fulfilled(account: &MemberAccount, cx: &Cx<'_, Account>) -> Result<String> {
    let id = match begun(account, cx).await? {
        Some(id) => id,
        None => asked(account, cx).await?,
    };
    cx.unless_cancelled(Box::pin(made(&id, account, cx))).await
}

/// The id of a request that an earlier run has sent: the noted one, or one for the same name that goes on.
async fn begun(account: &MemberAccount, cx: &Cx<'_, Account>) -> Result<Option<String>> {
    if let Some(noted) = cx.noted() {
        return Ok(Some(noted));
    }
    let name = account.name.as_deref();
    let going_on = listed(cx).await?.into_iter().find(|status| status.account_name() == name);
    let Some(id) = going_on.and_then(|status| status.id) else { return Ok(None) };
    cx.note(&id).await?;
    Ok(Some(id))
}

async fn listed(cx: &Cx<'_, Account>) -> Result<Vec<CreateAccountStatus>> {
    let call = cx.organizations().list_create_account_status().states(CreateAccountState::InProgress);
    let pages: Vec<_> = call.into_paginator().send().try_collect().await.edge()?;
    Ok(pages.into_iter().flat_map(|page| page.create_account_statuses.unwrap_or_default()).collect())
}

async fn asked(account: &MemberAccount, cx: &Cx<'_, Account>) -> Result<String> {
    let call = cx.organizations().create_account().set_account_name(account.name.clone()).email(&account.email);
    let call = call.role_name(&account.role).set_tags(Some(organization_tags::to_sdk(cx.tags)?)).customize();
    let once = aws_sdk_organizations::config::Builder::new().retry_classifier(creation::unless_done());
    let sent = call.config_override(once).send().await;
    let reason = sent.as_ref().err().and_then(reason);
    let taken =
        sent.edge().map_err(|error| creation::look_again(account_failure::refused(error, reason.as_deref())))?;
    let id = taken.create_account_status.and_then(|status| status.id);
    let id = id.ok_or_else(|| Error::new(Class::Other, "AWS Organizations answered without a request id"))?;
    cx.note(&id).await?;
    Ok(id)
}

fn reason<R>(error: &SdkError<CreateAccountError, R>) -> Option<String> {
    match error.as_service_error()? {
        CreateAccountError::ConstraintViolationException(error) => {
            error.reason().map(|reason| reason.as_str().to_owned())
        }
        CreateAccountError::InvalidInputException(error) => error.reason().map(|reason| reason.as_str().to_owned()),
        _ => None,
    }
}

/// Waits until the account exists: there is no waiter for it. As long as the request is among those in progress, nobody
/// asks for it alone.
async fn made(id: &str, account: &MemberAccount, cx: &Cx<'_, Account>) -> Result<String> {
    let (began, mut pause) = (Instant::now(), Duration::ZERO);
    loop {
        if pause.is_zero() || !cx.in_progress.within(pause / 2, cx).await?.contains(id) {
            let status = status(id, cx).await?;
            match (status.state(), status.account_id()) {
                (Some(CreateAccountState::Succeeded), Some(id)) => return Ok(id.to_owned()),
                (Some(CreateAccountState::Failed), _) => {
                    cx.end_note().await;
                    let name = account.name.as_deref().unwrap_or_default();
                    return Err(account_failure::unmade(&status, name, &account.email));
                }
                _ => {}
            }
        }
        let name = account.name.as_deref().unwrap_or_default();
        cx.waiting(format!("AWS to make the account {name} ({id}, {} s)", began.elapsed().as_secs()));
        pause = (pause * 3 / 2).clamp(FIRST_PAUSE, LONGEST_PAUSE);
        sleep(pause).await;
    }
}

/// What became of a request. One that AWS does not know any more, after 90 days say, has come to nothing that could be seen:
/// the account is asked for anew.
async fn status(id: &str, cx: &Cx<'_, Account>) -> Result<CreateAccountStatus> {
    let answer = cx.organizations().describe_create_account_status().create_account_request_id(id).send().await;
    match answer.edge() {
        Err(error) if error.class == Class::NotFound && cx.attempt >= GONE => {
            cx.end_note().await;
            Err(Error { class: Class::NotYet, ..error })
        }
        // What was noted a moment ago may not be known everywhere.
        Err(error) if error.class == Class::NotFound => Err(Error { class: Class::NotYet, uncertain: true, ..error }),
        answer => Ok(answer?.create_account_status.unwrap_or_else(|| CreateAccountStatus::builder().build())),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_organizations::types::InvalidInputExceptionReason;
    use aws_sdk_organizations::types::error::InvalidInputException;

    use super::*;

    #[test]
    fn a_request_that_is_written_wrongly_has_a_reason_too() {
        let invalid = InvalidInputException::builder().reason(InvalidInputExceptionReason::InvalidEmailAddressTarget);
        let error = SdkError::service_error(CreateAccountError::InvalidInputException(invalid.build()), ());
        assert_eq!(reason(&error).as_deref(), Some("INVALID_EMAIL_ADDRESS_TARGET"));
    }
}
