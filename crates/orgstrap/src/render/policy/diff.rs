//! How one document stands to another.

use std::fmt::Write;

use policy::{Comparison, Request, Verdict, Which};
use serde_json::{Value, json};

use super::{plain, wrapped};
use crate::documents::Text;
use crate::render::Ui;
use crate::render::style::{BOLD, DIM, GREEN, RED, YELLOW, paint};

/// Prints how B stands to A.
pub(crate) fn comparison(ui: &Ui, files: [&Text; 2], comparison: &Comparison) {
    if ui.is_human() {
        ui.data(&human(files.map(Text::name), comparison, ui.width()));
    } else {
        ui.json(&to_json(comparison));
    }
}

fn to_json(comparison: &Comparison) -> Value {
    let witnesses = comparison.witnesses.iter();
    let witnesses = witnesses.map(|one| json!({"allowed_by": one.allowed_by, "request": one.request.to_value()}));
    let denials = comparison.denials.iter();
    let denials = denials.map(|one| json!({"denied_by": one.denied_by, "request": one.request.to_value()}));
    json!({
        "version": 1, "verdict": comparison.verdict, "witnesses": witnesses.collect::<Vec<_>>(),
        "denials": denials.collect::<Vec<_>>(), "unmodelled": comparison.unmodelled, "notes": comparison.notes,
    })
}

fn human(files: [String; 2], comparison: &Comparison, width: usize) -> String {
    let (style, verdict) = match comparison.verdict {
        Verdict::Equal => (GREEN, "A and B are equal"),
        Verdict::Narrower => (YELLOW, "B is narrower than A"),
        Verdict::Wider => (RED, "B is wider than A"),
        Verdict::Incomparable => (RED, "A and B are incomparable"),
        Verdict::Unknown => (YELLOW, "It is unknown how B stands to A"),
    };
    let [a, b] = files.map(|file| if file == "-" { "stdin".to_owned() } else { plain(&file) });
    let mut text = format!("{}: {}.\n", paint(style, verdict), meaning(comparison));
    let _ = writeln!(text, "  {} {a}\n  {} {b}", paint(BOLD, "A"), paint(BOLD, "B"));
    // Documents that only deny have one request for both: what counts is that it is denied.
    let is_denied = |request: &Request| comparison.denials.iter().any(|one| one.request == *request);
    let witnesses = comparison.witnesses.iter().filter(|one| !is_denied(&one.request));
    let allowed = witnesses.map(|one| ("allowed", one.allowed_by, &one.request));
    let denied = comparison.denials.iter().map(|one| ("explicitly denied", one.denied_by, &one.request));
    for (what, by, shown) in allowed.chain(denied) {
        let (by, not_by) = match by {
            Which::A => ("A", "B"),
            Which::B => ("B", "A"),
        };
        let title = format!("For example {what} by {by}, not by {not_by}:");
        let _ = writeln!(text, "\n{}", paint(BOLD, title));
        text.push_str(&request(shown));
    }
    for (title, texts) in [("Note:", &comparison.notes), ("Not modelled:", &comparison.unmodelled)] {
        for item in texts {
            let item = wrapped(&plain(item), title.len() + 1, width);
            let _ = write!(text, "\n{} {}\n", paint(BOLD, title), item.trim_start());
        }
    }
    text
}

/// What a verdict says. Where both allow the same, it is about what they deny.
fn meaning(comparison: &Comparison) -> &'static str {
    match (comparison.verdict, !comparison.denials.is_empty()) {
        (Verdict::Equal, _) => "both decide every request the same way",
        (Verdict::Narrower, false) => "it allows nothing more, and not all that A allows",
        (Verdict::Narrower, true) => "both allow the same, and it denies more",
        (Verdict::Wider, false) => "it allows all that A allows, and more",
        (Verdict::Wider, true) => "both allow the same, and it denies less",
        (Verdict::Incomparable, false) => "each allows requests that the other does not",
        (Verdict::Incomparable, true) => "both allow the same, and each denies what the other does not",
        (Verdict::Unknown, _) => "not all of it could be modelled",
    }
}

/// Who, what, which, and what else has to be so.
fn request(request: &Request) -> String {
    let value = request.to_value();
    let part = |name: &str| value.get(name).and_then(Value::as_str).map(plain);
    let mut rows: Vec<(&str, String)> = [("who", "principal"), ("what", "action"), ("which", "resource")]
        .into_iter()
        .filter_map(|(title, name)| Some((title, part(name)?)))
        .collect();
    rows.extend(part("resource_account").map(|account| ("of", format!("account {account}"))));
    let context = value.get("context").and_then(Value::as_object);
    for (position, (key, values)) in context.into_iter().flatten().enumerate() {
        let values = match values {
            Value::String(text) => plain(text),
            Value::Array(values) => {
                let values: Vec<_> = values.iter().map(|value| plain(value.as_str().unwrap_or_default())).collect();
                format!("[{}]", values.join(", "))
            }
            other => other.to_string(),
        };
        rows.push((if position == 0 { "with" } else { "" }, format!("{} = {values}", plain(key))));
    }
    rows.into_iter().fold(String::new(), |mut text, (title, value)| {
        let _ = writeln!(text, "  {} {value}", paint(DIM, format!("{title:<5}")));
        text
    })
}
