//! `orgstrap sandbox`: a local AWS that is kept running across commands.

use clap::{Args, Subcommand};
use sandbox::{Home, Running};
use serde_json::json;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::Ui;

/// Keep a local AWS running, to rehearse against with --sandbox
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Start it, and install it before if need be
    Start,
    /// Say whether it runs, and where
    Status,
    /// Empty it
    Reset,
    /// Stop it; its world is gone
    Stop,
}

pub(crate) async fn run(arguments: &Arguments, ui: &Ui) -> Result<Exit, Failure> {
    let home = Home::from_env(|name| std::env::var(name).ok())?;
    match arguments.action {
        Action::Start => {
            let running = sandbox::start(&home, &|step| ui.sandbox_progress(&step)).await?;
            show(ui, "start", Some(&running));
        }
        Action::Status => show(ui, "status", sandbox::status(&home).await?.as_ref()),
        Action::Reset => {
            if !sandbox::reset(&home).await? {
                return Err(Failure::new("no sandbox is running", "start one: orgstrap sandbox start"));
            }
            done(ui, "reset", "the sandbox is empty");
        }
        Action::Stop => {
            let stopped = sandbox::stop(&home).await?;
            done(ui, "stop", if stopped { "the sandbox is stopped" } else { "no sandbox was running" });
        }
    }
    Ok(Exit::Done)
}

fn show(ui: &Ui, command: &str, running: Option<&Running>) {
    if !ui.is_human() {
        ui.json(&json!({
            "version": 1, "command": format!("sandbox {command}"), "running": running.is_some(), "sandbox": running,
            "endpoint": running.map(|running| &running.endpoint),
        }));
        return;
    }
    let Some(running) = running else {
        ui.data("no sandbox is running\n");
        return;
    };
    let Running { endpoint, pid, started, version, log, already, .. } = running;
    let already = if *already && command == "start" { " (it was already)" } else { "" };
    ui.data(&format!("the sandbox runs at {endpoint}{already}\n"));
    ui.say(&format!("  moto {version}, process {pid}, since {started:.0}, log {}", log.display()));
    if command == "start" {
        ui.say("  commands with --sandbox use it until `orgstrap sandbox stop`");
    }
}

fn done(ui: &Ui, command: &str, message: &str) {
    if ui.is_human() {
        ui.data(&format!("{message}\n"));
    } else {
        ui.json(&json!({"version": 1, "command": format!("sandbox {command}"), "message": message}));
    }
}
