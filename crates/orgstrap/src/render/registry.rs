//! The table of repositories.

use std::time::SystemTime;

use aws::registry::Image;
use comfy_table::{Table, presets};
use fleet::Fleet;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::Ui;
use super::books::minute;
use super::style::{RED, YELLOW, paint};
use crate::commands::Shelf;
use crate::grants::{EVERYBODY, Guest};

/// So many images are shown to people.
const LATEST: usize = 3;

/// Prints the repositories, and says which images have none yet.
pub(crate) fn registry(ui: &Ui, fleet: &Fleet, shelves: &[Shelf], missing: &[&str]) {
    if !ui.is_human() {
        let repositories: Vec<_> = shelves.iter().map(to_json).collect();
        ui.json(&json!({
            "version": 1, "command": "registry list", "fleet": fleet.name, "account": fleet.common,
            "repositories": repositories, "missing": missing,
        }));
        return;
    }
    if shelves.is_empty() {
        ui.data(&format!("{} has no repositories\n", fleet.common));
    } else {
        ui.data(&format!("{}\n", table(shelves).trim_fmt()));
    }
    if !missing.is_empty() {
        ui.say(&paint(YELLOW, format!("not there yet: {}", missing.join(", "))));
        ui.hint(&format!("`orgstrap apply {}` makes it", fleet.common));
    }
    if shelves.iter().any(|shelf| shelf.used_by.is_empty()) {
        ui.hint("unused: no service of any account's file is made of its images");
    }
}

fn table(shelves: &[Shelf]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(["REPOSITORY", "TAGS", "PUSHED", "MAY PULL", ""]);
    for shelf in shelves {
        let images: Vec<_> = shelf.repository.images.iter().take(LATEST).collect();
        let lines = |line: &dyn Fn(&Image) -> String, none: &str| match images.as_slice() {
            [] => none.to_owned(),
            images => images.iter().map(|image| line(image)).collect::<Vec<_>>().join("\n"),
        };
        let pushed = |image: &Image| time(image).map(minute).unwrap_or_default();
        table.add_row([
            shelf.repository.name.clone(),
            lines(&|image| image.tags.join(", "), "no image"),
            lines(&pushed, ""),
            guests(&shelf.pull),
            mark(shelf),
        ]);
    }
    table
}

fn guests(guests: &[Guest]) -> String {
    if guests.is_empty() {
        return "nobody else".to_owned();
    }
    let said = guests.iter().map(|guest| {
        let role = match guest.role.as_deref() {
            None => String::new(),
            Some("*") => ": any role".to_owned(),
            Some(role) => format!(": {role}"),
        };
        let conditions: Vec<_> = guest.conditions.iter().map(String::as_str).collect();
        let conditions = if conditions.is_empty() { String::new() } else { format!(" (by {})", conditions.join(", ")) };
        format!("{}{role}{conditions}", guest.account)
    });
    said.collect::<Vec<_>>().join("\n")
}

/// What somebody should see.
fn mark(shelf: &Shelf) -> String {
    let is_open = shelf.pull.iter().chain(&shelf.push).any(|guest| guest.account == EVERYBODY);
    let marks = [
        shelf.used_by.is_empty().then(|| paint(YELLOW, "unused")),
        is_open.then(|| paint(RED, "open to other organizations")),
    ];
    marks.into_iter().flatten().collect::<Vec<_>>().join("\n")
}

fn to_json(shelf: &Shelf) -> Value {
    let repository = &shelf.repository;
    let images = repository
        .images
        .iter()
        .map(|image| json!({"tags": image.tags, "digest": image.digest, "pushed_at": time(image), "size": image.size}));
    json!({
        "name": repository.name, "arn": repository.arn, "used_by": shelf.used_by,
        "images": images.collect::<Vec<_>>(), "pull": shelf.pull, "push": shelf.push,
    })
}

/// In whole seconds, as AWS tells it.
fn time(image: &Image) -> Option<Timestamp> {
    let at = Timestamp::try_from(image.pushed.filter(|at| *at > SystemTime::UNIX_EPOCH)?).ok()?;
    Timestamp::from_second(at.as_second()).ok()
}
