//! Lists of other regions that have a copy of something.

use std::collections::BTreeSet;

use crate::desk::{Desk, Sound};
use crate::words;
use policy::KeyPath;

/// Regions, none of them the account's own.
pub(super) fn others(
    desk: &mut Desk,
    path: &KeyPath,
    raw: Option<Vec<String>>,
    own: &Sound<String>,
) -> Sound<BTreeSet<String>> {
    let (mut regions, mut sound) = (BTreeSet::new(), Ok(()));
    for (index, region) in raw.unwrap_or_default().into_iter().enumerate() {
        let here = path.index(index);
        sound = sound.and(desk.check(&here, words::region(&region)));
        if own.as_ref().is_ok_and(|own| *own == region) {
            let message = format!("`{region}` is the account's own region");
            sound = sound.and(Err(desk.wrong(&here, message, "name other regions only")));
        }
        if !regions.insert(region.clone()) {
            sound = sound.and(Err(desk.wrong(&here, format!("`{region}` is named twice"), "name each region once")));
        }
    }
    sound.map(|()| regions)
}
