//! `orgstrap policy decide`: whether requests are allowed.

use std::path::PathBuf;

use clap::Args;
use policy::{Decision, read_json};

use super::case::Cases;
use crate::documents;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::{self, Ui};

/// Say whether policies allow a request, and by or against which statement
///
/// Exit code 0 if all requests are allowed, 2 if one is not.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// A case, or a list of cases, as JSON; - is standard input
    file: PathBuf,
}

const AFTER_HELP: &str = r#"A case; what is absent does not apply:
  {"request": {"principal": ARN, "action": "ecr:BatchGetImage", "resource": ARN,
               "resource_account": ID, "context": {"aws:PrincipalOrgID": "o-a"}},
   "policies": {"identity": [DOCUMENT, ...], "resource": DOCUMENT, "boundary": DOCUMENT,
                "session": DOCUMENT, "scps": [[DOCUMENT, ...], ...]}}"#;

pub(crate) fn run(arguments: &Arguments, ui: &Ui) -> Result<Exit, Failure> {
    let text = documents::read(&arguments.file).map_err(|mistake| Failure::Documents(vec![mistake]))?;
    let cases = read_json(&text.text).and_then(|value| Cases::read(&value));
    let cases = cases.map_err(|mistakes| Failure::Documents(text.mistakes(mistakes)))?;
    let decided: Vec<_> = cases.all().iter().map(|case| (case.name(), case.decide())).collect();
    render::decisions(ui, &decided, cases.is_list());
    let all_allowed = decided.iter().all(|(_, outcome)| outcome.decision == Decision::Allow);
    Ok(if all_allowed { Exit::Done } else { Exit::Differences })
}
