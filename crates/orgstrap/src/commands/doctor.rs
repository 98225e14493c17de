//! `orgstrap doctor`: what would stop or surprise a run, with what to do about it. Changes nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws::preflight::{self, Network, Organized, Quota, Usage};
use aws::resources::Member;
use aws::{Caller, Enrolled, Sessions, Way};
use clap::Args;
use engine::Id;
use fleet::{Account, Fleet};
use futures_util::FutureExt;
use futures_util::future::{join, join_all, join3, join4};

use crate::cli::{Accounts, Global};
use crate::doctor::account::Entrances;
use crate::doctor::{self, Finding, Status, need, prices};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::{self, Ui};
use crate::selection;
use crate::workspace::Workspace;

/// Say what would stop or surprise a run, and what to do about it; change nothing
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Accounts by name; none means all of the fleet
    #[arg(value_name = "ACCOUNT")]
    accounts: Vec<String>,
}

pub(crate) async fn run(arguments: &Arguments, global: &Global, ui: &Ui) -> Result<Exit, Failure> {
    let workspace = Workspace::open("doctor", global, ui).await?;
    let asked = Accounts { names: arguments.accounts.clone(), all: arguments.accounts.is_empty() };
    let asked = selection::Asked::new(&workspace.fleet, &asked)?;
    let progress = render::looking(ui, asked.accounts().len());
    let look = Look { fleet: &workspace.fleet, sessions: &workspace.sessions, accounts: asked.accounts() };
    let diagnosis = tokio::select! {
        (mut diagnosis, ledger) = join(look.all(), workspace.prove_ledger(global)) => {
            diagnosis.findings.push(ledger_finding(ledger));
            Some(diagnosis)
        }
        () = workspace.cancel.cancelled() => None,
    };
    progress.finish_and_clear();
    let exit = match diagnosis {
        None => Exit::Interrupted,
        Some(diagnosis) => {
            render::diagnosis(ui, &workspace, &diagnosis);
            let blocked = diagnosis.findings.iter().any(|finding| finding.status == Status::Blocker);
            if blocked { Exit::Error } else { Exit::Done }
        }
    };
    render::stats(ui, &workspace);
    workspace.close(ui, exit, &[]).await;
    Ok(exit)
}

/// Everything that was found.
#[derive(Default)]
pub(crate) struct Diagnosis {
    pub(crate) findings: Vec<Finding>,
    pub(crate) prices: Vec<prices::Price>,
}

fn ledger_finding(proven: Result<String, Failure>) -> Finding {
    const CHECK: &str = "ledger";
    match proven {
        Ok(said) => Finding::ok(CHECK, said),
        Err(Failure::Other { message, hint }) => {
            let remedy =
                hint.unwrap_or_else(|| "write another `url` into [ledger] of orgstrap.toml, or mend the rights".into());
            Finding::blocker(CHECK, format!("no run could keep its books: {message}"), remedy)
        }
        // Nothing else comes from a ledger.
        Err(other) => Finding::blocker(CHECK, format!("no run could keep its books: {other:?}"), "see above"),
    }
}

/// What is looked at, and by whom.
struct Look<'a> {
    fleet: &'a Fleet,
    sessions: &'a Arc<Sessions>,
    accounts: &'a [&'a Account],
}

/// An account's findings, and what the fleet has there already.
type Looked = (Vec<Finding>, BTreeMap<Quota, Usage>);

