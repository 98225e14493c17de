//! An account's database.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A database in the private subnets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Database {
    /// The engine.
    pub engine: Engine,
    /// The engine's version: as many numbers as name a [family](Self::family), or more.
    pub version: String,
    /// The instance class.
    pub size: String,
    /// Storage in GiB.
    pub storage: u32,
    /// Storage in GiB up to which RDS may add to it; it adds nothing if there is none.
    pub most_storage: Option<i32>,
    /// Whether a second zone has a copy that takes over.
    pub multi_az: bool,
    /// How many days automated backups are kept, 1 to 35.
    pub backup_days: i32,
    /// Whether it cannot be deleted before this is switched off.
    pub deletion_protection: bool,
    /// The name of the database in the engine.
    pub name: String,
    /// The name of the master user.
    pub user: String,
    /// The engine's parameters that differ from its family's, by name.
    pub parameters: BTreeMap<String, String>,
}

impl Database {
    /// The family of parameter groups: `postgres17`, `mysql8.4` (RDS API `CreateDBParameterGroup`,
    /// `DBParameterGroupFamily`).
    #[must_use]
    pub fn family(&self) -> String {
        self.engine.family(&self.version)
    }
}

/// A database engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// `PostgreSQL`.
    Postgres,
    /// `MySQL`.
    MySql,
}

impl Engine {
    /// As RDS calls it: `postgres`, `mysql` (API `CreateDBInstance`, `Engine`).
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::MySql => "mysql",
        }
    }

    /// The version where none is written.
    pub(crate) fn usual_version(self) -> &'static str {
        match self {
            Self::Postgres => "17",
            Self::MySql => "8.4",
        }
    }

    fn family(self, version: &str) -> String {
        let numbers: Vec<_> = version.split('.').take(self.numbers_of_family()).collect();
        format!("{}{}", self.as_str(), numbers.join("."))
    }

    /// How many numbers of a version are a major version, whose instances share parameter groups.
    pub(crate) fn numbers_of_family(self) -> usize {
        match self {
            Self::Postgres => 1,
            Self::MySql => 2,
        }
    }
}

impl fmt::Display for Engine {
    /// As people call it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Postgres => "PostgreSQL",
            Self::MySql => "MySQL",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_version_has_a_family() {
        assert_eq!(Engine::Postgres.family("17"), "postgres17");
        assert_eq!(Engine::Postgres.family("16.4"), "postgres16");
        assert_eq!(Engine::MySql.family("8.4"), "mysql8.4");
        assert_eq!(Engine::MySql.family("8.0.40"), "mysql8.0");
    }
}
