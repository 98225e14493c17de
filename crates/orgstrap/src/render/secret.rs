//! What became of a secret that was to get another value. Of the value nothing is said.

use serde_json::json;

use super::Ui;
use crate::commands::Set;
use crate::secret_sources::called;
use crate::workspace::Workspace;

/// Says what the secret has now, and who is not there yet.
pub(crate) fn secret_set(ui: &Ui, workspace: &Workspace, set: &Set<'_>) {
    if !ui.is_human() {
        let services = set.services.iter().map(|(account, service)| json!({"account": account, "service": service}));
        ui.json(&json!({
            "version": 1, "command": "secret set", "fleet": workspace.fleet.name, "account": set.key.scope,
            "secret": set.key.name, "outcome": if set.is_changed { "updated" } else { "kept" }, "run": workspace.run(),
            "copies": set.copies, "services": services.collect::<Vec<_>>(),
        }));
        return;
    }
    let secret = called(set.key);
    if !set.is_changed {
        ui.data(&format!("{secret} has the value of the account's file already\n"));
        return;
    }
    // Secrets Manager moves that label by itself (API reference, `UpdateSecretVersionStage`).
    ui.data(&if set.had_value {
        format!("{secret} has another value; the one before is kept as AWSPREVIOUS\n")
    } else {
        format!("{secret} has a value\n")
    });
    if !set.copies.is_empty() {
        let copies = set.copies.join(" ");
        ui.hint(&format!("its copies have the value before: `orgstrap apply {copies}` brings the new one there"));
    }
    if !set.services.is_empty() {
        // Amazon ECS developer guide, "Pass Secrets Manager secrets through Amazon ECS environment variables".
        let services = set.services.iter().map(|(account, service)| format!("{service} of {account}"));
        let services = services.collect::<Vec<_>>().join(", ");
        ui.hint(&format!("tasks keep the value that they started with: start those of {services} anew"));
    }
}
