//! What is wrong in the files of a fleet: every mistake at once, each with its place and its remedy.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode};
use serde::Serialize;

use policy::KeyPath;

/// A file's name and text, shared by the mistakes found in it.
pub(crate) type SourceText = Arc<NamedSource<String>>;

/// Where a value was written.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// In a file, and where in it if that is known.
    File { source: SourceText, span: Option<Range<usize>> },
    /// In an environment variable or a flag of this name.
    Outside(String),
    /// A path that could not be read at all.
    Path(PathBuf),
}

impl Place {
    /// `file:line`, or the name of the variable.
    pub(crate) fn brief(&self) -> String {
        Mistake::new(self, &KeyPath::root(), "", None).position()
    }
}

/// One thing to correct.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Mistake {
    /// The file, named the way `--config` names it; none if the value came from outside.
    pub file: Option<PathBuf>,
    /// The line in the file, from 1.
    pub line: Option<usize>,
    /// The column in the line in characters, from 1.
    pub column: Option<usize>,
    /// The environment variable or flag that holds the value, if no file does.
    pub variable: Option<String>,
    /// The key, such as `network.cidr`; empty if the whole file is meant.
    pub key: String,
    /// What was found.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
    /// The line as it is written.
    pub source_line: Option<String>,
    #[serde(skip)]
    text: Option<(SourceText, Range<usize>)>,
}

impl Mistake {
    pub(crate) fn new(place: &Place, key: &KeyPath, message: impl Into<String>, help: Option<String>) -> Self {
        let mut mistake = Self {
            file: None,
            line: None,
            column: None,
            variable: None,
            key: key.to_string(),
            message: message.into(),
            help,
            source_line: None,
            text: None,
        };
        match place {
            Place::Outside(name) => mistake.variable = Some(name.clone()),
            Place::Path(path) => mistake.file = Some(path.clone()),
            Place::File { source, span } => {
                mistake.file = Some(PathBuf::from(source.name()));
                if let Some(span) = span {
                    let text = source.inner();
                    let position = Position::of(text, span.start);
                    mistake.line = Some(position.line);
                    mistake.column = Some(position.column);
                    mistake.source_line = Some(position.text.to_owned());
                    mistake.text = Some((Arc::clone(source), span.clone()));
                }
            }
        }
        mistake
    }

    /// The same without the line: the place is named, and what stands there is not shown.
    pub(crate) fn without_text(self) -> Self {
        Self { source_line: None, text: None, ..self }
    }

    /// A file or folder that could not be read.
    pub(crate) fn unreadable(path: &Path, error: &std::io::Error) -> Self {
        Self::new(
            &Place::Path(path.to_owned()),
            &KeyPath::root(),
            format!("this cannot be read: {error}"),
            Some("make it a text file (UTF-8) that you may read, or move it away".to_owned()),
        )
    }

    /// `file:line`, as far as it is known, or the name of the variable.
    fn position(&self) -> String {
        let name = match (&self.file, &self.variable) {
            (Some(file), _) => file.display().to_string(),
            (None, Some(variable)) => variable.clone(),
            (None, None) => String::new(),
        };
        match self.line {
            Some(line) => format!("{name}:{line}"),
            None => name,
        }
    }
}

impl fmt::Display for Mistake {
    /// `file:line: key: message`; with `{:#}`, the remedy on a line of its own.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let position = self.position();
        for part in [position.as_str(), self.key.as_str()] {
            if !part.is_empty() {
                write!(f, "{part}: ")?;
            }
        }
        f.write_str(&self.message)?;
        match &self.help {
            Some(help) if f.alternate() => write!(f, "\n  help: {help}"),
            _ => Ok(()),
        }
    }
}

impl std::error::Error for Mistake {}

impl Diagnostic for Mistake {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        let (source, _) = self.text.as_ref()?;
        Some(source.as_ref())
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let (_, span) = self.text.as_ref()?;
        let label = LabeledSpan::new_with_span(Some("here".to_owned()), span.clone());
        Some(Box::new(std::iter::once(label)))
    }
}

/// All mistakes of a fleet: those in `orgstrap.toml`, in accounts, in documents, in variables and flags. Never empty.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct Mistakes(Vec<Mistake>);

impl Mistakes {
    /// `orgstrap.toml` first, then the files in folders, each from top to bottom, then variables.
    pub(crate) fn new(mut mistakes: Vec<Mistake>) -> Self {
        fn rank(mistake: &Mistake) -> impl Ord + '_ {
            let depth = mistake.file.as_ref().map(|file| file.components().count());
            (&mistake.variable, depth, &mistake.file, mistake.line, mistake.column)
        }
        mistakes.sort_by(|one, other| rank(one).cmp(&rank(other)));
        // A default that is wrong is wrong in every account, and is corrected once.
        mistakes.dedup_by(|one, other| {
            let is_placed = one.line.is_some() || one.variable.is_some();
            is_placed && rank(one) == rank(other) && one.message == other.message
        });
        Self(mistakes)
    }

    /// The mistakes, one by one.
    pub fn iter(&self) -> std::slice::Iter<'_, Mistake> {
        self.0.iter()
    }

    /// The mistakes as a JSON array of objects with the fields of [`Mistake`].
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    fn headline(&self) -> String {
        match self.0.len() {
            1 => "one mistake in the fleet's files".to_owned(),
            count => format!("{count} mistakes in the fleet's files"),
        }
    }
}

impl<'a> IntoIterator for &'a Mistakes {
    type Item = &'a Mistake;
    type IntoIter = std::slice::Iter<'a, Mistake>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Mistakes {
    /// The headline alone; with `{:#}`, every mistake in a paragraph of its own.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.headline())?;
        if f.alternate() {
            for mistake in self {
                write!(f, "\n\n{mistake:#}")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Mistakes {}

impl Diagnostic for Mistakes {
    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        Some(Box::new(self.iter().map(|mistake| mistake as &dyn Diagnostic)))
    }
}

/// A place in a text, the way people count.
struct Position<'a> {
    line: usize,
    column: usize,
    text: &'a str,
}

impl<'a> Position<'a> {
    fn of(text: &'a str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = text.get(start..).unwrap_or_default();
        Self {
            line: before.matches('\n').count() + 1,
            column: before.get(start..).unwrap_or_default().chars().count() + 1,
            text: line.lines().next().unwrap_or_default(),
        }
    }
}
