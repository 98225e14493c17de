//! `accounts/NAME.toml`: one account.

use std::collections::BTreeSet;
use std::path::Path;

use ipnet::Ipv4Net;

use super::{
    Head, budget, contacts, database, dns, hardening, load_balancer, network, pipeline, registry, secret, service, tags,
};
use crate::desk::{Desk, Sound};
use crate::documents::Documents;
use crate::model::Account;
use crate::raw::AccountFile;
use crate::words::{self, Wrong};
use policy::KeyPath;

/// What the other accounts refer to in the common account.
#[derive(Debug, Default)]
pub(crate) struct Common {
    /// The account's name, if it is known.
    pub(crate) name: Option<String>,
    /// Whether its file is missing or could not be read, so that nothing is known about it.
    pub(crate) is_unread: bool,
    pub(crate) domain: Option<String>,
    pub(crate) secrets: BTreeSet<String>,
}

/// An account after its check.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) account: Sound<Account>,
    pub(crate) claims: Claims,
    /// The documents that its services name, right or wrong.
    pub(crate) policies: BTreeSet<String>,
}

/// What an account has for itself alone, as far as it is sound: compared with the other accounts.
#[derive(Debug)]
pub(crate) struct Claims {
    pub(crate) id: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) cidr: Option<Ipv4Net>,
    pub(crate) domain: Option<String>,
    pub(crate) ou: Sound<Option<String>>,
}

/// Checks what the file of the account `name` says.
pub(crate) fn account(
    desk: &mut Desk,
    name: &str,
    raw: AccountFile,
    head: &Head,
    common: &Common,
    folder: &Path,
    documents: &Documents,
) -> Checked {
    let root = KeyPath::root();
    let is_common = common.name.as_deref() == Some(name);
    let named = desk.check(&root, words::account_name(name));
    let belongs = belongs(desk, &raw, is_common);
    let raw_id = raw.id.is_some() || desk.is_misshapen(&root.key("id"));
    let id = desk.text(&root.key("id"), raw.id, words::account_id);
    let invite = invite(desk, raw.invite, raw_id);
    let display_name = desk.text(&root.key("name"), raw.name, words::display_name);
    let email = email(desk, name, raw.email, head);
    let ou = desk.text(&root.key("ou"), raw.ou, words::ou_path);
    let region = match desk.text(&root.key("region"), raw.region, words::region) {
        Ok(None) => head.region.clone(),
        Ok(Some(region)) => Ok(region),
        Err(reported) => Err(reported),
    };
    let account_tags = raw.tags.unwrap_or_default();
    let tags = tags::check(desk, &root.key("tags"), &account_tags, tags::MOST_TAGS);
    let hardening = hardening::hardening(desk, raw.hardening.unwrap_or_default());
    let budget = raw.budget.map(|raw| budget::budget(desk, raw)).transpose();
    let contacts = contacts::contacts(desk, raw.contacts.unwrap_or_default());
    let network = raw.network.map(|raw| network::network(desk, raw, &region)).transpose();
    let parent = common.domain.as_deref().filter(|_| !is_common);
    let dns = raw.dns.map(|raw| dns::dns(desk, raw, parent)).transpose();
    let raw_services = raw.service.unwrap_or_default();
    let raw_secrets = raw.secret.unwrap_or_default();
    let load_balancer = load_balancer::load_balancer(desk, &raw.load_balancer.unwrap_or_default());
    let around = service::Around {
        account: name,
        secrets: &raw_secrets,
        common,
        dns: dns.as_ref().ok().and_then(Option::as_ref),
        documents,
        has_database: raw.database.is_some() || desk.is_misshapen(&KeyPath::of(["database"])),
    };
    let services = service::services(desk, &raw_services, around);
    let database = raw.database.map(|raw| database::database(desk, raw, name)).transpose();
    let around = secret::Around { folder, common, is_common, region: &region };
    let secrets = secret::secrets(desk, &raw_secrets, around);
    let registry = registry::registry(desk, raw.registry, &region);
    let pipelines = pipeline::pipelines(desk, raw.pipeline.unwrap_or_default(), name, &raw_services);

    let claims = Claims {
        id: id.clone().unwrap_or_default(),
        email: email.clone().ok(),
        cidr: network.as_ref().ok().and_then(Option::as_ref).map(|network| network.cidr),
        domain: dns.as_ref().ok().and_then(Option::as_ref).map(|dns| dns.domain.clone()),
        ou: ou.clone(),
    };
    let account = || {
        named?;
        belongs?;
        tags?;
        Ok(Account {
            name: name.to_owned(),
            // An account that is adopted keeps its name unless it is given another.
            display_name: display_name?.or_else(|| (!raw_id).then(|| name.to_owned())),
            id: id?,
            invite: invite?,
            email: email?,
            ou: ou?,
            region: region?,
            tags: account_tags,
            hardening: hardening?,
            budget: budget?,
            contacts: contacts?,
            network: network?,
            dns: dns?,
            load_balancer: load_balancer?,
            services: services?,
            database: database?,
            secrets: secrets?,
            pipelines: pipelines?,
            registry: registry?,
        })
    };
    Checked { account: account(), claims, policies: service::documents_of(&raw_services) }
}

