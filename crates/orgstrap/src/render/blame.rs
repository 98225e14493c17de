//! Why a service did not come up, as a line of its account's file: the key that is most likely at fault, and what to do.

use std::path::PathBuf;

use aws::resources::{EcsRollout, EcsService};
use engine::{Error, Key, Resource};

use super::style::{BOLD, paint};

/// Ports below this one are for root alone, unless the image says otherwise.
const UNPRIVILEGED: u16 = 1024;

/// The key that is most likely at fault, and what to do about it.
#[derive(Debug, PartialEq, Eq)]
struct Fault {
    at: At,
    remedy: &'static str,
}

/// Where a fault is.
#[derive(Debug, PartialEq, Eq)]
enum At {
    /// A key of the service.
    Service(&'static str),
    /// How the private subnets get out.
    Nat,
    /// In the application, which no key is about.
    Application,
}

/// What to show under the failure of a service: the line at fault and one sentence. `line_of` finds where a key of an
/// account is written, or what contains it; `port` is the service's.
pub(super) fn blame(
    key: &Key,
    error: &Error,
    port: Option<u16>,
    line_of: impl Fn(&str, &[&str]) -> Option<(PathBuf, usize)>,
) -> Option<String> {
    if ![EcsService::KIND, EcsRollout::KIND].contains(&key.kind.as_str()) {
        return None;
    }
    let Fault { at, remedy } = fault(error, port)?;
    let (path, last) = match at {
        At::Service(last) => (vec!["service", key.name.as_str(), last], last),
        At::Nat => (vec!["network", "nat"], "nat"),
        At::Application => return Some(remedy.to_owned()),
    };
    let place = match line_of(&key.scope, &path) {
        Some((file, line)) => {
            let text = std::fs::read_to_string(&file).unwrap_or_default();
            let text = text.lines().nth(line.saturating_sub(1)).unwrap_or_default().trim();
            let is_key = text.strip_prefix(last).is_some_and(|rest| rest.trim_start().starts_with(['=', '.']))
                || text.ends_with(&format!(".{last}]"));
            let default = if is_key { String::new() } else { format!(" (`{last}` is not written)") };
            format!("{}:{line}: {}{default}", file.display(), paint(BOLD, text))
        }
        None => format!("accounts/{}.toml: {}", key.scope, paint(BOLD, path.join("."))),
    };
    Some(format!("{place}\n  {remedy}"))
}

/// The words are AWS's and those of Linux (ECS developer guide, "Stopped tasks error messages"; Elastic Load Balancing API
/// reference, `TargetHealth`). The code says it where there is one; an application that ends says it in its log.
fn fault(error: &Error, port: Option<u16>) -> Option<Fault> {
    let (code, text) = (error.code.as_deref().unwrap_or_default(), error.message.to_lowercase());
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let is_privileged = port.is_some_and(|port| port < UNPRIVILEGED);
    let is_forbidden = says(&["eacces", "permission denied", "operation not permitted"]);
    let service = |key, remedy| Some(Fault { at: At::Service(key), remedy });
    // Whatever ended the task, a program for another processor never began.
    if says(&["exec format error", "descriptor matching platform"]) {
        return service(
            "architecture",
            "The image is for another processor: set this to the one that it was built for, or build it for this one.",
        );
    }
    match code {
        _ if code.starts_with("CannotPull") => pull(&says),
        "ResourceInitializationError" if says(NO_ANSWER) => Some(Fault { at: At::Nat, remedy: NO_WAY_OUT }),
        "ResourceInitializationError" if says(&["asm", "secretsmanager", "secrets manager", "kms"]) => service(
            "secrets",
            "A secret of these could not be read: see that it has a value, and that it and its key let the execution role \
             read.",
        ),
        _ if code.starts_with("OutOfMemory") => {
            service("memory", "The task was ended for taking more than this: give it more, or see what takes it.")
        }
        "Target.ResponseCodeMismatch" => service(
            "health",
            "The service answers at this path, but not with success: name a path that answers 200 to 399 as long as it can work.",
        ),
        "Target.Timeout" | "Target.FailedHealthChecks" => service(
            "port",
            "Nothing answers the load balancer at this port: set it to the one that the application listens on, at 0.0.0.0.",
        ),
        _ if says(&["read-only file system", "erofs"]) => service(
            "read_only",
            "The application writes to its own file system: set this to false, or have it write nowhere.",
        ),
        _ if is_forbidden && is_privileged && says(&["bind", "listen", "address"]) => {
            service("port", "Only root may listen on a port below 1024: have it listen on a higher one, such as 8080.")
        }
        _ if is_forbidden => service(
            "user",
            "The user that it runs as may not do what its log names: let the image allow it, or name another user.",
        ),
        _ if says(&["failed elb health checks", "fails the load balancer's checks"]) => {
            service("health", "The load balancer's checks failed: see that this path answers 200 to 399, and in time.")
        }
        "EssentialContainerExited" => {
            Some(Fault { at: At::Application, remedy: "The application ended by itself; its last log lines say why." })
        }
        _ => None,
    }
}

/// How a call ends that nobody answers.
const NO_ANSWER: &[&str] =
    &["timeout", "timed out", "dial tcp", "request canceled", "no such host", "context deadline"];

const NO_WAY_OUT: &str = "The task could not reach AWS: see that its subnets have a way out, and that its security group \
                          lets it use port 443.";

/// What keeps an image from being pulled.
fn pull(says: &impl Fn(&[&str]) -> bool) -> Option<Fault> {
    let service = |key, remedy| Some(Fault { at: At::Service(key), remedy });
    if says(NO_ANSWER) {
        return Some(Fault { at: At::Nat, remedy: NO_WAY_OUT });
    }
    if says(&[
        "repository does not exist",
        "repositorynotfound",
        "name unknown",
        "repository with name",
        "denied",
        "403 forbidden",
    ]) {
        return service(
            "image",
            "The repository is not there, or does not let this account pull: see its name, and run `orgstrap edges`.",
        );
    }
    service("tag", "The image could not be pulled: see with `orgstrap registry list` that this tag is pushed.")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use std::fs;

    use engine::Class;

    use super::*;

    fn failed(code: Option<&str>, message: &str) -> Error {
        Error { code: code.map(Into::into), ..Error::new(Class::Other, message) }
    }

    fn at(code: &str, message: &str, port: u16) -> Option<At> {
        fault(&failed(Some(code), message), Some(port)).map(|fault| fault.at)
    }

    #[test]
    fn each_cause_has_its_key() {
        let service = |key| Some(At::Service(key));
        let (pull, start, exited) =
            ("CannotPullContainerError", "ResourceInitializationError", "EssentialContainerExited");
        let exit = "task 1 stopped: Essential container in task exited; container web ended with 1\n  web: ";
        for (code, message, expected) in [
            (pull, "1.dkr.ecr.us-west-1.amazonaws.com/cms/backend:9: not found", service("tag")),
            (pull, "pull access denied, repository does not exist or may require authorization", service("image")),
            (
                pull,
                "Get https://1.dkr.ecr.us-west-1.amazonaws.com/v2/: dial tcp 10.0.0.1:443: i/o timeout",
                Some(At::Nat),
            ),
            (
                pull,
                "image Manifest does not contain descriptor matching platform 'linux/arm64'",
                service("architecture"),
            ),
            (
                start,
                "unable to pull secrets or registry auth: unable to retrieve secret from asm: AccessDeniedException: secretsmanager:GetSecretValue",
                service("secrets"),
            ),
            (
                start,
                "unable to pull secrets or registry auth: RequestError: send request failed, i/o timeout",
                Some(At::Nat),
            ),
            ("OutOfMemoryError", "Container killed due to memory usage", service("memory")),
            ("Target.ResponseCodeMismatch", "Health checks failed with these codes: [404]", service("health")),
            ("Target.FailedHealthChecks", "Health checks failed", service("port")),
            ("Target.Timeout", "Request timed out", service("port")),
            ("ServiceSchedulerInitiated", "Task failed ELB health checks in (target-group web)", service("health")),
            (exited, format!("{exit}exec /app/server: exec format error").as_str(), service("architecture")),
            (
                exited,
                format!("{exit}Error: EROFS: read-only file system, open '/app/x'").as_str(),
                service("read_only"),
            ),
            (exited, format!("{exit}listen EACCES: permission denied 0.0.0.0:80").as_str(), service("port")),
            (exited, format!("{exit}open /data: permission denied").as_str(), service("user")),
            (exited, format!("{exit}no database").as_str(), Some(At::Application)),
            ("TaskFailedToStart", "something new", None),
        ] {
            assert_eq!(at(code, message, 80), expected, "{code}: {message}");
        }
        assert_eq!(at(exited, &format!("{exit}listen EACCES: permission denied 0.0.0.0:8080"), 8080), service("user"));
    }

    #[test]
    fn the_line_is_shown_as_it_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("web.toml");
        fs::write(&file, "[service.web]\nimage = \"web\"\n  health = \"/_health\"\n").unwrap();
        let (key, error) =
            (Key::new("dev", "ecs-service", "web"), failed(Some("Target.ResponseCodeMismatch"), "[404]"));
        let say = |line: usize| {
            let text = blame(&key, &error, None, |account, path| {
                assert_eq!((account, path), ("dev", ["service", "web", "health"].as_slice()));
                (line > 0).then(|| (file.clone(), line))
            });
            let text = anstream::adapter::strip_str(&text.unwrap()).to_string();
            text.lines().next().unwrap().replace(&folder.path().display().to_string(), "accounts")
        };
        assert_eq!(say(3), "accounts/web.toml:3: health = \"/_health\"");
        assert_eq!(say(1), "accounts/web.toml:1: [service.web] (`health` is not written)");
        assert_eq!(say(0), "accounts/dev.toml: service.web.health");
    }

    #[test]
    fn what_is_no_service_and_what_the_application_did_is_no_line() {
        let nowhere = |_: &str, _: &[&str]| -> Option<(PathBuf, usize)> { unreachable!("no line is asked for") };
        let oom = failed(Some("OutOfMemoryError"), "killed");
        assert_eq!(blame(&Key::new("dev", "vpc", "main"), &oom, None, nowhere), None);
        let service = Key::new("dev", "ecs-service", "web");
        let ended = failed(Some("EssentialContainerExited"), "task 1 stopped");
        let text = blame(&service, &ended, None, nowhere).unwrap();
        assert_eq!(text, "The application ended by itself; its last log lines say why.");
        assert_eq!(blame(&service, &failed(None, "Unknown"), None, nowhere), None);
    }
}
