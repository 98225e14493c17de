//! What roles may do, by or against which statements.

use std::fmt::Write;

use policy::{Decider, Decision, Outcome, PolicyType};
use serde_json::json;

use super::Ui;
use super::style::{BOLD, DIM, GREEN, RED, paint};
use crate::grants::Answer;

/// Prints what each role may do.
pub(crate) fn answers(ui: &Ui, account: &str, answers: &[Answer]) {
    if !ui.is_human() {
        let of_role = |answer: &Answer| {
            let decisions = answer.decisions.iter().map(|(action, object, outcome)| {
                json!({"action": action, "object": object, "decision": outcome.decision, "reason": outcome.reason,
                       "statements": outcome.statements})
            });
            json!({"role": answer.role, "principal": answer.principal, "allowed": is_allowed(answer),
                   "decisions": decisions.collect::<Vec<_>>()})
        };
        let roles: Vec<_> = answers.iter().map(of_role).collect();
        ui.json(&json!({"version": 1, "command": "can", "account": account, "allowed": answers.iter().any(is_allowed), "roles": roles}));
        return;
    }
    let mut text = String::new();
    for answer in answers {
        let word = if is_allowed(answer) { paint(GREEN, "yes") } else { paint(RED, "no") };
        let _ = writeln!(text, "{word}  {}  {}", paint(BOLD, &answer.role), paint(DIM, &answer.principal));
        for (action, object, outcome) in &answer.decisions {
            let (mark, style) = if outcome.decision == Decision::Allow { ("✓", GREEN) } else { ("✗", RED) };
            let _ = writeln!(text, "  {} {action} on {object}", paint(style, mark));
            let _ = writeln!(text, "      {}", by(outcome));
        }
    }
    ui.data(&text);
}

fn is_allowed(answer: &Answer) -> bool {
    answer.decisions.iter().all(|(.., outcome)| outcome.decision == Decision::Allow)
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
