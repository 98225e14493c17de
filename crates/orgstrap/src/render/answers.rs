//! What roles may do, by or against which statements.

use std::fmt::Write;

use policy::{Decider, Outcome, PolicyType};
use serde_json::json;

use super::Ui;
use super::style::{BOLD, DIM, GREEN, RED, paint};
use crate::grants::Answer;

/// Prints what each role may do.
pub(crate) fn answers(ui: &Ui, account: &str, answers: &[Answer]) {
    if !ui.is_human() {
        let of_role = |answer: &Answer| {
            json!({"role": answer.role, "principal": answer.principal, "allowed": answer.is_allowed(),
                   "decisions": answer.decisions})
        };
        let roles: Vec<_> = answers.iter().map(of_role).collect();
        ui.json(&json!({"version": 1, "command": "can", "account": account, "allowed": answers.iter().any(Answer::is_allowed), "roles": roles}));
        return;
    }
    let mut text = String::new();
    for answer in answers {
        let word = if answer.is_allowed() { paint(GREEN, "yes") } else { paint(RED, "no") };
        let _ = writeln!(text, "{word}  {}  {}", paint(BOLD, &answer.role), paint(DIM, &answer.principal));
        for one in &answer.decisions {
            let (mark, style) = if one.is_allowed() { ("✓", GREEN) } else { ("✗", RED) };
            let _ = writeln!(text, "  {} {} on {}", paint(style, mark), one.action, one.object);
            let _ = writeln!(text, "      {}", by(&one.outcome));
        }
    }
    ui.data(&text);
}

/// The reason, with the statements that decided.
fn by(outcome: &Outcome) -> String {
    let statements: Vec<_> = outcome.statements.iter().map(statement).collect();
    if statements.is_empty() {
        return outcome.reason.clone();
    }
    format!("{}: {}", outcome.reason, statements.join(", "))
}

fn statement(decider: &Decider) -> String {
    let policy = match decider.policy {
        PolicyType::Identity => "the role's policies",
        PolicyType::Resource => "the object's policy",
        PolicyType::Boundary => "the boundary",
        PolicyType::Session => "the session's policy",
        PolicyType::Scps => "a service control policy",
    };
    let name = decider.sid.clone().unwrap_or_else(|| format!("statement {}", decider.index));
    format!("{name} in {policy}")
}
