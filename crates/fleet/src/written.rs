//! Where the values of a sound fleet are written, for what is found wrong with them later.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use policy::KeyPath;

use crate::layers::Stack;
use crate::mistakes::Mistake;
use crate::model::Fleet;
use crate::toml_file::Half;

/// Where the values of accounts are written: [`Fleet::file_of`] and [`Fleet::line_of`] read it.
#[derive(Clone, Debug, Default)]
pub struct Written(BTreeMap<String, (PathBuf, Stack)>);

impl Written {
    pub(crate) fn insert(&mut self, account: &str, file: PathBuf, stack: Stack) {
        self.0.insert(account.to_owned(), (file, stack));
    }
}

impl Fleet {
    /// The file of an account, named the way `--config` names `orgstrap.toml`.
    #[must_use]
    pub fn file_of(&self, account: &str) -> Option<&Path> {
        self.written.0.get(account).map(|(file, _)| file.as_path())
    }

    /// The file and the line, from 1, of a key of an account such as `["service", "web", "health"]`: in the account's
    /// file, or else under `[defaults]` of `orgstrap.toml`. If the key is in neither, the line of what contains it.
    ///
    /// None if nothing of it is written, or if a variable or a flag says it.
    #[must_use]
    pub fn line_of(&self, account: &str, path: &[&str]) -> Option<(PathBuf, usize)> {
        let (_, stack) = self.written.0.get(account)?;
        let files = stack.of_files();
        // The whole file contains everything, and its first line says nothing.
        files.locate(&KeyPath::of([*path.first()?]), Half::Key)?;
        let path = KeyPath::of(path.iter().copied());
        let place = stack.locate(&path, Half::Key).or_else(|| files.locate_around(&path, Half::Key))?;
        let at = Mistake::new(&place, &path, "", None);
        Some((at.file?, at.line?))
    }
}
