//! `orgstrap can`: may an account's service do something, by or against which statement.

use aws::resources::Role;
use clap::Args;

use super::edges;
use crate::cli::{Accounts, Global};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::grants::{Answer, Live, LiveObject, answer, unknown_object};
use crate::render::{self, Ui};
use crate::workspace::Workspace;

/// Decide on the live policies of both sides whether a role of an account may do something
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The account's name
    account: String,
    /// The action, such as ecr:BatchGetImage; `pull`, `push` and `read` stand for what these take
    action: String,
    /// What it would be done to: an image such as headless-cms/backend, a secret of the account, shared:NAME, or an ARN
    object: String,
    /// One of the account's roles, such as `backend-execution`; none means those of all its services
    #[arg(long, value_name = "ROLE")]
    by: Option<String>,
}

pub(crate) async fn run(arguments: &Arguments, global: &Global, ui: &Ui) -> Result<Exit, Failure> {
    let accounts = Accounts { names: vec![arguments.account.clone()], all: false };
    edges::look("can", &accounts, global, ui, |workspace, _, plan| {
        let answers = answers(arguments, workspace, &Live::new(plan))?;
        render::answers(ui, &arguments.account, &answers);
        Ok(if answers.iter().any(Answer::is_allowed) { Exit::Done } else { Exit::Differences })
    })
    .await
}

/// What each of the roles that are meant may do.
fn answers(arguments: &Arguments, workspace: &Workspace, live: &Live<'_>) -> Result<Vec<Answer>, Failure> {
    let account = arguments.account.as_str();
    let object = object(arguments, workspace, live)?;
    let known = live.roles_of(account);
    let roles = match &arguments.by {
        Some(role) => vec![role.strip_prefix(&Role::name("")).unwrap_or(role).to_owned()],
        None => known.clone(),
    };
    let answers = roles.iter().filter_map(|name| {
        let role = live.role(account, name)?;
        Some(answer(name, &role, &actions(&arguments.action), &object))
    });
    let answers: Vec<_> = answers.collect();
    if answers.is_empty() {
        let message = match &arguments.by {
            Some(role) => format!("account {account} has no role {role}"),
            None => format!("account {account} has no role of a service"),
        };
        let hint = if known.is_empty() {
            "orgstrap onboard makes them".to_owned()
        } else {
            format!("there are {}", known.join(", "))
        };
        return Err(Failure::new(message, hint));
    }
    Ok(answers)
}

/// The words for what several actions are needed for.
fn actions(action: &str) -> Vec<String> {
    let of = |access: blueprint::Access| access.actions().iter().map(|&action| action.to_owned()).collect();
    match action {
        "pull" => of(blueprint::Access::Pull(String::new())),
        "push" => of(blueprint::Access::Push(String::new())),
        "read" => of(blueprint::Access::Read(String::new())),
        action => vec![action.to_owned()],
    }
}

/// The object that is meant, with its own policy.
fn object(arguments: &Arguments, workspace: &Workspace, live: &Live<'_>) -> Result<LiveObject, Failure> {
    let (account, common, text) =
        (arguments.account.as_str(), workspace.fleet.common.as_str(), arguments.object.as_str());
    let found = if let Some(name) = text.strip_prefix("shared:") {
        live.secret(common, name)
    } else if text.starts_with("arn:") {
        Some(live.by_arn(text).unwrap_or_else(|| unknown_object(text)))
    } else {
        live.repository(common, text).or_else(|| live.secret(account, text)).or_else(|| live.secret(common, text))
    };
    found.ok_or_else(|| {
        let message = format!("there is no image and no secret `{text}` that {account} could mean");
        Failure::new(message, "name an image such as team/backend, a secret, shared:NAME, or an ARN")
    })
}
