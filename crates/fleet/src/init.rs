//! The files that `orgstrap init` writes: a fleet to start from.

use std::path::PathBuf;

use crate::documents::BUILT_IN;

const FLEET: &str = include_str!("init/orgstrap.toml");
const COMMON: &str = include_str!("init/common.toml");
const PROJECT: &str = include_str!("init/project.toml");

/// A service control policy to start with: nobody takes an account out of the organization.
const DENY_LEAVE: (&str, &str) = ("scp/deny-leave", include_str!("../../../policies/scp/deny-leave.json"));

/// The files of a fleet called `name` in `region`, as paths from the fleet's folder, with their text.
///
/// `email` is the pattern of the accounts' e-mail addresses; `{account}` in it stands for an account's name. What is wrong
/// with any of the three, [`load`](crate::load) says.
#[must_use]
pub fn files(name: &str, region: &str, email: &str) -> Vec<(PathBuf, String)> {
    let common = format!("{name}-common");
    let fill = |template: &str| {
        template
            .replace("@NAME@", &quoted(name))
            .replace("@REGION@", &quoted(region))
            .replace("@COMMON@", &quoted(&common))
            .replace("@EMAIL@", &quoted(email))
    };
    let mut files = vec![
        (PathBuf::from("orgstrap.toml"), fill(FLEET)),
        (PathBuf::from(format!("accounts/{common}.toml")), COMMON.to_owned()),
        (PathBuf::from("accounts/web-dev.toml"), PROJECT.to_owned()),
    ];
    for (document, text) in BUILT_IN.into_iter().chain([DENY_LEAVE]) {
        files.push((PathBuf::from(format!("policies/{document}.json")), text.to_owned()));
    }
    files
}

/// A TOML string, whatever is in it.
fn quoted(text: &str) -> String {
    toml_edit::Value::from(text).to_string()
}
