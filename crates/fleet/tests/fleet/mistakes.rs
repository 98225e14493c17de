//! Every mistake that is looked for, and what is said about it.

use insta::assert_snapshot;

use crate::folder::{CMS, COMMON, FLEET, Folder, PROJECT, changes};

#[test]
fn the_small_fleet_is_sound() {
    Folder::sound().fleet();
}

#[test]
fn missing_files() {
    assert_snapshot!("nothing", Folder::empty().mistakes());
    assert_snapshot!("no_common", Folder::empty().with("orgstrap.toml", FLEET).mistakes());
}

#[test]
fn files_that_cannot_be_read() {
    let folder = Folder::sound()
        .with("accounts/latin.toml", b"ou = \"Caf\xe9\"")
        .with("accounts/broken.toml", "ou = \"Dev\"\n[network\ncidr = 1\n")
        .with("accounts/Bad_Name.toml", "")
        .but(CMS, "port = 1337", "prot = 1337");
    assert_snapshot!(folder.mistakes());
    let broken_fleet =
        Folder::sound().with("orgstrap.toml", "[fleet]\nname = verb\n").but(CMS, "port = 1337", "prot = 1337");
    assert_snapshot!("the_fleet_does_not_hide_the_accounts", broken_fleet.mistakes());
    let broken_common = Folder::sound().with("accounts/verb-common.toml", "[dns");
    assert_snapshot!("the_common_account_is_not_missed_twice", broken_common.mistakes());
}

#[test]
fn shapes() {
    let said = changes(
        CMS,
        &[
            ("port = 1337", "prot = 1337"),
            ("port = 1337", "port = \"1337\""),
            ("port = 1337", "port = 0"),
            ("port = 1337", "port = 65536"),
            ("port = 1337", "port = 13.37"),
            ("port = 1337\n", ""),
            ("[network]", "[netwrok]"),
            ("[network]", "[completely_different]"),
            ("cidr = \"10.20.0.0/16\"", "cidr = 10"),
            ("cidr = \"10.20.0.0/16\"\n", ""),
            ("paths = [\"/api/*\"]", "paths = \"/api/*\""),
            ("paths = [\"/api/*\"]", "paths = [1, 2]"),
            ("secrets = { TOKEN = \"github\" }", "secrets = [\"github\"]"),
            ("ou = \"Workloads/Dev\"", "network = 3"),
            ("ou = \"Workloads/Dev\"", "ou = 1979-05-27\nregion = nan"),
        ],
    );
    assert_snapshot!(said);
}

#[test]
fn the_fleet() {
    let said = changes(
        "orgstrap.toml",
        &[
            ("name = \"verb\"", "name = \"Verb!\""),
            ("name = \"verb\"\n", ""),
            ("region = \"us-west-1\"", "region = \"us-wst-1\""),
            ("region = \"us-west-1\"", "region = \"us-gov-west-1\""),
            ("common = \"verb-common\"", "common = \"verb-comon\""),
            ("email = \"aws+{account}@verb.example\"", "email = \"aws@verb.example\""),
            ("email = \"aws+{account}@verb.example\"", "email = \"aws {account}@verb.example\""),
            ("email = \"aws+{account}@verb.example\"\n", ""),
            ("[fleet]", "[ledger]\nurl = \"http://x\"\n[fleet]"),
            ("[fleet]", "[ledger]\nurl = \"s3://Bucket/prefix\"\n[fleet]"),
            ("[fleet]", "[ledger]\nurl = \".orgstrap\"\n[fleet]"),
            ("[fleet]", "[access]\nsession_minutes = 90\nrole = \"a role\"\nexternal_id = \"x\"\n[fleet]"),
            ("[fleet]", "[access]\nsource_identity = \"a b\"\nsession_tags = { \"aws:x\" = \"y\" }\n[fleet]"),
            ("[fleet]", "[access]\nprincipals = [\"role/ok-*\", \"arn:aws:iam::1:role/x\"]\nmfa = \"yes\"\n[fleet]"),
            ("[fleet]", "[access.github]\nrepository = \"https://github.com/verb/fleet\"\n[fleet]"),
            ("[fleet]", "[access.github]\nrepository = \"verb/fleet\"\nbranch = \"*\"\n[fleet]"),
            (
                "[fleet]",
                "[access.github]\nrepository = \"verb/fleet\"\nbranch = \"main\"\nenvironment = \"p\"\n[fleet]",
            ),
            ("[fleet]", "[defaults.network]\nnat = \"both\"\n[fleet]"),
            ("[fleet]", "[defaults.service]\nmemory = 700\n[fleet]"),
        ],
    );
    assert_snapshot!(said);
}

