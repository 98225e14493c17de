//! Words about accounts and machines: regions, ids, addresses, roles, sizes.

use std::ops::RangeInclusive;

use super::{Checked, FARGATE_SIZES, Wrong, name};

/// Regions that a typing error is compared with. (Account Management Reference Guide, "Regions".) A newer one that
/// is spelled like a region is accepted.
pub(super) const REGIONS: [&str; 34] = [
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

const DIRECTIONS: [&str; 9] =
    ["north", "south", "east", "west", "central", "northeast", "northwest", "southeast", "southwest"];

pub(crate) fn region(text: &str) -> Checked {
    if text.starts_with("cn-") || text.starts_with("us-gov-") || text.starts_with("us-iso") {
        return Err(Wrong::new(
            format!("`{text}` is in a partition of its own"),
            "orgstrap works in the `aws` partition: China, GovCloud and isolated regions have organizations of their own",
        ));
    }
    let mut parts = text.split('-');
    let (area, direction, number) = (parts.next(), parts.next(), parts.next());
    let is_region = parts.next().is_none()
        && area.is_some_and(|area| area.len() == 2 && area.chars().all(|c| c.is_ascii_lowercase()))
        && direction.is_some_and(|direction| DIRECTIONS.contains(&direction))
        && number.is_some_and(|number| matches!(number.as_bytes(), [b'1'..=b'9']));
    if is_region {
        return Ok(());
    }
    let help = match crate::suggest::nearest(text, REGIONS) {
        Some(region) => format!("did you mean `{region}`?"),
        None => "write a region such as `us-west-1`".to_owned(),
    };
    Err(Wrong::new(format!("`{text}` is no region"), help))
}

pub(crate) fn account_id(text: &str) -> Checked {
    if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(());
    }
    Err(Wrong::new(format!("`{text}` is no account id"), "write the twelve digits, without hyphens and in quotes"))
}

/// Organizations API `CreateAccount`, `Email`.
pub(crate) fn email(text: &str) -> Checked {
    let wrong = |why: &str| {
        Err(Wrong::new(
            format!("`{text}` is no e-mail address that AWS takes: {why}"),
            "write an address of 6 to 64 plain characters, such as `aws+name@company.example`",
        ))
    };
    if !(6..=64).contains(&text.len()) {
        return wrong(&format!("it has {} characters", text.chars().count()));
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return wrong("it has spaces or characters beyond ASCII");
    }
    let Some((local, domain)) = text.split_once('@') else {
        return wrong("it has no @");
    };
    if domain.contains('@') {
        return wrong("it has more than one @");
    }
    if local.is_empty() || local.starts_with('.') || local.contains(|c| "\"'()<>[]:;,\\|%&".contains(c)) {
        return wrong("the part before the @ is not allowed");
    }
    let is_domain = domain.contains('.')
        && !domain.starts_with(['.', '-'])
        && !domain.ends_with(['.', '-'])
        && !domain.contains("..")
        && domain.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'));
    if is_domain { Ok(()) } else { wrong("the part after the @ is no domain") }
}

/// Account Management API `PutAlternateContact`, `PhoneNumber`.
pub(crate) fn phone(text: &str) -> Checked {
    let is_allowed = |c: char| c.is_ascii_digit() || " ()+-".contains(c);
    if (1..=25).contains(&text.len()) && text.chars().all(is_allowed) && text.contains(|c: char| c.is_ascii_digit()) {
        return Ok(());
    }
    Err(Wrong::new(
        format!("`{text}` is no telephone number that AWS takes"),
        "write 1 to 25 digits, spaces, hyphens, brackets and `+`, such as `+1 555 0100`",
    ))
}

