//! Which accounts a command works on: those that were asked for, judged by what the organization says of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws::resources::Member;
use aws::{Invitation, Roll, Sessions, State};
use blueprint::Parts;
use engine::Id;
use fleet::{Account, Fleet};
use serde::Serialize;

use crate::cli::Accounts;
use crate::failure::Failure;

/// The accounts that were asked for.
pub(crate) struct Asked<'f> {
    accounts: Vec<&'f Account>,
    /// Whether each was named, so that one that cannot be worked on is an error.
    are_named: bool,
    /// Whether accounts that do not exist yet are left out: nobody named them.
    only_existing: bool,
    /// Whether the common account is brought to its desired state too, if the others use what it shares.
    with_common: bool,
    fleet: &'f Fleet,
}

impl<'f> Asked<'f> {
    pub(crate) fn new(fleet: &'f Fleet, asked: &Accounts) -> Result<Self, Failure> {
        if asked.names.is_empty() {
            let accounts = fleet.accounts.values().collect();
            return Ok(Self { accounts, are_named: false, only_existing: !asked.all, with_common: false, fleet });
        }
        // An account that is named twice is meant once.
        let names: BTreeSet<&String> = asked.names.iter().collect();
        let accounts = names.into_iter().map(|name| account(fleet, name)).collect::<Result<_, _>>()?;
        Ok(Self { accounts, are_named: true, only_existing: false, with_common: false, fleet })
    }

    /// With the common account as a whole, if what is asked for uses what it shares. Otherwise it is made if it does not
    /// exist, and else only what it shares is worked on.
    pub(crate) fn with_common(self) -> Self {
        Self { with_common: true, ..self }
    }

    /// The accounts, whatever the organization says of them.
    pub(crate) fn accounts(&self) -> &[&'f Account] {
        &self.accounts
    }

    /// The names of the accounts.
    pub(crate) fn names(&self) -> Vec<String> {
        self.accounts.iter().map(|account| account.name.clone()).collect()
    }

    /// Asks the organization which of them can be worked on.
    pub(crate) async fn judged(&self, sessions: &Arc<Sessions>) -> Result<Selection<'f>, Failure> {
        let roll = sessions.roll().await?;
        let is_outside = |account: &&Account| account.invite && find(&roll, account).is_none();
        // They are listed when somebody may have been invited, and when there is an organization to invite into.
        let wants_invitations = self.accounts.iter().any(is_outside) && !roll.accounts.is_empty();
        let invitations = if wants_invitations { sessions.invitations().await? } else { Vec::new() };
        let standings = self.accounts.iter().map(|account| (*account, standing(account, &roll, &invitations)));
        let standings: Vec<_> = standings.collect();
        let some_exist = standings.iter().any(|(_, standing)| matches!(standing, Standing::Active));

        let mut selection = Selection::default();
        for (account, standing) in standings {
            let is_absent = matches!(standing, Standing::Missing | Standing::Uninvited);
            match standing {
                // What nobody asked for: accounts that do not exist yet, when some do.
                _ if is_absent && self.only_existing && some_exist => {
                    selection.not_onboarded.push(account.name.clone());
                }
                Standing::Active | Standing::Missing => selection.accounts.push(account),
                Standing::Uninvited => selection.invited.push(account),
                Standing::Unusable(left_out) => selection.left_out.push(left_out),
            }
        }
        if let (true, Some(first)) = (self.are_named, selection.left_out.first()) {
            return Err(first.failure());
        }
        self.add_common(&mut selection, &roll, &invitations)?;
        let worked_on = selection.worked_on();
        let others = existing(self.fleet, &roll).filter(|(name, _)| worked_on.iter().all(|one| one.name != *name));
        selection.others = others.map(|(name, member)| (name.to_owned(), member)).collect();
        selection.prepare(sessions, &roll);
        Ok(selection)
    }

    /// Adds the common account if the others use what it shares.
    fn add_common(
        &self,
        selection: &mut Selection<'f>,
        roll: &Roll,
        invitations: &[Invitation],
    ) -> Result<(), Failure> {
        let Some(common) = self.fleet.accounts.get(&self.fleet.common) else { return Ok(()) };
        let is_there = selection.accounts.iter().any(|account| account.name == common.name);
        if is_there || !selection.accounts.iter().any(|account| blueprint::uses_common(account)) {
            return Ok(());
        }
        selection.common = match standing(common, roll, invitations) {
            Standing::Active if self.with_common => Some(Common::Whole(common)),
            Standing::Active => Some(Common::Shared(common)),
            Standing::Missing => Some(Common::Whole(common)),
            Standing::Unusable(left_out) => return Err(left_out.failure()),
            Standing::Uninvited => {
                let message = format!("the common account {} is not in the organization", common.name);
                return Err(Failure::new(
                    message,
                    format!("run `orgstrap apply {}` first, which invites it", common.name),
                ));
            }
        };
        selection.not_onboarded.retain(|name| *name != common.name);
        Ok(())
    }
}

