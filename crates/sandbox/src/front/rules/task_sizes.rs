//! The CPU and memory of tasks, which are those of their definitions (ECS API reference, `Task`). The local AWS leaves them
//! out.

use async_trait::async_trait;
use serde_json::json;

use super::{Rule, look};
use crate::front::answer::Answer;
use crate::front::call::Request;
use crate::front::upstream::Broken;
use crate::front::world::World;

/// See the module.
pub(super) struct TaskSizes;

#[async_trait]
impl Rule for TaskSizes {
    async fn after(&self, request: &Request, answer: &mut Answer, world: &World) -> Result<(), Broken> {
        if !request.call.is("ecs.DescribeTasks") || !answer.is_success() {
            return Ok(());
        }
        let Some(mut json) = answer.json() else { return Ok(()) };
        for task in json["tasks"].as_array_mut().into_iter().flatten() {
            let asked = json!({"taskDefinition": task["taskDefinitionArn"]});
            let target = "AmazonEC2ContainerServiceV20141113.DescribeTaskDefinition";
            let definition = look::json(world, &request.call, target, &asked).await?["taskDefinition"].take();
            for size in ["cpu", "memory"] {
                if definition[size].is_string() && !task[size].is_string() {
                    task[size] = definition[size].clone();
                }
            }
        }
        answer.set_json(&json);
        Ok(())
    }
}
