//! Where the values of secrets come from: read after the plan and before anything is changed, so that one that is missing
//! stops the run while nothing is half done. A value goes from its source to AWS and nowhere else.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io::{self, IsTerminal, Read};

use aws::resources::Secret;
use engine::{Action, Key, Plan, Resource, Step};
use fleet::SecretSource;
use inquire::{Password, PasswordDisplayMode};
use rand::distr::{Alphanumeric, SampleString};
use secrecy::{ExposeSecret, SecretString};

use crate::failure::Failure;
use crate::render::Ui;
use crate::workspace::Workspace;

/// The most that a secret takes (Secrets Manager API `CreateSecret`, `SecretString`).
const MOST_BYTES: usize = 65_536;

/// How long a value is that stands for a missing one in the sandbox.
const STAND_IN: u16 = 32;

/// Reads what the plan needs: the values of secrets that it makes, and of those that it changes.
pub(crate) async fn gather(workspace: &Workspace, plan: &Plan, ui: &Ui) -> Result<(), Failure> {
    let mut gathered: BTreeMap<Key, SecretString> = BTreeMap::new();
    let mut mistakes = Vec::new();
    let (copies, own): (Vec<_>, Vec<_>) =
        needed(workspace, plan).into_iter().partition(|(_, from)| matches!(from, SecretSource::Shared(_)));
    // Copies last: what they are copies of may be among the others.
    for (key, from) in own.into_iter().chain(copies) {
        let read = match &from {
            SecretSource::Shared(name) => match gathered.get(&shared(workspace, name)) {
                Some(value) => Ok(value.clone()),
                None => workspace.read_shared_secret(name).await,
            },
            from => value(&key, from),
        };
        match read.and_then(|value| checked(&from, value)) {
            Ok(value) => drop(gathered.insert(key, value)),
            Err(what) if workspace.is_rehearsal() && !matches!(from, SecretSource::Shared(_)) => {
                let value = stand_in(&key, &what, ui);
                gathered.insert(key, value);
            }
            Err(what) => mistakes.push(format!("{}: {what}", called(&key))),
        }
    }
    if !mistakes.is_empty() {
        let message =
            format!("nothing was changed, because values of secrets are missing:\n  {}", mistakes.join("\n  "));
        return Err(Failure::new(message, "give them as the account files say, and run again"));
    }
    for (key, value) in gathered {
        workspace.values.insert(key, value);
    }
    Ok(())
}

/// A secret as people call it.
pub(crate) fn called(key: &Key) -> String {
    format!("secret {} of {}", key.name, key.scope)
}

/// The value of a source, without the end of line that an editor leaves; what is missing, in words that do not repeat what
/// is there.
pub(crate) fn value(key: &Key, from: &SecretSource) -> Result<SecretString, String> {
    match from {
        SecretSource::Env(name) => {
            env::var(name).map(SecretString::from).map_err(|_| format!("the variable {name} is not set, or is no text"))
        }
        SecretSource::File(path) => match fs::read_to_string(path) {
            Ok(text) => Ok(SecretString::from(text.strip_suffix('\n').unwrap_or(&text))),
            Err(error) => Err(format!("{} cannot be read: {}", path.display(), error.kind())),
        },
        SecretSource::Prompt => ask(key, Times::Once),
        SecretSource::Random(length) => Ok(random(*length)),
        SecretSource::Value(value) => Ok(SecretString::from(blueprint::public_text(value))),
        SecretSource::Shared(name) => Err(format!("it is a copy of the shared secret {name}")),
    }
}

/// How often a value is typed that nobody sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Times {
    Once,
    /// Both have to be the same.
    Twice,
}

/// Asks for a value, which is not shown.
pub(crate) fn ask(key: &Key, times: Times) -> Result<SecretString, String> {
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        return Err("it is asked for, and there is no terminal to ask at".to_owned());
    }
    let question = format!("Value of {}:", called(key));
    let asked = Password::new(&question)
        .with_display_mode(PasswordDisplayMode::Hidden)
        .with_custom_confirmation_message("The same again:")
        .with_custom_confirmation_error_message("The two are not the same.");
    let asked = if times == Times::Once { asked.without_confirmation() } else { asked };
    asked.prompt().map(SecretString::from).map_err(|error| format!("it was asked for and not given ({error})"))
}

/// Reads all of standard input, without the end of line that `echo` adds.
pub(crate) fn standard_input() -> Result<SecretString, String> {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        return Err("standard input is a terminal, which would show it; --prompt asks for it hidden".to_owned());
    }
    // One more byte than there may be, beside the end of line, is enough to know that it is too much.
    let (mut text, most) = (String::new(), MOST_BYTES as u64 + 2);
    let read = stdin.lock().take(most).read_to_string(&mut text);
    // Its own words may repeat what was read.
    read.map_err(|error| format!("standard input cannot be read as text: {}", error.kind()))?;
    if text.ends_with('\n') {
        text.pop();
    }
    Ok(SecretString::from(text))
}

/// The value that stands for a missing one in a rehearsal.
pub(crate) fn stand_in(key: &Key, what: &str, ui: &Ui) -> SecretString {
    ui.say(&format!("note: {what}; in the sandbox a made-up value stands in for {}", called(key)));
    random(STAND_IN)
}

/// Refuses what Secrets Manager refuses.
pub(crate) fn checked(from: &SecretSource, value: SecretString) -> Result<SecretString, String> {
    let place = match from {
        SecretSource::Env(name) => format!("the variable {name}"),
        SecretSource::File(path) => path.display().to_string(),
        _ => "the value".to_owned(),
    };
    match value.expose_secret().len() {
        0 => Err(format!("{place} is empty")),
        1..=MOST_BYTES => Ok(value),
        _ => Err(format!("{place} has more than {MOST_BYTES} bytes, which is the most that a secret takes")),
    }
}

/// Letters and digits from the system's own source of chance.
fn random(length: u16) -> SecretString {
    SecretString::from(Alphanumeric.sample_string(&mut rand::rng(), length.into()))
}

/// The node of a secret of the common account.
fn shared(workspace: &Workspace, name: &str) -> Key {
    blueprint::secret_key(&workspace.fleet.common, name)
}

/// The secrets whose values the plan needs, with where those come from.
fn needed(workspace: &Workspace, plan: &Plan) -> Vec<(Key, SecretSource)> {
    let writes = |step: &&Step| {
        step.key.kind == Secret::KIND
            && (step.action == Some(Action::Create) || step.diffs.iter().any(|diff| diff.field == "value"))
    };
    let steps = plan.changes().filter(writes);
    let sources = steps.filter_map(|step| {
        let secret = workspace.fleet.accounts.get(&step.key.scope)?.secrets.get(&step.key.name)?;
        Some((step.key.clone(), secret.from.clone()))
    });
    sources.filter(|(_, from)| !matches!(from, SecretSource::Value(_))).collect()
}
