//! A fleet's folder for one test.

use std::fs;
use std::path::Path;

use fleet::{Fleet, Mistakes, Source, load};
use tempfile::TempDir;

/// A small fleet without mistakes.
pub(crate) const FLEET: &str = r#"[fleet]
name = "verb"
region = "us-west-1"
common = "verb-common"
email = "aws+{account}@verb.example"
"#;

/// Its common account.
pub(crate) const COMMON: &str = r#"[dns]
domain = "verb.example"

[secret.github]
from = "env:GITHUB_TOKEN"
"#;

/// Its project account.
pub(crate) const PROJECT: &str = r#"ou = "Workloads/Dev"

[network]
cidr = "10.20.0.0/16"

[dns]
domain = "dev.verb.example"

[service.backend]
image = "cms/backend"
port = 1337
paths = ["/api/*"]
secrets = { TOKEN = "github" }

[service.frontend]
image = "cms/frontend"
port = 3000

[secret.github]
from = "shared:github"

[pipeline.backend]
repository = "verb/cms"
tags = ["backend.*"]
"#;

/// The project account's file.
pub(crate) const CMS: &str = "accounts/cms-dev.toml";

/// A folder with a fleet in it.
pub(crate) struct Folder {
    folder: TempDir,
    source: Source,
}

impl Folder {
    /// An empty folder.
    pub(crate) fn empty() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let source = Source { config: folder.path().join("orgstrap.toml"), ..Source::default() };
        Self { folder, source }
    }

    /// A folder with the small fleet.
    pub(crate) fn sound() -> Self {
        Self::empty()
            .with("orgstrap.toml", FLEET)
            .with("accounts/verb-common.toml", COMMON)
            .with("accounts/cms-dev.toml", PROJECT)
    }

    /// Writes a file.
    pub(crate) fn with(self, name: &str, text: impl AsRef<[u8]>) -> Self {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap_or(Path::new(""))).expect("a folder for the file");
        fs::write(path, text).expect("a file");
        self
    }

    /// Replaces a piece of a file, which has to be there.
    pub(crate) fn but(self, name: &str, from: &str, to: &str) -> Self {
        let text = fs::read_to_string(self.folder.path().join(name)).expect("the file to change");
        assert!(text.contains(from), "{name} has no {from:?}");
        let text = text.replacen(from, to, 1);
        self.with(name, text)
    }

    /// Sets a variable.
    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.source.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sets `--region`.
    pub(crate) fn region(mut self, region: &str) -> Self {
        self.source.region = Some(region.to_owned());
        self
    }

    /// Sets `--ledger`.
    pub(crate) fn ledger(mut self, url: &str) -> Self {
        self.source.ledger = Some(url.to_owned());
        self
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn load(&self) -> Result<Fleet, Mistakes> {
        load(&self.source)
    }

    /// The fleet, which has to be without mistakes.
    pub(crate) fn fleet(&self) -> Fleet {
        match self.load() {
            Ok(fleet) => fleet,
            Err(mistakes) => panic!("{mistakes:#}"),
        }
    }

    /// What is said about the fleet, without the folder's name.
    pub(crate) fn mistakes(&self) -> String {
        match self.load() {
            Ok(_) => "no mistakes\n".to_owned(),
            Err(mistakes) => {
                let said = mistakes.iter().map(|mistake| {
                    self.bare(&format!(
                        "{mistake:#}
"
                    ))
                });
                said.collect::<Vec<_>>().concat()
            }
        }
    }

    /// A text without the folder's name.
    pub(crate) fn bare(&self, text: &str) -> String {
        text.replace(&format!("{}/", self.path().display()), "")
    }
}

/// What is said when `from` becomes `to` in a file of the small fleet, one heading for each change.
pub(crate) fn changes(file: &str, changes: &[(&str, &str)]) -> String {
    let said = changes.iter().map(|(from, to)| {
        let mistakes = Folder::sound().but(file, from, to).mistakes();
        format!("## {}\n{mistakes}\n", to.replace('\n', " ↵ "))
    });
    said.collect::<Vec<_>>().concat()
}
