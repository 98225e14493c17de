//! Who runs the command, and whether AWS would listen.

use aws::Caller;
use aws::preflight::{CREATE_ACCOUNTS, CREATE_ORGANIZATION, DELEGATE, Organized};
use engine::{Class, Result};

use super::Finding;

/// How far the clocks may be apart: AWS refuses signatures that are older than five minutes (IAM user guide, "Elements of
/// an AWS API request signature"), and half a minute is usual for a machine that nobody looks after.
const SURPRISING: i64 = 60;
const REFUSED: i64 = 5 * 60;

/// The credentials: whose they are, or why there are none.
pub(crate) fn credentials(caller: &Result<Caller>) -> Finding {
    const CHECK: &str = "credentials";
    match caller {
        Err(error) => {
            let remedy = error.hint.as_deref().unwrap_or("log in again (`aws sso login`), or set AWS_PROFILE");
            // A network that fails says nothing about credentials.
            if error.class == Class::Denied {
                Finding::blocker(CHECK, format!("AWS does not accept the credentials: {error}"), remedy)
            } else {
                Finding::blocker(CHECK, format!("AWS cannot be reached: {error}"), remedy)
            }
        }
        Ok(caller) if caller.arn.ends_with(":root") => Finding::blocker(
            CHECK,
            format!("you are the root user of account {}, which cannot assume roles", caller.account),
            "sign in as a user or through IAM Identity Center, with a role of the management account",
        ),
        Ok(caller) => Finding::ok(CHECK, format!("you are {}", caller.arn)),
    }
}

/// The clock of this machine against that of AWS.
pub(crate) fn clock(ahead: Option<i64>) -> Option<Finding> {
    const CHECK: &str = "clock";
    let ahead = ahead?;
    let (off, how) = (ahead.abs(), if ahead > 0 { "behind" } else { "ahead of" });
    let message = format!("this machine's clock is {off} s {how} AWS's");
    let remedy = "set it by NTP (`timedatectl set-ntp true`, or `sudo sntp -sS pool.ntp.org` on macOS)";
    Some(if off > REFUSED {
        Finding::blocker(
            CHECK,
            format!(
                "{message}: AWS refuses what is signed more than 5 minutes off. orgstrap's own calls are corrected, those to a \
                 ledger in S3 and those of other tools are not"
            ),
            remedy,
        )
    } else if off > SURPRISING {
        Finding::warning(CHECK, format!("{message}: at 5 minutes AWS refuses every call"), remedy)
    } else {
        Finding::ok(CHECK, "this machine's clock agrees with AWS's")
    })
}

/// The organization: whether there is one that this account can work with.
pub(crate) fn organization(organized: &Result<Option<Organized>>, caller: &Caller) -> Finding {
    const CHECK: &str = "organization";
    match organized {
        Err(error) => Finding::unknown(CHECK, "the organization is", error),
        Ok(None) => Finding::info(
            CHECK,
            format!(
                "account {} has no organization yet: the first run makes one, and manages it from there",
                caller.account
            ),
        ),
        Ok(Some(found)) if found.management != caller.account => Finding::blocker(
            CHECK,
            format!("account {} belongs to {}, which account {} manages", caller.account, found.id, found.management),
            format!("run with credentials of the management account, {}", found.management),
        ),
        Ok(Some(found)) if !found.all_features => Finding::blocker(
            CHECK,
            format!("{} has consolidated billing alone: no units with policies, and no trusted access", found.id),
            "aws organizations enable-all-features; every invited account has to approve it, then run again",
        ),
        Ok(Some(found)) => Finding::ok(CHECK, format!("{}, all features, managed by this account", found.id)),
    }
}

/// What the organization's changes take, as far as this run may make them.
pub(crate) fn actions(organized: Option<&Organized>, makes_accounts: bool, delegates: bool) -> Vec<&'static str> {
    let organization = organized.is_none().then_some(CREATE_ORGANIZATION);
    let (accounts, delegation) = (makes_accounts.then_some(CREATE_ACCOUNTS), delegates.then_some(DELEGATE));
    organization.into_iter().chain(accounts).chain(delegation).flatten().copied().collect()
}

/// Whether the caller may change the organization, and enter accounts.
pub(crate) fn permissions(denied: &Result<Vec<String>>, caller: &Caller) -> Finding {
    const CHECK: &str = "permissions";
    match denied {
        Err(error) => Finding::unknown(CHECK, "what you may change in the organization is", error),
        Ok(denied) if denied.is_empty() => {
            Finding::ok(CHECK, "your policies allow what orgstrap changes in the organization")
        }
        Ok(denied) => Finding::blocker(
            CHECK,
            format!("your policies do not allow {}", denied.join(", ")),
            format!("allow these to {} in account {} (docs/permissions.md)", caller.arn, caller.account),
        ),
    }
}

#[cfg(test)]
mod tests {
    use engine::Error;

    use super::super::Status;
    use super::*;

    fn caller(arn: &str) -> Caller {
        Caller { account: "123456789012".into(), arn: arn.into() }
    }

    #[test]
    fn the_root_user_cannot_go_on() {
        assert_eq!(credentials(&Ok(caller("arn:aws:iam::123456789012:root"))).status, Status::Blocker);
        assert_eq!(credentials(&Ok(caller("arn:aws:iam::123456789012:user/ada"))).status, Status::Ok);
        let expired = Error { code: Some("ExpiredToken".into()), ..Error::new(Class::Denied, "expired") };
        let finding = credentials(&Err(expired.hint("log in again")));
        assert_eq!((finding.status, finding.remedy.as_deref()), (Status::Blocker, Some("log in again")));
    }

    #[test]
    fn clocks_may_be_a_minute_apart_and_not_five() {
        let status = |ahead| clock(Some(ahead)).map(|finding| finding.status);
        let (ok, warning, blocker) = (Some(Status::Ok), Some(Status::Warning), Some(Status::Blocker));
        assert_eq!([status(0), status(60), status(-60)], [ok; 3]);
        assert_eq!([status(61), status(-300)], [warning; 2]);
        assert_eq!([status(301), status(-301)], [blocker; 2]);
        assert!(clock(Some(301)).is_some_and(|finding| finding.message.contains("301 s behind")));
        assert_eq!(clock(None), None);
    }

    #[test]
    fn the_organization_has_to_be_managed_from_here_with_all_features() {
        let here = caller("arn:aws:iam::123456789012:user/ada");
        let found = Organized { id: "o-1".into(), management: "123456789012".into(), all_features: true };
        let judged = |found: Organized| organization(&Ok(Some(found)), &here).status;
        assert_eq!(judged(found.clone()), Status::Ok);
        assert_eq!(judged(Organized { all_features: false, ..found.clone() }), Status::Blocker);
        assert_eq!(judged(Organized { management: "210987654321".into(), ..found.clone() }), Status::Blocker);
        assert_eq!(organization(&Ok(None), &here).status, Status::Info);
        assert_eq!(organization(&Err(Error::new(Class::Denied, "no")), &here).status, Status::Unknown);
        assert!(actions(Some(&found), false, false).is_empty());
        assert!(actions(None, false, false).contains(&"organizations:CreateOrganization"));
        assert!(!actions(Some(&found), true, false).contains(&"organizations:CreateOrganization"));
    }
}
