//! The file of a saved plan.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::{fs, result};

use fleet::Fleet;
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use super::{SavedPlan, VERSION, fingerprint, is_account, is_path};
use crate::cli::Global;
use crate::failure::Failure;
use crate::workspace;

type Result<T> = result::Result<T, Failure>;

/// The field that the rest of the file is proven with.
const FINGERPRINT: &str = "fingerprint";

impl SavedPlan {
    /// Writes it, all at once, for nobody else to read: it tells much about the accounts.
    pub(crate) fn write(&self, path: &Path) -> Result<()> {
        let written = self.to_json().map_err(io::Error::from).and_then(|text| replace(path, &text));
        written.map_err(|error| Failure::io("write", path, &error))
    }

    fn to_json(&self) -> serde_json::Result<String> {
        let mut value = serde_json::to_value(self)?;
        value[FINGERPRINT] = json!(fingerprint::of(value.clone()));
        serde_json::to_string_pretty(&value).map(|text| text + "\n")
    }

    /// Reads it, and refuses what was not written by [`write`](Self::write) or is not as it was.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = fs::read(path).map_err(|error| {
            Failure::new(
                format!("cannot read the plan {}: {error}", path.display()),
                "name a file that `orgstrap plan --out FILE` wrote; names of accounts have no dot and no slash",
            )
        })?;
        let plan = Self::parse(&text).map_err(|wrong| wrong.of(path))?;
        Ok(Self { path: path.to_owned(), ..plan })
    }

    fn parse(text: &[u8]) -> result::Result<Self, Wrong> {
        let mut value: Value =
            serde_json::from_slice(text).map_err(|error| Wrong::NoPlan(format!("no JSON: {error}")))?;
        let fields = value.as_object_mut().ok_or_else(|| Wrong::NoPlan("it holds no object".to_owned()))?;
        let expected = fields.remove(FINGERPRINT).ok_or_else(|| Wrong::NoPlan("it has no fingerprint".to_owned()))?;
        let version = value["version"].clone();
        if version != VERSION {
            return Err(Wrong::Version(version));
        }
        if expected != fingerprint::of(value.clone()) {
            return Err(Wrong::Damaged);
        }
        serde_json::from_value(value).map_err(|_| Wrong::Damaged)
    }
}

/// What is wrong with a file.
#[derive(Debug, PartialEq)]
enum Wrong {
    NoPlan(String),
    Version(Value),
    Damaged,
}

impl Wrong {
    fn of(self, path: &Path) -> Failure {
        let path = path.display();
        match self {
            Self::NoPlan(why) => Failure::new(
                format!("{path} is not a saved plan: {why}"),
                "`orgstrap plan --out FILE` saves one; what `--format json` prints cannot be applied",
            ),
            Self::Version(version) => Failure::new(
                format!("{path} is a saved plan of version {version}, and this orgstrap reads version {VERSION}"),
                "make a new plan with this orgstrap, or apply it with the one that made it",
            ),
            Self::Damaged => Failure::new(
                format!("{path} is not as it was saved: it was edited or damaged"),
                "make a new plan: what is applied has to be what was shown",
            ),
        }
    }
}

/// The saved plan that `apply` was given, if one of its arguments is a file. It comes alone.
pub(crate) fn named(arguments: &[String], global: &Global) -> Result<Option<(SavedPlan, Fleet)>> {
    let may_be_file = |name: &String| is_path(name) || Path::new(name).is_file();
    if !arguments.iter().any(may_be_file) {
        return Ok(None);
    }
    let fleet = workspace::read_fleet(global)?;
    let mut files = arguments.iter().filter(|name| may_be_file(name) && !is_account(Path::new(name), &fleet));
    let Some(file) = files.next() else { return Ok(None) };
    if arguments.len() > 1 {
        return Err(Failure::new(
            format!("{file} is a saved plan, and a saved plan is applied alone: it says which accounts"),
            format!("orgstrap apply {file}"),
        ));
    }
    Ok(Some((SavedPlan::read(Path::new(file))?, fleet)))
}

