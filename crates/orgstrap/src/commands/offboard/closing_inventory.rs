//! What the account held, written down before anything is deleted, and what became of it.

use aws::resources::MemberAccount;
use engine::{Event, Outcome, Plan, Resource, Stage, Step};
use jiff::Timestamp;
use ledger::{Inventory, InventoryEnd, Item, Left};
use serde_json::Value;

use super::Offboarding;
use crate::books::{Books, word};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::Ui;
use crate::workspace::Workspace;

/// What is meant to become of an object.
const DELETE: &str = "delete";
const CLOSE: &str = "close";
const KEEP: &str = "keep";

/// An inventory that is in the ledger.
pub(super) struct ClosingInventory {
    inventory: Inventory,
    place: String,
}

impl ClosingInventory {
    /// Writes down what the plan found: what is to be deleted, and what of the account stays.
    pub(super) async fn take(
        offboarding: &Offboarding<'_>,
        plan: &Plan,
        books: &Books,
        workspace: &Workspace,
    ) -> Result<Self, Failure> {
        let is_of_account = |step: &&Step| {
            step.key.scope == offboarding.account
                || (step.key.kind == MemberAccount::KIND && step.key.name == offboarding.account)
                || offboarding.is_deleted(step)
        };
        let found = plan.steps().filter(is_of_account).filter_map(|step| item(step, offboarding));
        let inventory = Inventory {
            account: offboarding.account.to_owned(),
            id: offboarding.id.clone(),
            run: books.run().to_owned(),
            at: Timestamp::now(),
            objects: found.collect(),
            end: None,
        };
        let place = books.write_inventory(&inventory).await?;
        // What was told while planning is no part of the end.
        drop(workspace.seen.take());
        Ok(Self { inventory, place })
    }

    /// Completes it with what became of each object, and gives where it is and what was left behind. What cannot be written
    /// is said, and changes nothing.
    pub(super) async fn complete(mut self, exit: Exit, books: &Books, workspace: &Workspace, ui: &Ui) -> Ended {
        let events = workspace.seen.take();
        for item in &mut self.inventory.objects {
            settle(item, &events);
        }
        let is_deleted = |key: &str| self.inventory.objects.iter().any(|item| item.action == DELETE && item.key == key);
        let left = events.iter().filter_map(|event| match &event.stage {
            Stage::Told { what } if is_deleted(&event.key.to_string()) => {
                Some(Left { at: event.at, key: event.key.to_string(), what: what.clone() })
            }
            _ => None,
        });
        let left: Vec<_> = left.collect();
        let end = InventoryEnd { at: Timestamp::now(), exit: exit.word().to_owned(), left: left.clone() };
        self.inventory.end = Some(end);
        if let Err(failure) = books.write_inventory(&self.inventory).await {
            ui.warn(&format!("the inventory does not say what was deleted: {}", failure.message()));
        }
        Ended { place: self.place, left }
    }
}

/// Where the inventory is, and what the deletions left behind.
pub(crate) struct Ended {
    pub(crate) place: String,
    pub(crate) left: Vec<Left>,
}

/// What there is of a step; nothing if nothing was found.
fn item(step: &Step, offboarding: &Offboarding<'_>) -> Option<Item> {
    let state = step.state()?;
    let action = match (offboarding.is_deleted(step), offboarding.closed.is_some_and(|account| account.key == step.key))
    {
        (true, _) => DELETE,
        (_, true) => CLOSE,
        _ => KEEP,
    };
    Some(Item {
        key: step.key.to_string(),
        kind: step.key.kind.clone(),
        id: step.id.clone(),
        action: action.to_owned(),
        state: without_null(state),
        tags: step.tags.clone(),
        outcome: None,
        settled: None,
        error: None,
    })
}

/// Fields that nothing is in say nothing.
fn without_null(state: Value) -> Value {
    match state {
        Value::Object(fields) => fields.into_iter().filter(|(_, value)| !value.is_null()).collect(),
        state => state,
    }
}

fn settle(item: &mut Item, events: &[Event]) {
    let ended = events.iter().rev().find_map(|event| match &event.stage {
        Stage::Settled { outcome } if event.key.to_string() == item.key => Some((event.at, outcome)),
        _ => None,
    });
    let outcome = match ended {
        Some((_, Outcome::Deleted)) if item.action == CLOSE => "closed",
        Some((_, outcome)) => word(outcome),
        None if item.action == KEEP => "stays",
        None => "not begun",
    };
    item.outcome = Some(outcome.to_owned());
    item.settled = ended.map(|(at, _)| at);
    item.error = ended.and_then(|(_, outcome)| match outcome {
        Outcome::Failed { error } => Some(error.to_string()),
        _ => None,
    });
}
