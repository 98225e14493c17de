//! Patterns over text: literals, `*` and `?`, ARNs that are matched segment by segment, and policy variables in them.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::context::Context;
use crate::glob::{Class, MARKER, Token, in_order, includes, matches};
use crate::variable::{Piece, Variable, pieces};

/// How the text of a document becomes a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Syntax {
    /// No wildcards.
    Literal,
    /// `*` and `?` stand for any characters.
    Glob,
    /// As `Glob`, where wildcards in the first five segments do not cross a colon.
    Arn,
}

/// A set of strings. Cheap to clone.
#[derive(Clone)]
#[expect(clippy::struct_excessive_bools, reason = "properties that do not depend on each other")]
pub(crate) struct Pattern {
    tokens: Arc<[Token]>,
    folded: bool,
    /// The characters before the first wildcard or variable, as UTF-8.
    prefix: Arc<str>,
    /// Whether `prefix` is all there is.
    literal: bool,
    variables: bool,
    /// Whether it says what requests look like, so that its wildcards also stand for variables.
    frame: bool,
}

/// Texts are compared before tokens: that is faster, and most patterns of a document begin alike.
impl Ord for Pattern {
    fn cmp(&self, other: &Self) -> Ordering {
        self.prefix
            .cmp(&other.prefix)
            .then_with(|| self.tokens.cmp(&other.tokens))
            .then_with(|| self.folded.cmp(&other.folded))
    }
}

impl PartialOrd for Pattern {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.folded == other.folded
            && (Arc::ptr_eq(&self.tokens, &other.tokens)
                || (self.prefix == other.prefix && self.tokens == other.tokens))
    }
}

impl Eq for Pattern {}

impl Hash for Pattern {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.prefix.hash(state);
        self.tokens.len().hash(state);
    }
}

impl Pattern {
    /// Reads text of a document. `folded` makes letters match in either case; `variables` says whether `${...}` is one.
    pub(crate) fn new(text: &str, syntax: Syntax, folded: bool, variables: bool) -> Self {
        let mut tokens = Vec::with_capacity(text.len());
        let parts = if variables { pieces(text) } else { vec![Piece::Text(text)] };
        let mut segment = 0;
        for part in parts {
            match part {
                Piece::Text(text) => {
                    for c in text.chars() {
                        let class = if syntax == Syntax::Arn && segment < 5 { Class::Segment } else { Class::Any };
                        tokens.push(match c {
                            '*' if syntax != Syntax::Literal => Token::Many(class),
                            '?' if syntax != Syntax::Literal => Token::One(class),
                            c => Token::Char(if folded { fold(c) } else { c }),
                        });
                        segment += usize::from(c == ':');
                    }
                }
                Piece::Character(c) => tokens.push(Token::Char(c)),
                Piece::Variable(variable) => tokens.push(Token::Variable(Arc::new(variable))),
            }
        }
        // "If the * wildcard is the last character of a resource ARN segment, it can expand to match beyond the colon
        // boundaries" (IAM user guide, "IAM JSON policy elements: Resource"): `arn:aws:s3*`.
        if let Some(Token::Many(class)) = tokens.last_mut() {
            *class = Class::Any;
        }
        Self::of(tokens, folded)
    }

    /// The pattern of these parts. In a folded one, characters have to be folded already.
    pub(crate) fn of(tokens: Vec<Token>, folded: bool) -> Self {
        let tokens = in_order(tokens);
        let mut prefix = String::new();
        for token in &tokens {
            let Token::Char(c) = token else { break };
            prefix.push(*c);
        }
        let literal = prefix.chars().count() == tokens.len();
        let variables = tokens.iter().any(|token| matches!(token, Token::Variable(_)));
        Self { tokens: tokens.into(), folded, prefix: prefix.into(), literal, variables, frame: false }
    }

    /// Just this text.
    pub(crate) fn literal(text: &str) -> Self {
        Self::new(text, Syntax::Literal, false, false)
    }

    /// A pattern of ours, in which `#` is a digit, `?` and `*` stay within a segment, `~` is any character, and `@`
    /// any number of them.
    pub(crate) fn ours(text: &str) -> Self {
        let tokens = text.chars().map(|c| match c {
            '#' => Token::One(Class::Digit),
            '?' => Token::One(Class::Segment),
            '*' => Token::Many(Class::Segment),
            '@' => Token::Many(Class::Any),
            '~' => Token::One(Class::Any),
            c => Token::Char(c),
        });
        Self::of(tokens.collect(), false)
    }

    /// As [`ours`](Self::ours), for what all strings of a sort look like: where a pattern has a variable, its value is
    /// taken to fit.
    pub(crate) fn frame(text: &str) -> Self {
        Self { frame: true, ..Self::ours(text) }
    }

    /// Whether its wildcards stand for variables too.
    pub(crate) fn is_frame(&self) -> bool {
        self.frame
    }

    /// Every string there is.
    pub(crate) fn everything() -> Self {
        Self::of(vec![Token::Many(Class::Everything)], false)
    }

