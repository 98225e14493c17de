//! Words inside a database: its name, its master user, its parameters.

use super::{Checked, Wrong};
use crate::database::Engine;

/// Databases that an engine or RDS itself has.
fn taken_databases(engine: Engine) -> &'static [&'static str] {
    match engine {
        Engine::Postgres => &["postgres", "rdsadmin", "template0", "template1"],
        Engine::MySql => &["information_schema", "innodb", "mysql", "performance_schema", "rdsadmin", "sys"],
    }
}

/// Users that an engine or RDS itself has; those of `PostgreSQL` that begin with `pg_` are its own too ("Database Roles").
fn taken_users(engine: Engine) -> &'static [&'static str] {
    match engine {
        Engine::Postgres => &[
            "admin",
            "none",
            "public",
            "rds_iam",
            "rds_password",
            "rds_replication",
            "rds_superuser",
            "rdsadmin",
            "rdsrepladmin",
            "user",
        ],
        Engine::MySql => &["rdsadmin", "rdsrepladmin"],
    }
}

/// RDS API `CreateDBInstance`, `DBName`: how many characters a database's name has at most.
pub(crate) fn longest_database_name(engine: Engine) -> usize {
    match engine {
        Engine::Postgres => 63,
        Engine::MySql => 64,
    }
}

/// RDS API `CreateDBInstance`, `MasterUsername`: 1 to 16 letters, numbers or underscores, a letter first.
const LONGEST_USER: usize = 16;

pub(crate) fn database_name(engine: Engine, text: &str) -> Checked {
    let most = longest_database_name(engine);
    identifier(text, "a database", most)?;
    if taken_databases(engine).contains(&text) {
        return Err(Wrong::new(
            format!("{engine} or RDS has a database `{text}` of its own"),
            "write another `name`, such as the project's",
        ));
    }
    Ok(())
}

pub(crate) fn database_user(engine: Engine, text: &str) -> Checked {
    identifier(text, "a master user", LONGEST_USER)?;
    let is_taken = taken_users(engine).contains(&text) || (engine == Engine::Postgres && text.starts_with("pg_"));
    if is_taken {
        return Err(Wrong::new(
            format!("{engine} or RDS keeps the user `{text}` for itself"),
            "write another `user`, or leave the key out: then it is `orgstrap`",
        ));
    }
    Ok(())
}

fn identifier(text: &str, what: &str, most: usize) -> Checked {
    let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if text.len() <= most && text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(is_word) {
        return Ok(());
    }
    Err(Wrong::new(
        format!("`{text}` cannot be the name of {what}"),
        format!("begin with a letter and use {most} lower-case letters, digits and `_` at most"),
    ))
}

pub(crate) fn database_parameter(text: &str) -> Checked {
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic());
    if text.len() <= 255 && begins && text.chars().all(is_word) {
        return Ok(());
    }
    Err(Wrong::new(
        format!("`{text}` is no parameter of a database engine"),
        "write it as the engine's manual does, such as `max_connections`",
    ))
}

/// A version that names the family of its parameter groups.
pub(crate) fn version_of(engine: Engine, text: &str) -> Checked {
    super::engine_version(text)?;
    if text.split('.').count() >= engine.numbers_of_family() {
        return Ok(());
    }
    Err(Wrong::new(
        format!("`{text}` is not the whole major version of {engine}"),
        format!("write a version such as `{}`", engine.usual_version()),
    ))
}
