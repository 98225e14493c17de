//! The commands, one file each.

pub(crate) mod accounts;
pub(crate) mod apply;
pub(crate) mod audit;
pub(crate) mod can;
mod change;
pub(crate) mod completions;
pub(crate) mod console;
pub(crate) mod credentials;
pub(crate) mod doctor;
pub(crate) mod edges;
mod entered;
pub(crate) mod exec;
pub(crate) mod init;
pub(crate) mod lock;
pub(crate) mod man;
pub(crate) mod offboard;
pub(crate) mod onboard;
pub(crate) mod plan;
pub(crate) mod policy;
pub(crate) mod registry;
pub(crate) mod rotate;
pub(crate) mod runs;
pub(crate) mod sandbox;
pub(crate) mod schema;
pub(crate) mod secret;

pub(crate) use accounts::{Last as LastRun, Row as AccountRow};
pub(crate) use change::Done;
pub(crate) use offboard::{Ended, Offboarding, is_protected};
pub(crate) use registry::Shelf;
pub(crate) use rotate::Rotated;
pub(crate) use secret::Set;

use std::future::Future;

use crate::cli::{Cli, Command};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::Ui;

/// Runs a command to its end.
pub(crate) fn run(cli: Cli) -> Exit {
    let global = cli.global;
    let ui = Ui::new(&global);
    let result = match cli.command {
        Command::Init(arguments) => init::run(&arguments, &ui),
        Command::Schema(arguments) => schema::run(&arguments, &ui),
        Command::Completions(arguments) => completions::run(&arguments, &ui),
        Command::Man(arguments) => man::run(&arguments, &ui),
        Command::Policy(arguments) => policy::run(&arguments, &ui),
        Command::Onboard(arguments) => wait_for(onboard::run(&arguments, &global, &ui)),
        Command::Plan(arguments) => wait_for(plan::run(&arguments, &global, &ui)),
        Command::Apply(arguments) => wait_for(apply::run(&arguments, &global, &ui)),
        Command::Audit(arguments) => wait_for(audit::run(&arguments, &global, &ui)),
        Command::Offboard(arguments) => wait_for(offboard::run(&arguments, &global, &ui)),
        Command::Console(arguments) => wait_for(console::run(&arguments, &global, &ui)),
        Command::Credentials(arguments) => wait_for(credentials::run(&arguments, &global, &ui)),
        Command::Doctor(arguments) => wait_for(doctor::run(&arguments, &global, &ui)),
        Command::Can(arguments) => wait_for(can::run(&arguments, &global, &ui)),
        Command::Edges(arguments) => wait_for(edges::run(&arguments, &global, &ui)),
        Command::Registry(arguments) => wait_for(registry::run(&arguments, &global, &ui)),
        Command::Secret(arguments) => wait_for(secret::run(&arguments, &global, &ui)),
        Command::Rotate(arguments) => wait_for(rotate::run(&arguments, &global, &ui)),
        Command::Exec(arguments) => wait_for(exec::run(&arguments, &global, &ui)),
        Command::Accounts(arguments) => wait_for(accounts::run(&arguments, &global, &ui)),
        Command::Lock(arguments) => wait_for(lock::run(&arguments, &global, &ui)),
        Command::Runs(arguments) => wait_for(runs::run(&arguments, &global, &ui)),
        Command::Sandbox(arguments) => wait_for(sandbox::run(&arguments, &ui)),
    };
    result.unwrap_or_else(|failure| {
        ui.failure(&failure);
        Exit::Error
    })
}

/// Commands that need no network start no runtime.
fn wait_for(command: impl Future<Output = Result<Exit, Failure>>) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::Other { message: format!("cannot start: {error}"), hint: None })?;
    // The SDK's futures are large.
    let exit = runtime.block_on(Box::pin(command));
    runtime.shutdown_background();
    exit
}
