//! `[organization]`: what holds for all accounts, and where.

use std::collections::{BTreeMap, BTreeSet};

use super::Head;
use crate::desk::{Desk, Reported, Sound};
use crate::documents::Documents;
use crate::mistakes::Mistake;
use crate::model::{ControlPolicyTarget, Organization, paths_of};
use crate::raw::OrganizationSection;
use crate::suggest::did_you_mean;
use crate::words::{self, Wrong};
use policy::KeyPath;

/// So many policies are attached to one target at most, `FullAWSAccess`, which AWS attaches, not counted (AWS, "What's
/// New" of 2026-05-15: 10 instead of 5).
const MOST_POLICIES: usize = 9;

/// The accounts and units that there are, as far as the files could be read.
pub(crate) struct Places {
    accounts: BTreeSet<String>,
    units: BTreeSet<String>,
    /// Whether a file is unread or its unit unsound, so that a place may be missing here.
    is_partial: bool,
}

impl Places {
    /// From each account's name and unit; none where its file could not be read.
    pub(crate) fn new<'a>(accounts: impl Iterator<Item = (&'a str, Option<Sound<Option<String>>>)>) -> Self {
        let mut places = Self { accounts: BTreeSet::new(), units: BTreeSet::new(), is_partial: false };
        for (name, unit) in accounts {
            places.accounts.insert(name.to_owned());
            match unit {
                Some(Ok(unit)) => places.units.extend(unit.iter().flat_map(|unit| paths_of(unit))),
                _ => places.is_partial = true,
            }
        }
        places
    }

    fn target(&self, written: &str) -> Result<ControlPolicyTarget, Wrong> {
        if written == "/" {
            return Ok(ControlPolicyTarget::Root);
        }
        match (self.units.contains(written), self.accounts.contains(written)) {
            (true, true) => Err(Wrong::new(
                format!("`{written}` is an account and a unit as well"),
                "give the unit another name, such as one that begins with a capital letter",
            )),
            (true, false) => Ok(ControlPolicyTarget::Unit(written.to_owned())),
            (false, true) => Ok(ControlPolicyTarget::Account(written.to_owned())),
            (false, false) => {
                let names = self.units.iter().chain(&self.accounts).map(String::as_str);
                let help = did_you_mean(written, std::iter::once("/").chain(names), "units and accounts");
                Err(Wrong::new(format!("`{written}` is neither `/` nor a unit or an account of the fleet"), help))
            }
        }
    }
}

/// Checks the section, and the policies that it names; what is wrong in these is in `mistakes`.
pub(crate) fn organization(
    desk: &mut Desk,
    raw: OrganizationSection,
    head: &Head,
    places: &Places,
    documents: &Documents,
    mistakes: &mut Vec<Mistake>,
) -> Sound<Organization> {
    let path = KeyPath::of(["organization"]);
    let trusted_access = trusted_access(desk, &path.key("trusted_access"), raw.trusted_access.unwrap_or_default());
    let administrators = raw.delegated_administrators.unwrap_or_default();
    let administrators = delegated(desk, &path.key("delegated_administrators"), administrators, places);
    let targets = raw.scp.unwrap_or_default();
    let scp = path.key("scp");
    let is_named = |name: &str| targets.contains_key(name) || desk.is_unread() || desk.is_misshapen(&scp);
    contents(documents, head, is_named, mistakes);
    let policies = policies(desk, &path.key("scp"), targets, places, documents);
    Ok(Organization {
        trusted_access: trusted_access?,
        delegated_administrators: administrators?,
        control_policies: policies?,
    })
}

fn trusted_access(desk: &mut Desk, path: &KeyPath, services: Vec<String>) -> Sound<BTreeSet<String>> {
    let mut sound = Ok(());
    let mut all = BTreeSet::new();
    for (index, service) in services.into_iter().enumerate() {
        let here = path.index(index);
        sound = sound.and(desk.check(&here, words::service_principal(&service)));
        if !all.insert(service.clone()) {
            sound = Err(desk.wrong(&here, format!("`{service}` is there twice"), "keep one of them"));
        }
    }
    sound.map(|()| all)
}

