//! `orgstrap lock`: who has locked which account.

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand};
use ledger::{Broken, Error};
use serde_json::json;

use crate::approval::{Answer, Stakes, ask};
use crate::books;
use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::{self, Ui};
use crate::workspace::Workspace;

/// Show or break the locks that runs hold on accounts while they change them
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show who holds which lock
    List,
    /// Take a lock away from a run that is dead
    Break {
        /// The account, or `shared` for what accounts share
        #[arg(value_name = "ACCOUNT", value_parser = NonEmptyStringValueParser::new())]
        lock: String,
    },
}

pub(crate) async fn run(arguments: &Arguments, global: &Global, ui: &Ui) -> Result<Exit, Failure> {
    let ledger = Workspace::ledger(global).await?;
    match &arguments.action {
        Action::List => {
            render::locks(ui, &ledger.locks().await?);
            Ok(Exit::Done)
        }
        Action::Break { lock } => {
            let held = match ledger.holder_of(lock).await {
                Ok(holder) => holder.map(|holder| format!("{lock} is {holder}, last seen {:.0}", holder.heartbeat)),
                // Whoever holds it may be at work all the same.
                Err(error @ Error::Corrupt { .. }) => Some(format!("who has the lock of {lock} is not known: {error}")),
                Err(error) => return Err(error.into()),
            };
            if let Some(held) = held {
                ui.say(&held);
                ui.say("If that run is still at work, two runs may change the same objects at once.");
                match ask(&format!("Break the lock of {lock}?"), Stakes::Loss, global)? {
                    Answer::Yes => {}
                    answer => return Ok(super::change::declined(ui, answer)),
                }
            }
            let (message, broken) = match ledger.break_lock(lock, &books::person()).await? {
                Broken::Holder(holder) => (format!("{lock} is free; it was {holder}"), Some(holder)),
                Broken::Nobody => (format!("nobody holds {lock}"), None),
                Broken::Unreadable => (format!("{lock} is free; its record could not be read"), None),
            };
            if ui.is_human() {
                ui.data(&format!("{message}\n"));
            } else {
                ui.json(&json!({"version": 1, "command": "lock break", "message": message, "broken": broken}));
            }
            Ok(Exit::Done)
        }
    }
}
