//! Sets along one dimension of a request, and whether something lies in all of some and none of others.

use crate::language::{Found, find};
use crate::pattern::Pattern;

/// Strings that match some of the patterns, or none of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct TextSet {
    pub(crate) patterns: Vec<Pattern>,
    pub(crate) except: bool,
}

impl TextSet {
    pub(crate) fn only(patterns: Vec<Pattern>) -> Self {
        Self { patterns, except: false }
    }

    pub(crate) fn except(patterns: Vec<Pattern>) -> Self {
        Self { patterns, except: true }
    }

    /// All other strings.
    fn complement(&self) -> Self {
        Self { patterns: self.patterns.clone(), except: !self.except }
    }

    /// Whether it is every string.
    fn is_total(&self) -> bool {
        if self.except { self.patterns.is_empty() } else { self.patterns.iter().any(Pattern::is_total) }
    }

    pub(crate) fn has(&self, text: &str) -> bool {
        self.patterns.iter().any(|pattern| pattern.has(text)) != self.except
    }

    fn has_variables(&self) -> bool {
        self.patterns.iter().any(Pattern::has_variables)
    }

    /// Whether all of `self` is certainly in `other`.
    fn surely_within(&self, other: &Self) -> bool {
        match (self.except, other.except) {
            (_, false) if other.is_total() => true,
            (false, false) => {
                self.patterns.iter().all(|pattern| other.patterns.iter().any(|other| other.surely_includes(pattern)))
            }
            (false, true) => {
                self.patterns.iter().all(|pattern| other.patterns.iter().all(|other| other.surely_disjoint(pattern)))
            }
            (true, true) => {
                other.patterns.iter().all(|pattern| self.patterns.iter().any(|ours| ours.surely_includes(pattern)))
            }
            (true, false) => false,
        }
    }

    /// Whether nothing is in both.
    fn surely_apart(&self, other: &Self) -> bool {
        let all_in = |few: &Self, many: &Self| {
            few.patterns.iter().all(|pattern| many.patterns.iter().any(|other| other.surely_includes(pattern)))
        };
        match (self.except, other.except) {
            (false, false) => {
                self.patterns.iter().all(|pattern| other.patterns.iter().all(|other| other.surely_disjoint(pattern)))
            }
            (false, true) => all_in(self, other),
            (true, false) => all_in(other, self),
            (true, true) => false,
        }
    }
}

/// What the values of a key have to be like: text, or points among those that [`Dimension::points`] lists.
///
/// [`Dimension::points`]: super::space::Dimension::points
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Values {
    Text(TextSet),
    Points(Vec<bool>),
}

impl Values {
    fn complement(&self) -> Self {
        match self {
            Self::Text(set) => Self::Text(set.complement()),
            Self::Points(points) => Self::Points(points.iter().map(|point| !point).collect()),
        }
    }
}

/// A test of one dimension.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Test {
    /// Of a single string that is always there: the caller, the action, the resource.
    Text(TextSet),
    /// Of a key.
    Key {
        /// What it says if the key is absent.
        absent: bool,
        /// What it says if the key is present.
        present: Present,
    },
    /// Of something that is not modelled: it may be either.
    Opaque,
}

/// A test of the values of a key that is present.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Present {
    Always(bool),
    /// One value is like this.
    Some(Values),
    /// Each value is like this.
    Every(Values),
}

/// How one test stands to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relation {
    Implies,
    Excludes,
    Open,
}

impl Test {
    /// The test that holds where this one does not.
    pub(crate) fn negated(&self) -> Self {
        match self {
            Self::Text(set) => Self::Text(set.complement()),
            Self::Key { absent, present } => Self::Key {
                absent: !absent,
                present: match present {
                    Present::Always(holds) => Present::Always(!holds),
                    Present::Some(values) => Present::Every(values.complement()),
                    Present::Every(values) => Present::Some(values.complement()),
                },
            },
            Self::Opaque => Self::Opaque,
        }
    }

