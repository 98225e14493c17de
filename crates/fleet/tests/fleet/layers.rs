//! Which layer wins.

use std::collections::BTreeMap;

use fleet::{
    Account, Architecture, Budget, ContactType, Control, Dns, Engine, LedgerLocation, LoadBalancing, Nat, Scale,
    SecretSource, Zones,
};

use crate::folder::{CMS, FLEET, Folder};

#[test]
fn built_in_defaults_hold_where_nothing_is_written() {
    let fleet = Folder::sound().fleet();
    assert_eq!(fleet.access.role, "OrganizationAccountAccessRole");
    assert_eq!(fleet.access.session_minutes, 60);
    let cms = &fleet.accounts["cms-dev"];
    let network = cms.network.as_ref().expect("a network");
    assert_eq!((&network.zones, network.nat, network.flow_log_days), (&Zones::Count(2), Nat::Single, 30));
    let service = &cms.services["frontend"];
    assert_eq!((service.cpu, service.memory, service.count), (256, 512, 1));
    assert_eq!((service.tag.as_str(), service.health.as_str()), ("latest", "/"));
    assert_eq!(cms.email, "aws+cms-dev@verb.example");
    assert_eq!(cms.region, "us-west-1");
    assert_eq!(cms.secrets["github"].from, SecretSource::Shared("github".to_owned()));
    assert_eq!(fleet.projects().map(|account| account.name.as_str()).collect::<Vec<_>>(), ["cms-dev"]);
}

#[test]
fn defaults_of_the_fleet_are_under_project_accounts_alone() {
    let fleet = Folder::sound()
        .with("orgstrap.toml", format!("{FLEET}\n[defaults]\ntags = {{ a = \"1\", b = \"1\" }}\n[defaults.network]\nnat = \"per-zone\"\n[defaults.service]\ncount = 3\n[defaults.database]\nstorage = 50\n"))
        .but(CMS, "ou =", "tags = { b = \"2\" }\nou =")
        .but(CMS, "port = 3000", "port = 3000\ncount = 1")
        .but("accounts/verb-common.toml", "[dns]", "[network]\ncidr = \"10.0.0.0/16\"\n[dns]")
        .fleet();
    let cms = &fleet.accounts["cms-dev"];
    assert_eq!(cms.network.as_ref().map(|network| network.nat), Some(Nat::PerZone));
    assert_eq!((cms.services["backend"].count, cms.services["frontend"].count), (3, 1));
    assert_eq!((cms.tags["a"].as_str(), cms.tags["b"].as_str()), ("1", "2"));
    assert_eq!(cms.database, None, "a default gives nobody a section");
    let common = &fleet.accounts["verb-common"];
    assert_eq!(common.network.as_ref().map(|network| network.nat), Some(Nat::Single));
    assert!(common.tags.is_empty());
}

#[test]
fn variables_win_over_files_and_flags_over_variables() {
    let folder = Folder::sound()
        .variable("ORGSTRAP_LOG", "debug")
        .variable("OTHER__THING", "x")
        .variable("ORGSTRAP_FLEET__REGION", "us-west-2")
        .variable("ORGSTRAP_LEDGER__URL", "s3://ledgers/verb/")
        .variable("ORGSTRAP_DEFAULTS__NETWORK__NAT", "per-zone")
        .variable("ORGSTRAP_ACCOUNTS__CMS_DEV__ID", "012345678901")
        .variable("ORGSTRAP_ACCOUNTS__CMS_DEV__NETWORK__FLOW_LOG_DAYS", "7")
        .variable("ORGSTRAP_ACCOUNTS__CMS_DEV__NETWORK__ZONES", "[us-west-2a, us-west-2b, us-west-2c]")
        .variable("ORGSTRAP_ACCOUNTS__CMS_DEV__SERVICE__BACKEND__TAG", "17");
    let fleet = folder.fleet();
    assert_eq!(fleet.region, "us-west-2");
    let bucket = LedgerLocation::Bucket { bucket: "ledgers".to_owned(), prefix: "verb".to_owned() };
    assert_eq!(fleet.ledger.location, bucket);
    let cms = &fleet.accounts["cms-dev"];
    let network = cms.network.as_ref().expect("a network");
    assert_eq!((network.nat, network.flow_log_days, network.zone_count()), (Nat::PerZone, 7, 3));
    assert_eq!(cms.id.as_deref(), Some("012345678901"), "digits of a text stay text");
    assert_eq!(cms.services["backend"].tag, "17");

    let fleet = Folder::sound()
        .variable("ORGSTRAP_FLEET__REGION", "us-west-2")
        .region("eu-north-1")
        .ledger("file:///var/ledger")
        .fleet();
    assert_eq!(fleet.region, "eu-north-1");
    assert_eq!(fleet.ledger.location, LedgerLocation::Folder("/var/ledger".into()));
}

