//! The fleet's accounts against those that the organization has: which exist, which can be made.

use aws::Enrolled;
use aws::preflight::Quota;
use engine::Result;
use fleet::Account;

use super::Finding;

/// The account of the organization that an account's file means: by its id, else by its address.
pub(crate) fn meant<'e>(account: &Account, enrolled: &'e [Enrolled]) -> Option<&'e Enrolled> {
    enrolled.iter().find(|one| match &account.id {
        Some(id) => one.id == *id,
        None => one.has_email(&account.email),
    })
}

/// How an account of the fleet stands to the organization; nothing if there is nothing to say.
pub(crate) fn enrolment(account: &Account, enrolled: &[Enrolled], management: &str) -> Option<Finding> {
    const CHECK: &str = "email";
    let (name, email) = (&account.name, &account.email);
    let finding = match (meant(account, enrolled), &account.id) {
        (None, None) => return Some(Finding::ok(CHECK, format!("{email} is free in this organization")).of(name)),
        (None, Some(id)) if account.invite => {
            let message = format!("account {id} is not in this organization yet: a run invites it");
            return Some(Finding::ok("account", message).of(name));
        }
        (None, Some(id)) => Finding::blocker(
            "account",
            format!("account {id} is not in this organization"),
            format!("write `invite = true` beside its id into accounts/{name}.toml to invite it, or correct the id"),
        ),
        (Some(found), _) if !found.is_active() => Finding::blocker(
            CHECK,
            format!("account {} ({}) is {}, and keeps its address", found.id, found.email, found.state),
            found.state.remedy(),
        ),
        (Some(found), None) if found.id == management => Finding::blocker(
            CHECK,
            format!("{email} is the address of the management account, {management}"),
            format!("write another `email` into accounts/{name}.toml"),
        ),
        (Some(found), _) if account.display_name.as_ref().is_some_and(|meant| *meant != found.name) => Finding::info(
            CHECK,
            format!(
                "account {} ({}) is there and is called {}: a run takes it over and renames it",
                found.id, found.email, found.name
            ),
        ),
        _ => return None,
    };
    Some(finding.of(name))
}

/// Whether the organization has room for the accounts that are still to be made.
pub(crate) fn room(accounts: usize, invited: &Result<usize>, new: usize, applied: &Result<f64>) -> Vec<Finding> {
    const CHECK: &str = "account-quota";
    let mut findings = Vec::new();
    let invitations = match invited {
        Ok(count) => *count,
        Err(error) => {
            findings.push(Finding::unknown(CHECK, "how many invitations count as accounts is", error));
            0
        }
    };
    let limit = match applied {
        Ok(limit) => *limit,
        Err(error) => {
            let what =
                format!("the quota of accounts is (AWS's default, {}, is reckoned with)", Quota::Accounts.default());
            findings.push(Finding::unknown(CHECK, &what, error));
            Quota::Accounts.default()
        }
    };
    let used = accounts + invitations;
    let after = used + new;
    let counted = format!("{used} of {limit} accounts, closed ones and {invitations} invitations included");
    #[expect(clippy::cast_precision_loss, reason = "an organization has some thousands of accounts at most")]
    let fits = after as f64 <= limit;
    findings.push(if new > 0 && !fits {
        let ask = format!(
            "aws service-quotas request-service-quota-increase --region us-east-1 --service-code {} --quota-code {} \
             --desired-value {after}; or name fewer accounts",
            Quota::Accounts.service(),
            Quota::Accounts.code()
        );
        Finding::blocker(CHECK, format!("{counted}: the {new} that are missing do not fit"), ask)
    } else if applied.is_err() {
        Finding::info(CHECK, format!("{counted}, if that is the quota, and {new} to make"))
    } else {
        Finding::ok(CHECK, format!("{counted}, and {new} to make"))
    });
    findings
}