    /// What is certain of `other` where this test holds.
    pub(crate) fn relation_to(&self, other: &Self) -> Relation {
        let (implies, excludes) = match (self, other) {
            _ if self == other => (true, false),
            (Self::Text(set), Self::Text(other)) => (set.surely_within(other), set.surely_apart(other)),
            (Self::Key { absent, present }, Self::Key { absent: other_absent, present: other_present }) => {
                let absent_implies = !absent || *other_absent;
                let absent_excludes = !absent || !other_absent;
                (
                    absent_implies && present.surely_implies(other_present),
                    absent_excludes && present.surely_excludes(other_present),
                )
            }
            _ => (false, false),
        };
        match (implies, excludes) {
            (true, _) => Relation::Implies,
            (false, true) => Relation::Excludes,
            (false, false) => Relation::Open,
        }
    }
}

impl Present {
    fn surely_implies(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Always(false), _) | (_, Self::Always(true)) => true,
            (Self::Some(ours), Self::Some(theirs)) | (Self::Every(ours), Self::Every(theirs) | Self::Some(theirs)) => {
                within(ours, theirs)
            }
            _ => false,
        }
    }

    fn surely_excludes(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Always(false), _) | (_, Self::Always(false)) => true,
            (Self::Some(ours) | Self::Every(ours), Self::Every(theirs)) | (Self::Every(ours), Self::Some(theirs)) => {
                within(ours, &theirs.complement())
            }
            _ => false,
        }
    }
}

fn within(ours: &Values, theirs: &Values) -> bool {
    match (ours, theirs) {
        (Values::Text(ours), Values::Text(theirs)) => ours.surely_within(theirs),
        (Values::Points(ours), Values::Points(theirs)) => {
            ours.iter().zip(theirs).all(|(ours, theirs)| !ours || *theirs)
        }
        _ => false,
    }
}

/// What there is in a dimension that keeps to a set of tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// This; `None` is an absent key, or what is not modelled.
    Yes(Option<Vec<String>>),
    /// Nothing.
    No,
    /// It is not known, and why.
    Unsure(&'static str),
}

/// Searches for a string in all sets, with `positive` telling whether in the set or outside. `bases` are what strings
/// look like, the likeliest first, and `candidates` are tried before all.
pub(crate) fn text_in_all(
    sets: &[(&TextSet, bool)],
    bases: &[Pattern],
    candidates: &[String],
    budget: &mut usize,
) -> Answer {
    let fits = |text: &String| {
        bases.iter().any(|base| base.matches(text)) && sets.iter().all(|(set, positive)| set.has(text) == *positive)
    };
    let plain = !sets.iter().any(|(set, _)| set.has_variables());
    if let Some(text) = candidates.iter().find(|text| plain && fits(text)) {
        return Answer::Yes(Some(vec![text.clone()]));
    }
    let mut unions: Vec<&[Pattern]> = Vec::new();
    let mut outside: Vec<&Pattern> = Vec::new();
    for (set, positive) in sets {
        if set.except == *positive {
            outside.extend(&set.patterns);
        } else if !set.is_total() {
            unions.push(&set.patterns);
        }
    }
    let mut unsure = None;
    for base in bases {
        match in_each(&unions, &mut vec![base], &outside, budget) {
            Answer::No => {}
            Answer::Unsure(why) => unsure = Some(why),
            yes @ Answer::Yes(_) => return yes,
        }
    }
    unsure.map_or(Answer::No, Answer::Unsure)
}

