//! `[database]`.

use std::collections::BTreeMap;

use crate::database::{Database, Engine};
use crate::desk::{Desk, Sound};
use crate::names;
use crate::raw::DatabaseSection;
use crate::words::{self, Checked, Wrong};
use policy::KeyPath;

pub(super) fn database(desk: &mut Desk, raw: DatabaseSection, account: &str) -> Sound<Database> {
    let path = KeyPath::of(["database"]);
    let named = desk.check_key(&path, names::check_database(account));
    let engine = desk.need(&path.key("engine"), raw.engine, "\"postgres\"");
    let size = desk.need_text(&path.key("size"), raw.size, "\"db.t4g.micro\"", words::instance_class);
    let storage = desk.need(&path.key("storage"), raw.storage, "20");
    let most_storage = most_storage(desk, &path.key("most_storage"), raw.most_storage, storage);
    let multi_az = desk.need(&path.key("multi_az"), raw.multi_az, "true");
    let backup_days = desk.need(&path.key("backup_days"), raw.backup_days, "7");
    let deletion_protection = desk.need(&path.key("deletion_protection"), raw.deletion_protection, "true");
    let parameters = parameters(desk, &path.key("parameters"), raw.parameters.unwrap_or_default());
    let version = desk.text(&path.key("version"), raw.version, |text| match engine {
        Ok(engine) => words::version_of(engine, text),
        Err(_) => words::engine_version(text),
    });
    // What follows is judged by the engine's own rules.
    let engine = engine?;
    let name = name(desk, &path.key("name"), raw.name, engine, account);
    let user = desk.need_text(&path.key("user"), raw.user, "\"orgstrap\"", |text| words::database_user(engine, text));
    named?;
    Ok(Database {
        engine,
        version: version?.unwrap_or_else(|| engine.usual_version().to_owned()),
        size: size?,
        storage: storage?,
        most_storage: most_storage?,
        multi_az: multi_az?,
        backup_days: backup_days?,
        deletion_protection: deletion_protection?,
        name: name?,
        user: user?,
        parameters: parameters?,
    })
}

/// RDS User Guide, "Managing capacity automatically with Amazon RDS storage autoscaling": a tenth more at least.
fn most_storage(desk: &mut Desk, path: &KeyPath, most: Option<i32>, storage: Sound<u32>) -> Sound<Option<i32>> {
    if let (Some(most), Ok(storage)) = (most, storage) {
        let least = i64::from(storage) + i64::from(storage.div_ceil(10));
        if i64::from(most) < least {
            return Err(desk.wrong(
                path,
                format!("the storage of {storage} GiB may grow to {most} GiB"),
                format!("write {least} or more, a tenth above `storage`, or leave the key out"),
            ));
        }
    }
    Ok(most)
}

/// The name that is written, or what the account's name becomes.
fn name(desk: &mut Desk, path: &KeyPath, own: Option<String>, engine: Engine, account: &str) -> Sound<String> {
    let check = |text: &str| words::database_name(engine, text);
    if let Some(own) = desk.text(path, own, check)? {
        return Ok(own);
    }
    let name = names::database_in_engine(account, words::longest_database_name(engine));
    match check(&name) {
        // One that does not begin with a letter is no name of an instance either, which was reported.
        Err(wrong) if name.starts_with(|c: char| c.is_ascii_lowercase()) => Err(desk.missing(path, wrong)),
        _ => Ok(name),
    }
}

fn parameters(
    desk: &mut Desk,
    path: &KeyPath,
    parameters: BTreeMap<String, String>,
) -> Sound<BTreeMap<String, String>> {
    let mut sound = Ok(());
    for (name, value) in &parameters {
        let here = path.key(name);
        sound = sound.and(desk.check_key(&here, words::database_parameter(name)));
        sound = sound.and(desk.check(&here, parameter_value(name, value)));
    }
    sound.map(|()| parameters)
}

fn parameter_value(name: &str, value: &str) -> Checked {
    if value.trim().is_empty() {
        return Err(Wrong::new(
            format!("the parameter `{name}` is empty"),
            "write its value as text, or leave the parameter out",
        ));
    }
    Ok(())
}
