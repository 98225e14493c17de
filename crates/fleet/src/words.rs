//! The grammar of every word a file may contain: the pattern that editors check, and the check that explains.
//!
//! A pattern says what may be written at all; the functions say what is wrong with a word and what to write instead.

mod aws;
mod database;
mod patterns;
mod project;

pub(crate) use aws::*;
pub(crate) use database::*;
pub(crate) use patterns::*;
pub(crate) use project::*;

/// What was found, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    pub(crate) message: String,
    pub(crate) help: String,
}

impl Wrong {
    pub(crate) fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into() }
    }
}

pub(crate) type Checked<T = ()> = Result<T, Wrong>;

fn is_lower_ldh(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'
}

fn name(text: &str, what: &str, most: usize) -> Checked {
    let outer_are_letters = !text.starts_with('-') && !text.ends_with('-');
    if (1..=most).contains(&text.len()) && text.chars().all(is_lower_ldh) && outer_are_letters {
        return Ok(());
    }
    Err(Wrong::new(
        format!("`{text}` cannot be the name of {what}"),
        format!("use 1 to {most} lower-case letters, digits and hyphens, with no hyphen at either end"),
    ))
}

pub(crate) fn account_name(text: &str) -> Checked {
    if text == "management" {
        return Err(Wrong::new(
            "`management` is what the management account is called in plans and tags",
            "give the account another name",
        ));
    }
    name(text, "an account", 50)
}

/// Organizations API `CreateAccount`, `AccountName`.
pub(crate) fn display_name(text: &str) -> Checked {
    let is_fit = |c: char| (' '..='~').contains(&c);
    if (1..=50).contains(&text.len()) && text.chars().all(is_fit) && text.trim() == text {
        return Ok(());
    }
    Err(Wrong::new(
        format!("`{text}` is no name that AWS takes for an account"),
        "write 1 to 50 plain characters, with no space at either end",
    ))
}

pub(crate) fn fleet_name(text: &str) -> Checked {
    name(text, "a fleet", 32)
}

pub(crate) fn part_name(text: &str, what: &str) -> Checked {
    name(text, what, 64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::string::string_regex;

    use super::aws::REGIONS;
    use super::*;
    use crate::database::Engine;

    /// Whether what an editor accepts is accepted here: lengths that the pattern does not know are left out.
    fn accepts_what_editors_accept(pattern: &str, most: usize, check: impl Fn(&str) -> Checked) {
        let bare = pattern.trim_start_matches('^').trim_end_matches('$');
        let strategy = string_regex(bare).expect("the pattern is a regular expression");
        proptest!(|(text in strategy)| {
            prop_assert!(text.len() > most || check(&text) == Ok(()));
        });
    }

    #[test]
    fn patterns_and_checks_agree() {
        accepts_what_editors_accept(ACCOUNT_NAME, 50, account_name);
        accepts_what_editors_accept(FLEET_NAME, 32, fleet_name);
        accepts_what_editors_accept(PART_NAME, 64, |text| part_name(text, "a service"));
        accepts_what_editors_accept(ACCOUNT_ID, 12, account_id);
        accepts_what_editors_accept(ROLE_NAME, 64, role_name);
        accepts_what_editors_accept(PRINCIPAL, 517, principal);
        accepts_what_editors_accept(EXTERNAL_ID, 1224, external_id);
        accepts_what_editors_accept(SOURCE_IDENTITY, 64, source_identity);
        accepts_what_editors_accept(DOMAIN, 64, domain);
        accepts_what_editors_accept(HOST, 128, host);
        accepts_what_editors_accept(CONTAINER_USER, 65, container_user);
        accepts_what_editors_accept(DATABASE_PARAMETER, 255, database_parameter);
        accepts_what_editors_accept(IMAGE_TAG, 128, image_tag);
        accepts_what_editors_accept(ENGINE_VERSION, 11, engine_version);
        accepts_what_editors_accept(INSTANCE_CLASS, 64, instance_class);
    }

    #[test]
    fn every_known_region_is_a_region() {
        for known in REGIONS {
            assert_eq!(region(known), Ok(()), "{known}");
        }
        for wrong in
            ["us-wst-1", "us-west", "us-west-0", "us-west-1a", "cn-north-1", "us-gov-west-1", "", "-", "US-west-1"]
        {
            assert!(region(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn email_addresses_are_those_of_aws() {
        for right in ["a@b.co", "aws+dev@verb.example", "first.last@sub.verb.example"] {
            assert_eq!(email(right), Ok(()), "{right}");
        }
        let long = format!("{}@verb.example", "a".repeat(60));
        for wrong in
            ["a@b.c", "a b@c.de", "a@b@c.de", "abc.de", ".a@b.cd", "a@bcd", "a@b.cd-", "ä@bcd.de", &long, "a,b@c.de"]
        {
            assert!(email(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn names_in_a_database_are_those_of_the_engine() {
        for (engine, right) in [(Engine::Postgres, "cms_dev"), (Engine::MySql, "postgres"), (Engine::Postgres, "mysql")]
        {
            assert_eq!(database_name(engine, right), Ok(()), "{right}");
        }
        let long = "a".repeat(64);
        assert_eq!(database_name(Engine::MySql, &long), Ok(()));
        for wrong in ["", "1a", "a-b", "_a", "Cms", "postgres", "template1", "rdsadmin", &long] {
            assert!(database_name(Engine::Postgres, wrong).is_err(), "{wrong}");
        }
        assert_eq!(database_user(Engine::MySql, "admin"), Ok(()));
        for wrong in ["admin", "pg_x", "rdsadmin", "a-b", "1a", ""] {
            assert!(database_user(Engine::Postgres, wrong).is_err(), "{wrong}");
        }
        assert!(database_user(Engine::MySql, "a_user_of_17_char").is_err());
    }

    #[test]
    fn fargate_sizes_are_those_of_the_guide() {
        for (cpu, memory) in [(256, 512), (256, 2048), (512, 3072), (4096, 30720), (8192, 20480), (16384, 122_880)] {
            assert!(fargate_size(cpu, memory).is_ok(), "{cpu} {memory}");
        }
        for (cpu, memory) in
            [(256, 1536), (256, 4096), (512, 512), (1024, 2500), (300, 512), (8192, 17408), (4096, 32768)]
        {
            assert!(fargate_size(cpu, memory).is_err(), "{cpu} {memory}");
        }
    }

    #[test]
    fn repositories_are_those_of_ecr() {
        for right in ["headless-cms/backend", "a1", "a.b_c-d/e"] {
            assert_eq!(repository(right), Ok(()), "{right}");
        }
        for wrong in ["a", "A/b", "a//b", "/a", "a/", "a--b", "a:b", "a b", ""] {
            assert!(repository(wrong).is_err(), "{wrong}");
        }
    }
}
