//! Comparisons against brute force: every request over a small alphabet is decided for both documents.

use std::sync::LazyLock;

use policy::{
    Caller, Comparison, Context, Decision, Document, Key, Policies, Request, Verdict, Which, compare, decide,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::documents::{document, policy, statement};

/// What a document alone decides: a resource's policy with a caller that may do everything, an identity's with an object
/// that leaves it to the caller's policies.
pub(crate) fn alone(document: &Document, request: &Request, is_resource: bool) -> Decision {
    static ALL: LazyLock<Document> =
        LazyLock::new(|| policy_of(&json!({"Effect": "Allow", "Action": "*", "Resource": "*"})));
    let policies = if is_resource {
        Policies { resource: Some(document), identity: vec![&ALL], ..Policies::default() }
    } else {
        Policies { identity: vec![document], ..Policies::default() }
    };
    decide(request, &policies).decision
}

/// What a document decides in the circumstances that a comparison is about, which its notes name.
pub(crate) fn decided(comparison: &Comparison, document: &Document, request: &Request, is_resource: bool) -> Decision {
    let nothing = Document { statements: Vec::new(), ..document.clone() };
    let all = policy_of(&json!({"Effect": "Allow", "Action": "*", "Resource": "*"}));
    let is_about = |words: &str| comparison.notes.iter().any(|note| note.contains(words));
    let resource = Some(document);
    let policies = if is_about("needs no policy of its own") {
        Policies { resource, ..Policies::default() }
    } else if is_about("nothing limits the caller") {
        Policies { resource, boundary: Some(&nothing), ..Policies::default() }
    } else if is_about("without a permissions boundary") {
        Policies { resource, boundary: Some(&all), identity: vec![&all], ..Policies::default() }
    } else {
        return alone(document, request, is_resource);
    };
    decide(request, &policies).decision
}

fn policy_of(statement: &Value) -> Document {
    document(&json!({"Version": "2012-10-17", "Statement": statement}))
}

/// Strings over a few letters.
fn words(letters: &str, longest: usize) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut last = words.clone();
    for _ in 0..longest {
        last = last.iter().flat_map(|word| letters.chars().map(move |letter| format!("{word}{letter}"))).collect();
        words.extend(last.iter().cloned());
    }
    words
}

/// A document and one that is not far from it.
fn pair(with_principal: bool) -> impl Strategy<Value = (Value, Value)> {
    let near = (policy(with_principal), statement(with_principal), any::<prop::sample::Index>(), 0..3).prop_map(
        |(one, statement, at, how)| {
            let mut other = one.clone();
            if let Some(statements) = other["Statement"].as_array_mut() {
                let at = at.index(statements.len());
                match how {
                    0 => statements.push(statement),
                    1 => statements[at] = statement,
                    _ => statements[at]["Condition"] = statement["Condition"].clone(),
                }
            }
            (one, other)
        },
    );
    prop_oneof![(policy(with_principal), policy(with_principal)), near]
}

/// A sample of all requests: `seed` chooses among contexts, since all combinations would be too many.
fn universe(with_principal: bool) -> Vec<Request> {
    let callers: Vec<Caller> = if with_principal {
        [
            "arn:aws:iam::111111111111:root",
            "arn:aws:sts::111111111111:assumed-role/a/one",
            "arn:aws:sts::111111111111:assumed-role/a/two",
            "arn:aws:sts::111111111111:assumed-role/b/one",
            "arn:aws:iam::222222222222:user/u",
            "arn:aws:sts::333333333333:assumed-role/a/one",
            "a.amazonaws.com",
            "*",
        ]
        .iter()
        .map(|text| Caller::parse(text).unwrap())
        .collect()
    } else {
        vec![Caller::parse("arn:aws:iam::111111111111:role/a").unwrap()]
    };
    let actions: Vec<_> =
        words("abx", 2).into_iter().skip(1).map(|word| format!("s:{word}")).chain(["t:a".to_owned()]).collect();
    let resources: Vec<_> = words("abx", 2)
        .into_iter()
        .skip(1)
        .map(|word| format!("arn:aws:s3:::{word}"))
        .chain(["*".to_owned()])
        .collect();
    let mut contexts = vec![Context::default()];
    let mut add = |key: &str, values: &[Vec<String>]| {
        let before = contexts.clone();
        for context in before {
            for values in values {
                let mut context = context.clone();
                context.set(Key::new(key), values.clone());
                contexts.push(context);
            }
        }
    };
    let one = |text: &str| vec![text.to_owned()];
    add("x:one", &["a", "b", "A", "ab", ""].map(one));
    add("x:set", &[one("a"), one("xx"), vec!["a".into(), "b".into()]]);
    add("x:number", &["0", "1", "1.5", "3", "none"].map(one));
    let mut requests = Vec::new();
    for (c, caller) in callers.iter().enumerate() {
        for (a, action) in actions.iter().enumerate() {
            for (r, resource) in resources.iter().enumerate() {
                for (k, context) in contexts.iter().enumerate() {
                    // Each combination of three things, and of all four a part.
                    if with_principal && (c + a + r + k) % 5 != 0 {
                        continue;
                    }
                    let owner = Some("999999999999".to_owned()).filter(|_| with_principal);
                    requests.push(Request::new(caller.clone(), action, resource, owner, context.clone()));
                }
            }
        }
    }
    requests
}

