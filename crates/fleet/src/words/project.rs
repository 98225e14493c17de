//! Words about a project: domains, images, versions, variables, repositories, paths.

use super::{Checked, Wrong, is_lower_ldh};
use crate::service::Architecture;

pub(crate) fn domain(text: &str) -> Checked {
    labels(text)?;
    // ACM API RequestCertificate, DomainName: the common name of a certificate ends at 64 octets.
    if text.len() > 64 {
        return Err(Wrong::new(
            format!("`{text}` has {} characters", text.len()),
            "use 64 at most: a certificate's first name takes no more",
        ));
    }
    Ok(())
}

/// A domain, or all names one label below it. Elastic Load Balancing API `HostHeaderConditionConfig`: 128 characters.
pub(crate) fn host(text: &str) -> Checked {
    let name = text.strip_prefix("*.").unwrap_or(text);
    if name.contains(['*', '?']) {
        return Err(Wrong::new(
            format!("`{text}` has a wildcard that no certificate has"),
            "write a name such as `api.dev.company.example`, or `*.` and the account's domain",
        ));
    }
    labels(name)?;
    if text.len() > 128 {
        return Err(Wrong::new(
            format!("`{text}` has {} characters", text.len()),
            "use 128 at most: a load balancer takes no more",
        ));
    }
    Ok(())
}

fn labels(text: &str) -> Checked {
    let wrong = |why: String, help: &str| Err(Wrong::new(format!("`{text}` {why}"), help));
    if let Some(bare) = text.strip_suffix('.') {
        return wrong("ends with a dot".to_owned(), &format!("write `{bare}`"));
    }
    if text.chars().any(|c| c.is_ascii_uppercase()) {
        return wrong("has upper-case letters".to_owned(), &format!("write `{}`", text.to_ascii_lowercase()));
    }
    let labels: Vec<_> = text.split('.').collect();
    if labels.len() < 2 {
        return wrong("has no parent domain".to_owned(), "write a domain such as `dev.company.example`");
    }
    for label in &labels {
        let is_label = (1..=63).contains(&label.len())
            && label.chars().all(is_lower_ldh)
            && !label.starts_with('-')
            && !label.ends_with('-');
        if !is_label {
            return wrong(
                format!("has the part `{label}`"),
                "each part is 1 to 63 lower-case letters, digits and hyphens, with no hyphen at either end",
            );
        }
    }
    if !labels.last().is_some_and(|last| last.starts_with(|c: char| c.is_ascii_lowercase())) {
        return wrong("has no top-level domain".to_owned(), "write a domain such as `dev.company.example`");
    }
    Ok(())
}

pub(crate) fn repository(text: &str) -> Checked {
    let help = "write the repository alone, such as `team/backend`: lower-case letters and digits, joined by single \
                `.`, `_`, `-` or `/`, 2 to 256 characters";
    if let Some((name, tag)) = text.rsplit_once(':') {
        return Err(Wrong::new(
            format!("`{text}` has a tag"),
            format!("write `image = \"{name}\"` and `tag = \"{tag}\"`"),
        ));
    }
    let is_letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let is_word = |word: &str| !word.is_empty() && word.chars().all(is_letter);
    let is_repository =
        (2..=256).contains(&text.len()) && text.split('/').all(|part| part.split(['.', '_', '-']).all(is_word));
    if is_repository { Ok(()) } else { Err(Wrong::new(format!("`{text}` is no repository that ECR takes"), help)) }
}

pub(crate) fn image_tag(text: &str) -> Checked {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_tag = (1..=128).contains(&text.len())
        && text.starts_with(is_word)
        && text.chars().all(|c| is_word(c) || matches!(c, '.' | '-'));
    if is_tag {
        return Ok(());
    }
    Err(Wrong::new(
        format!("`{text}` is no image tag"),
        "use 1 to 128 letters, digits, `_`, `.` and `-`, and begin with none of the last two",
    ))
}

/// ECR API `ImageTagMutabilityExclusionFilter`: letters, digits, `.`, `_`, `-` and at most two `*`.
pub(crate) fn tag_pattern(text: &str) -> Checked {
    let is_fit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '*');
    if (1..=128).contains(&text.len()) && text.chars().all(is_fit) && text.matches('*').count() <= 2 {
        return Ok(());
    }
    Err(Wrong::new(
        format!("`{text}` is no pattern of tags"),
        "use 1 to 128 letters, digits, `.`, `_` and `-`, and `*` for anything, twice at most",
    ))
}

