//! Statements as regions of the space of requests: one dimension for the caller, the session, the action, the resource
//! and each condition key.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rust_decimal::Decimal;

use super::callers::{self, Aspect, Lifted};
use super::set::{Present, Test, TextSet, Values};
use crate::context::{Context, Key};
use crate::document::{Condition, Document, Effect, Selection, Statement, folded_action, service_of};
use crate::glob::Token;
use crate::operator::{self, Quantifier};
use crate::pattern::Pattern;
use crate::principal::Principal;
use crate::spelling;
use crate::value::{Family, Matcher, parse_number};

/// What a dimension is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Subject {
    Caller,
    Session,
    Action,
    Resource,
    Key(Key),
    /// A condition that is not modelled.
    Condition(Box<Condition>),
    /// Principals that are not modelled.
    Principals(Box<Selection<Principal>>),
}

/// One dimension, with every test of it that some statement makes.
#[derive(Debug)]
pub(crate) struct Dimension {
    pub(crate) subject: Subject,
    pub(crate) tests: Vec<Test>,
    numbers: HashMap<Test, usize>,
    /// Of a key with ordered values: one value of each sort that some statement tells apart.
    pub(crate) points: Vec<String>,
    /// Whether there is one value at most.
    pub(crate) single: bool,
    /// What strings look like here, the likeliest first.
    pub(crate) bases: Vec<Pattern>,
    /// Strings to try first.
    pub(crate) candidates: Vec<String>,
}

/// A test of a dimension, by number, that has to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Literal {
    pub(crate) dimension: usize,
    pub(crate) test: usize,
}

/// The requests that keep to all of these tests.
#[derive(Clone, Debug, Default)]
pub(crate) struct Region {
    pub(crate) literals: Vec<Literal>,
}

/// A document's statements as regions.
#[derive(Debug, Default)]
pub(crate) struct Regions {
    pub(crate) allowed: Vec<Region>,
    pub(crate) denied: Vec<Region>,
}

/// The space that two documents are compared in.
#[derive(Debug)]
pub(crate) struct Space {
    pub(crate) dimensions: Vec<Dimension>,
    by_subject: HashMap<Subject, usize>,
    /// Whether the documents are those of resources, with principals.
    pub(crate) is_resource: bool,
    /// Whether sessions of one role are told apart.
    pub(crate) has_sessions: bool,
    /// In which circumstances the documents are compared.
    pub(crate) aspect: Aspect,
    partitions: BTreeSet<String>,
    keys: BTreeMap<Key, KeyUse>,
    /// What could not be modelled.
    pub(crate) unmodelled: BTreeSet<String>,
}

/// How the documents use a key.
#[derive(Debug, Default)]
struct KeyUse {
    families: Vec<Family>,
    several: bool,
    points: Vec<String>,
}

impl Space {
    /// The space of all these documents.
    pub(crate) fn new(documents: &[&Document], aspect: Aspect) -> Self {
        let statements = || documents.iter().flat_map(|document| &document.statements);
        let is_resource = statements().any(|statement| statement.principals.is_some());
        let has_sessions = statements().any(|statement| callers::names_sessions(statement.principals.as_ref()));
        let mut space = Self {
            dimensions: Vec::new(),
            by_subject: HashMap::new(),
            is_resource,
            has_sessions,
            aspect,
            partitions: partitions(documents),
            keys: BTreeMap::new(),
            unmodelled: BTreeSet::new(),
        };
        for condition in statements().flat_map(|statement| &statement.conditions) {
            let used = space.keys.entry(condition.key.clone()).or_default();
            used.several |= condition.operator.quantifier.is_some() || is_multivalued(&condition.key);
            if condition.operator.test == operator::Test::Null {
                continue;
            }
            let family = Family::of(condition.operator.test);
            if !used.families.contains(&family) {
                used.families.push(family);
            }
        }
        let keys: Vec<Key> = space.keys.keys().cloned().collect();
        for key in keys {
            let conditions: Vec<_> = statements()
                .flat_map(|statement| &statement.conditions)
                .filter(|condition| condition.key == key)
                .collect();
            if let Some(used) = space.keys.get_mut(&key) {
                used.points = points(&conditions, &used.families);
            }
        }
        let strange = statements()
            .filter_map(|statement| statement.resources.as_ref())
            .flat_map(Selection::entries)
            .any(|resource| !resource.as_str().starts_with("arn:") && resource.as_str() != "*");
        space.dimension(Subject::Caller);
        space.dimension(Subject::Session);
        let action = space.dimension(Subject::Action);
        let actions = statements().filter_map(|statement| statement.actions.as_ref()).flat_map(Selection::entries);
        let services: BTreeSet<_> = actions.map(|action| service_of(action.as_str())).collect();
        let known =
            services.iter().flat_map(|service| spelling::actions_of(service)).map(|action| folded_action(&action));
        space.dimensions[action].candidates.splice(0..0, known);
        let resource = space.dimension(Subject::Resource);
        if strange {
            space.dimensions[resource].bases.push(Pattern::frame("?@"));
        }
        space
    }

