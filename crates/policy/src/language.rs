//! Exact answers about sets of strings: is there a string that is in all of these patterns and in none of those?
//!
//! Patterns are small automata, and the search walks their product. A pattern that has to match is followed one position
//! at a time (any way through it will do); those that must not match are followed as sets of positions. Only characters
//! that some pattern asks for next are told apart, with one more that stands for all others.

use std::collections::{HashSet, VecDeque};

use crate::glob::{Class, MARKER, Token};
use crate::pattern::{Pattern, fold};

/// What a search found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// Such a string.
    Yes(String),
    /// There is none.
    No,
    /// The search grew too large.
    TooLarge,
}

/// States that one search may visit.
const LARGEST: usize = 20_000;

/// Searches for a string in all of `within` and none of `outside`, a shortest one. Variables are characters of their own,
/// which wildcards of a whole value match.
///
/// `budget` is what all searches of a comparison may cost together.
pub(crate) fn find(within: &[&Pattern], outside: &[&Pattern], budget: &mut usize) -> Found {
    if *budget == 0 {
        return Found::TooLarge;
    }
    *budget -= 1;
    if within.iter().any(|pattern| outside.iter().any(|other| other.surely_includes(pattern))) {
        return Found::No;
    }
    if let Some(text) = within.iter().find_map(|pattern| pattern.as_literal()) {
        let matches = |pattern: &&Pattern| pattern.has(text);
        let is_found = within.iter().all(matches) && !outside.iter().any(matches);
        return if is_found { Found::Yes(text.to_owned()) } else { Found::No };
    }
    for (number, pattern) in within.iter().enumerate() {
        if within[number + 1..].iter().any(|other| pattern.surely_disjoint(other)) {
            return Found::No;
        }
    }
    let relevant = outside.iter().filter(|pattern| !within.iter().any(|other| pattern.surely_disjoint(other)));
    Search { within: within.to_vec(), outside: relevant.copied().collect(), variables: Vec::new() }.run(budget)
}

/// Stands before and after a variable in a string that was found.
pub(crate) const FENCE: char = '\u{F8FE}';

/// Characters that stand for variables.
const VARIABLES: u32 = 0xF_0000;

struct Search<'p> {
    within: Vec<&'p Pattern>,
    outside: Vec<&'p Pattern>,
    variables: Vec<&'p crate::variable::Variable>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct State {
    /// Where each pattern of `within` is.
    within: Vec<usize>,
    /// Where each pattern of `outside` may be, sorted: pattern and position.
    outside: Vec<(usize, usize)>,
}

