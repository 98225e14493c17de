//! The progress of a walk: bars on a terminal, a line per event elsewhere, JSON lines for programs.

use std::collections::HashMap;
use std::time::Duration;

use engine::{Event, Key, Outcome, Stage, Verb};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;
use tokio::sync::mpsc::UnboundedReceiver;

use super::Ui;
use super::style::{DIM, GREEN, RED, YELLOW, paint};

/// How often a spinner turns.
const TICK: Duration = Duration::from_millis(120);

/// Shows events until the walk is over. A walk over a known number of nodes changes them, and what became of each stays
/// on the screen; one that only reads leaves that to the plan. `note` is told of every event.
pub(crate) async fn watch(
    ui: Ui,
    title: String,
    nodes: Option<usize>,
    mut events: UnboundedReceiver<Event>,
    note: impl Fn(&Event),
) {
    let mut shown = if ui.is_interactive() {
        Reader::Bars(Bars::new(&title, nodes))
    } else if ui.is_human() {
        Reader::Lines(Lines { tells: nodes.is_some(), since: HashMap::new() })
    } else {
        Reader::Json
    };
    while let Some(event) = events.recv().await {
        note(&event);
        match &mut shown {
            Reader::Bars(bars) => bars.show(&event),
            Reader::Lines(lines) => lines.show(&ui, &event),
            Reader::Json => {
                if let Ok(line) = serde_json::to_string(&event) {
                    ui.say(&line);
                }
            }
        }
    }
    if let Reader::Bars(bars) = shown {
        bars.total.finish_and_clear();
    }
}

enum Reader {
    Bars(Bars),
    Lines(Lines),
    Json,
}

/// A bar for the walk, and a line for each node that takes a while.
struct Bars {
    tells: bool,
    all: MultiProgress,
    total: ProgressBar,
    nodes: HashMap<Key, ProgressBar>,
    since: HashMap<Key, Timestamp>,
}

impl Bars {
    fn new(title: &str, nodes: Option<usize>) -> Self {
        let all = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
        let (bar, template) = match nodes {
            Some(nodes) => {
                (ProgressBar::new(nodes as u64), "{prefix} {bar:24} {pos}/{len} {elapsed:.dim} {wide_msg:.dim}")
            }
            None => (ProgressBar::new_spinner(), "{prefix} {spinner} {pos} {elapsed:.dim} {wide_msg:.dim}"),
        };
        let total = all.add(bar.with_style(style(template).progress_chars("━╸ ")));
        total.set_prefix(title.to_owned());
        total.enable_steady_tick(TICK);
        Self { tells: nodes.is_some(), all, total, nodes: HashMap::new(), since: HashMap::new() }
    }

    fn show(&mut self, event: &Event) {
        let key = &event.key;
        match &event.stage {
            // Reading is quick, and a line for each would only flicker.
            Stage::Started { verb: Verb::Read } => {
                self.since.entry(key.clone()).or_insert(event.at);
                self.total.set_message(key.to_string());
            }
            Stage::Started { verb: Verb::Await } => {}
            Stage::Started { verb } => {
                self.since.entry(key.clone()).or_insert(event.at);
                self.line(key, doing(*verb).to_owned());
            }
            Stage::Waiting { what } => self.line(key, format!("waiting for {what}")),
            Stage::Told { what } => drop(self.all.println(told(key, what))),
            Stage::Retrying { error, .. } => self.line(key, format!("not possible yet: {error}")),
            Stage::Settled { outcome } => {
                if let Some(line) = self.nodes.remove(key) {
                    line.finish_and_clear();
                }
                self.total.inc(1);
                if !self.tells {
                    return;
                }
                if let Some(text) = settled(key, outcome, &elapsed(self.since.get(key), event.at)) {
                    let _ = self.all.println(text);
                }
            }
        }
    }

    fn line(&mut self, key: &Key, text: String) {
        let bar = self.nodes.entry(key.clone()).or_insert_with(|| {
            let style = style("  {spinner} {prefix} {elapsed:.dim} {wide_msg:.dim}");
            let bar = self.all.insert_before(&self.total, ProgressBar::new_spinner().with_style(style));
            bar.set_prefix(key.to_string());
            bar.enable_steady_tick(TICK);
            bar
        });
        bar.set_message(text);
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}

/// A line for every event that somebody who reads a log wants to see.
struct Lines {
    tells: bool,
    since: HashMap<Key, Timestamp>,
}

impl Lines {
    fn show(&mut self, ui: &Ui, event: &Event) {
        let key = &event.key;
        match &event.stage {
            Stage::Started { verb } => {
                self.since.entry(key.clone()).or_insert(event.at);
                if ui.is_verbose() && !matches!(verb, Verb::Read | Verb::Await) {
                    ui.say(&format!("  {key} {}", doing(*verb)));
                }
            }
            Stage::Waiting { what } => ui.say(&format!("  {key} waiting for {what}")),
            Stage::Told { what } => ui.say(&told(key, what)),
            Stage::Retrying { error, after } => {
                ui.say(&format!("  {key} not possible yet, again in {:.1} s: {error}", after.as_secs_f64()));
            }
            Stage::Settled { outcome } if self.tells => {
                if let Some(text) = settled(key, outcome, &elapsed(self.since.get(key), event.at)) {
                    ui.say(&text);
                }
            }
            Stage::Settled { .. } => {}
        }
    }
}

fn doing(verb: Verb) -> &'static str {
    match verb {
        Verb::Read => "reading",
        Verb::Create => "creating",
        Verb::Update => "changing",
        Verb::Await => "waiting",
        Verb::Delete => "deleting",
    }
}

fn told(key: &Key, what: &str) -> String {
    format!("  {key} {what}")
}

fn elapsed(since: Option<&Timestamp>, now: Timestamp) -> String {
    let seconds = since.map_or(0.0, |since| now.duration_since(*since).as_secs_f64());
    if seconds < 0.1 { String::new() } else { paint(DIM, format!(" {seconds:.1} s")) }
}

/// The line that stays when a node is done with; nothing for what was only read.
fn settled(key: &Key, outcome: &Outcome, elapsed: &str) -> Option<String> {
    let (mark, words) = match outcome {
        Outcome::Created => (paint(GREEN, "✓"), "created".to_owned()),
        Outcome::Updated => (paint(GREEN, "✓"), "changed".to_owned()),
        Outcome::Deleted => (paint(GREEN, "✓"), "deleted".to_owned()),
        Outcome::Failed { error } => (paint(RED, "✗"), format!("failed: {error}")),
        Outcome::Interrupted => (paint(YELLOW, "-"), "begun; the next run goes on from there".to_owned()),
        // The summary counts what was not begun.
        _ => return None,
    };
    Some(format!("  {mark} {key} {words}{elapsed}"))
}
