//! `[pipeline.SERVICE]`.

use std::collections::BTreeMap;

use crate::desk::{Desk, Sound};
use crate::model::Pipeline;
use crate::names;
use crate::raw::{PipelineSection, ServiceSection};
use crate::suggest::did_you_mean;
use crate::words::{self, Checked, Wrong};
use policy::KeyPath;

pub(super) fn pipelines(
    desk: &mut Desk,
    raw: BTreeMap<String, PipelineSection>,
    account: &str,
    services: &BTreeMap<String, ServiceSection>,
) -> Sound<BTreeMap<String, Pipeline>> {
    let path = KeyPath::of(["pipeline"]);
    let mut sound = Ok(());
    let mut pipelines = BTreeMap::new();
    for (name, section) in raw {
        let here = path.key(&name);
        let others = services.keys().map(String::as_str);
        let named = desk
            .check_key(&here, is_service(&name, services))
            .and_then(|()| desk.check_key(&here, names::check_other_target_group(account, &name, others)))
            .and_then(|()| {
                desk.check(&KeyPath::of(["service", &name, "scale", "requests"]), can_scale(&name, services))
            });
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

/// ECS developer guide, "Use a target metric to scale Amazon ECS services": requests for each target are not supported where
/// `CodeDeploy` moves a service from one target group to another.
fn can_scale(name: &str, services: &BTreeMap<String, ServiceSection>) -> Checked {
    let scale = services.get(name).and_then(|service| service.scale.as_ref());
    if scale.is_none_or(|scale| scale.requests.is_none()) {
        return Ok(());
    }
    Err(Wrong::new(
        format!("`{name}` has a pipeline, and a service that CodeDeploy brings out cannot be scaled by its requests"),
        "scale it by its processors: `cpu = 60`",
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
