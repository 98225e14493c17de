//! `[registry]` of the common account.

use std::collections::BTreeSet;

use super::regions;
use crate::desk::{Desk, Sound};
use crate::model::Registry;
use crate::raw::RegistrySection;
use crate::words;
use policy::KeyPath;

pub(super) fn registry(desk: &mut Desk, raw: Option<RegistrySection>, region: &Sound<String>) -> Sound<Registry> {
    let Some(raw) = raw else { return Ok(Registry::default()) };
    let path = KeyPath::of(["registry"]);
    let mutable_tags = mutable_tags(desk, &path.key("mutable_tags"), raw.mutable_tags.unwrap_or_default());
    let replicas = regions::others(desk, &path.key("replicas"), raw.replicas, region);
    let unless_said = Registry::default();
    Ok(Registry {
        keep: raw.keep.unwrap_or(unless_said.keep),
        untagged_days: raw.untagged_days.unwrap_or(unless_said.untagged_days),
        mutable_tags: mutable_tags?,
        scan: raw.scan.unwrap_or_default(),
        replicas: replicas?,
        pull: raw.pull.unwrap_or_default(),
    })
}

fn mutable_tags(desk: &mut Desk, path: &KeyPath, patterns: Vec<String>) -> Sound<BTreeSet<String>> {
    let mut sound = Ok(());
    for (index, pattern) in patterns.iter().enumerate() {
        sound = sound.and(desk.check(&path.index(index), words::tag_pattern(pattern)));
    }
    sound.map(|()| patterns.into_iter().collect())
}
