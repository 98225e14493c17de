//! The terminal, or whatever stands in for it.

use std::io::{IsTerminal, Write};

use anstream::ColorChoice;
use miette::{GraphicalReportHandler, GraphicalTheme};
use sandbox::Progress;
use serde_json::{Value, json};

use super::moved::moved;
use super::policy;
use super::style::{CYAN, DIM, RED, YELLOW, paint};
use crate::cli::{Color, Format, Global};
use crate::failure::Failure;

/// How and where to print. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Ui {
    format: Format,
    verbose: bool,
    stats: bool,
    sandbox_calls: bool,
    region: Option<String>,
    width: usize,
}

impl Ui {
    pub(crate) fn new(global: &Global) -> Self {
        match global.color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        }
        .write_global();
        let Global { format, verbose, stats, sandbox_calls, region, .. } = global.clone();
        Self { format, verbose, stats, sandbox_calls, region, width: width_of_stdout() }
    }

    pub(crate) fn is_human(&self) -> bool {
        self.format == Format::Human
    }

    pub(crate) fn format(&self) -> Format {
        self.format
    }

    pub(crate) fn is_verbose(&self) -> bool {
        self.verbose
    }

    pub(crate) fn wants_stats(&self) -> bool {
        self.stats
    }

    pub(crate) fn wants_sandbox_calls(&self) -> bool {
        self.sandbox_calls
    }

    /// The region that was asked for, for a command that reads no fleet.
    pub(crate) fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    /// Whether bars can be drawn.
    pub(crate) fn is_interactive(&self) -> bool {
        self.is_human() && std::io::stderr().is_terminal()
    }

    /// How wide a line of data may be.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// Writes data, as it is. A reader that went away is no error of ours.
    #[expect(clippy::unused_self, reason = "whoever prints holds the terminal")]
    pub(crate) fn data(&self, text: &str) {
        let mut out = anstream::stdout().lock();
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }

    /// Writes data as JSON.
    pub(crate) fn json(&self, value: &Value) {
        self.data(&format!("{value:#}\n"));
    }

    /// Writes a line that is not data.
    #[expect(clippy::unused_self, reason = "whoever prints holds the terminal")]
    pub(crate) fn say(&self, text: &str) {
        let _ = writeln!(anstream::stderr().lock(), "{text}");
    }

    /// Writes a line that somebody should see.
    pub(crate) fn warn(&self, text: &str) {
        if self.is_human() {
            self.say(&format!("{}: {text}", paint(YELLOW, "warning")));
        } else {
            self.say(&json!({"warning": text}).to_string());
        }
    }

    /// Writes what to do about something.
    pub(crate) fn hint(&self, text: &str) {
        self.say(&format!("  {} {text}", paint(CYAN, "hint:")));
    }

    /// Writes why the command could not do its work. What reads SARIF reads no errors of ours.
    pub(crate) fn failure(&self, failure: &Failure) {
        let is_json = self.format == Format::Json;
        match failure {
            Failure::Documents(mistakes) if is_json => self.json(&policy::mistakes_json(mistakes)),
            Failure::Documents(mistakes) => policy::mistakes(self, mistakes),
            Failure::Moved(what) => moved(self, what),
            Failure::Mistakes(mistakes) if !is_json => self.mistakes(mistakes),
            Failure::Mistakes(mistakes) => {
                self.json(&json!({"version": 1, "error": {"message": "mistakes in the fleet's files", "mistakes": mistakes.to_json()}}));
            }
            Failure::Other { message, hint } if !is_json => {
                self.say(&format!("{}: {message}", paint(RED, "error")));
                if let Some(hint) = hint {
                    self.hint(hint);
                }
            }
            Failure::Other { message, hint } => {
                self.json(&json!({"version": 1, "error": {"message": message, "hint": hint}}));
            }
        }
    }

    fn mistakes(&self, mistakes: &fleet::Mistakes) {
        let theme = if anstream::AutoStream::choice(&std::io::stderr()) == ColorChoice::Never {
            GraphicalTheme::unicode_nocolor()
        } else {
            GraphicalTheme::unicode()
        };
        let handler = GraphicalReportHandler::new_themed(theme).with_width(self.width().min(100));
        for mistake in mistakes {
            let mut text = String::new();
            if handler.render_report(&mut text, mistake).is_err() {
                text = mistake.to_string();
            }
            self.say(text.trim_end());
        }
        let count = mistakes.iter().count();
        let mistakes = if count == 1 { "mistake" } else { "mistakes" };
        self.say(&format!("{}: {count} {mistakes} in the fleet's files; nothing was done", paint(RED, "error")));
    }

    /// Writes whose lock is waited for.
    pub(crate) fn waits_for(&self, holder: &ledger::Holder) {
        if self.is_human() {
            self.say(&paint(DIM, format!("waiting: {} is {holder}", holder.lock)));
        } else {
            self.say(&json!({"waiting": holder}).to_string());
        }
    }

    /// Writes what the sandbox is waiting for.
    pub(crate) fn sandbox_progress(&self, step: &Progress) {
        let text = match step {
            Progress::Installing { version, path } => {
                format!("installing moto {version} into {} (once; some 15 seconds)", path.display())
            }
            Progress::WaitingForLock { .. } => "waiting for another orgstrap that is busy with the sandbox".to_owned(),
            Progress::Starting => "starting a local AWS".to_owned(),
            Progress::Ready { endpoint } if self.verbose => format!("the local AWS answers at {endpoint}"),
            _ => return,
        };
        if self.is_human() {
            self.say(&paint(DIM, text));
        } else {
            self.say(&json!({"sandbox": text}).to_string());
        }
    }
}

/// No limit where no one looks: a pipe, a file.
fn width_of_stdout() -> usize {
    if !std::io::stdout().is_terminal() {
        return usize::MAX;
    }
    terminal_size::terminal_size().map_or(100, |(width, _)| usize::from(width.0))
}