#[test]
fn accounts() {
    let long = "a".repeat(129);
    let said = changes(
        CMS,
        &[
            ("ou = \"Workloads/Dev\"", "id = \"1234\""),
            ("ou = \"Workloads/Dev\"", "invite = true"),
            ("ou = \"Workloads/Dev\"", "name = \" shop\""),
            ("ou = \"Workloads/Dev\"", &format!("name = \"{}\"", "a".repeat(51))),
            ("ou = \"Workloads/Dev\"", "email = \"nobody\""),
            ("ou = \"Workloads/Dev\"", "region = \"eu-nroth-1\""),
            ("ou = \"Workloads/Dev\"", "ou = \"Workloads//Dev\""),
            ("ou = \"Workloads/Dev\"", "ou = \"a/b/c/d/e/f\""),
            ("ou = \"Workloads/Dev\"", &format!("ou = \"{long}\"")),
            (
                "ou = \"Workloads/Dev\"",
                "tags = { \"aws:x\" = \"1\", \"orgstrap:key\" = \"2\", \"a?\" = \"3\", B = \"4\", b = \"5\" }",
            ),
            ("ou = \"Workloads/Dev\"", &format!("tags = {{ {long} = \"\", x = \"{}\" }}", "a".repeat(257))),
        ],
    );
    assert_snapshot!(said);
    let tags: Vec<_> = (0..41).map(|number| format!("t{number} = \"\"")).collect();
    let folder = Folder::sound().with(CMS, format!("[tags]\n{}\n", tags.join("\n")));
    assert_snapshot!("too_many_tags", folder.mistakes());
    let name = "an-account-with-a-very-long-name-indeed-yes-it-is";
    let folder = Folder::sound().with(&format!("accounts/{name}.toml"), "ou = \"Dev\"");
    assert_snapshot!("address_too_long", folder.mistakes());
}

#[test]
fn networks() {
    let said = changes(
        CMS,
        &[
            ("10.20.0.0/16", "10.20.0.0"),
            ("10.20.0.0/16", "10.20.0.5/16"),
            ("10.20.0.0/16", "10.20.0.0/15"),
            ("10.20.0.0/16", "10.20.0.0/26"),
            ("10.20.0.0/16", "52.20.0.0/16"),
            ("cidr =", "zones = 1\ncidr ="),
            ("cidr =", "zones = \"two\"\ncidr ="),
            ("cidr =", "zones = [\"us-west-1a\"]\ncidr ="),
            ("cidr =", "zones = [\"us-west-1a\", \"us-west-1a\"]\ncidr ="),
            ("cidr =", "zones = [\"us-west-1a\", \"us-west-2b\", \"c\"]\ncidr ="),
            ("cidr =", "nat = \"per-zoen\"\ncidr ="),
            ("cidr =", "nat = true\ncidr ="),
            ("cidr =", "flow_log_days = 45\ncidr ="),
        ],
    );
    assert_snapshot!(said);
}

#[test]
fn domains() {
    let said = changes(
        CMS,
        &[
            ("dev.verb.example", "dev.verb.example."),
            ("dev.verb.example", "Dev.verb.example"),
            ("dev.verb.example", "dev_1.verb.example"),
            ("dev.verb.example", "verb"),
            ("dev.verb.example", "10.0.0.1"),
            ("dev.verb.example", "dev.other.example"),
            ("dev.verb.example", "verb.example"),
            ("dev.verb.example", "a-name-that-is-long-enough-for-a-label.but-not-for-a-certificate.verb.example"),
        ],
    );
    assert_snapshot!(said);
}

