//! The account's databases, from one list; how they come, change and go.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_sdk_rds::types::{DbInstance as Listed, DbSnapshot, PendingModifiedValues};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use engine::{Class, Cx, Error, Result};
use futures_util::future;

use super::unless_missing;
use crate::edge::Edge;
use crate::inventory::list;
use crate::wait::Wait;
use crate::{Account, Losses};

/// Ten minutes are usual; a larger class, another zone or another version takes longer.
const PATIENCE: Duration = Duration::from_hours(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// Every database of the region, without those that are going.
pub(super) async fn all(cx: &Cx<'_, Account>) -> Result<Arc<Vec<Listed>>> {
    list(cx, "db-instances", async {
        let all = cx.rds().describe_db_instances().into_paginator().items().send();
        let all: Vec<Listed> = all.try_collect().await.edge()?;
        Ok(all.into_iter().filter(|one| !is_going(one)).collect())
    })
    .await
}

/// The databases and the snapshots of databases that are encrypted with a key.
pub(super) async fn encrypted_with(key: &str, cx: &Cx<'_, Account>) -> Result<Vec<String>> {
    let snapshots = list(cx, "db-snapshots", async {
        let snapshots = cx.rds().describe_db_snapshots().into_paginator().items().send();
        let snapshots: Vec<DbSnapshot> = snapshots.try_collect().await.edge()?;
        Ok(snapshots)
    });
    let (databases, snapshots) = future::try_join(all(cx), snapshots).await?;
    let databases = databases.iter().filter(|one| one.kms_key_id() == Some(key));
    let databases = databases.filter_map(|one| Some(format!("database {}", one.db_instance_identifier()?)));
    let snapshots = snapshots.iter().filter(|one| one.kms_key_id() == Some(key));
    let snapshots = snapshots.filter_map(|one| Some(format!("snapshot {}", one.db_snapshot_identifier()?)));
    Ok(databases.chain(snapshots).collect())
}

/// One database by its identifier, fresh; [`Class::NotFound`] if it is gone.
pub(super) async fn one(name: &str, cx: &Cx<'_, Account>) -> Result<Listed> {
    let answer = cx.rds().describe_db_instances().db_instance_identifier(name).send().await.edge()?;
    let one = answer.db_instances.unwrap_or_default().pop();
    one.ok_or_else(|| Error::new(Class::NotFound, format!("the database {name} is not listed")))
}

/// Waits until it can be used.
pub(super) async fn available(name: &str, cx: &Cx<'_, Account>) -> Result<()> {
    until(name, cx, |_| true).await
}

/// Waits until it can be used again, and is what it was changed to.
pub(super) async fn changed(name: &str, cx: &Cx<'_, Account>) -> Result<()> {
    until(name, cx, |one| !one.pending_modified_values().is_some_and(is_pending)).await
}

/// How long a change of ours may be pending: a change of what we do not set waits for the maintenance window.
fn is_pending(values: &PendingModifiedValues) -> bool {
    values.db_instance_class().is_some()
        || values.allocated_storage().is_some()
        || values.backup_retention_period().is_some()
        || values.multi_az().is_some()
        || values.engine_version().is_some()
        || values.storage_type().is_some()
        || values.db_subnet_group_name().is_some()
        || values.pending_cloudwatch_logs_exports().is_some()
        || values.iam_database_authentication_enabled().is_some()
}

async fn until(name: &str, cx: &Cx<'_, Account>, is_done: impl Fn(&Listed) -> bool) -> Result<()> {
    let mut wait = Wait::with_pauses_up_to(LONGEST_PAUSE);
    loop {
        // A new one may not be seen yet.
        let one = unless_missing(one(name, cx).await)?;
        let status = one.as_ref().and_then(Listed::db_instance_status).unwrap_or("not listed");
        if let Some(remedy) = stuck(status) {
            return Err(Error::new(Class::Other, format!("the database {name} is {status}")).hint(remedy));
        }
        if is_usable(status) && one.as_ref().is_some_and(&is_done) {
            return Ok(());
        }
        if wait.waited() >= PATIENCE {
            let minutes = PATIENCE.as_secs() / 60;
            let message = format!("the database {name} is {status} after {minutes} min");
            return Err(Error::new(Class::Other, message)
                .hint("look at its events: aws rds describe-events --source-type db-instance; run again to go on"));
        }
        cx.waiting(format!("{name} to become available: {}", in_words(status)));
        wait.pause().await;
    }
}

/// Storage that was changed is optimized for hours, and can be used meanwhile (RDS user guide, "Viewing Amazon RDS DB
/// instance status").
fn is_usable(status: &str) -> bool {
    matches!(status, "available" | "storage-optimization" | "storage-config-upgrade")
}

fn is_going(one: &Listed) -> bool {
    one.db_instance_status() == Some("deleting")
}

/// What to do about a state that does not end by itself (the same page).
fn stuck(status: &str) -> Option<&'static str> {
    Some(match status {
        "stopped" | "stopping" => "start it (`aws rds start-db-instance`), and run again",
        "storage-full" => "give it more storage, and run again",
        "inaccessible-encryption-credentials" | "inaccessible-encryption-credentials-recoverable" => {
            "RDS may not use the key of its storage: enable the key and see that its policy lets RDS in, start the \
             database (`aws rds start-db-instance`), and run again"
        }
        "insufficient-capacity" => {
            "AWS has no room for this class in these zones now: delete it, and take another class"
        }
        "failed" | "restore-error" => "it cannot be saved: delete it, and run again",
        status if status.starts_with("incompatible-") => {
            "what it is built on does not fit it: look at its events (`aws rds describe-events --source-type \
             db-instance`), mend that, and run again"
        }
        _ => return None,
    })
}

