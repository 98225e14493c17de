//! Callers as text: an identity of IAM is its `aws:PrincipalArn`, everyone else stands behind [`MARKER`]. So `Principal`
//! and conditions on who calls are tests of one dimension, and contradict or imply each other as they do for AWS.

use super::set::TextSet;
use super::space::{Subject, text_set};
use crate::caller::Caller;
use crate::document::{Condition, Effect, Selection};
use crate::glob::{Class, MARKER, Token};
use crate::operator::Test;
use crate::pattern::Pattern;
use crate::principal::Principal;
use crate::value::Family;

/// What callers look like, the likeliest first. Only identities of IAM have policies of their own.
pub(super) fn bases(is_resource: bool) -> Vec<Pattern> {
    let mut bases: Vec<_> = [
        "arn:aws*:iam::############:role/?@",
        "arn:aws*:iam::############:user/?@",
        "arn:aws*:iam::############:root",
        "arn:aws*:sts::############:federated-user/?@",
        "arn:?*:iam::?*:role/?@",
        "arn:?*:iam::?*:user/?@",
        "arn:?*:iam::?*:root",
        "arn:?*:sts::?*:federated-user/?@",
    ]
    .map(Pattern::ours)
    .to_vec();
    if is_resource {
        bases.extend(["service:?*.amazonaws.com", "service:?*.amazonaws.com.cn"].map(marked));
        bases.extend(
            ["federated:arn:aws*:iam::############:saml-provider/?@", "federated:arn:?*:iam::?*:oidc-provider/?@"]
                .map(marked),
        );
        bases.extend(["federated:?*", "canonical:?*", "id:?*", "anonymous"].map(marked));
    }
    bases
}

fn marked(text: &str) -> Pattern {
    Pattern::ours(&format!("{MARKER}{text}"))
}

/// Whether sessions are named.
pub(super) fn names_sessions(principals: Option<&Selection<Principal>>) -> bool {
    principals.is_some_and(|principals| {
        principals.entries().iter().any(|principal| matches!(principal, Principal::Session(_)))
    })
}

/// One way to be a caller that a statement matches.
type Alternative = Vec<(Subject, TextSet)>;

/// A session of a role: the role's ARN, whose path a session's ARN does not tell, and the session's name.
struct Session {
    roles: Vec<Pattern>,
    name: String,
}

fn session(arn: &str) -> Option<Session> {
    match Caller::parse(arn)? {
        Caller::Session { partition, account, role, session, .. } => {
            let mut on_a_path = Pattern::literal(&format!("arn:{partition}:iam::{account}:role/")).tokens().to_vec();
            on_a_path.push(Token::Many(Class::Any));
            on_a_path.extend(Pattern::literal(&format!("/{role}")).tokens().iter().cloned());
            let pathless = Pattern::literal(&format!("arn:{partition}:iam::{account}:role/{role}"));
            Some(Session { roles: vec![pathless, Pattern::of(on_a_path, false)], name: session })
        }
        _ => None,
    }
}

/// The callers that an entry of `Principal` names, sessions aside.
fn named(principal: &Principal) -> Option<Pattern> {
    let of_kind = |kind: &str, name: &str| {
        if name == "*" { marked(&format!("{kind}:?*")) } else { Pattern::literal(&format!("{MARKER}{kind}:{name}")) }
    };
    match principal {
        Principal::Everyone => Some(Pattern::everything()),
        Principal::Account { id, .. } => Some(of_account(Pattern::literal(id).tokens(), false)),
        Principal::Role(arn) | Principal::User(arn) | Principal::FederatedUser(arn) => Some(Pattern::literal(arn)),
        Principal::Service(name) => Some(of_kind("service", name)),
        Principal::Federated(name) => Some(of_kind("federated", name)),
        Principal::CanonicalUser(id) => Some(of_kind("canonical", id)),
        Principal::UniqueId(id) => Some(of_kind("id", id)),
        Principal::Session(_) | Principal::Unknown(_) => None,
    }
}