#[test]
fn relative_paths_are_seen_from_the_root() {
    let folder = Folder::sound().but(CMS, "shared:github", "file:token.txt");
    let fleet = folder.fleet();
    assert_eq!(fleet.root, folder.path());
    assert_eq!(fleet.ledger.location, LedgerLocation::Folder(folder.path().join(".orgstrap")));
    assert_eq!(fleet.accounts["cms-dev"].secrets["github"].from, SecretSource::File(folder.path().join("token.txt")));
}

#[test]
fn hardening_budget_and_contacts_hold_in_every_account() {
    let shared = "[hardening]\nebs_encryption = { off = \"old AMIs\" }\necr_settings = { off = \"CLAIR is liked\" }\n\
                  [budget]\nmonthly = 500\nemails = [\"b@verb.example\", \"a@verb.example\"]\n\
                  [contacts.security]\nname = \"Sam\"\ntitle = \"On call\"\nemail = \"s@verb.example\"\nphone = \"+1 555 0100\"\n";
    let own = "[hardening]\nebs_encryption = true\ndefault_vpcs = { off = \"legacy\" }\n[budget]\nmonthly = 50\n\
               [contacts.security]\nname = \"Kim\"\n[network]";
    let fleet = Folder::sound()
        .but("orgstrap.toml", "[fleet]", &format!("{shared}[fleet]"))
        .but(CMS, "[network]", own)
        .variable("ORGSTRAP_CONTACTS__SECURITY__TITLE", "CISO")
        .fleet();
    let (common, cms) = (&fleet.accounts["verb-common"], &fleet.accounts["cms-dev"]);
    let off = |of: &[(Control, &str)]| {
        of.iter().map(|(control, why)| (*control, (*why).to_owned())).collect::<BTreeMap<_, _>>()
    };
    assert_eq!(
        common.hardening.off,
        off(&[(Control::EbsEncryption, "old AMIs"), (Control::EcrSettings, "CLAIR is liked")])
    );
    assert_eq!(cms.hardening.off, off(&[(Control::EcrSettings, "CLAIR is liked"), (Control::DefaultVpcs, "legacy")]));
    assert!(cms.hardening.has(Control::EbsEncryption) && !cms.hardening.has(Control::DefaultVpcs));
    let budget = |monthly| {
        let emails = ["a@verb.example", "b@verb.example"].map(str::to_owned);
        Some(Budget { monthly, emails: emails.into() })
    };
    assert_eq!((common.budget.clone(), cms.budget.clone()), (budget(500), budget(50)));
    let security = |account: &Account| {
        let contact = &account.contacts[&ContactType::Security];
        (contact.name.clone(), contact.title.clone())
    };
    assert_eq!(security(common), ("Sam".to_owned(), "CISO".to_owned()));
    assert_eq!(security(cms), ("Kim".to_owned(), "CISO".to_owned()));
    assert_eq!((common.contacts.len(), cms.contacts.len()), (1, 1));
}

#[test]
fn everything_is_on_and_nobody_is_told_unless_it_is_said() {
    let fleet = Folder::sound().fleet();
    let cms = &fleet.accounts["cms-dev"];
    assert!(cms.hardening.off.is_empty() && cms.budget.is_none() && cms.contacts.is_empty());
}