/// Chooses a pattern from each union, those in `chosen` being chosen already.
fn in_each<'p>(
    unions: &[&'p [Pattern]],
    chosen: &mut Vec<&'p Pattern>,
    outside: &[&Pattern],
    budget: &mut usize,
) -> Answer {
    let Some((union, rest)) = unions.split_first() else {
        return match find(chosen, outside, budget) {
            Found::Yes(text) => Answer::Yes(Some(vec![text])),
            Found::TooLarge => Answer::Unsure("the patterns are too intricate"),
            // The base and one more: what a variable stands for makes no difference. Two patterns may meet in a string
            // in which the variable's value is a part of what the other pattern takes.
            Found::No if chosen.len() > 2 && chosen.iter().any(|pattern| pattern.has_variables()) => {
                Answer::Unsure("a policy variable meets another pattern")
            }
            Found::No => Answer::No,
        };
    };
    let mut unsure = None;
    for pattern in *union {
        if chosen.iter().any(|other| other.surely_disjoint(pattern))
            || outside.iter().any(|other| other.surely_includes(pattern))
        {
            continue;
        }
        // What another one includes adds nothing, and neither does what includes another one.
        if chosen[1..].iter().any(|other| pattern.surely_includes(other)) {
            match in_each(rest, chosen, outside, budget) {
                Answer::No => continue,
                Answer::Unsure(why) => {
                    unsure = Some(why);
                    continue;
                }
                yes @ Answer::Yes(_) => return yes,
            }
        }
        let replaced = chosen.iter().skip(1).position(|other| other.surely_includes(pattern)).map(|at| at + 1);
        let before = replaced.map(|at| std::mem::replace(&mut chosen[at], pattern));
        if before.is_none() {
            chosen.push(pattern);
        }
        let answer = in_each(rest, chosen, outside, budget);
        match (replaced, before) {
            (Some(at), Some(before)) => chosen[at] = before,
            _ => {
                chosen.pop();
            }
        }
        match answer {
            Answer::No => {}
            Answer::Unsure(why) => unsure = Some(why),
            yes @ Answer::Yes(_) => return yes,
        }
    }
    unsure.map_or(Answer::No, Answer::Unsure)
}

/// Searches for the values of a key that keep to all tests. `single` says that the key has one value at most.
pub(crate) fn key_in_all(
    tests: &[(&Test, bool)],
    single: bool,
    points: &[String],
    candidates: &[String],
    budget: &mut usize,
) -> Answer {
    let keys = || {
        tests.iter().filter_map(|(test, positive)| match test {
            Test::Key { absent, present } => Some((*absent, present, *positive)),
            _ => None,
        })
    };
    if keys().all(|(absent, _, positive)| absent == positive) {
        return Answer::Yes(None);
    }
    let (mut some, mut every) = (Vec::new(), Vec::new());
    for (_, present, positive) in keys() {
        match (present, positive) {
            (Present::Always(holds), positive) if *holds == positive => {}
            (Present::Always(_), _) => return Answer::No,
            (Present::Some(values), true) => some.push(values.clone()),
            (Present::Every(values), true) => every.push(values.clone()),
            (Present::Some(values), false) => every.push(values.complement()),
            (Present::Every(values), false) => some.push(values.complement()),
        }
    }
    if single {
        every.extend(some);
        return value_in_all(&every, single, points, candidates, budget);
    }
    let mut values = Vec::new();
    let alone = some.is_empty().then(Vec::new);
    for wanted in some.into_iter().map(|wanted| vec![wanted]).chain(alone) {
        let together: Vec<_> = every.iter().cloned().chain(wanted).collect();
        match value_in_all(&together, single, points, candidates, budget) {
            Answer::Yes(value) => values.extend(value.into_iter().flatten()),
            other => return other,
        }
    }
    values.sort_unstable();
    values.dedup();
    Answer::Yes(Some(values))
}

/// Searches for one value.
fn value_in_all(sets: &[Values], single: bool, points: &[String], candidates: &[String], budget: &mut usize) -> Answer {
    let mut texts = Vec::new();
    let mut open = vec![true; points.len()];
    for set in sets {
        match set {
            Values::Text(set) => texts.push((set, true)),
            Values::Points(points) => open.iter_mut().zip(points).for_each(|(open, point)| *open &= point),
        }
    }
    if !points.is_empty() {
        let point = points.iter().zip(open).find(|(_, open)| *open);
        return point.map_or(Answer::No, |(point, _)| Answer::Yes(Some(vec![point.clone()])));
    }
    // An empty string among several values is no value (IAM user guide, "Multivalued context keys").
    let bases = [Pattern::frame("~@"), Pattern::frame("")];
    text_in_all(&texts, if single { &bases } else { &bases[..1] }, candidates, budget)
}
