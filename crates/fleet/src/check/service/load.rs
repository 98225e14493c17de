//! How large a service's tasks are, and how many of them run.

use crate::desk::{Desk, Sound};
use crate::raw::ScaleSection;
use crate::service::Scale;
use crate::words;
use policy::KeyPath;

pub(super) fn size(desk: &mut Desk, path: &KeyPath, cpu: Option<u32>, memory: Option<u32>) -> Sound<(u32, u32)> {
    let cpu = desk.need(&path.key("cpu"), cpu, "256");
    let memory = desk.need(&path.key("memory"), memory, "512");
    let (cpu, memory) = (cpu?, memory?);
    desk.check(&path.key("memory"), words::fargate_size(cpu, memory))?;
    Ok((cpu, memory))
}

/// How many tasks run at first, and how their number follows the load.
pub(super) fn load(
    desk: &mut Desk,
    path: &KeyPath,
    count: Option<u32>,
    raw: Option<ScaleSection>,
) -> Sound<(u32, Option<Scale>)> {
    let Some(raw) = raw else {
        return Ok((count.unwrap_or(1), None));
    };
    let scale = scale(desk, &path.key("scale"), &raw)?;
    let (least, most) = (scale.min.unsigned_abs(), scale.max.unsigned_abs());
    let count = count.unwrap_or(least);
    if !(least..=most).contains(&count) {
        return Err(desk.wrong(
            &path.key("count"),
            format!("the service begins with {count} and has {least} to {most} by its `scale`"),
            format!("write {least} to {most}, or take the key out: then it begins with {least}"),
        ));
    }
    Ok((count, Some(scale)))
}

fn scale(desk: &mut Desk, path: &KeyPath, raw: &ScaleSection) -> Sound<Scale> {
    let min = desk.need(&path.key("min"), raw.min, "1");
    let max = desk.need(&path.key("max"), raw.max, "4");
    let is_aimed = raw.cpu.is_some() || raw.requests.is_some() || desk.is_misshapen(path);
    let aimed = if is_aimed {
        Ok(())
    } else {
        Err(desk.wrong(
            path,
            "the scale aims at no load",
            "write `cpu = 60` (percent), `requests = 1000` (for each container and minute), or both",
        ))
    };
    let (min, max) = (min?, max?);
    if min > max {
        return Err(desk.wrong(
            &path.key("max"),
            format!("at least {min} and at most {max} are wanted"),
            format!("write {min} or more"),
        ));
    }
    aimed?;
    Ok(Scale { min, max, cpu: raw.cpu, requests: raw.requests })
}