impl Look<'_> {
    async fn all(&self) -> Diagnosis {
        let mut diagnosis = Diagnosis::default();
        let caller = self.sessions.caller().await.cloned();
        diagnosis.findings.push(doctor::caller::credentials(&caller));
        diagnosis.findings.extend(doctor::caller::clock(self.sessions.clock_ahead()));
        let mut used = BTreeMap::new();
        if let Ok(caller) = &caller {
            used = Box::pin(self.organization(caller, &mut diagnosis.findings)).await;
        }
        let none = BTreeMap::new();
        let price = |account: &&Account| prices::of(account, self.fleet, used.get(&account.name).unwrap_or(&none));
        diagnosis.prices = self.accounts.iter().map(price).collect();
        diagnosis.findings.push(prices::finding(&diagnosis.prices));
        diagnosis
    }

    /// The organization, and the accounts in it. Gives what the fleet has in each of them.
    async fn organization(
        &self,
        caller: &Caller,
        findings: &mut Vec<Finding>,
    ) -> BTreeMap<String, BTreeMap<Quota, Usage>> {
        let Ok(home) = self.sessions.home().await else { return BTreeMap::new() };
        let organized = preflight::organized(&home).await;
        let finding = doctor::caller::organization(&organized, caller);
        let goes_on = finding.status != Status::Blocker;
        findings.push(finding);
        let (true, Ok(organized)) = (goes_on, organized) else { return BTreeMap::new() };
        let enrolled = match &organized {
            Some(_) => preflight::enrolled(&home).await,
            // The account itself will be the first one of the organization.
            None => Ok(Vec::new()),
        };
        let enrolled = match enrolled {
            Ok(enrolled) => enrolled,
            Err(error) => {
                findings.push(Finding::unknown("account-quota", "which accounts exist is", &error));
                return BTreeMap::new();
            }
        };
        findings.extend(self.room(&home, caller, organized.as_ref(), &enrolled).await);
        let looks = self.accounts.iter().map(|account| {
            let (home, enrolled) = (&home, &enrolled);
            async move {
                let mut looked = self.account(account, home, enrolled).await;
                let enrolment = doctor::fleet::enrolment(account, enrolled, &caller.account);
                looked.0.splice(0..0, enrolment);
                (account.name.clone(), looked)
            }
            .boxed()
        });
        let mut used = BTreeMap::new();
        for (name, (found, ours)) in join_all(looks).await {
            findings.extend(found);
            used.insert(name, ours);
        }
        used
    }

    /// Whether accounts can be made: the caller's permissions, and the quota.
    async fn room(
        &self,
        home: &aws::Account,
        caller: &Caller,
        organized: Option<&Organized>,
        enrolled: &[Enrolled],
    ) -> Vec<Finding> {
        let is_new = |account: &&&Account| account.id.is_none() && doctor::fleet::meant(account, enrolled).is_none();
        let new = self.accounts.iter().filter(is_new).count();
        let role = self.sessions.role_in("000000000000", Way::Bootstrap);
        let delegates = !self.fleet.organization.delegated_administrators.is_empty();
        let actions = doctor::caller::actions(organized, new > 0, delegates);
        let changes = async {
            if actions.is_empty() { Ok(Vec::new()) } else { preflight::simulate(home, caller, &actions, "*").await }
        };
        let invited = async {
            if organized.is_some() { self.sessions.invitations().await.map(|open| open.len()) } else { Ok(0) }
        };
        let (changes, enter, invited, applied) = join4(
            changes.boxed(),
            preflight::simulate(home, caller, &["sts:AssumeRole"], &role).boxed(),
            invited.boxed(),
            preflight::accounts_allowed(home).boxed(),
        )
        .await;
        let denied = changes.and_then(|denied| Ok([denied, enter?].concat()));
        let mut findings = vec![doctor::caller::permissions(&denied, caller)];
        // Without an organization, this account is the first one of it.
        findings.extend(doctor::fleet::room(enrolled.len().max(1), &invited, new, &applied));
        findings
    }

    async fn account(&self, account: &Account, home: &aws::Account, enrolled: &[Enrolled]) -> Looked {
        let found = doctor::fleet::meant(account, enrolled);
        let Some(found) = found else {
            if account.id.is_some() {
                return Looked::default();
            }
            let enabled = preflight::is_enabled_by_itself(home, &account.region).await;
            let mut findings = vec![doctor::account::region(account, None, &enabled)];
            findings.extend(doctor::account::quotas(account, None));
            return (findings, BTreeMap::new());
        };
        if !found.is_active() || Some(found.id.as_str()) == self.sessions.account_of(aws::MANAGEMENT).as_deref() {
            return Looked::default();
        }
        let (entry, inside) = self.entry(account, found).await;
        let mut looked = (vec![entry], BTreeMap::new());
        if let Some(inside) = inside {
            let (findings, used) = self.inside(account, found, &inside).await;
            looked.0.extend(findings);
            looked.1 = used;
        }
        looked
    }

    /// By which roles the account can be entered, and the account by the weakest of them.
    async fn entry(&self, account: &Account, found: &Enrolled) -> (Finding, Option<aws::Account>) {
        let member = Member { id: Id::new(found.id.as_str()), young: found.is_young() };
        let by = |way| self.sessions.enter_by(way, &account.name, &member, &account.region).boxed();
        let (auditor, deployer) = join(by(Way::Auditor), by(Way::Deployer)).await;
        let bootstrap = match (&auditor, &deployer) {
            (Ok(_), Ok(_)) => None,
            _ => Some(by(Way::Bootstrap).await),
        };
        let mut inside = None;
        let mut error = |entered: engine::Result<Option<aws::Account>>| match entered {
            Ok(entered) => {
                inside = inside.take().or(entered);
                None
            }
            Err(error) => Some(error),
        };
        let entrances =
            Entrances { auditor: error(auditor), deployer: error(deployer), bootstrap: bootstrap.and_then(error) };
        (doctor::account::entry(account, found.is_young(), self.sessions.entry(), &entrances), inside)
    }

    async fn inside(&self, account: &Account, found: &Enrolled, inside: &aws::Account) -> Looked {
        let enabled = preflight::is_enabled(inside, &account.region).await;
        let mut findings = vec![doctor::account::region(account, Some(&found.id), &enabled)];
        if matches!(enabled, Ok(false)) {
            // It would not answer.
            return (findings, BTreeMap::new());
        }
        let wanted = need::wanted(&need::of(account));
        let balancer = fleet::names::load_balancer(&account.name);
        let (networks, applied, mut used) = join3(
            preflight::networks(inside).boxed(),
            preflight::applied(inside, &wanted).boxed(),
            preflight::usage(inside, &wanted, &balancer).boxed(),
        )
        .await;
        if wanted.contains(&Quota::Vpcs) {
            used.insert(Quota::Vpcs, networks.as_deref().map(vpcs).map_err(Clone::clone));
        }
        findings.extend(doctor::account::addresses(account, self.fleet, &networks));
        findings.extend(doctor::account::quotas(account, Some((&applied, &used))));
        let known = used.into_iter().filter_map(|(quota, used)| Some((quota, used.ok()?)));
        (findings, known.collect())
    }
}

fn vpcs(networks: &[Network]) -> Usage {
    let (ours, others): (Vec<_>, Vec<_>) = networks.iter().partition(|network| network.ours);
    let count = |some: Vec<&Network>| f64::from(u32::try_from(some.len()).unwrap_or(u32::MAX));
    Usage { ours: count(ours), others: count(others) }
}
