//! The parts of a pattern, and how they are matched.

use std::sync::Arc;

use crate::variable::Variable;

/// Stands before a caller that has no ARN. Wildcards do not match it, except those of [`Class::Everything`], so that a
/// pattern for ARNs never takes a service for a role.
pub(crate) const MARKER: char = '\u{F8FF}';

/// What a wildcard may stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Class {
    /// Any character of a value.
    Any,
    /// Any but a colon: the wildcard stands in a segment of an ARN before the last.
    Segment,
    /// Any but a colon or a slash: the wildcard stands in a name without its path.
    Name,
    /// A decimal digit. Only in patterns of ours, which describe what requests look like.
    Digit,
    /// Any character, even [`MARKER`].
    Everything,
}

impl Class {
    /// Whether `c` is of this class.
    pub(crate) fn has(self, c: char) -> bool {
        match self {
            Self::Any => c != MARKER,
            Self::Segment => c != MARKER && c != ':',
            Self::Name => c != MARKER && c != ':' && c != '/',
            Self::Digit => c.is_ascii_digit(),
            Self::Everything => true,
        }
    }

    /// Whether every character of a value is of this class.
    fn is_whole(self) -> bool {
        matches!(self, Self::Any | Self::Everything)
    }

    /// Whether every character of `other` is of this class.
    pub(crate) fn includes(self, other: Self) -> bool {
        match self {
            Self::Everything => true,
            Self::Any => other != Self::Everything,
            Self::Segment => matches!(other, Self::Segment | Self::Name | Self::Digit),
            Self::Name => matches!(other, Self::Name | Self::Digit),
            Self::Digit => other == Self::Digit,
        }
    }
}

/// A part of a pattern.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Token {
    /// This character.
    Char(char),
    /// One character: `?`.
    One(Class),
    /// Any number of characters: `*`.
    Many(Class),
    /// The value of a policy variable, taken literally.
    Variable(Arc<Variable>),
}

/// Brings runs of wildcards into one order: each `?`, then one `*`. `*?*` and `?*` are the same set.
pub(crate) fn in_order(tokens: Vec<Token>) -> Vec<Token> {
    let mut ordered: Vec<Token> = Vec::with_capacity(tokens.len());
    for token in tokens {
        match (&token, ordered.last()) {
            (Token::Many(class), Some(Token::Many(last))) if last.includes(*class) => {}
            (Token::Many(class), Some(Token::Many(last))) if class.includes(*last) => {
                ordered.pop();
                ordered.push(token);
            }
            (Token::One(class), Some(Token::Many(last))) if class == last => {
                let many = ordered.len() - 1;
                ordered.insert(many, token);
            }
            _ => ordered.push(token),
        }
    }
    ordered
}

/// Matches with a step back to the last `*`: an earlier one could only take what the last one can take as well. Where the
/// last one may not take a character, an earlier one that may is gone back to.
pub(crate) fn matches(tokens: &[Token], text: &str) -> bool {
    let (mut token, mut at) = (0, 0);
    let mut back: Option<(usize, usize, Class)> = None;
    // The last one that may take any character of a value.
    let mut widest = None;
    loop {
        let next = text.get(at..).and_then(|rest| rest.chars().next());
        let stepped = match (tokens.get(token), next) {
            (None, None) => return true,
            (Some(Token::Many(class)), _) => {
                token += 1;
                back = Some((token, at, *class));
                if class.is_whole() {
                    widest = back;
                }
                continue;
            }
            (Some(Token::Char(expected)), Some(c)) if *expected == c => Some(c),
            (Some(Token::One(class)), Some(c)) if class.has(c) => Some(c),
            _ => None,
        };
        if let Some(c) = stepped {
            token += 1;
            at += c.len_utf8();
            continue;
        }
        let next_of = |from: usize| text.get(from..).and_then(|rest| rest.chars().next());
        let blocked = |(_, from, class): &(usize, usize, Class)| next_of(*from).is_some_and(|c| !class.has(c));
        let Some((resume, from, class)) = (if back.as_ref().is_some_and(blocked) { widest } else { back }) else {
            return false;
        };
        let Some(c) = next_of(from).filter(|c| class.has(*c)) else { return false };
        (token, at) = (resume, from + c.len_utf8());
        back = Some((resume, at, class));
        if class.is_whole() {
            widest = back;
        }
    }
}

/// As [`matches`], where what is matched is a pattern.
pub(crate) fn includes(ours: &[Token], theirs: &[Token], same: impl Fn(char, char) -> bool) -> bool {
    let takes = |class: Class, token: &Token| match token {
        Token::Char(c) => class.has(*c),
        Token::One(other) | Token::Many(other) => class.includes(*other),
        Token::Variable(_) => class.is_whole(),
    };
    let (mut token, mut at) = (0, 0);
    let mut back: Option<(usize, usize, Class)> = None;
    loop {
        let stepped = match (ours.get(token), theirs.get(at)) {
            (None, None) => return true,
            (Some(Token::Many(class)), _) => {
                token += 1;
                back = Some((token, at, *class));
                continue;
            }
            (Some(Token::Char(ours)), Some(Token::Char(theirs))) => same(*ours, *theirs),
            (Some(Token::One(class)), Some(Token::Char(c))) => class.has(*c),
            (Some(Token::One(class)), Some(Token::One(other))) => class.includes(*other),
            (Some(Token::Variable(ours)), Some(Token::Variable(theirs))) => ours == theirs,
            _ => false,
        };
        if stepped {
            token += 1;
            at += 1;
            continue;
        }
        let Some((resume, from, class)) = back else { return false };
        if theirs.get(from).is_some_and(|token| takes(class, token)) {
            token = resume;
            at = from + 1;
            back = Some((resume, at, class));
        } else {
            return false;
        }
    }
}