/// The accounts that a command works on, and those that it cannot work on.
#[derive(Default)]
pub(crate) struct Selection<'f> {
    /// Those that are there or are to be made.
    pub(crate) accounts: Vec<&'f Account>,
    /// Those that are to be invited.
    pub(crate) invited: Vec<&'f Account>,
    /// The names of those that do not exist yet and that nobody asked for.
    pub(crate) not_onboarded: Vec<String>,
    /// Those that are closed, suspended, or not there yet.
    pub(crate) left_out: Vec<LeftOut>,
    /// The common account, which nobody asked for and the others use.
    pub(crate) common: Option<Common<'f>>,
    /// Accounts that exist and are not worked on, by name.
    pub(crate) others: BTreeMap<String, Member>,
}

/// How the common account is worked on when others use what it shares.
#[derive(Clone, Copy)]
pub(crate) enum Common<'f> {
    /// As a whole.
    Whole(&'f Account),
    /// Only what it shares.
    Shared(&'f Account),
}

impl<'f> Selection<'f> {
    /// The accounts that are brought to their desired state as a whole.
    pub(crate) fn worked_on(&self) -> Vec<&'f Account> {
        let common = match self.common {
            Some(Common::Whole(common)) => Some(common),
            _ => None,
        };
        common.into_iter().chain(self.accounts.iter().copied()).collect()
    }

    /// The accounts that something is looked at in.
    pub(crate) fn looked_at(&self) -> impl Iterator<Item = &'f Account> {
        let common = self.common.map(|(Common::Whole(common) | Common::Shared(common))| common);
        common.into_iter().chain(self.accounts.iter().copied())
    }

    /// Begins to enter those that are there. Young ones may not be ready, which the walk has the patience for.
    fn prepare(&self, sessions: &Arc<Sessions>, roll: &Roll) {
        for account in self.looked_at() {
            if let Some(found) = find(roll, account).filter(|found| found.is_active() && !found.is_young()) {
                sessions.prepare(&account.name, &found.id, &account.region);
            }
        }
    }

    /// The part of the fleet that this is.
    pub(crate) fn parts(&self) -> Parts<'f> {
        Parts {
            accounts: self.worked_on(),
            invited: self.invited.clone(),
            others: self.others.clone(),
            shared: matches!(self.common, Some(Common::Shared(_))),
            ..Parts::default()
        }
    }
}

/// An account that cannot be worked on, for a reason that is none of this run's business.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct LeftOut {
    /// Its name in the fleet.
    pub(crate) name: String,
    /// Its id.
    pub(crate) id: String,
    /// AWS's word for its state; `INVITED` for one that has not accepted yet.
    pub(crate) state: String,
    /// What to do.
    pub(crate) remedy: String,
}

impl LeftOut {
    fn failure(&self) -> Failure {
        Failure::new(format!("account {} ({}) is {}", self.name, self.id, self.state), self.remedy.clone())
    }
}

enum Standing {
    Active,
    Missing,
    /// To be invited, and not invited yet.
    Uninvited,
    Unusable(LeftOut),
}

fn standing(account: &Account, roll: &Roll, invitations: &[Invitation]) -> Standing {
    let unusable = |id: &str, state: String, remedy: String| {
        Standing::Unusable(LeftOut { name: account.name.clone(), id: id.to_owned(), state, remedy })
    };
    let Some(found) = find(roll, account) else {
        let Some(id) = account.id.as_ref().filter(|_| account.invite) else { return Standing::Missing };
        return match invitations.iter().find(|invitation| invitation.account == *id) {
            None => Standing::Uninvited,
            Some(open) => unusable(id, "INVITED".into(), Invitation::remedy(&open.handshake, id)),
        };
    };
    match &found.state {
        State::Active => Standing::Active,
        state => unusable(&found.id, state.to_string(), state.remedy().to_owned()),
    }
}

/// The account of the organization that a file is about.
pub(crate) fn find<'r>(roll: &'r Roll, account: &Account) -> Option<&'r aws::Enrolled> {
    roll.find(account.id.as_deref(), &account.email)
}

/// The accounts of the fleet that exist and can be worked on, by name.
pub(crate) fn existing<'a>(fleet: &'a Fleet, roll: &'a Roll) -> impl Iterator<Item = (&'a str, Member)> {
    fleet.accounts.values().filter_map(|account| {
        let found = find(roll, account).filter(|found| found.is_active())?;
        Some((account.name.as_str(), Member { id: Id::new(found.id.as_str()), young: found.is_young() }))
    })
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
