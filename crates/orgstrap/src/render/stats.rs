//! What a run cost: its calls, and the time of its walks.

use std::fmt::Write;
use std::time::Duration;

use comfy_table::{CellAlignment, Table, presets};
use engine::{Course, Key};
use serde_json::{Map, Value, json};

use super::Ui;
use super::style::{DIM, paint};
use crate::walks::Walks;
use crate::workspace::Workspace;

/// A node that took less than this part of its walk is not worth a line.
const SHORT: f64 = 0.01;

/// Prints the calls and the walks of the run, if that was asked for. In JSON they are part of the result.
pub(crate) fn stats(ui: &Ui, workspace: &Workspace) {
    if !ui.wants_stats() || !ui.is_human() {
        return;
    }
    let all = workspace.sessions.stats().all();
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(["account", "service", "operation", "calls", "retries", "throttles"]);
    for calls in &all {
        let numbers = [calls.calls, calls.retries, calls.throttles].map(|number| number.to_string());
        table.add_row(
            [calls.account.clone(), calls.service.clone(), calls.operation.clone()].into_iter().chain(numbers),
        );
    }
    for column in table.column_iter_mut().skip(3) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    ui.say(&format!("\n{}", table.trim_fmt()));
    let sum = |number: fn(&aws::Calls) -> u64| all.iter().map(number).sum::<u64>();
    let (calls, retries, throttles) = (sum(|c| c.calls), sum(|c| c.retries), sum(|c| c.throttles));
    ui.say(&format!("{calls} calls, {retries} retries, {throttles} throttles"));
    for (title, course) in workspace.walks.all() {
        ui.say(&format!("\n{}", walk(&title, &course).trim_end()));
    }
}

/// Adds what the run cost so far to the JSON of a command.
pub(super) fn add_to(object: &mut Map<String, Value>, calls: &aws::Stats, walks: &Walks) {
    object.insert("stats".into(), json!(calls.all()));
    object.insert("walks".into(), walks_json(&walks.all()));
}

/// How long a walk took, the nodes that made it so long, and how many more there were.
fn walk(title: &str, course: &Course) -> String {
    let (wall, longest) = (seconds(course.wall), seconds(course.longest()));
    let mut text = format!("{title}: {wall}, longest path {longest}, ratio {:.2}\n", course.ratio());
    let is_long = |time: Duration| time.as_secs_f64() >= course.wall.as_secs_f64() * SHORT;
    let long: Vec<&(Key, Duration)> = course.path.iter().filter(|(_, time)| is_long(*time)).collect();
    let width = long.iter().map(|(key, _)| key.to_string().len()).max().unwrap_or_default();
    for (key, time) in &long {
        let _ = writeln!(text, "  {:width$}  {:>8}", key.to_string(), seconds(*time));
    }
    let left_out = course.path.len() - long.len();
    if left_out > 0 {
        let _ = writeln!(text, "{}", paint(DIM, format!("  and {left_out} that took less than 1 % of it each")));
    }
    text
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

/// In whole milliseconds.
fn walks_json(walks: &[(String, Course)]) -> Value {
    let rounded = |seconds: f64| (seconds * 1000.0).round() / 1000.0;
    let seconds = |time: Duration| rounded(time.as_secs_f64());
    let walks = walks.iter().map(|(title, course)| {
        let path: Vec<Value> =
            course.path.iter().map(|(key, time)| json!({"key": key, "seconds": seconds(*time)})).collect();
        json!({
            "name": title,
            "seconds": seconds(course.wall),
            "longest_path_seconds": seconds(course.longest()),
            "ratio": rounded(course.ratio()),
            "path": path,
        })
    });
    Value::Array(walks.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn course() -> Course {
        let node = |kind, name, millis| (Key::new("dev", kind, name), Duration::from_millis(millis));
        let path = vec![
            node("session", "dev", 4),
            node("vpc", "main", 1200),
            node("subnet", "public-a", 31),
            node("nat-gateway", "a", 101_000),
        ];
        Course { wall: Duration::from_millis(104_300), path }
    }

    #[test]
    fn a_walk_is_told_with_the_nodes_that_made_it_long() {
        let text = anstream::adapter::strip_str(&walk("Applying", &course())).to_string();
        let expected = "\
Applying: 104.3 s, longest path 102.2 s, ratio 1.02
  dev/vpc/main          1.2 s
  dev/nat-gateway/a   101.0 s
  and 2 that took less than 1 % of it each
";
        assert_eq!(text, expected);
        assert_eq!(walk("Reading", &Course::default()), "Reading: 0.0 s, longest path 0.0 s, ratio 1.00\n");
    }

    #[test]
    fn in_json_the_path_is_whole() {
        let json = walks_json(&[("Applying".to_owned(), course())]);
        assert_eq!(json[0]["name"], "Applying");
        assert_eq!((&json[0]["seconds"], &json[0]["longest_path_seconds"]), (&json!(104.3), &json!(102.235)));
        assert_eq!(json[0]["ratio"], json!(1.02));
        assert_eq!(json[0]["path"].as_array().map(Vec::len), Some(4));
        assert_eq!(json[0]["path"][3], json!({"key": "dev/nat-gateway/a", "seconds": 101.0}));
    }
}