fn in_words(status: &str) -> String {
    match status {
        "available" => "its changes are being made".into(),
        "backing-up" => "a backup is being taken".into(),
        "creating" => "it is being created".into(),
        "modifying" => "it is being changed".into(),
        "rebooting" | "starting" => "it is starting".into(),
        "upgrading" => "its engine is being upgraded".into(),
        status => format!("it is {status}"),
    }
}

/// RDS API reference, `DeleteDBInstance`, `SkipFinalSnapshot`.
const NO_SNAPSHOT: [&str; 3] = ["failed", "incompatible-network", "incompatible-restore"];

/// Deletes it, and waits until it is gone.
///
/// Without a last snapshot its automated backups go with it. With one they stay as long as they would have: a mistake that
/// is found days later needs an earlier moment than the last (RDS user guide, "Retaining automated backups").
pub(super) async fn delete(name: &str, cx: &Cx<'_, Account>) -> Result<()> {
    let (now, losses) = (one(name, cx).await?, cx.losses());
    if !is_going(&now) {
        if now.deletion_protection() == Some(true) && losses.protected {
            let call = cx.rds().modify_db_instance().db_instance_identifier(name);
            call.deletion_protection(false).apply_immediately(true).send().await.edge()?;
        }
        let status = now.db_instance_status().unwrap_or_default();
        if !losses.databases && NO_SNAPSHOT.contains(&status) {
            let message = format!("the database {name} is {status}, and RDS takes no snapshot of it");
            return Err(Error::new(Class::Invalid, message)
                .hint("if nothing in it is needed any more, run again with --no-final-snapshot"));
        }
        let snapshot = (!losses.databases).then(|| last_snapshot(name, SystemTime::now()));
        let call = cx.rds().delete_db_instance().db_instance_identifier(name);
        let call = call.skip_final_snapshot(losses.databases).delete_automated_backups(losses.databases);
        let deleted = call.set_final_db_snapshot_identifier(snapshot.clone()).send().await.edge();
        deleted.map_err(|error| protected(error, losses))?;
        if let Some(snapshot) = snapshot {
            cx.tell(format!("the last state of database {name} is kept as snapshot {snapshot}"));
        }
    }
    cx.unless_cancelled(Box::pin(gone(name, cx))).await
}

/// Such as `shop-final-20260131t120000z`: letters, digits and single hyphens (RDS API reference, `DeleteDBInstance`).
fn last_snapshot(name: &str, at: SystemTime) -> String {
    let at = DateTime::from_secs(DateTime::from(at).secs()).fmt(Format::DateTime).unwrap_or_default();
    let at: String = at.chars().filter(char::is_ascii_alphanumeric).collect();
    format!("{name}-final-{}", at.to_lowercase())
}

fn protected(error: Error, losses: Losses) -> Error {
    let is_protected = error.code.as_deref() == Some("InvalidParameterCombination")
        && error.message.to_lowercase().contains("deletion protection");
    if !is_protected {
        return error;
    }
    if losses.protected {
        // Its protection was taken off a moment ago.
        return Error { class: Class::InUse, ..error };
    }
    error.hint("it is protected against deletion: to delete it nevertheless, run again with --unprotect")
}

async fn gone(name: &str, cx: &Cx<'_, Account>) -> Result<()> {
    let mut wait = Wait::with_pauses_up_to(LONGEST_PAUSE);
    while let Some(one) = unless_missing(one(name, cx).await)? {
        let status = one.db_instance_status().unwrap_or("deleting");
        if wait.waited() >= PATIENCE {
            let message = format!("the database {name} is still {status}");
            return Err(Error::new(Class::Other, message).hint("RDS goes on; run again to go on"));
        }
        cx.waiting(format!("{name} to be deleted: {}", in_words(status)));
        wait.pause().await;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_snapshot_is_called_after_the_database_and_the_time() {
        let at = SystemTime::UNIX_EPOCH + Duration::from_millis(1_769_860_800_123);
        assert_eq!(last_snapshot("shop-dev", at), "shop-dev-final-20260131t120000z");
    }

    #[test]
    fn a_state_that_does_not_end_has_a_remedy() {
        assert!(["failed", "incompatible-network", "storage-full", "stopped"].iter().all(|it| stuck(it).is_some()));
        assert!(["available", "creating", "backing-up", "modifying"].iter().all(|it| stuck(it).is_none()));
    }
}