fn delegated(
    desk: &mut Desk,
    path: &KeyPath,
    administrators: BTreeMap<String, String>,
    places: &Places,
) -> Sound<BTreeMap<String, String>> {
    let mut sound = Ok(());
    for (service, account) in &administrators {
        let here = path.key(service);
        sound = sound.and(desk.check_key(&here, words::service_principal(service)));
        if !places.accounts.contains(account) {
            let help = did_you_mean(account, places.accounts.iter().map(String::as_str), "accounts");
            sound = Err(desk.wrong(&here, format!("there is no account `{account}`"), help));
        }
    }
    sound.map(|()| administrators)
}

fn policies(
    desk: &mut Desk,
    path: &KeyPath,
    policies: BTreeMap<String, Vec<String>>,
    places: &Places,
    documents: &Documents,
) -> Sound<BTreeMap<String, BTreeSet<ControlPolicyTarget>>> {
    let mut sound = Ok(());
    let mut attached: BTreeMap<ControlPolicyTarget, usize> = BTreeMap::new();
    let mut all = BTreeMap::new();
    for (name, targets) in policies {
        let here = path.key(&name);
        if documents.control_policy(&name).is_none() {
            let help = did_you_mean(&name, documents.control_policies(), "service control policies");
            let wrong = Wrong::new(format!("there is no file policies/scp/{name}.json"), help);
            sound = desk.check_key(&here, Err(wrong));
        }
        if targets.is_empty() {
            sound = Err(without_targets(desk, &here));
        }
        let mut own = BTreeSet::new();
        for (index, written) in targets.iter().enumerate() {
            let here = here.index(index);
            match places.target(written) {
                // It may be that of an account whose file could not be read.
                Err(_) if places.is_partial => sound = sound.and(Ok(())),
                Err(wrong) => sound = sound.and(desk.check(&here, Err(wrong))),
                Ok(target) => {
                    let count = attached.entry(target.clone()).or_default();
                    *count += 1;
                    if *count > MOST_POLICIES {
                        let message = format!("`{name}` is policy number {count} on `{written}`");
                        let help = format!(
                            "AWS attaches {MOST_POLICIES} beside its own FullAWSAccess: put several into one file, or \
                             attach some to a unit above"
                        );
                        sound = Err(desk.wrong(&here, message, help));
                    }
                    if !own.insert(target) {
                        sound = Err(desk.wrong(&here, format!("`{written}` is there twice"), "keep one of them"));
                    }
                }
            }
        }
        all.insert(name, own);
    }
    sound.map(|()| all)
}

fn without_targets(desk: &mut Desk, path: &KeyPath) -> Reported {
    desk.wrong(path, "the policy has no targets", "write `[\"/\"]` for all accounts, or units and accounts by name")
}

/// Checks every policy in `policies/scp`, named or not.
fn contents(documents: &Documents, head: &Head, is_named: impl Fn(&str) -> bool, mistakes: &mut Vec<Mistake>) {
    // What is unsound has been reported; a policy is as long or as wrong with any other.
    let of = |text: &Sound<String>| text.clone().unwrap_or_default();
    for name in documents.control_policies() {
        // What is wrong with its variables has been told.
        let file = documents.file_of_policy(name);
        let is_told = mistakes.iter().any(|mistake| mistake.file.is_some() && mistake.file == file);
        if let Err(wrong) = words::part_name(name, "a service control policy") {
            mistakes.push(documents.mistake_in_policy(name, &KeyPath::root(), wrong));
        } else if !is_named(name) {
            let help =
                format!("write `{name} = [\"/\"]` under `[organization.scp]` in orgstrap.toml, or move the file away");
            let wrong = Wrong::new("the policy has no targets", help);
            mistakes.push(documents.mistake_in_policy(name, &KeyPath::root(), wrong));
        }
        if is_told {
            continue;
        }
        let wrongs = documents.check_control_policy(name, &of(&head.name), &of(&head.region), &of(&head.common));
        mistakes.extend(wrongs.into_iter().map(|(path, wrong)| documents.mistake_in_policy(name, &path, wrong)));
    }
}
