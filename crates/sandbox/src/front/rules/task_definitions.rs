//! Task definitions that ECS does not take: sizes that Fargate does not have, and roles that tasks cannot have. The local AWS
//! looks at neither.

use std::ops::RangeInclusive;

use async_trait::async_trait;
use serde_json::Value;

use super::{Rule, iam};
use crate::front::answer::Answer;
use crate::front::call::Request;
use crate::front::upstream::Broken;
use crate::front::world::World;

/// See the module.
pub(super) struct TaskDefinitions;

/// CPU units, and for them the memory in MiB and the steps that it comes in (ECS API reference, `RegisterTaskDefinition`,
/// `cpu`). 512 MiB for a quarter of a vCPU are the exception.
const SIZES: [(i64, RangeInclusive<i64>, i64); 7] = [
    (256, 1024..=2048, 1024),
    (512, 1024..=4096, 1024),
    (1024, 2048..=8192, 1024),
    (2048, 4096..=16_384, 1024),
    (4096, 8192..=30_720, 1024),
    (8192, 16_384..=61_440, 4096),
    (16_384, 32_768..=122_880, 8192),
];

#[async_trait]
impl Rule for TaskDefinitions {
    async fn before(&self, request: &mut Request, world: &World) -> Result<Option<Answer>, Broken> {
        if !request.call.is("ecs.RegisterTaskDefinition") {
            return Ok(None);
        }
        let Some(body) = request.parameters.json() else { return Ok(None) };
        let refused = |message: &str| Ok(Some(Answer::refusal(request.protocol, 400, "ClientException", message)));
        let needs = body["requiresCompatibilities"].as_array();
        if needs.is_some_and(|all| all.iter().any(|one| one == "FARGATE")) && !is_size(&body["cpu"], &body["memory"]) {
            return refused("No Fargate configuration exists for given values.");
        }
        for role in ["executionRoleArn", "taskRoleArn"].iter().filter_map(|name| body[*name].as_str()) {
            // That a role does not trust tasks shows when one is started, and here none ever is. So it is told now.
            let found = iam::by_arn(world, role).await?.filter(|found| !found.is_unknown(world));
            if found.and_then(|found| found.trust).is_none_or(|trust| !trust.contains("ecs-tasks.amazonaws.com")) {
                return refused("Role is not valid");
            }
        }
        Ok(None)
    }
}

fn is_size(cpu: &Value, memory: &Value) -> bool {
    let number = |size: &Value| size.as_str().and_then(|text| text.parse::<i64>().ok());
    let Some((cpu, memory)) = number(cpu).zip(number(memory)) else {
        // `1 vCPU` and `2 GB` are for people.
        return cpu.as_str().is_some_and(|text| text.contains(' '))
            || memory.as_str().is_some_and(|text| text.contains(' '));
    };
    let fits = |(units, range, step): &(i64, RangeInclusive<i64>, i64)| {
        *units == cpu && range.contains(&memory) && (memory - range.start()) % step == 0
    };
    (cpu, memory) == (256, 512) || SIZES.iter().any(fits)
}
