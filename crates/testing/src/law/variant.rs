//! The states that a law wants an object in.

/// One of the states that a law wants an object in: the first one, or one that differs from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// Where every law begins.
    First,
    /// Every field that can be changed in place is another.
    Changed,
    /// This field, which cannot be changed in place, is another.
    Fixed(&'static str),
}

impl Variant {
    /// The value of a field that can be changed in place.
    pub fn change<T>(self, first: T, other: T) -> T {
        if self == Self::Changed { other } else { first }
    }

    /// The value of a field that cannot be changed in place.
    pub fn fix<T>(self, field: &str, first: T, other: T) -> T {
        if matches!(self, Self::Fixed(fixed) if fixed == field) { other } else { first }
    }
}
