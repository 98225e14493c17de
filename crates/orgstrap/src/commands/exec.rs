//! `orgstrap exec`: a command with an account's credentials.

use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt;

use clap::Args;
use secrecy::ExposeSecret;

use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::Ui;
use crate::selection;
use crate::workspace::Workspace;

/// What would stand beside the account's credentials, or win over them in some of AWS's own tools.
const OTHER_CREDENTIALS: [&str; 5] =
    ["AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "AWS_CREDENTIAL_EXPIRATION"];

/// Run a command with an account's credentials in its environment
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The account's name
    account: String,
    /// The command and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

pub(crate) async fn run(arguments: &Arguments, global: &Global, ui: &Ui) -> Result<Exit, Failure> {
    let workspace = Workspace::open("exec", global, ui).await?;
    let account = selection::account(&workspace.fleet, &arguments.account)?;
    let member = blueprint::member(account, &workspace.sessions).await?;
    let Some(member) = member else {
        let hint = format!("orgstrap onboard {} creates it", account.name);
        return Err(Failure::new(format!("account {} does not exist yet", account.name), hint));
    };
    let variables = workspace.sessions.environment(&account.name, &member, &account.region).await?;
    let [program, rest @ ..] = arguments.command.as_slice() else { return Ok(Exit::Error) };
    let mut command = tokio::process::Command::new(program);
    let variables = variables.iter().map(|(name, value)| (name, value.expose_secret()));
    for name in OTHER_CREDENTIALS {
        command.env_remove(name);
    }
    command.args(rest).envs(variables);
    let status = command.status().await.map_err(|error| {
        Failure::new(format!("cannot run {}: {error}", program.display()), "is it installed, and on the PATH?")
    })?;
    // As a shell reports a program that a signal ended.
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    let exit = Exit::Program(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1));
    workspace.close(ui, exit, &[]).await;
    Ok(exit)
}
