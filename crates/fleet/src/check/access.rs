//! `[access]`: how the accounts are entered.

use super::tags;
use crate::desk::{Desk, Sound};
use crate::model::{Access, Github, SourceIdentity, Workflows};
use crate::raw::{AccessSection, GithubSection};
use crate::words::{self, Wrong};
use policy::KeyPath;

/// The word for a source identity that is not ours to set.
const INHERITED: &str = "none";

/// Checks the section.
pub(super) fn access(desk: &mut Desk, raw: AccessSection) -> Sound<Access> {
    let path = KeyPath::of(["access"]);
    let session_tags = raw.session_tags.unwrap_or_default();
    let tags = tags::check(desk, &path.key("session_tags"), &session_tags, tags::MOST_SESSION_TAGS);
    let role = desk.need_text(&path.key("role"), raw.role, "\"OrganizationAccountAccessRole\"", words::role_name);
    let principals = raw.principals.unwrap_or_default();
    let mut principals_are_sound = Ok(());
    for (at, principal) in principals.iter().enumerate() {
        let checked = desk.check(&path.key("principals").index(at), words::principal(principal));
        principals_are_sound = principals_are_sound.and(checked);
    }
    let external_id = desk.text(&path.key("external_id"), raw.external_id, words::external_id);
    let source_identity = desk.text(&path.key("source_identity"), raw.source_identity, words::source_identity);
    let session_minutes = desk.need(&path.key("session_minutes"), raw.session_minutes, "60");
    let github = raw.github.map(|raw| github(desk, raw)).transpose();
    tags?;
    principals_are_sound?;
    Ok(Access {
        role: role?,
        principals,
        mfa: raw.mfa.unwrap_or_default(),
        external_id: external_id?,
        source_identity: match source_identity? {
            None => SourceIdentity::Person,
            Some(text) if text == INHERITED => SourceIdentity::Inherited,
            Some(text) => SourceIdentity::Given(text),
        },
        session_tags,
        session_minutes: session_minutes?,
        github: github?,
    })
}

fn github(desk: &mut Desk, raw: GithubSection) -> Sound<Github> {
    let path = KeyPath::of(["access", "github"]);
    let repository =
        desk.need_text(&path.key("repository"), raw.repository, "\"verb/fleet\"", words::github_repository);
    let workflows = match (raw.branch, raw.environment) {
        (Some(branch), None) => {
            desk.check(&path.key("branch"), words::git_name(&branch)).map(|()| Workflows::Branch(branch))
        }
        (None, Some(environment)) => {
            let checked = desk.check(&path.key("environment"), words::git_name(&environment));
            checked.map(|()| Workflows::Environment(environment))
        }
        (Some(_), Some(_)) => {
            let message = "a workflow's token names its environment or its branch, not both";
            Err(desk.wrong(&path.key("branch"), message, "keep either `branch` or `environment`"))
        }
        (None, None) => {
            let message = "every workflow of the repository would be let in, also those of pull requests";
            let help = "write `environment = \"production\"` or `branch = \"main\"`";
            Err(desk.missing(&path.key("environment"), Wrong::new(message, help)))
        }
    };
    Ok(Github { repository: repository?, workflows: workflows? })
}
