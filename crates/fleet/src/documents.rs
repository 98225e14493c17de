//! The policy documents of a fleet and their `${orgstrap:NAME}` variables.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use miette::NamedSource;
use policy::KeyPath;
use serde_json::Value;
use thiserror::Error;

use crate::mistakes::{Mistake, Place, SourceText};
use crate::suggest::{did_you_mean, listed};

/// The variables that every document may use.
pub const DOCUMENT_VARIABLES: [&str; 5] = ["fleet", "region", "account", "account_name", "common_account_name"];

/// Variables of single documents, beside those of all.
const OWN_VARIABLES: [(&str, &[&str]); 14] = [
    ("access-logs", &["bucket"]),
    ("build", &["repositories"]),
    ("deploy", &["service"]),
    ("deploy-trust", &["service"]),
    ("execution", &["repositories"]),
    ("execution-database", &["database"]),
    ("execution-logs", &["service"]),
    ("execution-secrets", &["keys", "secret_services", "secrets"]),
    ("key-read", GRANT),
    ("registry", &[]),
    ("registry-pull", GRANT),
    ("registry-pull-units", &["paths", "role_id", "roles"]),
    ("registry-push", GRANT),
    ("secret-read", GRANT),
];

/// What a grant to roles of other accounts is made of.
const GRANT: &[&str] = &["principals", "role_id", "roles"];

/// The variables that a document may use.
pub fn variables_of(document: &str) -> impl Iterator<Item = &'static str> + Clone {
    let own = OWN_VARIABLES.iter().find(|(name, _)| *name == document).map_or(&[][..], |(_, own)| own);
    DOCUMENT_VARIABLES.into_iter().chain(own.iter().copied())
}

/// The folder of documents, beside `orgstrap.toml`.
const FOLDER: &str = "policies";

/// Documents that are there without a file. A file of the same name wins.
pub(crate) const BUILT_IN: [(&str, &str); 20] = [
    ("access-logs", include_str!("../../../policies/access-logs.json")),
    ("build", include_str!("../../../policies/build.json")),
    ("build-trust", include_str!("../../../policies/build-trust.json")),
    ("deploy", include_str!("../../../policies/deploy.json")),
    ("deploy-trust", include_str!("../../../policies/deploy-trust.json")),
    ("execution", include_str!("../../../policies/execution.json")),
    ("execution-database", include_str!("../../../policies/execution-database.json")),
    ("execution-logs", include_str!("../../../policies/execution-logs.json")),
    ("execution-secrets", include_str!("../../../policies/execution-secrets.json")),
    ("execution-trust", include_str!("../../../policies/execution-trust.json")),
    ("flow-logs", include_str!("../../../policies/flow-logs.json")),
    ("flow-logs-trust", include_str!("../../../policies/flow-logs-trust.json")),
    ("key", include_str!("../../../policies/key.json")),
    ("key-logs", include_str!("../../../policies/key-logs.json")),
    ("key-read", include_str!("../../../policies/key-read.json")),
    ("registry-pull", include_str!("../../../policies/registry-pull.json")),
    ("registry-pull-units", include_str!("../../../policies/registry-pull-units.json")),
    ("registry-push", include_str!("../../../policies/registry-push.json")),
    ("secret-read", include_str!("../../../policies/secret-read.json")),
    ("task-exec", include_str!("../../../policies/task-exec.json")),
];

/// The policy documents of a fleet, by name: `policies/scp/root.json` is `scp/root`.
#[derive(Clone, Debug)]
pub struct Documents(BTreeMap<String, Document>);

#[derive(Clone, Debug)]
struct Document {
    file: PathBuf,
    value: Value,
    /// None for one that is built in.
    source: Option<SourceText>,
}

/// Why a document could not be rendered.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum RenderError {
    /// There is no document of this name.
    #[error("there is no policy document `{name}`: {help}")]
    NoDocument {
        /// The name that was asked for.
        name: String,
        /// A nearer name, or all of them.
        help: String,
    },
    /// The document uses variables in a way that it cannot.
    #[error("{}", in_file(file, mistakes))]
    Variables {
        /// The document's file.
        file: PathBuf,
        /// All that is wrong in it.
        mistakes: policy::Mistakes,
    },
}

/// A line for each mistake, with the file that it is in.
fn in_file(file: &Path, mistakes: &policy::Mistakes) -> String {
    let lines: Vec<_> = mistakes.0.iter().map(|mistake| format!("{}: {mistake}", file.display())).collect();
    lines.join("\n")
}

impl Default for Documents {
    /// The built-in documents.
    fn default() -> Self {
        let documents = BUILT_IN.iter().map(|(name, text)| {
            let document = Document {
                file: Path::new(FOLDER).join(format!("{name}.json")),
                value: serde_json::from_str(text).unwrap_or_default(),
                source: None,
            };
            ((*name).to_owned(), document)
        });
        Self(documents.collect())
    }
}