    /// The number of the dimension of a subject.
    pub(crate) fn dimension(&mut self, subject: Subject) -> usize {
        if let Some(number) = self.by_subject.get(&subject) {
            return *number;
        }
        let used = match &subject {
            Subject::Key(key) => self.keys.get(key),
            _ => None,
        };
        let bases = match &subject {
            Subject::Caller => callers::bases(self.is_resource, self.aspect, &self.partitions),
            Subject::Session => vec![Pattern::ours("?*")],
            Subject::Action => vec![Pattern::ours("?*:?*")],
            Subject::Resource => {
                ["arn:aws*:?*:*:############:?@", "arn:?*:?*:*:*:?@", "*"].map(pattern_of_resource).to_vec()
            }
            Subject::Key(_) | Subject::Condition(_) | Subject::Principals(_) => Vec::new(),
        };
        let candidates: &[&str] = match &subject {
            Subject::Caller => &[
                "arn:aws:iam::111122223333:role/example",
                "arn:aws:iam::444455556666:role/example",
                "arn:aws:iam::777788889999:role/example",
            ],
            Subject::Session => &["session", "other"],
            Subject::Action => &["s3:getobject"],
            Subject::Condition(_) | Subject::Principals(_) => &[],
            Subject::Resource => &[
                "arn:aws:s3:::example/key",
                "arn:aws:ecr:us-west-1:222233334444:repository/example",
                "arn:aws:iam::222233334444:role/example",
            ],
            Subject::Key(key) => candidates_for(key),
        };
        let dimension = Dimension {
            tests: Vec::new(),
            numbers: HashMap::new(),
            points: used.map(|used| used.points.clone()).unwrap_or_default(),
            single: used.is_none_or(|used| !used.several),
            bases,
            candidates: candidates.iter().map(|text| (*text).to_owned()).collect(),
            subject: subject.clone(),
        };
        self.dimensions.push(dimension);
        self.by_subject.insert(subject, self.dimensions.len() - 1);
        self.dimensions.len() - 1
    }

    pub(crate) fn literal(&mut self, subject: Subject, test: Test) -> Literal {
        let number = self.dimension(subject);
        let dimension = &mut self.dimensions[number];
        let test = *dimension.numbers.entry(test.clone()).or_insert_with(|| {
            dimension.tests.push(test);
            dimension.tests.len() - 1
        });
        Literal { dimension: number, test }
    }

    /// The regions of documents that apply together.
    pub(crate) fn regions(&mut self, documents: &[&Document]) -> Regions {
        let mut regions = Regions::default();
        for statement in documents.iter().flat_map(|document| &document.statements) {
            let of_statement = self.regions_of(statement);
            match statement.effect {
                Effect::Allow => regions.allowed.extend(of_statement),
                Effect::Deny => regions.denied.extend(of_statement),
            }
        }
        regions
    }