    /// Every string without an ARN: [`MARKER`] and more.
    pub(crate) fn marked() -> Self {
        Self::of(vec![Token::Char(MARKER), Token::Many(Class::Everything)], false)
    }

    pub(crate) fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// Whether letters match in either case.
    pub(crate) fn is_folded(&self) -> bool {
        self.folded
    }

    /// Whether it has a variable.
    pub(crate) fn has_variables(&self) -> bool {
        self.variables
    }

    /// The only string of the set, if there is only one.
    pub(crate) fn as_literal(&self) -> Option<&str> {
        (self.literal && !self.folded).then_some(&*self.prefix)
    }

    /// Whether every string is in the set.
    pub(crate) fn is_total(&self) -> bool {
        matches!(&*self.tokens, [Token::Many(Class::Everything)])
    }

    /// The same set among strings without [`MARKER`].
    pub(crate) fn unmarked(self) -> Self {
        if matches!(&*self.tokens, [Token::Many(Class::Any)]) { Self::everything() } else { self }
    }

    /// Whether `text` is in the set. The text has to be folded already if the pattern is; variables match nothing here.
    pub(crate) fn matches(&self, text: &str) -> bool {
        if self.literal {
            return *self.prefix == *text;
        }
        text.as_bytes().starts_with(self.prefix.as_bytes()) && matches(&self.tokens, text)
    }

    /// As [`matches`](Self::matches), with text in any case.
    pub(crate) fn has(&self, text: &str) -> bool {
        if self.folded { self.matches(&folded(text)) } else { self.matches(text) }
    }

    /// Whether `text` is in the set when the variables have the values of `context`. A variable without a value makes
    /// the set empty.
    pub(crate) fn matches_in(&self, text: &str, context: &Context) -> bool {
        if !self.variables {
            return self.matches(text);
        }
        let mut tokens = Vec::with_capacity(self.tokens.len());
        for token in self.tokens.iter() {
            match token {
                Token::Variable(variable) => match variable.value(context) {
                    Some(value) if self.folded => tokens.extend(value.chars().map(|c| Token::Char(fold(c)))),
                    Some(value) => tokens.extend(value.chars().map(Token::Char)),
                    None => return false,
                },
                token => tokens.push(token.clone()),
            }
        }
        matches(&tokens, text)
    }

    /// Whether all variables have values in `context`.
    pub(crate) fn is_resolved(&self, context: &Context) -> bool {
        !self.variables || self.variable_list().all(|variable| variable.value(context).is_some())
    }

    pub(crate) fn variable_list(&self) -> impl Iterator<Item = &Variable> {
        self.tokens.iter().filter_map(|token| match token {
            Token::Variable(variable) => Some(variable.as_ref()),
            _ => None,
        })
    }

    /// Whether this set certainly includes the other one. `false` means that it is not known.
    ///
    /// The other pattern is read as a string of its parts, in which a wildcard is matched by a wildcard that stands for
    /// at least as much.
    pub(crate) fn surely_includes(&self, other: &Self) -> bool {
        if other.folded && !self.folded {
            return other.literal && self.is_total();
        }
        let same = |ours: char, theirs: char| ours == theirs || (self.folded && ours == fold(theirs));
        includes(&self.tokens, &other.tokens, same)
    }

    /// Whether the two sets certainly have nothing in common. `false` means that it is not known.
    pub(crate) fn surely_disjoint(&self, other: &Self) -> bool {
        let folded = self.folded || other.folded;
        let differ = |(ours, theirs): (&Token, &Token)| match (ours, theirs) {
            (Token::Char(ours), Token::Char(theirs)) => {
                Some(if folded { fold(*ours) != fold(*theirs) } else { ours != theirs })
            }
            (Token::Char(c), Token::One(class)) | (Token::One(class), Token::Char(c)) => Some(!class.has(*c)),
            _ => None,
        };
        let from_start = || self.tokens.iter().zip(other.tokens.iter()).map_while(differ).any(|differs| differs);
        let from_end =
            || self.tokens.iter().rev().zip(other.tokens.iter().rev()).map_while(differ).any(|differs| differs);
        let lengths = || self.literal && other.literal && self.tokens.len() != other.tokens.len();
        from_start() || from_end() || lengths()
    }
}

/// The character in lower case, where capital and small letter are one character each and belong to each other only: the
/// Kelvin sign stays what it is.
pub(crate) fn fold(c: char) -> char {
    let one = |letters: &mut dyn Iterator<Item = char>| letters.next().filter(|_| letters.next().is_none());
    let lower = one(&mut c.to_lowercase());
    lower.filter(|lower| one(&mut lower.to_uppercase()) == Some(c)).unwrap_or(c)
}

/// The text in lower case, character by character.
pub(crate) fn folded(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.chars().map(fold).collect())
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tokens.iter().try_for_each(|token| match token {
            Token::Char(c) => write!(f, "{c}"),
            Token::One(_) => f.write_str("?"),
            Token::Many(_) => f.write_str("*"),
            Token::Variable(variable) => write!(f, "{variable}"),
        })
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
