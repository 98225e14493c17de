//! Asking before anything is changed.

use std::io::IsTerminal;

use inquire::InquireError;

use crate::cli::Global;
use crate::failure::Failure;

/// What is at stake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stakes {
    /// Nothing is deleted, and it is a rehearsal.
    None,
    /// Nothing is deleted.
    Cost,
    /// Something is deleted.
    Loss,
}

/// What the operator says to a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Go on.
    Yes,
    /// Leave it.
    No,
    /// Ctrl-C.
    Interrupted,
}

/// Asks whether to go on. Without a terminal, what deletes needs `--yes`.
pub(crate) fn ask(question: &str, stakes: Stakes, global: &Global) -> Result<Answer, Failure> {
    if global.yes || stakes == Stakes::None {
        return Ok(Answer::Yes);
    }
    if !(std::io::stdin().is_terminal() && std::io::stderr().is_terminal()) {
        if stakes == Stakes::Loss {
            return Err(Failure::new(
                "this takes something away, and there is no terminal to ask at",
                "run with --yes",
            ));
        }
        return Ok(Answer::Yes);
    }
    match inquire::Confirm::new(question).with_default(false).prompt() {
        Ok(true) => Ok(Answer::Yes),
        Ok(false) | Err(InquireError::OperationCanceled) => Ok(Answer::No),
        Err(InquireError::OperationInterrupted) => Ok(Answer::Interrupted),
        Err(error) => Err(Failure::new(format!("cannot ask: {error}"), "run with --yes")),
    }
}