    pub(crate) fn regions_of(&mut self, statement: &Statement) -> Vec<Region> {
        let Some(actions) = &statement.actions else { return Vec::new() };
        let mut literals =
            vec![self.literal(Subject::Action, Test::Text(set_of(actions, |action| lowered(action.pattern()))))];
        let resources = match &statement.resources {
            Some(resources) => set_of(resources, |resource| resource.pattern().clone().unmarked()),
            None if !self.is_resource => return Vec::new(),
            // Without `Resource` a key's policy has no effect; others are about what they are attached to.
            None => TextSet::except(vec![Pattern::ours("arn:*:kms:*:*:key/@")]),
        };
        literals.push(self.literal(Subject::Resource, Test::Text(resources)));
        if let Some(Selection::Except(resources)) = &statement.resources {
            // A variable without a value makes the statement match nothing, not everything.
            let variables = resources.iter().flat_map(|resource| resource.pattern().variable_list());
            for key in variables.filter(|variable| variable.default.is_none()).map(|variable| variable.key.clone()) {
                let literal = self.condition(&Condition::is_present(key));
                literals.push(literal);
            }
        }
        for condition in &statement.conditions {
            let literal = self.condition(condition);
            literals.push(literal);
        }
        if !self.is_resource {
            return vec![Region { literals }];
        }
        let Some(principals) = &statement.principals else { return Vec::new() };
        let alternatives = callers::alternatives(principals, statement.effect, self.has_sessions, self.aspect);
        let alternatives = alternatives.unwrap_or_else(|| {
            self.unmodelled.insert("`NotPrincipal` with unique ids, or with the sessions of many roles".to_owned());
            vec![vec![(Subject::Principals(Box::new(principals.clone())), Test::Opaque)]]
        });
        let with = |alternative: Vec<(Subject, Test)>, space: &mut Self| {
            let more: Vec<_> = alternative.into_iter().map(|(subject, test)| space.literal(subject, test)).collect();
            Region { literals: literals.iter().copied().chain(more).collect() }
        };
        alternatives.into_iter().map(|alternative| with(alternative, self)).collect()
    }

    fn condition(&mut self, condition: &Condition) -> Literal {
        let families = self.keys.get(&condition.key).map_or(0, |used| used.families.len());
        let has_variables = condition.values.iter().any(crate::document::ConditionValue::has_variables);
        let is_opaque = if families > 1 {
            let message = format!("{} is compared both as text and as a number, date or address", condition.key);
            self.unmodelled.insert(message);
            true
        } else {
            // A variable is a letter of its own, except where its absence would have to be told from other values.
            has_variables && condition.operator.test.is_negated()
        };
        let opaque = || Subject::Condition(Box::new(condition.clone()));
        match callers::lifted(condition) {
            _ if is_opaque => return self.literal(opaque(), Test::Opaque),
            Lifted::Caller(_) if has_variables => return self.literal(opaque(), Test::Opaque),
            Lifted::Caller(set) => return self.literal(Subject::Caller, Test::Text(set)),
            Lifted::Unknown => return self.literal(opaque(), Test::Opaque),
            Lifted::No => {}
        }
        let subject = Subject::Key(condition.key.clone());
        let number = self.dimension(subject.clone());
        let test = test_of(condition, &self.dimensions[number].points);
        self.literal(subject, test)
    }
}

/// The partitions of which the documents speak, in whatever place; that of most accounts in any case.
fn partitions(documents: &[&Document]) -> BTreeSet<String> {
    let statements = || documents.iter().flat_map(|document| &document.statements);
    let principals = statements().filter_map(|statement| statement.principals.as_ref()).flat_map(Selection::entries);
    let values = statements().flat_map(|statement| &statement.conditions).flat_map(|condition| &condition.values);
    let resources = statements().filter_map(|statement| statement.resources.as_ref()).flat_map(Selection::entries);
    let texts = principals.map(Principal::text).chain(values.map(|value| value.as_str().to_owned()));
    let texts = texts.chain(resources.map(|resource| resource.as_str().to_owned()));
    let partition = |text: String| {
        let partition = text.strip_prefix("arn:")?.split(':').next()?;
        let is_name = !partition.is_empty() && partition.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        is_name.then(|| partition.to_owned())
    };
    texts.filter_map(partition).chain(["aws".to_owned()]).collect()
}

fn set_of<T>(selection: &Selection<T>, pattern: impl Fn(&T) -> Pattern) -> TextSet {
    let mut patterns: Vec<_> = selection.entries().iter().map(pattern).collect();
    patterns.sort_unstable();
    patterns.dedup();
    TextSet { patterns, except: selection.is_except() }
}

/// The pattern of an action, for actions in lower case.
fn lowered(pattern: &Pattern) -> Pattern {
    Pattern::of(pattern.tokens().to_vec(), false).unmarked()
}

/// A base for resources: `*` alone is the resource of actions that have none.
fn pattern_of_resource(text: &str) -> Pattern {
    if text == "*" { Pattern::of(vec![Token::Char('*')], false) } else { Pattern::frame(text) }
}