impl Documents {
    /// The documents' names.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.0.keys().map(String::as_str)
    }

    /// A document as it is written, with its variables.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).map(|document| &document.value)
    }

    /// Whether a document is a file of the user's.
    pub(crate) fn is_of_file(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|document| document.source.is_some())
    }

    /// The file that a document is in.
    pub(crate) fn file(&self, name: &str) -> Option<PathBuf> {
        self.0.get(name).map(|document| document.file.clone())
    }

    /// Where in its file a part of a document is.
    pub(crate) fn place(&self, name: &str, path: &KeyPath) -> Place {
        let Some(document) = self.0.get(name) else { return Place::Path(PathBuf::from(FOLDER)) };
        document.source.as_ref().map_or_else(
            || Place::Path(document.file.clone()),
            |source| {
                let at = policy::offset_of(source.inner(), path);
                Place::File { source: Arc::clone(source), span: Some(at..at) }
            },
        )
    }

    /// A document with its variables replaced, as [`policy::substitute`] does it.
    ///
    /// # Errors
    ///
    /// If there is no such document, or if it uses variables in a way that it cannot: one that is not in `variables`,
    /// or a list or an object inside a longer string, say.
    pub fn render(&self, name: &str, variables: &BTreeMap<&str, Value>) -> Result<Value, RenderError> {
        let Some(document) = self.0.get(name) else {
            return Err(RenderError::NoDocument {
                name: name.to_owned(),
                help: did_you_mean(name, self.names(), "documents"),
            });
        };
        policy::substitute(&document.value, variables)
            .map_err(|mistakes| RenderError::Variables { file: document.file.clone(), mistakes })
    }

    /// Reads the documents beside `orgstrap.toml`, in its `folder`.
    pub(crate) fn read(folder: &Path) -> (Self, Vec<Mistake>) {
        let mut documents = Self::default();
        let mut mistakes = Vec::new();
        let root = folder.join(FOLDER);
        for file in json_files(&root, &mut mistakes) {
            let name = file.strip_prefix(&root).unwrap_or(&file).with_extension("");
            let parts: Vec<_> = name.iter().map(|part| part.to_string_lossy()).collect();
            let name = parts.join("/");
            if let Some((value, source)) = read_document(&file, &name, &mut mistakes) {
                documents.0.insert(name, Document { file, value, source: Some(source) });
            }
        }
        (documents, mistakes)
    }
}

/// All `.json` files below `folder`, in order. A folder that is not there has none.
fn json_files(folder: &Path, mistakes: &mut Vec<Mistake>) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => {
                mistakes.push(Mistake::unreadable(&folder, &error));
                continue;
            }
        };
        for entry in entries.flatten() {
            let path = entry.path();
            // Links to folders are not followed: they may lead around in a circle.
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "json") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

fn read_document(file: &Path, name: &str, mistakes: &mut Vec<Mistake>) -> Option<(Value, SourceText)> {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) => {
            mistakes.push(Mistake::unreadable(file, &error));
            return None;
        }
    };
    let source = Arc::new(NamedSource::new(file.to_string_lossy(), text.clone()).with_language("JSON"));
    let mut mistake = |span, path: &KeyPath, message: String, help: &str| {
        let place = Place::File { source: Arc::clone(&source), span };
        mistakes.push(Mistake::new(&place, path, message, Some(help.to_owned())));
    };
    let value: Value = match serde_json::from_str(&text) {
        Ok(value) => value,
        Err(error) => {
            let offset = offset_of(&text, error.line(), error.column());
            let message = error.to_string();
            let what = message.split(" at line ").next().unwrap_or_default();
            mistake(
                Some(offset..offset),
                &KeyPath::root(),
                format!("this is not JSON: {what}"),
                "correct the document here or just before",
            );
            return None;
        }
    };
    if !value.is_object() {
        mistake(Some(0..0), &KeyPath::root(), "a policy document is an object".to_owned(), "begin with `{`");
        return None;
    }
    // Most readers of JSON silently take the last of two values.
    if let Err(twice) = policy::read_json(&text) {
        mistake(None, &KeyPath::root(), twice.to_string(), "keep one of them");
        return None;
    }
    let mut searched: BTreeMap<&str, usize> = BTreeMap::new();
    for policy::Placeholder { path, written, name: variable } in policy::placeholders(&value) {
        let from = searched.entry(written).or_default();
        // Not found if the file spells it with escapes; then the JSON path has to do.
        let found = text
            .get(*from..)
            .and_then(|rest| rest.find(written))
            .map(|start| *from + start..*from + start + written.len());
        if let Some(found) = &found {
            *from = found.end;
        }
        match variable {
            None => mistake(found, &path, "a variable is not closed".to_owned(), "write `}` after its name"),
            Some(variable) if !variables_of(name).any(|one| one == variable) => {
                let help = format!("the variables are {}", listed(variables_of(name)));
                mistake(found, &path, format!("there is no variable `{variable}`"), &help);
            }
            Some(_) => {}
        }
    }
    Some((value, source))
}

/// The byte at a line and a column from 1, which is how `serde_json` counts; the column counts bytes.
fn offset_of(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let offset = (start + column.saturating_sub(1)).min(text.len());
    (0..=offset).rev().find(|offset| text.is_char_boundary(*offset)).unwrap_or_default()
}
