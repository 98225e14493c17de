//! Which accounts a command works on.

use std::collections::BTreeSet;

use engine::{Action, Plan};
use fleet::{Account, Fleet};

use crate::cli::Accounts;
use crate::failure::Failure;

/// The accounts that were asked for.
pub(crate) struct Selection<'f> {
    pub(crate) accounts: Vec<&'f Account>,
    /// Whether accounts that do not exist yet are left out: nobody named them.
    only_existing: bool,
}

impl<'f> Selection<'f> {
    pub(crate) fn new(fleet: &'f Fleet, asked: &Accounts) -> Result<Self, Failure> {
        if !asked.names.is_empty() {
            // An account that is named twice is meant once.
            let names: BTreeSet<&String> = asked.names.iter().collect();
            let accounts = names.into_iter().map(|name| account(fleet, name)).collect::<Result<_, _>>()?;
            return Ok(Self { accounts, only_existing: false });
        }
        Ok(Self { accounts: fleet.accounts.values().collect(), only_existing: !asked.all })
    }

    /// The names of the accounts.
    pub(crate) fn names(&self) -> Vec<String> {
        self.accounts.iter().map(|account| account.name.clone()).collect()
    }

    /// Leaves out of a plan what nobody asked for: accounts that do not exist yet, when some do. Gives their names.
    pub(crate) fn leave_out(&mut self, plan: &Plan) -> Vec<String> {
        let missing = missing_accounts(plan);
        if !self.only_existing || missing.len() == self.accounts.len() {
            return Vec::new();
        }
        self.accounts.retain(|account| !missing.contains(&account.name));
        missing
    }
}

/// One account by name.
pub(crate) fn account<'f>(fleet: &'f Fleet, name: &str) -> Result<&'f Account, Failure> {
    fleet.accounts.get(name).ok_or_else(|| {
        let names: Vec<_> = fleet.accounts.keys().map(String::as_str).collect();
        Failure::new(
            format!("there is no account {name} in fleet {}", fleet.name),
            format!("write accounts/{name}.toml, or name one of {}", names.join(", ")),
        )
    })
}

fn missing_accounts(plan: &Plan) -> Vec<String> {
    let accounts = plan.steps().filter(|step| step.key.scope == aws::MANAGEMENT && step.key.kind == "account");
    let missing = accounts.filter(|step| step.action == Some(Action::Create));
    missing.map(|step| step.key.name.clone()).collect()
}