/// What a condition says of its key.
fn test_of(condition: &Condition, points: &[String]) -> Test {
    if condition.operator.test == operator::Test::Null {
        let says = |truth: &str| condition.values.iter().any(|value| value.as_str().eq_ignore_ascii_case(truth));
        return Test::Key { absent: says("true"), present: Present::Always(says("false")) };
    }
    let negated = condition.operator.test.is_negated();
    let values = if Family::of(condition.operator.test) == Family::Text {
        let set = text_set(condition);
        Values::Text(TextSet { patterns: set.patterns.into_iter().map(Pattern::unmarked).collect(), ..set })
    } else {
        let context = Context::default();
        let accepted =
            |point: &String| condition.values.iter().any(|value| value.matcher().accepts(point, &context)) != negated;
        Values::Points(points.iter().map(accepted).collect())
    };
    let every = match condition.operator.quantifier {
        Some(Quantifier::ForAllValues) => true,
        Some(Quantifier::ForAnyValue) => false,
        None => negated,
    };
    let present = if every { Present::Every(values) } else { Present::Some(values) };
    Test::Key { absent: condition.operator.holds_without_key(), present }
}

/// The strings that a condition on text accepts.
pub(super) fn text_set(condition: &Condition) -> TextSet {
    let patterns = condition.values.iter().filter_map(|value| match value.matcher() {
        Matcher::Text(pattern) => Some(pattern.clone()),
        _ => None,
    });
    let mut patterns: Vec<_> = patterns.collect();
    patterns.sort_unstable();
    patterns.dedup();
    TextSet { patterns, except: condition.operator.test.is_negated() }
}

/// One value of each sort that the conditions on a key tell apart; none for text.
fn points(conditions: &[&Condition], families: &[Family]) -> Vec<String> {
    let matchers =
        || conditions.iter().flat_map(|condition| &condition.values).map(crate::document::ConditionValue::matcher);
    let mut points: Vec<String> = match families {
        [Family::Number] => {
            let mut numbers: Vec<Decimal> = matchers()
                .filter_map(|matcher| if let Matcher::Number(_, number) = matcher { Some(*number) } else { None })
                .collect();
            numbers.sort_unstable();
            numbers.dedup();
            let between = numbers.windows(2).filter_map(|pair| Some(pair[0].checked_add(pair[1])? / Decimal::TWO));
            let below = numbers.first().and_then(|first| first.checked_sub(Decimal::ONE));
            let above = numbers.last().and_then(|last| last.checked_add(Decimal::ONE));
            let all = numbers.iter().copied().chain(between).chain(below).chain(above);
            all.chain([Decimal::ZERO]).map(|number| number.normalize().to_string()).collect()
        }
        [Family::Time] => matchers().flat_map(Matcher::landmarks).chain(["2030-01-01T00:00:00Z".to_owned()]).collect(),
        [Family::Network] => {
            let far = ["192.0.2.1", "0.0.0.0", "2001:db8::1", "::"].map(str::to_owned);
            matchers().flat_map(Matcher::landmarks).chain(far).collect()
        }
        _ => return Vec::new(),
    };
    // What is not of the kind at all.
    points.push("none".to_owned());
    debug_assert!(parse_number("none").is_none());
    points
}

/// Keys with several values (IAM user guide, "AWS global condition context keys").
fn is_multivalued(key: &Key) -> bool {
    matches!(
        key.folded(),
        "aws:calledvia"
            | "aws:principalorgpaths"
            | "aws:principalservicenameslist"
            | "aws:resourceorgpaths"
            | "aws:sourceorgpaths"
            | "aws:tagkeys"
            | "aws:vpceorgpaths"
            | "kms:encryptioncontextkeys"
    )
}

/// What a key may look like in a request that people read.
fn candidates_for(key: &Key) -> &'static [&'static str] {
    match key.folded() {
        "aws:principalorgid" | "aws:resourceorgid" | "aws:sourceorgid" => &["o-example", "o-other"],
        "aws:principalorgpaths" | "aws:resourceorgpaths" | "aws:sourceorgpaths" => {
            &["o-example/r-ab12/ou-ab12-11111111/"]
        }
        "aws:sourceaccount" | "aws:resourceaccount" => &["444455556666", "777788889999"],
        "aws:sourcearn" => &["arn:aws:s3:::example"],
        "aws:securetransport" | "aws:multifactorauthpresent" | "aws:viaawsservice" => &["true", "false"],
        "aws:requestedregion" => &["eu-central-1", "us-east-1"],
        "aws:username" => &["example"],
        "aws:sourcevpce" => &["vpce-11111111"],
        "aws:sourcevpc" => &["vpc-11111111"],
        _ => &["example", "other"],
    }
}