/// The identities of accounts whose id matches.
fn of_account(id: &[Token], folded: bool) -> Pattern {
    let mut tokens = Pattern::ours("arn:*:*::").tokens().to_vec();
    tokens.extend(id.iter().map(|token| match token {
        Token::One(_) => Token::One(Class::Segment),
        Token::Many(_) => Token::Many(Class::Segment),
        token => token.clone(),
    }));
    tokens.extend(Pattern::ours(":@").tokens().iter().cloned());
    Pattern::of(tokens, folded)
}

/// The ways to be a caller that `Principal` or `NotPrincipal` selects. With `direct`, an account's name selects nobody.
pub(super) fn alternatives(
    principals: &Selection<Principal>,
    effect: Effect,
    has_sessions: bool,
    direct: bool,
) -> Vec<Alternative> {
    match (principals, effect) {
        (Selection::Only(entries), _) => {
            let entries = || {
                entries
                    .iter()
                    .filter(|entry| !(direct && effect == Effect::Allow && matches!(entry, Principal::Account { .. })))
            };
            let mut alternatives = Vec::new();
            let patterns: Vec<_> = sorted(entries().filter_map(named).collect());
            if !patterns.is_empty() {
                alternatives.push(vec![(Subject::Caller, TextSet::only(patterns))]);
            }
            for session in entries().filter_map(|entry| session(&entry.text())) {
                alternatives.push(vec![
                    (Subject::Caller, TextSet::only(session.roles)),
                    (Subject::Session, TextSet::only(vec![Pattern::literal(&session.name)])),
                ]);
            }
            alternatives
        }
        (Selection::Except(entries), Effect::Allow) => {
            let callers: Vec<_> = entries.iter().filter_map(named).collect();
            let sessions: Vec<_> = entries.iter().filter_map(|entry| session(&entry.text())).collect();
            all_but(&callers, &sessions)
        }
        (Selection::Except(entries), Effect::Deny) => {
            let (callers, sessions) = exempt(entries, has_sessions);
            all_but(&callers, &sessions)
        }
    }
}

fn sorted(mut patterns: Vec<Pattern>) -> Vec<Pattern> {
    patterns.sort_unstable();
    patterns.dedup();
    patterns
}

/// Everyone but these callers and these sessions of roles.
fn all_but(callers: &[Pattern], sessions: &[Session]) -> Vec<Alternative> {
    let roles = sessions.iter().flat_map(|session| session.roles.iter().cloned());
    let mut alternatives =
        vec![vec![(Subject::Caller, TextSet::except(sorted(callers.iter().cloned().chain(roles).collect())))]];
    for session in sessions {
        let of_role = sessions.iter().filter(|other| other.roles == session.roles);
        let names = of_role.map(|session| Pattern::literal(&session.name)).collect();
        alternatives.push(vec![
            (Subject::Caller, TextSet::only(session.roles.clone())),
            (Subject::Caller, TextSet::except(sorted(callers.to_vec()))),
            (Subject::Session, TextSet::except(sorted(names))),
        ]);
    }
    alternatives
}

