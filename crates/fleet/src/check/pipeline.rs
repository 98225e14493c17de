//! `[pipeline.SERVICE]`.

use std::collections::BTreeMap;

use crate::desk::{Desk, Sound};
use crate::model::Pipeline;
use crate::raw::{PipelineSection, ServiceSection};
use crate::suggest::did_you_mean;
use crate::words::{self, Checked, Wrong};
use policy::KeyPath;

pub(super) fn pipelines(
    desk: &mut Desk,
    raw: BTreeMap<String, PipelineSection>,
    services: &BTreeMap<String, ServiceSection>,
) -> Sound<BTreeMap<String, Pipeline>> {
    let path = KeyPath::of(["pipeline"]);
    let mut sound = Ok(());
    let mut pipelines = BTreeMap::new();
    for (name, section) in raw {
        let here = path.key(&name);
        let named = desk.check_key(&here, is_service(&name, services));
        match pipeline(desk, &here, section) {
            Ok(pipeline) => {
                sound = sound.and(named);
                pipelines.insert(name, pipeline);
            }
            Err(reported) => sound = Err(reported),
        }
    }
    sound.map(|()| pipelines)
}

fn is_service(name: &str, services: &BTreeMap<String, ServiceSection>) -> Checked {
    if services.contains_key(name) {
        return Ok(());
    }
    Err(Wrong::new(
        format!("a pipeline is named after the service it deploys, and there is no service `{name}`"),
        did_you_mean(name, services.keys().map(String::as_str), "services"),
    ))
}

fn pipeline(desk: &mut Desk, path: &KeyPath, raw: PipelineSection) -> Sound<Pipeline> {
    let repository =
        desk.need_text(&path.key("repository"), raw.repository, "\"owner/name\"", words::github_repository);
    let tags = tags(desk, &path.key("tags"), raw.tags);
    Ok(Pipeline { repository: repository?, tags: tags? })
}

fn tags(desk: &mut Desk, path: &KeyPath, tags: Option<Vec<String>>) -> Sound<Vec<String>> {
    let tags = desk.need(path, tags, "[\"v*\"]")?;
    let mut sound = Ok(());
    for (index, pattern) in tags.iter().enumerate() {
        sound = sound.and(desk.check(&path.index(index), tag_pattern(pattern)));
    }
    sound.map(|()| tags)
}

/// `CodePipeline` API, `GitTagFilterCriteria`: patterns of 1 to 255 characters. Git allows no spaces in a tag.
fn tag_pattern(pattern: &str) -> Checked {
    let length = pattern.chars().count();
    if (1..=255).contains(&length) && !pattern.contains(char::is_whitespace) {
        return Ok(());
    }
    Err(Wrong::new(
        format!("`{pattern}` matches no Git tag"),
        "write 1 to 255 characters without spaces, such as `backend.*_dev*`",
    ))
}
