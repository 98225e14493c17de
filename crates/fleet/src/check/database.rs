//! `[database]`.

use crate::desk::{Desk, Sound};
use crate::model::Database;
use crate::names;
use crate::raw::DatabaseSection;
use crate::words;
use policy::KeyPath;

pub(super) fn database(desk: &mut Desk, raw: DatabaseSection, account: &str) -> Sound<Database> {
    let path = KeyPath::of(["database"]);
    let named = desk.check_key(&path, names::check_database(account));
    let engine = desk.need(&path.key("engine"), raw.engine, "\"postgres\"");
    let version = desk.text(&path.key("version"), raw.version, words::engine_version);
    let size = desk.need_text(&path.key("size"), raw.size, "\"db.t4g.micro\"", words::instance_class);
    let storage = desk.need(&path.key("storage"), raw.storage, "20");
    named?;
    Ok(Database { engine: engine?, version: version?, size: size?, storage: storage? })
}
