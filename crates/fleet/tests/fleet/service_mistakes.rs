//! Mistakes in what runs: services, their hosts, containers and permissions, the load balancer, the zone, the database.

use insta::assert_snapshot;

use crate::folder::{CMS, Folder, changes};

const PORT: &str = "port = 1337";
const PATHS: &str = "paths = [\"/api/*\"]";
const DOMAIN: &str = "domain = \"dev.verb.example\"";
const NETWORK: &str = "[network]";

/// A document that a service may name.
const READ: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::${orgstrap:account_name}/*"}]}"#;

/// The same changes with these documents in `policies/`.
fn policies(documents: &[(&str, &str)], named: &str) -> String {
    let sound = Folder::sound().but(CMS, PORT, &format!("{PORT}\npolicies = {named}"));
    let folder = documents.iter().fold(sound, |folder, (name, text)| folder.with(&format!("policies/{name}"), text));
    format!("## {named}\n{}\n", folder.mistakes())
}

#[test]
fn hosts() {
    let wildcard = format!("{DOMAIN}\nwildcard = true");
    let said = [
        changes(
            CMS,
            &[
                (PATHS, "hosts = [\"dev.verb.example\", \"api.v1.dev.verb.example\"]"),
                (PATHS, "hosts = [\"*.dev.verb.example\"]"),
                (PATHS, "hosts = [\"api.other.example\"]"),
                (PATHS, "hosts = [\"Api.dev.verb.example\", \"a*.dev.verb.example\", \"\"]"),
                (PATHS, "hosts = []"),
                (
                    PATHS,
                    "hosts = [\"a.dev.verb.example\", \"b.dev.verb.example\"]\npaths = [\"/1\", \"/2\", \"/3\", \"/4\"]",
                ),
                (PATHS, "hosts = [\"a.dev.verb.example\", \"b.dev.verb.example\", \"a.dev.verb.example\"]"),
                ("port = 3000", "port = 3000\nhosts = [\"dev.verb.example\"]\npaths = [\"/api/*\"]"),
            ],
        ),
        changes_with_wildcard(&wildcard, &["*.dev.verb.example", "*.v1.dev.verb.example", "api.dev.verb.example"]),
    ];
    assert_snapshot!(said.concat());
}

fn changes_with_wildcard(wildcard: &str, hosts: &[&str]) -> String {
    let said = hosts.iter().map(|host| {
        let folder = Folder::sound().but(CMS, DOMAIN, wildcard).but(CMS, PATHS, &format!("hosts = [\"{host}\"]"));
        format!("## wildcard, {host}\n{}\n", folder.mistakes())
    });
    said.collect::<Vec<_>>().concat()
}

#[test]
fn scales() {
    let scale = |keys: &str| format!("{PORT}\nscale = {{ {keys} }}");
    let said = [
        "min = 2, max = 6, cpu = 60, requests = 1000",
        "min = 2, max = 6",
        "max = 6, cpu = 60",
        "min = 6, max = 2, cpu = 60",
        "min = 0, max = 6, cpu = 95",
        "min = 1, max = 6, requests = 0",
        "min = 1, max = 6, cup = 50",
    ];
    let said = said.map(|keys| changes(CMS, &[(PORT, &scale(keys))]));
    let outside = scale("min = 2, max = 6, cpu = 60");
    let count = changes(CMS, &[(PORT, &format!("{outside}\ncount = 1")), (PORT, &format!("{outside}\ncount = 6"))]);
    assert_snapshot!(said.concat() + &count);
}

#[test]
fn containers() {
    let said = changes(
        CMS,
        &[
            (PORT, "port = 1337\narchitecture = \"amd64\""),
            (PORT, "port = 1337\narchitecture = \"riscv\""),
            (PORT, "port = 1337\nstorage = 20"),
            (PORT, "port = 1337\nstop_timeout = 1\ngrace = -1\nlog_days = 31"),
            (PORT, "port = 1337\nuser = \"root:1000\""),
            (PORT, "port = 1337\nuser = \"0\""),
            (PORT, "port = 1337\nuser = \"0\"\nallow_root = true"),
            (PORT, "port = 1337\nuser = \"a b\"\nallow_root = true"),
            (PORT, "port = 1337\nuser = 1000"),
            (PORT, "port = 1337\nexec = true"),
            (PORT, "port = 1337\nexec = true\nread_only = false"),
        ],
    );
    assert_snapshot!(said);
}

#[test]
fn variables() {
    let database = format!("[database]\nengine = \"postgres\"\n{NETWORK}");
    let said = [
        changes(
            CMS,
            &[
                (PORT, "port = 1337\nenvironment = { TOKEN = \"x\", \"A-B\" = \"y\" }"),
                (PORT, "port = 1337\nenvironment = { WORKERS = 4 }"),
                (PORT, "port = 1337\nenvironment = { DATABASE_HOST = \"elsewhere\" }"),
                (PORT, "port = 1337\ndatabase = true"),
            ],
        ),
        {
            let folder = Folder::sound()
                .but(CMS, NETWORK, &database)
                .but(CMS, PORT, "port = 1337\nenvironment = { DATABASE_HOST = \"elsewhere\" }")
                .but(CMS, "TOKEN =", "DATABASE_PASSWORD =");
            let kept = folder.mistakes();
            let apart = folder.but(CMS, PORT, "port = 1337\ndatabase = false").mistakes();
            format!("## with a database\n{kept}\n## which it does not reach\n{apart}\n")
        },
    ];
    assert_snapshot!(said.concat());
}

#[test]
fn documents_of_tasks() {
    let large: Vec<_> = (0..40)
        .map(|number| {
            format!(
                r#"{{"Effect": "Allow", "Action": "s3:Get{number}*", "Resource": "arn:aws:s3:::{number}{}/*"}}"#,
                "a".repeat(60)
            )
        })
        .collect();
    let large = format!(r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#, large.join(","));
    let more = large.replace("s3:Get", "s3:Put");
    let said = [
        policies(&[("read.json", READ)], "[\"read\"]"),
        policies(&[("read.json", READ)], "[\"raed\", \"read\", \"read\", \"execution\", \"nothing-like-it\"]"),
        policies(&[("scp/read.json", READ), ("build.json", READ)], "[\"scp/read\", \"build\"]"),
        policies(&[("app/read.json", READ)], "[\"app/read\"]"),
        policies(&[("trust.json", &READ.replace("\"Action\"", "\"Principal\": \"*\",\n\"Action\""))], "[\"trust\"]"),
        policies(&[("unnamed.json", "{}")], "[]"),
        policies(&[("one.json", &large), ("two.json", &large), ("three.json", &more)], "[\"one\", \"two\", \"three\"]"),
    ];
    assert_snapshot!(said.concat());
}

#[test]
fn a_document_that_two_services_name_is_corrected_once() {
    let folder = Folder::sound()
        .with(
            "policies/trust.json",
            READ.replace("\"Action\"", "\"Principal\": {\"AWS\": \"111122223333\"}, \"Action\""),
        )
        .but(CMS, PORT, "port = 1337\npolicies = [\"trust\"]")
        .but(CMS, "port = 3000", "port = 3000\npolicies = [\"trust\"]");
    assert_eq!(folder.load().expect_err("a mistake").iter().count(), 1);
}

#[test]
fn what_services_stand_on() {
    let dns = format!("[dns]\n{DOMAIN}\n");
    let said = changes(
        CMS,
        &[
            (&dns, ""),
            (NETWORK, "[load_balancer]\nidle_timeout = 0\nlog_days = 0\ndeletion_protection = \"no\"\n[network]"),
            (NETWORK, "[load_balancer]\nidel_timeout = 5\n[network]"),
            ("cidr =", "nat = \"non\"\ncidr ="),
            (DOMAIN, "domain = \"dev.verb.example\"\nwildcard = 1\ncaa = \"yes\""),
            (DOMAIN, "domain = \"dev.verb.example\"\nparent = \"other.example\""),
            (DOMAIN, "domain = \"other.example\"\nparent = \"other.example\""),
            (DOMAIN, "domain = \"dev.verb.example\"\nparent = \"Verb\""),
        ],
    );
    assert_snapshot!(said);
}

#[test]
fn databases() {
    let said = [
        "engine = \"mysql\"\nversion = \"8\"",
        "engine = \"postgres\"\nversion = \"17\"\nmost_storage = 21",
        "engine = \"postgres\"\nstorage = 100\nmost_storage = 109",
        "engine = \"postgres\"\nbackup_days = 0\nmulti_az = \"yes\"",
        "engine = \"postgres\"\nname = \"cms-dev\"\nuser = \"admin\"",
        "engine = \"postgres\"\nname = \"template1\"\nuser = \"pg_me\"",
        "engine = \"mysql\"\nname = \"sys\"\nuser = \"a_user_of_17_char\"",
        "engine = \"mysql\"\nname = \"template1\"\nuser = \"admin\"",
        "engine = \"postgres\"\nparameters = { max_connections = 200 }",
        "engine = \"postgres\"\nparameters = { \"max connections\" = \"200\", work_mem = \" \" }",
        "engine = \"postgers\"\nversion = \"x\"",
    ];
    let said = said.map(|keys| changes(CMS, &[(NETWORK, &format!("[database]\n{keys}\n{NETWORK}"))]));
    assert_snapshot!(said.concat());
    let taken = Folder::sound()
        .with("accounts/mysql.toml", "[network]\ncidr = \"10.30.0.0/16\"\n[database]\nengine = \"mysql\"\n");
    assert_snapshot!("the_account_is_called_as_a_database", taken.mistakes());
}
