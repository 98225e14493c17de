//! The documents that say what a service's tasks may do in AWS.

use std::collections::BTreeSet;

use policy::{KeyPath, Kind};

use crate::desk::{Desk, Sound};
use crate::documents::Documents;
use crate::suggest::did_you_mean;
use crate::words::{self, Checked, Wrong};

pub(super) fn policies(
    desk: &mut Desk,
    path: &KeyPath,
    names: Vec<String>,
    documents: &Documents,
) -> Sound<Vec<String>> {
    let mut sound = Ok(());
    let mut seen = BTreeSet::new();
    for (index, name) in names.iter().enumerate() {
        let here = path.index(index);
        sound = sound.and(desk.check(&here, document(name, documents)));
        if !seen.insert(name) {
            sound = sound.and(Err(desk.wrong(&here, format!("`{name}` is named twice"), "name each document once")));
        }
    }
    sound.and_then(|()| desk.check(path, small(&names, documents)))?;
    Ok(names)
}

fn document(name: &str, documents: &Documents) -> Checked {
    if documents.of_user().any(|own| own == name) {
        return words::inline_policy(name);
    }
    let message = if documents.names().any(|any| any == name) {
        format!("the document `{name}` is there for something else")
    } else {
        format!("there is no document `{name}`: the file would be policies/{name}.json")
    };
    Err(Wrong::new(message, did_you_mean(name, documents.of_user(), "documents")))
}

/// All inline policies of a role share one limit.
fn small(names: &[String], documents: &Documents) -> Checked {
    let used: usize = names.iter().filter_map(|name| documents.size_for_tasks(name)).sum();
    let most = Kind::InlineOfRole.limit().maximum;
    if used <= most {
        return Ok(());
    }
    Err(Wrong::new(
        format!("the documents have {used} characters together, and IAM takes {most} for all policies of a role"),
        "name fewer, or shorten them: one statement may have several actions and resources",
    ))
}