impl Search<'_> {
    fn run(mut self, budget: &mut usize) -> Found {
        for pattern in self.within.iter().chain(&self.outside) {
            for variable in pattern.variable_list() {
                if !self.variables.contains(&variable) {
                    self.variables.push(variable);
                }
            }
        }
        let mut outside = Vec::new();
        for number in 0..self.outside.len() {
            self.enter(number, 0, &mut outside);
        }
        let start = State { within: vec![0; self.within.len()], outside: self.reduced(outside) };
        // What was reached, by which character, from which.
        let mut reached: Vec<(Option<(usize, char)>, State)> = vec![(None, start.clone())];
        let mut seen = HashSet::from([start]);
        let mut queue = VecDeque::from([0]);
        while let Some(number) = queue.pop_front() {
            let state = reached[number].1.clone();
            if self.is_dead(&state) {
                continue;
            }
            if self.is_accepting(&state) {
                return Found::Yes(self.spell(&reached, number));
            }
            let mut next = Vec::new();
            self.skips(&state, &mut next);
            for c in self.characters(&state) {
                self.step(&state, c, &mut next);
            }
            for (c, state) in next {
                if seen.contains(&state) {
                    continue;
                }
                if seen.len() >= LARGEST || *budget == 0 {
                    return Found::TooLarge;
                }
                *budget -= 1;
                seen.insert(state.clone());
                let from = match c {
                    Some(c) => Some((number, c)),
                    // A skipped wildcard takes no character: the same string leads here.
                    None => reached[number].0,
                };
                reached.push((from, state));
                // Nearer ones first, so that the string is a shortest one.
                if c.is_some() { queue.push_back(reached.len() - 1) } else { queue.push_front(reached.len() - 1) }
            }
        }
        Found::No
    }

    fn character_of(&self, variable: &crate::variable::Variable) -> char {
        let number = self.variables.iter().position(|other| *other == variable).unwrap_or_default();
        u32::try_from(number).ok().and_then(|number| char::from_u32(VARIABLES + number)).unwrap_or(MARKER)
    }

    fn is_variable(c: char) -> bool {
        u32::from(c) >= VARIABLES
    }

    /// Whether a token takes a character.
    fn takes(&self, pattern: &Pattern, token: &Token, c: char) -> bool {
        match token {
            Token::Char(expected) => *expected == c || (pattern.is_folded() && *expected == fold(c)),
            // The value of a variable may have colons and any number of characters.
            Token::One(_) if Self::is_variable(c) => pattern.is_frame(),
            Token::Many(class) if Self::is_variable(c) => {
                pattern.is_frame() || matches!(class, Class::Any | Class::Everything)
            }
            Token::One(class) | Token::Many(class) => class.has(c),
            Token::Variable(variable) => self.character_of(variable) == c,
        }
    }

    /// Adds a position of a pattern of `outside`, and those that it reaches without a character.
    fn enter(&self, number: usize, mut position: usize, into: &mut Vec<(usize, usize)>) {
        let tokens = self.outside[number].tokens();
        into.push((number, position));
        while let Some(Token::Many(_)) = tokens.get(position) {
            position += 1;
            into.push((number, position));
        }
    }

    /// Drops what makes no difference: all before a `*` for any character, which takes whatever came before it.
    fn reduced(&self, mut outside: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
        outside.sort_unstable();
        outside.dedup();
        let mut reduced = Vec::with_capacity(outside.len());
        for (number, position) in outside {
            let tokens = self.outside[number].tokens();
            if let Some(Token::Many(Class::Any | Class::Everything)) = tokens.get(position) {
                while reduced.last().is_some_and(|(last, _)| *last == number) {
                    reduced.pop();
                }
            }
            reduced.push((number, position));
        }
        reduced
    }

    /// Whether everything that follows is matched by a pattern of `outside`.
    fn is_dead(&self, state: &State) -> bool {
        state.outside.iter().any(|(number, position)| {
            matches!(self.outside[*number].tokens().get(*position..), Some([Token::Many(Class::Everything)]))
                || (matches!(self.outside[*number].tokens().get(*position..), Some([Token::Many(Class::Any)]))
                    && !self.may_be_marked(state))
        })
    }

    /// Whether [`MARKER`] may still come.
    fn may_be_marked(&self, state: &State) -> bool {
        self.within.iter().zip(&state.within).all(|(pattern, position)| {
            pattern.tokens()[*position..].iter().any(|token| {
                matches!(token, Token::Char(MARKER) | Token::Many(Class::Everything) | Token::One(Class::Everything))
            })
        })
    }

    fn is_accepting(&self, state: &State) -> bool {
        self.within.iter().zip(&state.within).all(|(pattern, position)| *position == pattern.tokens().len())
            && !state.outside.iter().any(|(number, position)| *position == self.outside[*number].tokens().len())
    }

    /// Goes past a `*` in one pattern of `within`.
    fn skips(&self, state: &State, next: &mut Vec<(Option<char>, State)>) {
        for (number, pattern) in self.within.iter().enumerate() {
            if let Some(Token::Many(_)) = pattern.tokens().get(state.within[number]) {
                let mut state = state.clone();
                state.within[number] += 1;
                next.push((None, state));
            }
        }
    }

    /// The characters to try: those that something asks for, and one of each sort that nothing asks for.
    fn characters(&self, state: &State) -> Vec<char> {
        let mut asked = Vec::new();
        let mut of = |pattern: &Pattern, token: Option<&Token>| match token {
            Some(Token::Char(c)) => {
                asked.push(*c);
                if pattern.is_folded() {
                    asked.extend(c.to_uppercase());
                }
            }
            Some(Token::Variable(variable)) => asked.push(self.character_of(variable)),
            _ => {}
        };
        for (pattern, position) in self.within.iter().zip(&state.within) {
            of(pattern, pattern.tokens().get(*position));
        }
        for (number, position) in &state.outside {
            of(self.outside[*number], self.outside[*number].tokens().get(*position));
        }
        let is_free = |c: &char| !asked.contains(c);
        // Letters that people read, and behind them as many as may be needed.
        let letters = "xyzabcdefghijklmnopqrstuvw-_.,XYZ".chars().chain('A'..='Z').chain('\u{c0}'..='\u{d7ff}');
        let others = [letters.into_iter().find(is_free), ('0'..='9').find(is_free)];
        let others = others.into_iter().chain([':', '/', MARKER].map(|c| Some(c).filter(is_free)));
        let others: Vec<_> = others.flatten().collect();
        asked.extend(others);
        let takes = |c: &char| {
            self.within.iter().zip(&state.within).all(|(pattern, position)| {
                pattern.tokens().get(*position).is_some_and(|token| self.takes(pattern, token, *c))
            })
        };
        let mut seen = HashSet::new();
        asked.into_iter().filter(|c| seen.insert(*c)).filter(takes).collect()
    }

    fn step(&self, state: &State, c: char, next: &mut Vec<(Option<char>, State)>) {
        let stay_or_go = |(pattern, position): (&&Pattern, &usize)| {
            if matches!(pattern.tokens().get(*position), Some(Token::Many(_))) { *position } else { position + 1 }
        };
        let within = self.within.iter().zip(&state.within).map(stay_or_go).collect();
        let mut outside = Vec::new();
        for (number, position) in &state.outside {
            let pattern = self.outside[*number];
            let Some(token) = pattern.tokens().get(*position) else { continue };
            if self.takes(pattern, token, c) {
                let stays = matches!(token, Token::Many(_));
                self.enter(*number, if stays { *position } else { position + 1 }, &mut outside);
            }
        }
        next.push((Some(c), State { within, outside: self.reduced(outside) }));
    }

    /// The string that led to a state, with variables as they are written, between [`FENCE`]s.
    fn spell(&self, reached: &[(Option<(usize, char)>, State)], mut number: usize) -> String {
        let mut parts = Vec::new();
        while let Some((before, c)) = reached[number].0 {
            let variable = u32::from(c).checked_sub(VARIABLES).and_then(|number| self.variables.get(number as usize));
            parts.push(variable.map_or_else(|| c.to_string(), |variable| format!("{FENCE}{variable}{FENCE}")));
            number = before;
        }
        parts.reverse();
        parts.concat()
    }
}
