//! Callers as text: an identity of IAM is its `aws:PrincipalArn`, everyone else stands behind [`MARKER`]. So `Principal`
//! and conditions on who calls are tests of one dimension, and contradict or imply each other as they do for AWS.

use std::collections::{BTreeMap, BTreeSet};

use super::set::{Present, Test, TextSet, Values};
use super::space::{Subject, text_set};
use crate::caller::Caller;
use crate::context::Key;
use crate::document::{Condition, Effect, Selection};
use crate::glob::{Class, MARKER, Token};
use crate::operator;
use crate::pattern::Pattern;
use crate::principal::Principal;
use crate::value::Family;

/// The circumstances in which policies are compared: those of a resource may agree in some and differ in others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Aspect {
    /// The caller may do everything as far as its own policies go. With a resource's policy it is of another account.
    Anywhere,
    /// The caller is of the object's account, and has no policies of its own.
    WithinAccount,
    /// As within the account, with a boundary that allows nothing: it limits those whom an account or a role stands for.
    PastLimits,
    /// As anywhere, with a boundary that allows everything: `NotPrincipal` with `Deny` spares nobody who has one.
    Bounded,
}

impl Aspect {
    /// Whether the object belongs to the caller's account.
    pub(super) fn is_within_account(self) -> bool {
        matches!(self, Self::WithinAccount | Self::PastLimits)
    }

    /// Whether users and roles have a boundary.
    pub(super) fn is_bounded(self) -> bool {
        matches!(self, Self::PastLimits | Self::Bounded)
    }

    /// Whether an `Allow` for this entry counts.
    fn counts(self, entry: &Principal) -> bool {
        match entry {
            Principal::Account { .. } => !self.is_within_account(),
            Principal::Role(_) => self != Self::PastLimits,
            Principal::UniqueId(id) => self != Self::PastLimits || id.starts_with("AIDA"),
            _ => true,
        }
    }
}