pub(crate) fn ou_path(text: &str) -> Checked {
    let segments: Vec<_> = text.split('/').collect();
    let help = "write the names of units from the root down, such as `Workloads/Dev`";
    if segments.len() > 5 {
        return Err(Wrong::new(
            format!("`{text}` is {} levels deep", segments.len()),
            "AWS nests organizational units five levels deep at most",
        ));
    }
    for segment in segments {
        let length = segment.chars().count();
        if length == 0 {
            return Err(Wrong::new(format!("`{text}` has an empty part"), help));
        }
        if length > 128 {
            return Err(Wrong::new(
                format!("a part of the organizational unit has {length} characters"),
                "use 128 characters at most",
            ));
        }
        if let Some(other) = segment.chars().find(|c| !c.is_alphanumeric() && !" _.:=+@-".contains(*c)) {
            return Err(Wrong::new(
                format!("`{segment}` has the character `{other}`"),
                "use letters, digits, spaces and characters of `_.:=+@-`: units are tagged with their paths",
            ));
        }
        if segment.trim() != segment {
            return Err(Wrong::new(format!("`{segment}` begins or ends with a space"), help));
        }
    }
    Ok(())
}

/// Organizations API `EnableAWSServiceAccess`, `ServicePrincipal`.
pub(crate) fn service_principal(text: &str) -> Checked {
    let is_label = |label: &str| !label.is_empty() && name(label, "", 63).is_ok();
    match text.strip_suffix(".amazonaws.com") {
        Some(service) if text.len() <= 128 && service.split('.').all(is_label) => Ok(()),
        _ => Err(Wrong::new(
            format!("`{text}` is no service's principal"),
            "write it as in the service's documentation, such as `access-analyzer.amazonaws.com`",
        )),
    }
}

fn of_characters(text: &str, what: &str, length: RangeInclusive<usize>, others: &str) -> Checked {
    let allowed = |c: char| c.is_ascii_alphanumeric() || others.contains(c);
    if length.contains(&text.chars().count()) && text.chars().all(allowed) {
        return Ok(());
    }
    Err(Wrong::new(
        format!("`{text}` cannot be {what}"),
        format!("use {} to {} letters, digits and characters of `{others}`", length.start(), length.end()),
    ))
}

pub(crate) fn role_name(text: &str) -> Checked {
    of_characters(text, "a role's name", 1..=64, "_+=,.@-")
}

/// A role or user of the management account, by its path and name.
pub(crate) fn principal(text: &str) -> Checked {
    let name = text.strip_prefix("role/").or_else(|| text.strip_prefix("user/"));
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_+=,.@/*-".contains(c);
    if name.is_some_and(|name| (1..=512).contains(&name.len()) && name.chars().all(allowed)) {
        return Ok(());
    }
    Err(Wrong::new(
        format!("`{text}` is no role or user"),
        "write `role/NAME` or `user/NAME` without the account, such as `role/platform-admin`; people of IAM Identity Center \
         are `role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_NAME_*`",
    ))
}

pub(crate) fn external_id(text: &str) -> Checked {
    of_characters(text, "an external id", 2..=1224, "_+=,.@:/-")
}

pub(crate) fn source_identity(text: &str) -> Checked {
    of_characters(text, "a source identity", 2..=64, "_+=,.@-")
}

pub(crate) fn instance_class(text: &str) -> Checked {
    let parts: Vec<_> = text.split('.').collect();
    let is_lower = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    if let ["db", family, size] = parts.as_slice()
        && family.starts_with(|c: char| c.is_ascii_lowercase())
        && family.chars().all(|c| is_lower(c) || c == '-')
        && !size.is_empty()
        && size.chars().all(is_lower)
    {
        return Ok(());
    }
    Err(Wrong::new(format!("`{text}` is no instance class"), "write a class such as `db.t4g.micro`"))
}

pub(crate) fn fargate_size(cpu: u32, memory: u32) -> Checked {
    let size = FARGATE_SIZES.into_iter().find(|size| size.0 == cpu);
    let fits = size.is_some_and(|(_, least, most, step)| {
        (least..=most).contains(&memory) && (memory - least).is_multiple_of(step)
    });
    // A quarter of a processor has no 1536.
    if fits && (cpu, memory) != (256, 1536) {
        return Ok(());
    }
    let help = match size {
        None => "choose the CPU units first".to_owned(),
        Some((256, ..)) => "write 512, 1024 or 2048".to_owned(),
        Some((_, least, most, step)) => format!("write {least} to {most} in steps of {step}"),
    };
    Err(Wrong::new(format!("Fargate has no task with {cpu} CPU units and {memory} MiB"), help))
}
