//! AWS's policy variables: `${aws:username}`, with a default `${aws:PrincipalTag/team, 'none'}`, and the characters that
//! would be special, `${*}`, `${?}` and `${$}` (IAM user guide, "IAM policy elements: Variables and tags").

use std::fmt;

use crate::context::{Context, Key};

/// A policy variable.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Variable {
    pub(crate) key: Key,
    pub(crate) default: Option<String>,
}

impl Variable {
    /// Its value in a request. Keys with several values cannot be used as variables.
    pub(crate) fn value<'a>(&'a self, context: &'a Context) -> Option<&'a str> {
        match context.get(&self.key) {
            Some([value]) => Some(value),
            _ => self.default.as_deref(),
        }
    }

    /// Reads what stands between the braces.
    fn parse(inside: &str) -> Option<Self> {
        let (key, default) = match inside.split_once(',') {
            None => (inside, None),
            Some((key, default)) => {
                let default = default.trim().strip_prefix('\'')?.strip_suffix('\'')?;
                (key, Some(default.to_owned()))
            }
        };
        let key = key.trim();
        let is_key = key.contains(':') && !key.contains(['$', '{', '*', '?', '\'']) && !key.starts_with("orgstrap:");
        is_key.then(|| Self { key: Key::new(key), default })
    }
}

impl fmt::Display for Variable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "${{{}", self.key)?;
        if let Some(default) = &self.default {
            write!(f, ", '{default}'")?;
        }
        f.write_str("}")
    }
}

/// A part of a string with variables.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece<'t> {
    /// Text in which wildcards count.
    Text(&'t str),
    /// A character that is no wildcard.
    Character(char),
    /// A variable.
    Variable(Variable),
}

/// Cuts a string at its variables. What is none stays text.
pub(crate) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut done, mut at) = (0, 0);
    while let Some(start) = text[at..].find("${").map(|start| at + start) {
        let Some(end) = text[start..].find('}').map(|end| start + end) else { break };
        let inside = &text[start + 2..end];
        let piece = match inside {
            "*" => Some(Piece::Character('*')),
            "?" => Some(Piece::Character('?')),
            "$" => Some(Piece::Character('$')),
            inside => Variable::parse(inside).map(Piece::Variable),
        };
        let Some(piece) = piece else {
            at = start + 2;
            continue;
        };
        if done < start {
            pieces.push(Piece::Text(&text[done..start]));
        }
        pieces.push(piece);
        done = end + 1;
        at = done;
    }
    if done < text.len() {
        pieces.push(Piece::Text(&text[done..]));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variable(key: &str, default: Option<&str>) -> Piece<'static> {
        Piece::Variable(Variable { key: Key::new(key), default: default.map(str::to_owned) })
    }

    #[test]
    fn text_is_cut_at_its_variables() {
        assert_eq!(
            pieces("home/${aws:username}/*"),
            [Piece::Text("home/"), variable("aws:username", None), Piece::Text("/*")]
        );
        assert_eq!(
            pieces("${aws:PrincipalTag/team, 'none at all'}"),
            [variable("aws:principaltag/team", Some("none at all"))]
        );
        assert_eq!(pieces("a${*}${$}"), [Piece::Text("a"), Piece::Character('*'), Piece::Character('$')]);
    }

    #[test]
    fn what_is_no_variable_stays_text() {
        for text in ["${", "${}", "${aws:username", "${no key}", "${orgstrap:account}", "$", "${a:b, c}"] {
            assert_eq!(pieces(text), [Piece::Text(text)], "{text}");
        }
    }
}
