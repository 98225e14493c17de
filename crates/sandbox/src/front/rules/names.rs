//! Names, texts and numbers that are too long, too short or made of the wrong characters. The local AWS takes most of
//! them.

use async_trait::async_trait;

use super::Rule;
use crate::front::answer::Answer;
use crate::front::call::Request;
use crate::front::upstream::Broken;
use crate::front::world::World;

/// See the module.
#[derive(Default)]
pub(super) struct Names;

#[async_trait]
impl Rule for Names {
    async fn before(&self, request: &mut Request, _: &World) -> Result<Option<Answer>, Broken> {
        let refusal = text(request)
            .or_else(|| number(request))
            .or_else(|| balancer(request))
            .or_else(|| subnet(request))
            .or_else(|| security_group(request))
            .or_else(|| secret(request));
        Ok(refusal.map(|(code, message)| Answer::refusal(request.protocol, 400, code, &message)))
    }
}

type Refusal = (&'static str, String);

/// What a text must be like.
struct Text {
    calls: &'static str,
    parameter: &'static str,
    length: (usize, usize),
    /// As the API's reference has it, and as it is checked.
    pattern: (&'static str, fn(char) -> bool),
}

const IAM: (&str, fn(char) -> bool) = (r"[\w+=,.@-]+", |c| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c));
const LOG: (&str, fn(char) -> bool) = (r"[\.\-_/#A-Za-z0-9]+", |c| c.is_ascii_alphanumeric() || ".-_/#".contains(c));
const ANY: (&str, fn(char) -> bool) = ("[\\s\\S]*", |_| true);

/// IAM, STS, KMS, Secrets Manager, `CloudWatch` Logs and Organizations API references, the operations' request parameters.
const TEXTS: [Text; 16] = [
    Text { calls: "kms.CreateKey", parameter: "Description", length: (0, 8192), pattern: ANY },
    Text { calls: "secretsmanager.CreateSecret", parameter: "Name", length: (1, 512), pattern: ANY },
    Text { calls: "secretsmanager.CreateSecret", parameter: "Description", length: (0, 2048), pattern: ANY },
    Text { calls: "iam.CreateRole", parameter: "RoleName", length: (1, 64), pattern: IAM },
    Text { calls: "iam.CreateRole", parameter: "Description", length: (0, 1000), pattern: ANY },
    Text { calls: "iam.UpdateRole", parameter: "Description", length: (0, 1000), pattern: ANY },
    Text { calls: "iam.PutRolePolicy", parameter: "PolicyName", length: (1, 128), pattern: IAM },
    Text { calls: "iam.CreatePolicy", parameter: "PolicyName", length: (1, 128), pattern: IAM },
    Text { calls: "iam.CreatePolicy", parameter: "Description", length: (0, 1000), pattern: ANY },
    Text { calls: "iam.CreateInstanceProfile", parameter: "InstanceProfileName", length: (1, 128), pattern: IAM },
    Text { calls: "sts.AssumeRole", parameter: "RoleSessionName", length: (2, 64), pattern: IAM },
    Text { calls: "sts.AssumeRoleWithWebIdentity", parameter: "RoleSessionName", length: (2, 64), pattern: IAM },
    Text { calls: "logs.CreateLogGroup", parameter: "logGroupName", length: (1, 512), pattern: LOG },
    Text { calls: "organizations.CreateAccount", parameter: "AccountName", length: (1, 50), pattern: ANY },
    Text { calls: "organizations.CreateAccount", parameter: "Email", length: (6, 64), pattern: ANY },
    Text { calls: "organizations.CreateOrganizationalUnit", parameter: "Name", length: (1, 128), pattern: ANY },
];

fn text(request: &Request) -> Option<Refusal> {
    TEXTS.iter().filter(|text| request.call.is(text.calls)).find_map(|text| {
        let value = request.parameters.text(text.parameter)?;
        let (length, (least, most)) = (value.chars().count(), text.length);
        let (pattern, is_allowed) = text.pattern;
        let constraint = if length > most {
            format!("Member must have length less than or equal to {most}")
        } else if length < least {
            format!("Member must have length greater than or equal to {least}")
        } else if !value.chars().all(is_allowed) {
            if request.call.service == "iam" {
                let member = member(text.parameter);
                let message = format!(
                    "The specified value for {member} is invalid. It must contain only alphanumeric characters and/or \
                     the following: +=,.@_-"
                );
                return Some(("ValidationError", message));
            }
            format!("Member must satisfy regular expression pattern: {pattern}")
        } else {
            return None;
        };
        Some(constrained(request, text.parameter, value, &constraint))
    })
}

/// `CloudWatch` Logs API reference, `PutRetentionPolicy`.
const RETENTIONS: [i64; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/// Seconds of a session (IAM API reference, `CreateRole`; STS API reference, `AssumeRole`).
const SESSIONS: [(&str, &str, i64); 3] = [
    ("iam.CreateRole", "MaxSessionDuration", 3600),
    ("iam.UpdateRole", "MaxSessionDuration", 3600),
    ("sts.AssumeRole", "DurationSeconds", 900),
];
const LONGEST_SESSION: i64 = 43_200;

fn number(request: &Request) -> Option<Refusal> {
    if request.call.is("logs.PutRetentionPolicy") {
        let days = request.parameters.number("retentionInDays").filter(|days| !RETENTIONS.contains(days))?;
        let constraint = format!("Member must satisfy enum value set: {RETENTIONS:?}");
        return Some(constrained(request, "retentionInDays", &days.to_string(), &constraint));
    }
    let (_, parameter, least) = SESSIONS.iter().find(|(calls, ..)| request.call.is(calls))?;
    let seconds = request.parameters.number(parameter)?;
    let constraint = if seconds < *least {
        format!("Member must have value greater than or equal to {least}")
    } else if seconds > LONGEST_SESSION {
        format!("Member must have value less than or equal to {LONGEST_SESSION}")
    } else {
        return None;
    };
    Some(constrained(request, parameter, &seconds.to_string(), &constraint))
}

/// Elastic Load Balancing API reference, `CreateLoadBalancer`. The local AWS checks the names of target groups itself.
fn balancer(request: &Request) -> Option<Refusal> {
    if !request.call.is("elasticloadbalancing.CreateLoadBalancer") {
        return None;
    }
    let name = request.parameters.text("Name")?;
    let message = if name.len() > 32 {
        format!("The load balancer name '{name}' cannot be longer than '32' characters")
    } else if !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        format!(
            "The load balancer name '{name}' can only contain characters that are alphanumeric characters or hyphens(-)"
        )
    } else if name.starts_with('-') || name.ends_with('-') {
        format!("The load balancer name '{name}' cannot begin or end with a hyphen(-)")
    } else if name.starts_with("internal-") {
        format!("The load balancer name '{name}' cannot begin with 'internal-'")
    } else {
        return None;
    };
    Some(("ValidationError", message))
}

/// EC2 API reference, "Error codes", `InvalidSubnet.Range`: a block is from /16 to /28. The local AWS sees to VPCs, and
/// to subnets outside of theirs and upon others.
fn subnet(request: &Request) -> Option<Refusal> {
    let block = request.call.is("ec2.CreateSubnet").then(|| request.parameters.text("CidrBlock"))??;
    let size: Option<u8> = block.split_once('/').and_then(|(_, size)| size.parse().ok());
    match size {
        None => {
            let message =
                format!("Value ({block}) for parameter cidrBlock is invalid. This is not a valid CIDR block.");
            Some(("InvalidParameterValue", message))
        }
        Some(16..=28) => None,
        Some(_) => Some(("InvalidSubnet.Range", format!("The CIDR '{block}' is invalid."))),
    }
}

/// What the names and descriptions of security groups and of their rules are made of (EC2 API reference,
/// `CreateSecurityGroup` and `IpRange`). The words are EC2's own.
fn security_group(request: &Request) -> Option<Refusal> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || " ._-:/()#,@[]+=&;{}!$*".contains(c);
    let is_wrong = |text: &str| text.len() > 255 || !text.chars().all(is_allowed);
    let operation = request.call.operation.as_str();
    let message = match (request.call.service.as_str(), operation) {
        ("ec2", "CreateSecurityGroup") => {
            let of = |name| request.parameters.text(name).unwrap_or_default();
            let (name, description) = (of("GroupName"), of("GroupDescription"));
            if name.starts_with("sg-") {
                "Value for parameter GroupName is invalid. Group names may not be in the format sg-*.".to_owned()
            } else if let Some(wrong) = [name, description].into_iter().find(|text| is_wrong(text)) {
                format!(
                    "Value ({wrong}) for parameter GroupName or GroupDescription is invalid. Valid are strings less than \
                     256 characters from the following set: a-zA-Z0-9. _-:/()#,@[]+=&;{{}}!$*"
                )
            } else {
                return None;
            }
        }
        ("ec2", "AuthorizeSecurityGroupEgress" | "AuthorizeSecurityGroupIngress" | "ModifySecurityGroupRules") => {
            let texts = request.parameters.texts();
            texts.iter().find(|(name, text)| name.ends_with(".Description") && is_wrong(text))?;
            "Invalid rule description. Valid descriptions are strings less than 256 characters from the following set: \
             a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*"
                .to_owned()
        }
        _ => return None,
    };
    Some(("InvalidParameterValue", message))
}

/// Secrets Manager API reference, `CreateSecret`, `Name`; the words are as users report them.
fn secret(request: &Request) -> Option<Refusal> {
    let name = request.call.is("secretsmanager.CreateSecret").then(|| request.parameters.text("Name"))??;
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "-/_+=.@!".contains(c);
    let message =
        "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!";
    (!name.chars().all(is_allowed)).then(|| ("ValidationException", message.to_owned()))
}

/// The refusal in the words that are common to AWS's services, under the service's code.
fn constrained(request: &Request, parameter: &str, value: &str, constraint: &str) -> Refusal {
    let code = match request.call.service.as_str() {
        "logs" => "InvalidParameterException",
        "organizations" => "InvalidInputException",
        "kms" | "secretsmanager" => "ValidationException",
        _ => "ValidationError",
    };
    let member = member(parameter);
    (
        code,
        format!(
            "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: {constraint}"
        ),
    )
}

/// `roleName` for `RoleName`.
fn member(parameter: &str) -> String {
    let first = parameter.chars().take(1).flat_map(char::to_lowercase);
    first.chain(parameter.chars().skip(1)).collect()
}