/// Whom `NotPrincipal` with `Deny` leaves alone: see [`crate::principal::is_exempt`].
fn exempt(entries: &[Principal], has_sessions: bool) -> (Vec<Pattern>, Vec<Session>) {
    let caller = |entry: &Principal| Caller::parse(&entry.text());
    let has_account = |caller: &Caller| {
        entries.iter().any(|entry| matches!(entry, Principal::Account { id, .. } if caller.account() == Some(id)))
    };
    let mut patterns = Vec::new();
    let mut sessions = Vec::new();
    for entry in entries {
        match entry {
            Principal::Account { id, .. } => {
                let mut root = Pattern::ours("arn:*:iam::").tokens().to_vec();
                root.extend(Pattern::literal(&format!("{id}:root")).tokens().iter().cloned());
                patterns.push(Pattern::of(root, false));
            }
            Principal::Role(_) if has_sessions => {}
            Principal::Role(_) | Principal::User(_) | Principal::FederatedUser(_) => {
                if caller(entry).is_some_and(|caller| has_account(&caller)) {
                    patterns.extend(named(entry));
                }
            }
            Principal::Session(arn) => {
                let role_listed = |caller: &Caller| {
                    entries.iter().any(|entry| matches!(entry, Principal::Role(arn) if caller.is_of_role(arn)))
                };
                if caller(entry).is_some_and(|caller| has_account(&caller) && role_listed(&caller)) {
                    sessions.extend(session(arn));
                }
            }
            Principal::Unknown(_) | Principal::UniqueId(_) => {}
            Principal::Everyone | Principal::Service(_) | Principal::Federated(_) | Principal::CanonicalUser(_) => {
                patterns.extend(named(entry));
            }
        }
    }
    (patterns, sessions)
}

/// A condition on a key that follows from the caller, as a test of the caller.
pub(super) fn lifted(condition: &Condition) -> Option<TextSet> {
    let key = condition.key.folded();
    let test = condition.operator.test;
    if Family::of(test) != Family::Text
        || !matches!(
            key,
            "aws:principalarn" | "aws:principalaccount" | "aws:principaltype" | "aws:principalisawsservice"
        )
    {
        return None;
    }
    let if_absent = condition.operator.holds_without_key();
    if test == Test::Null {
        let says = |truth: &str| condition.values.iter().any(|value| value.as_str().eq_ignore_ascii_case(truth));
        return Some(chosen(says("true"), &absent(key), says("false")));
    }
    let set = text_set(condition);
    let finite = |values: &[(&str, Pattern)]| {
        let accepted = values.iter().filter(|(value, _)| set.has(value));
        let mut patterns: Vec<_> = accepted.map(|(_, pattern)| pattern.clone()).collect();
        if if_absent {
            patterns.extend(absent(key));
        }
        TextSet::only(sorted(patterns))
    };
    let patterns: Vec<_> = match key {
        "aws:principaltype" => {
            return Some(finite(&[
                ("AssumedRole", Pattern::ours("arn:*:iam::*:role/@")),
                ("User", Pattern::ours("arn:*:iam::*:user/@")),
                ("Account", Pattern::ours("arn:*:iam::*:root")),
                ("FederatedUser", Pattern::ours("arn:*:sts::*:federated-user/@")),
            ]));
        }
        "aws:principalisawsservice" => {
            return Some(finite(&[("true", marked("service:@")), ("false", Pattern::ours("arn:@"))]));
        }
        "aws:principalaccount" => {
            set.patterns.iter().map(|pattern| of_account(pattern.tokens(), pattern.is_folded())).collect()
        }
        _ => set.patterns.clone(),
    };
    Some(match (set.except, if_absent) {
        (false, false) => TextSet::only(sorted(patterns)),
        (false, true) => TextSet::only(sorted(patterns.into_iter().chain([Pattern::marked()]).collect())),
        (true, true) => TextSet::except(sorted(patterns)),
        (true, false) => TextSet::except(sorted(patterns.into_iter().chain([Pattern::marked()]).collect())),
    })
}

/// Callers of whom nothing is said under a key.
fn absent(key: &str) -> Vec<Pattern> {
    if key == "aws:principalisawsservice" {
        ["federated:@", "canonical:@", "id:@", "anonymous"].map(marked).to_vec()
    } else {
        vec![Pattern::marked()]
    }
}

/// Those of some patterns, the others, both or none.
fn chosen(these: bool, patterns: &[Pattern], others: bool) -> TextSet {
    match (these, others) {
        (true, true) => TextSet::except(Vec::new()),
        (true, false) => TextSet::only(patterns.to_vec()),
        (false, true) => TextSet::except(patterns.to_vec()),
        (false, false) => TextSet::only(Vec::new()),
    }
}