#[cfg(test)]
pub(super) mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use std::fs;
    use std::path::Path;

    use engine::{Class, Error};
    use fleet::{Fleet, Source};

    use super::super::Status;
    use aws::State;

    use super::*;

    /// The fleet of the repository, with another text in the file of its project.
    pub(crate) fn fleet(more: &str) -> Fleet {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let folder = tempfile::tempdir().unwrap();
        for sub in ["", "accounts", "policies", "policies/scp"] {
            fs::create_dir_all(folder.path().join(sub)).unwrap();
            for file in fs::read_dir(repository.join(sub)).unwrap().map(Result::unwrap) {
                let name = file.file_name().into_string().unwrap();
                if [".toml", ".json"].iter().any(|end| name.ends_with(end)) {
                    fs::copy(file.path(), folder.path().join(sub).join(name)).unwrap();
                }
            }
        }
        let file = folder.path().join("accounts/headless-cms-dev.toml");
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, format!("{more}\n{text}")).unwrap();
        let config = folder.path().join("orgstrap.toml");
        fleet::load(&Source { config, ..Source::default() }).unwrap()
    }

    fn enrolled(name: &str, email: &str, state: State) -> Enrolled {
        let (id, name, email) = ("111122223333".into(), name.into(), email.into());
        Enrolled { id, name, email, state, joined: None }
    }

    const EMAIL: &str = "AWS+Headless-CMS-dev@verb.example";

    fn judged(more: &str, enrolled: &[Enrolled]) -> Option<(Status, String)> {
        let fleet = fleet(more);
        let finding = enrolment(&fleet.accounts["headless-cms-dev"], enrolled, "123456789012")?;
        Some((finding.status, finding.message + " / " + &finding.remedy.unwrap_or_default()))
    }

    #[test]
    fn an_address_belongs_to_one_account() {
        assert_eq!(judged("", &[]).unwrap().0, Status::Ok);
        assert_eq!(judged("", &[enrolled("headless-cms-dev", EMAIL, State::Active)]), None);
        // It is called otherwise: a run renames it.
        let (status, said) = judged("", &[enrolled("old", EMAIL, State::Active)]).unwrap();
        assert!(status == Status::Info && said.contains("is called old: a run takes it over"), "{said}");
        let (status, said) = judged("", &[enrolled("headless-cms-dev", EMAIL, State::Suspended)]).unwrap();
        assert_eq!(status, Status::Blocker);
        assert!(said.contains("is SUSPENDED") && said.contains("AWS Support"), "{said}");
        let (_, said) =
            judged("", &[Enrolled { id: "123456789012".into(), ..enrolled("m", EMAIL, State::Active) }]).unwrap();
        assert!(said.contains("of the management account"), "{said}");
    }

    #[test]
    fn an_adopted_account_is_known_by_its_id() {
        let id = "id = \"111122223333\"";
        assert_eq!(judged(id, &[enrolled("old", "old@verb.example", State::Active)]), None);
        assert_eq!(judged(id, &[]).unwrap().0, Status::Blocker);
        assert_eq!(judged(&format!("{id}\ninvite = true"), &[]).unwrap().0, Status::Ok);
    }

    #[test]
    fn accounts_have_to_fit() {
        let status = |used, invited: usize, new, limit: f64| {
            room(used, &Ok(invited), new, &Ok(limit)).iter().map(|finding| finding.status).collect::<Vec<_>>()
        };
        assert_eq!(status(4, 0, 6, 10.0), [Status::Ok]);
        assert_eq!(status(4, 1, 6, 10.0), [Status::Blocker]);
        // An organization that is full, and nothing is to be made.
        assert_eq!(status(12, 0, 0, 10.0), [Status::Ok]);
        let untold = || Err(Error::new(Class::Denied, "no"));
        let findings = room(4, &Ok(0), 7, &untold());
        assert_eq!(findings.iter().map(|one| one.status).collect::<Vec<_>>(), [Status::Unknown, Status::Blocker]);
        let findings = room(4, &Err(Error::new(Class::Denied, "no")), 1, &untold());
        assert!(!findings.iter().any(|one| one.status == Status::Ok), "{findings:?}");
    }
}
