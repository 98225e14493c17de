//! `orgstrap credentials`: the keys of a session in an account, for another program.

use std::fmt::Write;

use clap::Args;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::entered::{self, Entered};
use crate::cli::{Format, Global};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::Ui;
use crate::workspace::Workspace;

/// Print credentials of an account: the auditor's, which only read, unless --role says more
#[derive(Debug, Args)]
#[command(after_help = "\
In a shell:                eval \"$(orgstrap credentials ACCOUNT --format env)\"
In a profile of AWS tools: credential_process = orgstrap --config /FLEET/orgstrap.toml credentials ACCOUNT --format process")]
pub(crate) struct Arguments {
    /// The account's name
    account: String,
}

pub(crate) async fn run(arguments: &Arguments, global: &Global, ui: &Ui) -> Result<Exit, Failure> {
    let workspace = Workspace::open("credentials", global, ui).await?;
    let entered = entered::enter(&workspace, &arguments.account, global).await?;
    // To print them is what was asked for; they go to standard output and nowhere else.
    match global.format {
        Format::Json => ui.json(&as_json(&entered)),
        Format::Process => ui.json(&for_process(&entered)),
        _ => ui.data(&as_shell(&entered)),
    }
    workspace.close(ui, Exit::Done, &[]).await;
    Ok(Exit::Done)
}

fn shown(secret: Option<&SecretString>) -> Option<&str> {
    secret.map(ExposeSecret::expose_secret)
}

/// Lines for a POSIX shell. Nothing in keys, regions and addresses needs more than single quotes.
fn as_shell(entered: &Entered) -> String {
    entered.variables().iter().fold(String::new(), |mut lines, (name, value)| {
        let _ = writeln!(lines, "export {name}='{}'", value.expose_secret());
        lines
    })
}

fn as_json(entered: &Entered) -> Value {
    let keys = &entered.keys;
    json!({
        "version": 1,
        "account": entered.account,
        "region": entered.region,
        "access_key_id": keys.access_key_id.expose_secret(),
        "secret_access_key": keys.secret_access_key.expose_secret(),
        "session_token": shown(keys.session_token.as_ref()),
        "expires": entered.expires(),
    })
}

/// What AWS's tools expect of a program (AWS SDKs and tools reference guide, "Process credential provider").
fn for_process(entered: &Entered) -> Value {
    let keys = &entered.keys;
    json!({
        "Version": 1,
        "AccessKeyId": keys.access_key_id.expose_secret(),
        "SecretAccessKey": keys.secret_access_key.expose_secret(),
        "SessionToken": shown(keys.session_token.as_ref()),
        "Expiration": entered.expires(),
    })
}