pub(crate) fn engine_version(text: &str) -> Checked {
    let numbers: Vec<_> = text.split('.').collect();
    let is_number = |number: &&str| (1..=3).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
    if numbers.len() <= 3 && numbers.iter().all(is_number) {
        return Ok(());
    }
    Err(Wrong::new(format!("`{text}` is no version"), "write a version such as `17` or `17.2`, or leave the key out"))
}

/// POSIX: what a shell and a container take as the name of an environment variable.
pub(crate) fn variable(text: &str) -> Checked {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if !text.is_empty() && text.chars().all(is_word) && !text.starts_with(|c: char| c.is_ascii_digit()) {
        return Ok(());
    }
    Err(Wrong::new(
        format!("`{text}` is no name of an environment variable"),
        "use letters, digits and `_`, and do not begin with a digit",
    ))
}

pub(crate) fn github_repository(text: &str) -> Checked {
    let is_owner = |owner: &str| {
        owner.len() <= 39
            && owner.split('-').all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric()))
    };
    let is_name = |name: &str| {
        (1..=100).contains(&name.len())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
    };
    if let Some((owner, name)) = text.split_once('/')
        && is_owner(owner)
        && is_name(name)
    {
        return Ok(());
    }
    Err(Wrong::new(format!("`{text}` is no GitHub repository"), "write `owner/name`, without `https://github.com/`"))
}

/// A branch or an environment, which stands in a condition that takes wildcards.
pub(crate) fn git_name(text: &str) -> Checked {
    let is_plain = |c: char| c.is_ascii_graphic() && !"*?:~^\\[\"'".contains(c);
    if (1..=255).contains(&text.len()) && text.chars().all(is_plain) {
        return Ok(());
    }
    Err(Wrong::new(format!("`{text}` is no name of a branch or an environment"), "write one name, without wildcards"))
}

/// Elastic Load Balancing User Guide, "Listener rules": path patterns.
pub(crate) fn path_pattern(text: &str) -> Checked {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_-.$/~\"'@:+&*?".contains(c);
    if text.starts_with('/') && text.len() <= 128 && text.chars().all(allowed) {
        return Ok(());
    }
    Err(Wrong::new(
        format!("`{text}` is no path pattern"),
        "begin with `/` and use 128 letters, digits and characters of `_-.$/~\"'@:+&*?` at most",
    ))
}

/// Elastic Load Balancing API `CreateTargetGroup`, `HealthCheckPath`.
pub(crate) fn health_path(text: &str) -> Checked {
    if text.starts_with('/') && text.len() <= 1024 && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(());
    }
    Err(Wrong::new(
        format!("`{text}` is no path"),
        format!("begin with `/`, such as `/{}`, without spaces", text.trim().trim_start_matches('/')),
    ))
}

/// ECS API `ContainerDefinition`, `user`. Whether it may be root is another question.
pub(crate) fn container_user(text: &str) -> Checked {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_part = |part: &str| {
        (1..=32).contains(&part.len())
            && part.starts_with(is_word)
            && part.chars().all(|c| is_word(c) || matches!(c, '.' | '-'))
    };
    let (user, group) = text.split_once(':').unwrap_or((text, "0"));
    if is_part(user) && is_part(group) {
        return Ok(());
    }
    Err(Wrong::new(
        format!("`{text}` is no user of a container"),
        "write a user, or a user and a group, such as `1000:1000` or `node`",
    ))
}

/// IAM API `PutRolePolicy`, `PolicyName`: a document's name is the name of the inline policy.
pub(crate) fn inline_policy(text: &str) -> Checked {
    let is_fit = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    if (1..=128).contains(&text.len()) && text.chars().all(is_fit) {
        return Ok(());
    }
    Err(Wrong::new(
        format!("`{text}` cannot be the name of a role's policy"),
        "keep the file in policies/ itself, and use letters, digits and characters of `_+=,.@-` in its name",
    ))
}

pub(crate) fn architecture(text: &str) -> Checked<Architecture> {
    let help = match text {
        "x86_64" => return Ok(Architecture::X86_64),
        "arm64" => return Ok(Architecture::Arm64),
        // What others call them. `amd64` is nearer to the wrong one.
        "amd64" | "x64" | "x86-64" | "X86_64" => "write `x86_64`",
        "aarch64" | "ARM64" => "write `arm64`",
        _ => "write `x86_64` or `arm64`",
    };
    Err(Wrong::new(format!("`{text}` is no processor that Fargate has"), help))
}
