//! Whether a policy that is computed from many files is small enough for AWS, said before anything is changed.

use engine::{Class, Error, Key, Result};
use policy::{Document, Kind};

use crate::PolicyDocument;

/// From this share of the limit on, the operator is told, in percent.
const NEAR: usize = 90;

/// What to do when the policy of a registry has no room for more accounts.
pub(super) const BY_UNITS: &str = "write `pull = \"units\"` under [registry] in the common account's file: then the policy \
     names the organizational units, and every account of them may pull by a role of that name; or give the image to fewer \
     accounts";

/// What to do about another policy.
pub(super) const FEWER: &str = "let fewer accounts use it, or give each group of them one of its own";

/// Refuses a policy that AWS would refuse for its size, and says when one is near to that. It is never made to fit by
/// itself: that would let in somebody else.
pub(super) fn check(document: &PolicyDocument, kind: Kind, remedy: &str, key: &Key) -> Result<Option<String>> {
    let Ok(parsed) = Document::from_value(document.value()) else { return Ok(None) };
    let size = parsed.size(kind);
    let (used, maximum) = (size.used, size.maximum);
    if !size.fits() {
        let message = format!("the policy of {} would have {used} characters, and AWS takes {maximum}", key.name);
        return Err(Error::new(Class::Invalid, message).hint(remedy.to_owned()));
    }
    let near = format!("its policy has {used} of {maximum} characters that AWS takes. When it is full: {remedy}");
    Ok((size.percent() >= NEAR).then_some(near))
}