fn check(a: &Value, b: &Value, is_resource: bool, universe: &[Request]) -> Result<(), TestCaseError> {
    let (one, other) = (document(a), document(b));
    let comparison = compare(&[&one], &[&other]);
    prop_assert!(comparison.verdict != Verdict::Unknown, "{:?}\n{}\n{}", comparison.unmodelled, a, b);
    let allowed = |which: Which| comparison.witnesses.iter().any(|witness| witness.allowed_by == which);
    let denied = |which: Which| comparison.denials.iter().any(|denial| denial.denied_by == which);
    let only_denied = comparison.notes.iter().any(|note| note.contains("neither allows"));
    for witness in comparison.witnesses.iter().filter(|_| !only_denied) {
        let decide = |document: &Document| decided(&comparison, document, &witness.request, is_resource);
        let by = (decide(&one) == Decision::Allow, decide(&other) == Decision::Allow);
        prop_assert_eq!(
            by,
            (witness.allowed_by == Which::A, witness.allowed_by == Which::B),
            "{}",
            witness.request.to_value()
        );
    }
    for denial in &comparison.denials {
        let decide = |document: &Document| alone(document, &denial.request, is_resource) == Decision::ExplicitDeny;
        prop_assert_eq!((decide(&one), decide(&other)), (denial.denied_by == Which::A, denial.denied_by == Which::B));
    }
    for request in universe {
        let (by_one, by_other) = (alone(&one, request, is_resource), alone(&other, request, is_resource));
        if by_one == by_other {
            continue;
        }
        prop_assert!(comparison.verdict != Verdict::Equal, "{}\nA {}\nB {}", request.to_value(), a, b);
        let which = |decision: Decision| if by_one == decision { Which::A } else { Which::B };
        if by_one == Decision::Allow || by_other == Decision::Allow {
            let which = which(Decision::Allow);
            let found = allowed(which) && comparison.notes.is_empty();
            prop_assert!(found, "{:?} allows {}\nA {}\nB {}\n{:?}", which, request.to_value(), a, b, comparison);
        } else if comparison.witnesses.is_empty() || only_denied {
            let which = which(Decision::ExplicitDeny);
            prop_assert!(
                denied(which),
                "{:?} denies {}\nA {}\nB {}\n{:?}",
                which,
                request.to_value(),
                a,
                b,
                comparison
            );
        }
    }
    let back = compare(&[&other], &[&one]);
    let mirrored = match comparison.verdict {
        Verdict::Narrower => Verdict::Wider,
        Verdict::Wider => Verdict::Narrower,
        verdict => verdict,
    };
    prop_assert_eq!(back.verdict, mirrored);
    prop_assert_eq!(compare(&[&one], &[&one]).verdict, Verdict::Equal);
    Ok(())
}

#[test]
fn identity_policies_agree_with_brute_force() {
    let universe = universe(false);
    proptest!(ProptestConfig::with_cases(cases(48)), |((a, b) in pair(false))| check(&a, &b, false, &universe)?);
}

#[test]
fn resource_policies_agree_with_brute_force() {
    let universe = universe(true);
    proptest!(ProptestConfig::with_cases(cases(48)), |((a, b) in pair(true))| check(&a, &b, true, &universe)?);
}

/// `PROPTEST_CASES` asks for more.
pub(crate) fn cases(usual: u32) -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(usual)
}