#[test]
fn services() {
    let said = changes(
        CMS,
        &[
            ("cms/backend", "CMS/backend"),
            ("cms/backend", "cms/backend:1.0"),
            ("port = 1337", "port = 1337\ntag = \"-x\""),
            ("port = 1337", "port = 1337\ncpu = 300"),
            ("port = 1337", "port = 1337\ncpu = 1024\nmemory = 2500"),
            ("port = 1337", "port = 1337\ncpu = 1024"),
            ("port = 1337", "port = 1337\ncount = -1"),
            ("port = 1337", "port = 1337\nhealth = \"healthz\""),
            ("\"/api/*\"", "\"api\", \"/a b\""),
            ("\"/api/*\"", "\"/1\", \"/2\", \"/3\", \"/4\", \"/5\", \"/6\""),
            ("\"/api/*\"", "\"/****\", \"/???\""),
            ("paths = [\"/api/*\"]\n", ""),
            ("port = 3000", "port = 3000\npaths = [\"/api/*\"]"),
            ("TOKEN = \"github\"", "TOKEN = \"gihtub\""),
            ("TOKEN = \"github\"", "1TOKEN = \"github\""),
            ("[service.frontend]", "[service.Frontend]"),
            ("[service.frontend]", "[service.a-very-long-name-of-a-service]"),
        ],
    );
    assert_snapshot!(said);
    let no_network = Folder::sound().but(CMS, "[network]\ncidr = \"10.20.0.0/16\"\n", "");
    assert_snapshot!("no_network", no_network.mistakes());
    let shared = Folder::sound().but(CMS, "[secret.github]\nfrom = \"shared:github\"\n", "");
    assert_snapshot!("shared_secret_not_taken", shared.mistakes());
    let name = "a-long-name-for-an-account-it-is-so";
    let long = Folder::sound().but(CMS, "10.20.0.0/16", "10.30.0.0/16").with(
        &format!("accounts/{name}.toml"),
        "[network]\ncidr = \"10.20.0.0/16\"\n[service.web]\nimage = \"a/b\"\nport = 80\n",
    );
    assert_snapshot!("derived_names", long.mistakes());
}

#[test]
fn databases() {
    let said = changes(
        CMS,
        &[
            ("[network]", "[database]\nengine = \"postgers\"\n[network]"),
            ("[network]", "[database]\n[network]"),
            ("[network]", "[database]\nengine = \"mysql\"\nversion = 8\n[network]"),
            ("[network]", "[database]\nengine = \"mysql\"\nversion = \"latest\"\n[network]"),
            ("[network]", "[database]\nengine = \"mysql\"\nsize = \"t4g.micro\"\nstorage = 5\n[network]"),
        ],
    );
    assert_snapshot!(said);
    let digits = Folder::sound()
        .with("accounts/9to5.toml", "[network]\ncidr = \"10.30.0.0/16\"\n[database]\nengine = \"postgres\"\n");
    assert_snapshot!("database_name", digits.mistakes());
}

#[test]
fn secrets() {
    let from = "from = \"shared:github\"";
    let said = changes(
        CMS,
        &[
            (from, "from = \"shared:githbu\""),
            (from, "from = \"hunter2\""),
            (from, "from = \"evn:TOKEN\""),
            (from, "from = \"env:MY-TOKEN\""),
            (from, "from = \"file:\""),
            (from, "from = \"random\""),
            (from, "from = \"random:4\""),
            (from, "from = \"prompt:me\""),
            (from, "from = \"prompt\"\nvalue = 3"),
            (from, ""),
            ("[secret.github]", "[secret.x_y]\nvalue = 1\n[secret.github]"),
        ],
    );
    assert_snapshot!(said);
    assert_snapshot!(
        "common_takes_no_shared_secret",
        Folder::sound().but("accounts/verb-common.toml", "env:GITHUB_TOKEN", "shared:github").mistakes()
    );
}

