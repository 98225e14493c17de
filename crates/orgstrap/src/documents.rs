//! The files that the commands of `orgstrap policy` read.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use policy::{Document, KeyPath, Mistakes, line_of};

use crate::failure::{Failure, FileMistake};

/// What stands for standard input.
const STDIN: &str = "-";

/// A file's text.
#[derive(Debug)]
pub(crate) struct Text {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
}

impl Text {
    /// The file as it was named.
    pub(crate) fn name(&self) -> String {
        self.path.display().to_string()
    }

    pub(crate) fn is_stdin(&self) -> bool {
        is_stdin(&self.path)
    }

    /// The line of a value.
    pub(crate) fn line_of(&self, path: &KeyPath) -> usize {
        line_of(&self.text, path)
    }

    /// What is wrong with it, with the file and the lines, from top to bottom.
    pub(crate) fn mistakes(&self, mistakes: Mistakes) -> Vec<FileMistake> {
        let each = mistakes.0.into_iter().map(|mistake| FileMistake {
            file: self.name(),
            line: (mistake.path != KeyPath::root()).then(|| self.line_of(&mistake.path)),
            path: mistake.path,
            message: mistake.message,
            help: mistake.help,
        });
        let mut all: Vec<_> = each.collect();
        all.sort_by_key(|mistake| mistake.line);
        all
    }
}

/// Whether a path stands for standard input.
pub(crate) fn is_stdin(path: &Path) -> bool {
    path == Path::new(STDIN)
}

/// Reads documents: all of them, or all mistakes of all of them.
pub(crate) fn read_all(paths: &[PathBuf]) -> Result<Vec<(Text, Document)>, Failure> {
    if paths.iter().filter(|path| is_stdin(path)).count() > 1 {
        return Err(Failure::new("standard input can be read only once", "name - once, and files besides it"));
    }
    let mut documents = Vec::new();
    let mut mistakes = Vec::new();
    for path in paths {
        let read = read(path).map_err(|mistake| vec![mistake]);
        let document = read.and_then(|text| match Document::parse(&text.text) {
            Ok(document) => Ok((text, document)),
            Err(wrong) => Err(text.mistakes(wrong)),
        });
        match document {
            Ok(document) => documents.push(document),
            Err(wrong) => mistakes.extend(wrong),
        }
    }
    if mistakes.is_empty() { Ok(documents) } else { Err(Failure::Documents(mistakes)) }
}

/// Reads a file, or standard input.
pub(crate) fn read(path: &Path) -> Result<Text, FileMistake> {
    let bytes = if is_stdin(path) {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        fs::read(path)
    };
    let wrong = |message, line, help: &str| FileMistake {
        file: path.display().to_string(),
        path: KeyPath::root(),
        line,
        message,
        help: Some(help.to_owned()),
    };
    let bytes = bytes
        .map_err(|error| wrong(format!("cannot be read: {error}"), None, "name a file, or - for standard input"))?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Text { path: path.to_owned(), text }),
        Err(error) => {
            let good = error.utf8_error().valid_up_to();
            let line = 1 + error.as_bytes().iter().take(good).filter(|byte| **byte == b'\n').count();
            Err(wrong(format!("byte {good} is not UTF-8"), Some(line), "save the file as UTF-8"))
        }
    }
}
