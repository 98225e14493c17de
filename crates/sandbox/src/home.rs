//! Where the sandbox keeps its files.

use std::path::{Path, PathBuf, absolute};

use crate::files::short_hash;
use crate::launcher::REQUIREMENTS;
use crate::{Error, MOTO_VERSION, Result};

/// The two directories of the sandbox, and the Python to build it with.
///
/// The *cache* holds the installed moto and is shared by everybody. The *state* holds the kept
/// server's file and log; two homes with different states are two independent sandboxes, even
/// with the same cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    cache: PathBuf,
    state: PathBuf,
    interpreter: Option<String>,
    nursery: Option<PathBuf>,
}

impl Home {
    /// The user's home, from environment variables that `get` looks up (empty is unset):
    ///
    /// - the cache: `ORGSTRAP_CACHE_DIR`, else `orgstrap` in `XDG_CACHE_HOME`, else in `~/.cache`;
    /// - the state: `ORGSTRAP_SANDBOX_HOME`, else `sandbox` in the cache;
    /// - the Python: `ORGSTRAP_PYTHON`, else the first fit one on `PATH`;
    /// - the [`Nursery`](crate::Nursery) that servers come from: `ORGSTRAP_SANDBOX_NURSERY`, else none.
    ///
    /// # Errors
    /// [`Error::NoHome`] if no variable, not even `HOME`, leads to a directory.
    pub fn from_env(get: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let get = |name| get(name).filter(|value| !value.is_empty());
        let cache = match get("ORGSTRAP_CACHE_DIR") {
            Some(cache) => absolute_path(&cache)?,
            None => user_cache(get)?.join("orgstrap"),
        };
        let state = match get("ORGSTRAP_SANDBOX_HOME") {
            Some(state) => absolute_path(&state)?,
            None => cache.join("sandbox"),
        };
        let nursery = get("ORGSTRAP_SANDBOX_NURSERY").map(PathBuf::from);
        Ok(Self { cache, state, interpreter: get("ORGSTRAP_PYTHON"), nursery })
    }

    /// A home with everything below `path`: a cache and a state of its own.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        let cache = path.into();
        Self { state: cache.join("sandbox"), cache, interpreter: None, nursery: None }
    }

    /// The same home with another state: another sandbox on the same installation.
    #[must_use]
    pub fn with_state(self, path: impl Into<PathBuf>) -> Self {
        Self { state: path.into(), ..self }
    }

    /// The same home, built with the given Python: a path, or a name on `PATH`.
    #[must_use]
    pub fn with_interpreter(self, interpreter: impl Into<String>) -> Self {
        Self { interpreter: Some(interpreter.into()), ..self }
    }

    /// The same home, whose servers come from a [`Nursery`](crate::Nursery).
    #[must_use]
    pub fn with_nursery(self, socket: impl Into<PathBuf>) -> Self {
        Self { nursery: Some(socket.into()), ..self }
    }

    /// The Python of the installed environment, which has `moto` and `boto3`. It is there only
    /// once [`install`](crate::install), [`start`](crate::start) or [`attach`](crate::attach)
    /// has succeeded.
    #[must_use]
    pub fn python(&self) -> PathBuf {
        self.environment().join("bin").join("python")
    }

    /// The log of the kept server: what moto says on errors.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.state.join("server.log")
    }

    /// Where the ledger of the kept server's world is: it is emptied with the world.
    #[must_use]
    pub fn ledger(&self) -> PathBuf {
        self.state.join("ledger")
    }

    pub(crate) fn cache(&self) -> &Path {
        &self.cache
    }

    pub(crate) fn state(&self) -> &Path {
        &self.state
    }

    pub(crate) fn interpreter(&self) -> Option<&str> {
        self.interpreter.as_deref()
    }

    /// The socket of the [`Nursery`](crate::Nursery) that servers come from, if they do.
    #[must_use]
    pub fn nursery(&self) -> Option<&Path> {
        self.nursery.as_deref()
    }

    /// The kept server's file: its address, locked by the server for as long as it lives.
    pub(crate) fn server_file(&self) -> PathBuf {
        self.state.join("server.json")
    }

    /// The name of the environment's directory. Another lock of packages or another chosen Python
    /// is another environment, so two versions of orgstrap never replace each other's.
    pub(crate) fn environment_name(&self) -> String {
        let hash = short_hash([REQUIREMENTS, self.interpreter.as_deref().unwrap_or_default()]);
        format!("moto-{MOTO_VERSION}-{hash}")
    }

    pub(crate) fn environment(&self) -> PathBuf {
        self.cache.join(self.environment_name())
    }
}

/// `XDG_CACHE_HOME` or `~/.cache`; a relative `XDG_CACHE_HOME` is ignored, as its specification
/// demands.
fn user_cache(get: impl Fn(&'static str) -> Option<String>) -> Result<PathBuf> {
    if let Some(cache) = get("XDG_CACHE_HOME").map(PathBuf::from)
        && cache.is_absolute()
    {
        return Ok(cache);
    }
    let home = get("HOME").ok_or(Error::NoHome)?;
    Ok(absolute_path(&home)?.join(".cache"))
}

fn absolute_path(path: &str) -> Result<PathBuf> {
    absolute(path).map_err(Error::files("resolve", path))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;

    fn home(variables: &[(&str, &str)]) -> Result<Home> {
        Home::from_env(|name| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn everything_is_in_the_users_cache() {
        let home = home(&[("HOME", "/home/ada")]).unwrap();
        assert_eq!(home.cache(), Path::new("/home/ada/.cache/orgstrap"));
        assert_eq!(home.state(), Path::new("/home/ada/.cache/orgstrap/sandbox"));
    }

    #[test]
    fn a_state_of_its_own_shares_the_cache() {
        let home = home(&[("XDG_CACHE_HOME", "/cache"), ("ORGSTRAP_SANDBOX_HOME", "/mine")]);
        let home = home.unwrap();
        assert_eq!(home.cache(), Path::new("/cache/orgstrap"));
        assert_eq!(home.state(), Path::new("/mine"));
    }

    #[test]
    fn a_relative_or_empty_xdg_directory_is_ignored() {
        for value in ["", "relative"] {
            let home = home(&[("XDG_CACHE_HOME", value), ("HOME", "/home/ada")]).unwrap();
            assert_eq!(home.cache(), Path::new("/home/ada/.cache/orgstrap"));
        }
    }

    #[test]
    fn no_variable_at_all_is_an_error() {
        assert!(matches!(home(&[]), Err(Error::NoHome)));
    }

    #[test]
    fn another_python_is_another_environment() {
        let home = Home::at("/here");
        assert_ne!(home.python(), home.clone().with_interpreter("python3.12").python());
    }
}