#[test]
fn pipelines() {
    let said = changes(
        CMS,
        &[
            ("[pipeline.backend]", "[pipeline.bakcend]"),
            ("verb/cms", "https://github.com/verb/cms"),
            ("verb/cms", "verb"),
            ("tags = [\"backend.*\"]\n", ""),
            ("tags = [\"backend.*\"]", "tags = []"),
            ("tags = [\"backend.*\"]", "tags = [\"a b\"]"),
        ],
    );
    assert_snapshot!(said);
}

#[test]
fn accounts_against_each_other() {
    let folder = Folder::sound()
        .with(CMS, PROJECT.replace("ou = ", "id = \"123456789012\"\nou = "))
        .with(
            "accounts/shop-dev.toml",
            PROJECT.replace("ou = ", "id = \"123456789012\"\nemail = \"AWS+cms-dev@verb.example\"\nou = "),
        )
        .with(
            "accounts/tools-dev.toml",
            PROJECT.replace("10.20.0.0/16", "10.20.128.0/20").replace("\"dev.verb", "\"x.dev.verb"),
        );
    assert_snapshot!(folder.mistakes());
}

#[test]
fn the_common_account_runs_no_project() {
    let folder =
        Folder::sound().with("accounts/verb-common.toml", format!("{COMMON}\n[database]\nengine = \"mysql\"\n"));
    assert_snapshot!(folder.mistakes());
}

#[test]
fn variables_and_flags() {
    let folder = Folder::sound()
        .variable("ORGSTRAP_FLEET__REGON", "us-west-2")
        .variable("ORGSTRAP_FLEET__NAME", "Verb")
        .variable("ORGSTRAP_LEDGER__URL", "ftp://x")
        .variable("ORGSTRAP_DEFAULTS__NETWORK__NAT", "both")
        .variable("ORGSTRAP_ACCOUNTS__CMS_DEV__SERVICE__BACKEND__PORT", "http")
        .variable("ORGSTRAP_ACCOUNTS__CMS__NETWORK__NAT", "single")
        .variable("ORGSTRAP____", "")
        .region("us-west");
    assert_snapshot!(folder.mistakes());
}

#[test]
fn documents() {
    let folder = Folder::sound()
        .with("policies/flow-logs.json", "{\n  \"Version\": \"2012-10-17\",\n}\n")
        .with("policies/twice.json", "{\"Statement\": [{\"Effect\": \"Deny\",\n\"Effect\": \"Allow\"}]}")
        .with("policies/list.json", "[]")
        .with("policies/scp/root.json", "{\"Statement\": [{\n  \"Resource\": \"${orgstrap:region}/${orgstrap:acount}\",\n  \"Other\": [\"${aws:username}\", \"${orgstrap:acount}\"],\n  \"Open\": \"${orgstrap:fleet\"\n}]}");
    assert_snapshot!(folder.mistakes());
}

#[test]
fn mistakes_as_json() {
    let folder = Folder::sound().but(CMS, "port = 1337", "prot = 1337").variable("ORGSTRAP_FLEET__NAME", "Verb");
    let mistakes = folder.load().expect_err("a mistake");
    let json = serde_json::to_string_pretty(&mistakes.to_json()).expect("JSON");
    assert_snapshot!(folder.bare(&json));
}

#[test]
fn mistakes_as_diagnostics() {
    let folder = Folder::sound().but(CMS, "port = 1337", "prot = 1337");
    let mistakes = folder.load().expect_err("a mistake");
    let mut text = String::new();
    miette::NarratableReportHandler::new().render_report(&mut text, &mistakes).expect("a report");
    assert_snapshot!(folder.bare(&text));
}

