//! The arguments.

use std::path::PathBuf;

use aws::{Losses, Way};
use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use sandbox::front::{Weather, WeatherError};

use crate::commands;

/// Bootstraps a multi-account AWS organization: from a file per project to an account of its own.
#[derive(Debug, Parser)]
#[command(name = "orgstrap", version, propagate_version = true, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Cli {
    /// Reads the arguments, and refuses a format that the command does not print.
    pub(crate) fn read() -> Result<Self, clap::Error> {
        let cli = Self::try_parse()?;
        let (format, which) = (
            cli.global.format,
            match &cli.command {
                Command::Policy(arguments) if arguments.is_lint() => Some(Format::Sarif),
                Command::Credentials(_) => Some(Format::Process),
                _ => None,
            },
        );
        let message = match format {
            Format::Sarif if which != Some(Format::Sarif) => {
                "only `policy lint` prints SARIF; this command takes --format human or --format json"
            }
            Format::Env | Format::Process if which != Some(Format::Process) => {
                "only `credentials` has this format; this command takes --format human or --format json"
            }
            _ => return Ok(cli),
        };
        Err(Self::command().error(ErrorKind::ArgumentConflict, message))
    }
}

/// Options of every command.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Global options")]
#[expect(clippy::struct_excessive_bools, reason = "flags are independent of each other")]
pub(crate) struct Global {
    /// The fleet's file; accounts/ and policies/ are beside it
    #[arg(long, global = true, value_name = "FILE", env = "ORGSTRAP_CONFIG", default_value = "orgstrap.toml")]
    pub(crate) config: PathBuf,
    /// A profile of the AWS configuration, for the management account
    #[arg(long, global = true)]
    pub(crate) profile: Option<String>,
    /// Another region than the fleet's
    #[arg(long, global = true)]
    pub(crate) region: Option<String>,
    /// Rehearse against a local AWS: the one that is kept running, or one for this command alone
    #[arg(long, global = true)]
    pub(crate) sandbox: bool,
    /// Make calls of the sandbox take longer: 40ms, or a list such as ec2=60ms,ec2.CreateNatGateway=2s
    #[arg(long, global = true, value_name = "TIMES", requires = "sandbox", value_parser = latency)]
    pub(crate) sandbox_latency: Option<String>,
    /// Rehearse bad weather in the sandbox: a list such as throttle=20%,ec2:error-after=5%,stale=5/2s,seed=7
    #[arg(long, global = true, value_name = "FAULTS", requires = "sandbox")]
    pub(crate) sandbox_faults: Option<Weather>,
    /// Show every call that the sandbox was asked, in order
    #[arg(long, global = true, requires = "sandbox")]
    pub(crate) sandbox_calls: bool,
    /// When a registry goes that nothing wants any more, let the images in it go too
    #[arg(long, global = true)]
    pub(crate) delete_images: bool,
    /// Switch off the deletion protection of load balancers and databases that are to be deleted
    #[arg(long, global = true)]
    pub(crate) unprotect: bool,
    /// Empty buckets and registries that are to be deleted and have something in them, all versions of it
    #[arg(long, global = true)]
    pub(crate) delete_data: bool,
    /// Delete databases without a last snapshot, and their automated backups with them
    #[arg(long, global = true)]
    pub(crate) no_final_snapshot: bool,
    /// Go ahead without asking
    #[arg(long, short, global = true)]
    pub(crate) yes: bool,
    /// How results are printed
    #[arg(long, global = true, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,
    /// API calls in flight per account
    #[arg(long, global = true, value_name = "N", default_value_t = 32)]
    pub(crate) parallelism: usize,
    /// Show the calls that were made, with retries and throttles, and what the time of each walk went to
    #[arg(long, global = true)]
    pub(crate) stats: bool,
    /// Show more: every field, and what is in sync
    #[arg(long, short, global = true)]
    pub(crate) verbose: bool,
    /// Whether to colour
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto)]
    pub(crate) color: Color,
    /// Another ledger than the fleet's: `file://FOLDER` or `s3://BUCKET/PREFIX`
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) ledger: Option<String>,
    /// The role by which accounts are entered: auditor where a command only looks, deployer where it changes something
    #[arg(long, global = true, value_enum, value_name = "ROLE")]
    pub(crate) role: Option<Role>,
    /// How long to wait for accounts that another run has locked, instead of giving up at once
    #[arg(long, global = true, value_name = "SECONDS")]
    pub(crate) lock_wait: Option<u64>,
}

impl Global {
    /// How far deletions may go.
    pub(crate) fn losses(&self) -> Losses {
        Losses {
            images: self.delete_images,
            data: self.delete_data,
            databases: self.no_final_snapshot,
            protected: self.unprotect,
        }
    }

    /// How the sandbox is to behave.
    pub(crate) fn weather(&self) -> Result<Weather, WeatherError> {
        // An option that reads its variable itself would ask for --sandbox before that is read.
        let written = std::env::var("ORGSTRAP_SANDBOX_FAULTS").unwrap_or_default();
        let weather = self.sandbox_faults.clone().map_or_else(|| written.parse(), Ok)?;
        weather.with_latency(self.sandbox_latency.as_deref().unwrap_or_default())
    }
}

/// Refuses latencies that cannot be understood while the arguments are read.
fn latency(text: &str) -> Result<String, WeatherError> {
    Weather::default().with_latency(text).map(|_| text.to_owned())
}

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Human,
    /// For programs: stable and versioned
    Json,
    /// SARIF 2.1.0, for code scanning: `policy lint` only
    Sarif,
    /// Lines for a shell: `credentials` only
    Env,
    /// What `credential_process` of AWS's tools expects: `credentials` only
    Process,
}

/// A role by which accounts are entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Role {
    /// May only read
    Auditor,
    /// May change what orgstrap builds
    Deployer,
    /// The role that the account came with, which may do everything; for accounts whose own roles are broken
    Bootstrap,
}

impl From<Role> for Way {
    fn from(role: Role) -> Self {
        match role {
            Role::Auditor => Self::Auditor,
            Role::Deployer => Self::Deployer,
            Role::Bootstrap => Self::Bootstrap,
        }
    }
}

/// Whether to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On terminals, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Init(commands::init::Arguments),
    Onboard(commands::onboard::Arguments),
    Plan(commands::plan::Arguments),
    Apply(commands::apply::Arguments),
    Audit(commands::audit::Arguments),
    Offboard(commands::offboard::Arguments),
    Rotate(commands::rotate::Arguments),
    Can(commands::can::Arguments),
    Edges(commands::edges::Arguments),
    Registry(commands::registry::Arguments),
    Secret(commands::secret::Arguments),
    Accounts(commands::accounts::Arguments),
    Exec(commands::exec::Arguments),
    Credentials(commands::credentials::Arguments),
    Console(commands::console::Arguments),
    Doctor(commands::doctor::Arguments),
    Lock(commands::lock::Arguments),
    Runs(commands::runs::Arguments),
    Policy(commands::policy::Arguments),
    Sandbox(commands::sandbox::Arguments),
    Schema(commands::schema::Arguments),
    Completions(commands::completions::Arguments),
    Man(commands::man::Arguments),
}

/// Accounts to work on.
#[derive(Clone, Debug, Args)]
pub(crate) struct Accounts {
    /// Accounts by name; none means those that exist
    #[arg(value_name = "ACCOUNT", conflicts_with = "all")]
    pub(crate) names: Vec<String>,
    /// Every account of the fleet, those that do not exist yet too
    #[arg(long)]
    pub(crate) all: bool,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_consistent() {
        super::Cli::command().debug_assert();
    }
}