#[test]
fn a_service_has_what_is_usual_unless_it_is_said() {
    let fleet = Folder::sound().but(CMS, "[network]", "[database]\nengine = \"mysql\"\n[network]").fleet();
    let cms = &fleet.accounts["cms-dev"];
    let service = &cms.services["frontend"];
    assert_eq!((service.architecture, service.storage, service.scale), (Architecture::X86_64, None, None));
    assert_eq!((service.grace, service.stop_timeout, service.log_days), (60, 30, 30));
    assert_eq!((service.user.as_str(), service.read_only, service.exec), ("1000:1000", true, false));
    assert!(service.hosts.is_empty() && service.policies.is_empty() && service.environment.is_empty());
    assert!(service.database, "the account has one");
    let load_balancer = LoadBalancing { deletion_protection: true, log_days: 90, idle_timeout: 60 };
    assert_eq!(cms.load_balancer, load_balancer, "although there is no such section");
    let dns = Dns { domain: "dev.verb.example".to_owned(), wildcard: false, caa: false, parent: None };
    assert_eq!(cms.dns, Some(dns));
    let database = cms.database.as_ref().expect("a database");
    assert_eq!(
        (database.engine, database.version.as_str(), database.family().as_str()),
        (Engine::MySql, "8.4", "mysql8.4")
    );
    assert_eq!((database.name.as_str(), database.user.as_str()), ("cms_dev", "orgstrap"));
    assert_eq!((database.multi_az, database.backup_days, database.deletion_protection), (false, 7, true));
    assert_eq!((database.most_storage, database.parameters.len()), (None, 0));
    assert!(!Folder::sound().fleet().accounts["cms-dev"].services["frontend"].database, "the account has none");
}

#[test]
fn what_a_service_needs_may_be_the_default_of_all() {
    let defaults = "[defaults.service]\narchitecture = \"arm64\"\nscale = { min = 2, max = 4, cpu = 50 }\n\
                    [defaults.load_balancer]\nidle_timeout = 90\n[defaults.dns]\ncaa = true\n[fleet]";
    let fleet = Folder::sound()
        .but("orgstrap.toml", "[fleet]", defaults)
        .but(CMS, "port = 3000", "port = 3000\narchitecture = \"x86_64\"\ncount = 3\nscale = { requests = 500 }")
        .but(CMS, "domain = \"dev.verb.example\"", "domain = \"dev.verb.example\"\nparent = \"verb.example\"")
        .fleet();
    let (cms, common) = (&fleet.accounts["cms-dev"], &fleet.accounts["verb-common"]);
    let (backend, frontend) = (&cms.services["backend"], &cms.services["frontend"]);
    assert_eq!((backend.architecture, frontend.architecture), (Architecture::Arm64, Architecture::X86_64));
    let scale = Scale { min: 2, max: 4, cpu: Some(50), requests: None };
    assert_eq!((backend.count, backend.scale), (2, Some(scale)));
    assert_eq!((frontend.count, frontend.scale), (3, Some(Scale { requests: Some(500), ..scale })));
    assert_eq!((cms.load_balancer.idle_timeout, common.load_balancer.idle_timeout), (90, 60));
    let dns = cms.dns.as_ref().expect("a zone");
    assert!(dns.caa && dns.parent.is_none(), "the common account's own domain is what is usual");
    let fleet = Folder::sound()
        .but(CMS, "domain = \"dev.verb.example\"", "domain = \"dev.other.example\"\nparent = \"other.example\"")
        .fleet();
    assert_eq!(fleet.accounts["cms-dev"].dns.as_ref().and_then(|dns| dns.parent.as_deref()), Some("other.example"));
}

#[test]
fn a_sound_fleet_knows_where_it_is_written() {
    let folder = Folder::sound()
        .but("orgstrap.toml", "[fleet]", "[defaults.service]\nhealth = \"/well\"\n[fleet]")
        .variable("ORGSTRAP_ACCOUNTS__CMS_DEV__SERVICE__BACKEND__TAG", "17");
    let fleet = folder.fleet();
    let at = |path: &[&str]| {
        let (file, line) = fleet.line_of("cms-dev", path)?;
        Some(format!("{}:{line}", folder.bare(&file.display().to_string())))
    };
    assert_eq!(at(&["service", "backend", "port"]).as_deref(), Some("accounts/cms-dev.toml:11"));
    assert_eq!(at(&["service", "backend", "health"]).as_deref(), Some("orgstrap.toml:2"));
    assert_eq!(at(&["service", "backend", "grace"]).as_deref(), Some("accounts/cms-dev.toml:9"), "its service's line");
    assert_eq!(at(&["service", "backend", "tag"]), None, "a variable says it");
    assert_eq!((at(&["load_balancer", "idle_timeout"]), at(&[])), (None, None));
    assert_eq!(fleet.line_of("nobody", &["dns"]), None);
    assert_eq!(fleet.file_of("cms-dev"), Some(folder.path().join(CMS).as_path()));
}