#[test]
fn a_secret_in_the_wrong_place_is_not_shown() {
    for from in ["hunter2", "env:hunter2!", "hunter2:x", "random:hunter2"] {
        let folder = Folder::sound().but(CMS, "shared:github", from);
        let mistakes = folder.load().expect_err("a mistake");
        let mut report = String::new();
        miette::NarratableReportHandler::new().render_report(&mut report, &mistakes).expect("a report");
        for said in [report, mistakes.to_json().to_string(), format!("{mistakes:#}")] {
            assert!(said.contains("secret.github.from") && !said.contains("hunter2"), "{said}");
        }
    }
}

/// A fleet with a policy that denies this action everywhere.
fn with_policy(action: &str) -> Folder {
    let statement = format!("{{\"Effect\": \"Deny\", \"Action\": \"{action}\", \"Resource\": \"*\"}}");
    let policy = format!("{{\"Version\": \"2012-10-17\", \"Statement\": [{statement}]}}");
    Folder::sound().with("policies/scp/deny.json", policy).but(
        "orgstrap.toml",
        "[fleet]",
        "[organization.scp]\ndeny = [\"/\"]\n\n[fleet]",
    )
}

#[test]
fn the_organization() {
    with_policy("s3:*").fleet();
    let said = [
        "deny = []",
        "deny = [\"/\", \"Workloads/Dve\", \"cms-dve\", \"Workloads\", \"Workloads\"]",
        "deny = [\"/\"]\ndney = [\"/\"]",
        "# nothing",
        "deny = \"/\"",
        "deny = [\"/\"]\n[organization]\ntrusted_access = [\"s3\", \"ram.amazonaws.com\", \"ram.amazonaws.com\"]",
        "deny = [\"/\"]\n[organization.delegated_administrators]\nram = \"cms-dev\"\n\"ram.amazonaws.com\" = \"management\"",
    ];
    let said = said.map(|text| {
        let mistakes = with_policy("s3:*").but("orgstrap.toml", "deny = [\"/\"]", text).mistakes();
        format!("## {}\n{mistakes}\n", text.replace('\n', " ↵ "))
    });
    assert_snapshot!(said.concat());
}

#[test]
fn policies_of_the_organization() {
    let too_large = format!("s3:{}", "Get".repeat(3500));
    let contents = [
        ("too large", with_policy(&too_large)),
        ("of one account", with_policy("${orgstrap:account_name}:*")),
        ("another key", with_policy("s3:*").but("policies/scp/deny.json", "Deny", "Dney")),
        (
            "with a principal",
            with_policy("s3:*").but("policies/scp/deny.json", "\"Action\"", "\"Principal\": \"*\", \"Action\""),
        ),
        ("a name", with_policy("s3:*").with("policies/scp/Deny_All.json", "{}")),
    ];
    let said = contents.map(|(what, folder)| {
        let mistakes = folder.mistakes().replace(&too_large, "s3:...");
        format!("## {what}\n{mistakes}\n")
    });
    assert_snapshot!(said.concat());
}

#[test]
fn a_target_takes_so_many_policies() {
    let deny = "{\"Version\": \"2012-10-17\", \"Statement\": {\"Effect\": \"Deny\", \"Action\": \"s3:*\", \"Resource\": \"*\"}}";
    let fleet = |count: usize| {
        let folder = (0..count)
            .fold(Folder::sound(), |folder, number| folder.with(&format!("policies/scp/deny-{number}.json"), deny));
        let targets: Vec<_> = (0..count).map(|number| format!("deny-{number} = [\"Workloads\"]")).collect();
        let targets = targets.join("\n");
        folder.but("orgstrap.toml", "[fleet]", &format!("[organization.scp]\n{targets}\n\n[fleet]"))
    };
    fleet(9).fleet();
    assert_snapshot!(fleet(10).mistakes());
}

#[test]
fn a_unit_may_be_in_a_file_that_cannot_be_read() {
    let folder = with_policy("s3:*").but("orgstrap.toml", "deny = [\"/\"]", "deny = [\"Workloads/Dev\"]");
    let mistakes = folder.but(CMS, "[network]", "[network").mistakes();
    assert!(!mistakes.contains("Workloads/Dev"), "{mistakes}");
}