/// Refuses a file that could not be written or not be applied, before anything else is done.
pub(crate) fn check_target(path: &Path, global: &Global) -> Result<()> {
    let folder = folder_of(path);
    if !folder.is_dir() {
        return Err(Failure::new(format!("there is no folder {} to save the plan in", folder.display()), "make it"));
    }
    if path.is_dir() {
        return Err(Failure::new(format!("{} is a folder", path.display()), "name a file, such as plan.json"));
    }
    // A device or a pipe would be replaced by a file.
    if path.exists() && !path.is_file() {
        return Err(Failure::new(format!("{} is no file", path.display()), "name a file, such as plan.json"));
    }
    if is_account(path, &workspace::read_fleet(global)?) {
        let name = path.display();
        return Err(Failure::new(
            format!("`orgstrap apply {name}` would apply the account {name}, and not a plan"),
            format!("name another file, such as {name}.json"),
        ));
    }
    Ok(())
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Whoever reads the file meanwhile sees the old one or the new one, whole. A temporary file is its owner's alone.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let mut file = NamedTempFile::new_in(folder_of(path))?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;
    use crate::saved_plan::{Asked, SavedStep};

    fn plan() -> SavedPlan {
        let step = json!({"key": "dev/vpc/main", "action": "keep", "id": "vpc-1", "desired": {"cidr": "10.0.0.0/16"}});
        SavedPlan {
            version: VERSION,
            fleet: "verb".into(),
            orgstrap: "0.1.0".into(),
            made: "2026-11-23T18:00:00Z".parse().unwrap(),
            management: "123456789012".into(),
            sandbox: false,
            selection: Asked { accounts: vec!["dev".into()], all: false },
            files: "0".repeat(64),
            steps: vec![serde_json::from_value::<SavedStep>(step).unwrap()],
            path: PathBuf::new(),
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan.json");
        for _ in 0..2 {
            plan().write(&path).unwrap();
        }
        let read = SavedPlan::read(&path).unwrap();
        assert_eq!(read.to_json().unwrap(), plan().to_json().unwrap());
        assert_eq!(read.path, path);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "the temporary file is left");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn any_other_value_is_damage_and_spaces_are_none() {
        let text = plan().to_json().unwrap();
        let lines: Vec<_> = text.lines().filter(|line| line.contains(": \"") || line.contains("false")).collect();
        assert!(lines.len() > 8, "{text}");
        for line in lines.into_iter().filter(|line| !line.contains("fingerprint")) {
            let other =
                if line.contains("false") { line.replace("false", "true") } else { line.replacen(": \"", ": \"x", 1) };
            let edited = text.replace(line, &other);
            assert_eq!(SavedPlan::parse(edited.as_bytes()).unwrap_err(), Wrong::Damaged, "{other}");
        }
        let more = text.replacen('{', "{\"more\": 1,", 1);
        assert_eq!(SavedPlan::parse(more.as_bytes()).unwrap_err(), Wrong::Damaged);
        let value: Value = serde_json::from_str(&text).unwrap();
        SavedPlan::parse(value.to_string().as_bytes()).unwrap();
    }

    #[test]
    fn what_is_no_plan_is_told_from_what_is_of_another_version() {
        for text in ["", "no JSON", "[]", "null", r#"{"version": 1, "command": "plan"}"#] {
            assert!(matches!(SavedPlan::parse(text.as_bytes()), Err(Wrong::NoPlan(_))), "{text}");
        }
        let text = plan().to_json().unwrap();
        for version in ["2", "\"1\"", "null"] {
            let other = text.replace("\"version\": 1", &format!("\"version\": {version}"));
            assert!(matches!(SavedPlan::parse(other.as_bytes()), Err(Wrong::Version(_))), "{version}");
        }
        let cut = &text[..text.len() / 2];
        assert!(matches!(SavedPlan::parse(cut.as_bytes()), Err(Wrong::NoPlan(_))));
    }
}