/// Whether the account may have the sections that it has.
fn belongs(desk: &mut Desk, raw: &AccountFile, is_common: bool) -> Sound<()> {
    let has_service = raw.service.as_ref().is_some_and(|services| !services.is_empty());
    let has_pipeline = raw.pipeline.as_ref().is_some_and(|pipelines| !pipelines.is_empty());
    let lacks_network = raw.network.is_none() && !desk.is_misshapen(&KeyPath::of(["network"]));
    let mut sound = Ok(());
    if raw.registry.is_some() && !is_common {
        let help = "move it to the file of the common account: that is where images are kept";
        sound = desk.check_key(&KeyPath::of(["registry"]), Err(Wrong::new("the account has a `registry`", help)));
    }
    for (section, is_there, runs_in_network) in
        [("service", has_service, true), ("database", raw.database.is_some(), true), ("pipeline", has_pipeline, false)]
    {
        let wrong = if is_there && is_common {
            Wrong::new(
                format!("the common account has a `{section}`"),
                "move it to a project account: the common account keeps images, shared secrets and the parent zone",
            )
        } else if is_there && runs_in_network && lacks_network {
            Wrong::new(
                format!("the account has a `{section}` and no network"),
                "write `[network]` and `cidr = \"10.20.0.0/16\"`, or another free network",
            )
        } else {
            continue;
        };
        sound = sound.and(desk.check_key(&KeyPath::of([section]), Err(wrong)));
    }
    let first = raw.service.iter().flat_map(|services| services.keys()).next();
    let lacks_domain = raw.dns.is_none() && !desk.is_misshapen(&KeyPath::of(["dns"]));
    if let Some(first) = first.filter(|_| lacks_domain && !is_common) {
        let wrong = Wrong::new(
            "the account has services and no domain",
            "write `[dns]` and `domain = \"dev.company.example\"`: the load balancer answers HTTPS under a domain of the account",
        );
        sound = sound.and(desk.check_key(&KeyPath::of(["service", first]), Err(wrong)));
    }
    sound
}

/// Only an account that exists can be invited, and that is named by its id.
fn invite(desk: &mut Desk, invite: Option<bool>, has_id: bool) -> Sound<bool> {
    let invite = invite.unwrap_or_default();
    if invite && !has_id {
        return Err(desk.wrong(
            &KeyPath::of(["invite"]),
            "an account without `id` is to be invited".to_owned(),
            "write the `id` of the account that exists, or take `invite` out to have one made",
        ));
    }
    Ok(invite)
}

/// The account's own address, or what the fleet's pattern gives.
fn email(desk: &mut Desk, name: &str, own: Option<String>, head: &Head) -> Sound<String> {
    let path = KeyPath::of(["email"]);
    if let Some(own) = desk.text(&path, own, words::email)? {
        return Ok(own);
    }
    match head.email_of(name)? {
        None => Err(desk.missing(
            &path,
            Wrong::new(
                "the account has no e-mail address",
                "write `email` in this file, or a pattern such as `email = \"aws+{account}@company.example\"` under \
                 `[fleet]` in orgstrap.toml",
            ),
        )),
        Some(email) => match words::email(&email) {
            Ok(()) => Ok(email),
            Err(wrong) => Err(desk.wrong(
                &path,
                format!("{}; the fleet's pattern makes it", wrong.message),
                "write an `email` of its own in this file, 6 to 64 characters long",
            )),
        },
    }
}