#[test]
fn hardening_budgets_and_contacts() {
    let said = changes(
        CMS,
        &[
            ("[network]", "[hardening]\nebs_encryption = { off = true }\n[network]"),
            ("[network]", "[hardening]\nebs_encryption = { off = \"  \" }\n[network]"),
            ("[network]", "[hardening]\nebs_encryption = {}\n[network]"),
            ("[network]", "[hardening]\nebs_encryption = false\n[network]"),
            ("[network]", "[hardening]\nebs_encryption = \"off\"\n[network]"),
            ("[network]", "[hardening]\nebs_encrytion = { off = \"why\" }\n[network]"),
            ("[network]", "[budget]\nmonthly = 0\nemails = [\"a\"]\n[network]"),
            ("[network]", "[budget]\nmonthly = 5\n[network]"),
            ("[network]", "[budget]\nemails = []\n[network]"),
            (
                "[network]",
                "[contacts.security]\nname = \"\"\ntitle = \"x\"\nemail = \"a\"\nphone = \"call me\"\n[network]",
            ),
            ("[network]", "[contacts.legal]\nname = \"x\"\n[network]"),
            ("[network]", "[contacts.billing]\nname = \"x\"\n[network]"),
        ],
    );
    assert_snapshot!(said);
    // What is wrong for all accounts is said once.
    let fleet = changes("orgstrap.toml", &[("[fleet]", "[hardening]\necs_settings = { off = \"\" }\n[fleet]")]);
    assert_snapshot!("hardening_of_the_fleet", fleet);
}

#[test]
fn registries_and_shared_secrets() {
    let said = changes(
        CMS,
        &[
            ("[network]", "[registry]\nkeep = 5\n[network]"),
            ("secrets = {", "secrets = { MINE = \"shared:tokn\", "),
            (
                "[secret.github]",
                "[secret.copy]\nfrom = \"shared:token\"\nreplicas = [\"us-east-1\"]\n\n[secret.github]",
            ),
        ],
    );
    assert_snapshot!(said);
    let common = changes(
        "accounts/verb-common.toml",
        &[
            ("[secret", "[registry]\nkeep = 0\npull = \"everybody\"\n\n[secret"),
            (
                "[secret",
                "[registry]\nmutable_tags = [\"a b\", \"*-*-*\", \"latest\"]\nreplicas = [\"us-west-1\", \"mars\"]\n\n[secret",
            ),
            ("[secret", "[secret.other]\nfrom = \"env:X\"\nreplicas = [\"us-east-1\", \"us-east-1\"]\n\n[secret"),
        ],
    );
    assert_snapshot!("registries_of_the_common_account", common);
}

/// What a file of the user's makes of a built-in document is checked before anything is made with it.
#[test]
fn documents_that_take_the_place_of_built_in_ones() {
    let contents = [
        (
            "registry-pull",
            "{\"Version\": \"2012-10-17\", \"Statement\": {\"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"${orgstrap:principals}\"}, \"Acton\": \"ecr:BatchGetImage\"}}",
        ),
        (
            "registry-pull",
            "{\"Version\": \"2012-10-17\", \"Statement\": {\"Effect\": \"Allow\", \"Principal\": \"*\", \"Action\": \"ecr:BatchGetImage\"}}",
        ),
        (
            "secret-read",
            "{\"Version\": \"2012-10-17\", \"Statement\": {\"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"${orgstrap:repositories}\"}, \"Action\": \"secretsmanager:GetSecretValue\", \"Resource\": \"*\"}}",
        ),
    ];
    let said = contents.map(|(name, content)| {
        let mistakes = Folder::sound().with(&format!("policies/{name}.json"), content).mistakes();
        format!("## {name}\n{mistakes}\n")
    });
    assert_snapshot!(said.concat());
}
