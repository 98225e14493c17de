//! Mistakes in policy documents.

use serde_json::{Value, json};

use super::{count, plain, wrapped};
use crate::failure::FileMistake;
use crate::render::Ui;
use crate::render::style::{CYAN, RED, paint};

/// Prints all mistakes, for people.
pub(in crate::render) fn mistakes(ui: &Ui, mistakes: &[FileMistake]) {
    for mistake in mistakes {
        let file = if mistake.file == "-" { "stdin" } else { &mistake.file };
        let path = mistake.path.to_string();
        let path = if path.is_empty() { path } else { format!("{path}: ") };
        let line = mistake.line.map(|line| format!(" (line {line})")).unwrap_or_default();
        ui.say(&plain(&format!("{file}: {path}{}{line}", mistake.message)));
        if let Some(help) = &mistake.help {
            let help = wrapped(&plain(help), 8, ui.width().min(100));
            ui.say(&format!("  {} {}", paint(CYAN, "help:"), help.trim_start()));
        }
    }
    ui.say(&format!("{}: {}; nothing was done", paint(RED, "error"), headline(mistakes)));
}

/// The same for programs.
pub(in crate::render) fn to_json(mistakes: &[FileMistake]) -> Value {
    json!({"version": 1, "error": {"message": headline(mistakes), "mistakes": mistakes}})
}

fn headline(mistakes: &[FileMistake]) -> String {
    count(mistakes.len(), "mistake", "mistakes")
}
