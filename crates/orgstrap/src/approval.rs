//! Asking before anything is changed.

use std::io::IsTerminal;

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

/// Asks whether to go on. Without a terminal, what deletes needs `--yes`.
pub(crate) fn approved(question: &str, stakes: Stakes, global: &Global) -> Result<bool, Failure> {
    if global.yes || stakes == Stakes::None {
        return Ok(true);
    }
    if !(std::io::stdin().is_terminal() && std::io::stderr().is_terminal()) {
        if stakes == Stakes::Loss {
            return Err(Failure::new(
                "this plan deletes objects, and there is no terminal to ask at",
                "run with --yes",
            ));
        }
        return Ok(true);
    }
    match inquire::Confirm::new(question).with_default(false).prompt() {
        Ok(answer) => Ok(answer),
        Err(inquire::InquireError::OperationCanceled | inquire::InquireError::OperationInterrupted) => Ok(false),
        Err(error) => Err(Failure::new(format!("cannot ask: {error}"), "run with --yes")),
    }
}