/// What callers look like, the likeliest first. Only identities of IAM have policies of their own. `partitions` are those
/// that the documents speak of: an account is of one, and nobody calls into another.
pub(super) fn bases(is_resource: bool, aspect: Aspect, partitions: &BTreeSet<String>) -> Vec<Pattern> {
    let mut forms =
        vec!["iam::############:role/?@", "iam::############:user/?@", "sts::############:federated-user/?@"];
    if !aspect.is_within_account() {
        // Within its own account the root user needs no policy.
        forms.push("iam::############:root");
    }
    // Accounts that are none of AWS's, in documents that name such.
    forms.extend(["iam::?*:role/?@", "iam::?*:user/?@", "sts::?*:federated-user/?@"]);
    let mut bases: Vec<_> = forms
        .iter()
        .flat_map(|form| partitions.iter().map(move |partition| Pattern::ours(&format!("arn:{partition}:{form}"))))
        .collect();
    if is_resource {
        let others = [
            "service:?*.amazonaws.com",
            "service:?*.amazonaws.com.cn",
            "federated:arn:aws*:iam::############:saml-provider/?@",
            "federated:arn:?*:iam::?*:oidc-provider/?@",
            "federated:?*",
            "canonical:?*",
            "anonymous",
        ];
        bases.extend(others.map(marked));
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

/// One way to be a caller that a statement matches: all of these tests hold.
type Alternative = Vec<(Subject, Test)>;

/// A session of a role: the role's ARN, whose path a session's ARN does not tell, and the session's name.
struct Session {
    roles: Vec<Pattern>,
    name: String,
}

fn session(arn: &str) -> Option<Session> {
    match Caller::parse(arn)? {
        Caller::Session { partition, account, role, session, .. } => {
            let mut on_a_path = Pattern::literal(&format!("arn:{partition}:iam::{account}:role/")).tokens().to_vec();
            on_a_path.extend([Token::One(Class::Any), Token::Many(Class::Any)]);
            on_a_path.extend(Pattern::literal(&format!("/{role}")).tokens().iter().cloned());
            let pathless = Pattern::literal(&format!("arn:{partition}:iam::{account}:role/{role}"));
            Some(Session { roles: vec![pathless, Pattern::of(on_a_path, false)], name: session })
        }
        _ => None,
    }
}

/// The callers that an entry of `Principal` names by their ARN or name.
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
        Principal::UniqueId(_) | Principal::Session(_) | Principal::Unknown(_) => None,
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

/// The users on a path whose name matches.
fn of_user(path: &str, name: &Pattern) -> Pattern {
    let mut tokens = Pattern::ours(&format!("arn:*:iam::*:user/{path}")).tokens().to_vec();
    tokens.extend(name.tokens().iter().map(|token| match token {
        Token::One(_) => Token::One(Class::Name),
        Token::Many(_) => Token::Many(Class::Name),
        token => token.clone(),
    }));
    Pattern::of(tokens, name.is_folded())
}

/// The ways to be a caller that `Principal` or `NotPrincipal` selects. `None` if there are too many.
pub(super) fn alternatives(
    principals: &Selection<Principal>,
    effect: Effect,
    has_sessions: bool,
    aspect: Aspect,
) -> Option<Vec<Alternative>> {
    match (principals, effect) {
        (Selection::Only(entries), _) => {
            let counts = |entry: &&Principal| effect == Effect::Deny || aspect.counts(entry);
            Some(items(&entries.iter().filter(counts).collect::<Vec<_>>()))
        }
        (Selection::Except(_), Effect::Allow) if aspect == Aspect::PastLimits => Some(Vec::new()),
        (Selection::Except(entries), Effect::Allow) => all_but(&items(&entries.iter().collect::<Vec<_>>())),
        (Selection::Except(entries), Effect::Deny) => {
            exempt(entries, has_sessions, aspect.is_bounded()).and_then(|items| all_but(&items))
        }
    }
}

fn sorted(mut patterns: Vec<Pattern>) -> Vec<Pattern> {
    patterns.sort_unstable();
    patterns.dedup();
    patterns
}

/// The callers that entries name: one way for all that are known by their ARN or name, one for the sessions of a role, one
/// for a unique id.
fn items(entries: &[&Principal]) -> Vec<Alternative> {
    let mut items = Vec::new();
    let patterns = sorted(entries.iter().filter_map(|entry| named(entry)).collect());
    if !patterns.is_empty() {
        items.push(vec![(Subject::Caller, Test::Text(TextSet::only(patterns)))]);
    }
    let mut by_role: BTreeMap<Vec<Pattern>, Vec<Pattern>> = BTreeMap::new();
    for session in entries.iter().filter_map(|entry| session(&entry.text())) {
        by_role.entry(session.roles).or_default().push(Pattern::literal(&session.name));
    }
    for (roles, names) in by_role {
        items.push(vec![
            (Subject::Caller, Test::Text(TextSet::only(roles))),
            (Subject::Session, Test::Text(TextSet::only(sorted(names)))),
        ]);
    }
    for entry in entries {
        if let Principal::UniqueId(id) = entry {
            items.push(vec![
                (Subject::Caller, Test::Text(TextSet::except(vec![Pattern::marked()]))),
                (Subject::Key(Key::new("aws:userid")), is_unique_id(id)),
            ]);
        }
    }
    items
}

/// Whether `aws:userid` is the id, or the id and a session's name.
fn is_unique_id(id: &str) -> Test {
    let mut with_session = Pattern::literal(&format!("{id}:")).tokens().to_vec();
    with_session.push(Token::Many(Class::Any));
    let set = TextSet::only(vec![Pattern::literal(id), Pattern::of(with_session, false)]);
    Test::Key { absent: false, present: Present::Some(Values::Text(set)) }
}

/// More ways than this are too many.
const LARGEST: usize = 256;

/// Everyone but these: from each way, one test fails. `None` if there are too many ways to do that.
fn all_but(items: &[Alternative]) -> Option<Vec<Alternative>> {
    let mut alternatives = vec![Vec::new()];
    for item in items {
        let failing = item.iter().map(|(subject, test)| (subject.clone(), test.negated()));
        let failing: Vec<_> = failing.collect();
        let extended = alternatives.iter().flat_map(|alternative: &Alternative| {
            failing.iter().map(move |failing| alternative.iter().cloned().chain([failing.clone()]).collect())
        });
        alternatives = extended.collect();
        if alternatives.len() > LARGEST {
            return None;
        }
    }
    Some(alternatives)
}

/// Whom `NotPrincipal` with `Deny` leaves alone: see [`crate::principal::is_exempt`]. `None` with unique ids, of which it
/// cannot be told what else they are.
fn exempt(entries: &[Principal], has_sessions: bool, bounded: bool) -> Option<Vec<Alternative>> {
    if entries.iter().any(|entry| matches!(entry, Principal::UniqueId(_))) {
        return None;
    }
    let caller = |entry: &Principal| Caller::parse(&entry.text());
    let has_account = |caller: &Caller| {
        entries.iter().any(|entry| matches!(entry, Principal::Account { id, .. } if caller.account() == Some(id)))
    };
    let role_listed =
        |caller: &Caller| entries.iter().any(|entry| matches!(entry, Principal::Role(arn) if caller.is_of_role(arn)));
    let mut listed = Vec::new();
    let mut roots = Vec::new();
    for entry in entries {
        let spared = match entry {
            Principal::Account { id, .. } => {
                roots.push(Pattern::ours(&format!("arn:*:iam::{id}:root")));
                false
            }
            Principal::Role(_) => !bounded && !has_sessions && caller(entry).is_some_and(|caller| has_account(&caller)),
            Principal::User(_) => !bounded && caller(entry).is_some_and(|caller| has_account(&caller)),
            Principal::FederatedUser(_) => caller(entry).is_some_and(|caller| has_account(&caller)),
            Principal::Session(_) => {
                !bounded && caller(entry).is_some_and(|caller| has_account(&caller) && role_listed(&caller))
            }
            Principal::UniqueId(_) | Principal::Unknown(_) => false,
            Principal::Everyone | Principal::Service(_) | Principal::Federated(_) | Principal::CanonicalUser(_) => true,
        };
        if spared {
            listed.push(entry);
        }
    }
    let mut items = items(&listed);
    if !roots.is_empty() {
        items.push(vec![(Subject::Caller, Test::Text(TextSet::only(sorted(roots))))]);
    }
    Some(items)
}

/// A condition as a test of the caller.
pub(super) enum Lifted {
    /// Its key follows from the caller.
    Caller(TextSet),
    /// Its key follows from the caller, in a way that no set of patterns says.
    Unknown,
    /// Its key does not follow from the caller.
    No,
}

/// A condition on a key that follows from the caller, as a test of the caller.
pub(super) fn lifted(condition: &Condition) -> Lifted {
    let key = condition.key.folded();
    let test = condition.operator.test;
    if Family::of(test) != Family::Text
        || !matches!(
            key,
            "aws:principalarn"
                | "aws:principalaccount"
                | "aws:principaltype"
                | "aws:principalisawsservice"
                | "aws:username"
        )
    {
        return Lifted::No;
    }
    let if_absent = condition.operator.holds_without_key();
    if test == operator::Test::Null {
        let says = |truth: &str| condition.values.iter().any(|value| value.as_str().eq_ignore_ascii_case(truth));
        return Lifted::Caller(match key {
            "aws:username" => chosen(says("false"), &[Pattern::ours("arn:*:iam::*:user/@")], says("true")),
            _ => chosen(says("true"), &absent(key), says("false")),
        });
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
            return Lifted::Caller(finite(&[
                ("AssumedRole", Pattern::ours("arn:*:iam::*:role/@")),
                ("User", Pattern::ours("arn:*:iam::*:user/@")),
                ("Account", Pattern::ours("arn:*:iam::*:root")),
                ("FederatedUser", Pattern::ours("arn:*:sts::*:federated-user/@")),
            ]));
        }
        "aws:principalisawsservice" => {
            return Lifted::Caller(finite(&[("true", marked("service:@")), ("false", Pattern::ours("arn:@"))]));
        }
        "aws:principalaccount" => {
            set.patterns.iter().map(|pattern| of_account(pattern.tokens(), pattern.is_folded())).collect()
        }
        "aws:username" => {
            let users = set.patterns.iter().flat_map(|name| ["", "@/"].map(|path| of_user(path, name)));
            let users = sorted(users.collect());
            // Whoever is no user has no name.
            return match (set.except, if_absent) {
                (false, false) => Lifted::Caller(TextSet::only(users)),
                (true, true) => Lifted::Caller(TextSet::except(users)),
                _ => Lifted::Unknown,
            };
        }
        _ => set.patterns.clone(),
    };
    Lifted::Caller(match (set.except, if_absent) {
        (false, false) => TextSet::only(sorted(patterns)),
        (false, true) => TextSet::only(sorted(patterns.into_iter().chain([Pattern::marked()]).collect())),
        (true, true) => TextSet::except(sorted(patterns)),
        (true, false) => TextSet::except(sorted(patterns.into_iter().chain([Pattern::marked()]).collect())),
    })
}

/// Callers of whom nothing is said under a key.
fn absent(key: &str) -> Vec<Pattern> {
    if key == "aws:principalisawsservice" {
        ["federated:@", "canonical:@", "anonymous"].map(marked).to_vec()
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
