//! Deployments of `CodeDeploy`: what is under way for a group, and how it goes.

use aws_sdk_codedeploy::types::{
    DeploymentInfo, DeploymentStatus, EcsTarget, ErrorCode, LifecycleEvent, LifecycleEventStatus,
};
use aws_sdk_ecs::types::{Service, TaskSet};
use engine::{Class, Cx, Error, Id, Result};

use super::services::{cluster_of, one, parts::set};
use super::steady::{Death, LONGEST, LONGEST_PAUSE, Seen, Started, Watch};
use super::{DeploymentGroup, EcsService, deployment_group, unless_missing};
use crate::Account;
use crate::edge::{Edge, unless_gone};
use crate::wait::Wait;

/// What has begun and is not over (`CodeDeploy` API reference, `DeploymentInfo`, `status`). A group has one at most.
const UNDER_WAY: [DeploymentStatus; 5] = [
    DeploymentStatus::Baking,
    DeploymentStatus::Created,
    DeploymentStatus::InProgress,
    DeploymentStatus::Queued,
    DeploymentStatus::Ready,
];

/// The event by which requests go to the new tasks (`CodeDeploy` user guide, "`AppSpec` 'hooks' section for an Amazon ECS
/// deployment").
const ALLOW_TRAFFIC: &str = "AllowTraffic";

/// The event in which the new tasks start.
const INSTALL: &str = "Install";

/// The deployment of a group that is under way.
pub(super) async fn under_way(group: &Id<DeploymentGroup>, cx: &Cx<'_, Account>) -> Result<Option<DeploymentInfo>> {
    let (application, name) = deployment_group::parts(group)?;
    let call = cx.code_deploy().list_deployments().application_name(application).deployment_group_name(name);
    let call = call.set_include_only_statuses(Some(UNDER_WAY.to_vec()));
    let ids: Vec<String> = call.into_paginator().items().send().try_collect().await.edge()?;
    match ids.first() {
        Some(id) => Ok(Some(described(id, cx).await?).filter(is_under_way)),
        None => Ok(None),
    }
}

async fn described(id: &str, cx: &Cx<'_, Account>) -> Result<DeploymentInfo> {
    let answer = cx.code_deploy().get_deployment().deployment_id(id).send().await.edge()?;
    answer.deployment_info.ok_or_else(|| Error::new(Class::NotYet, format!("deployment {id} is not described")))
}

fn is_under_way(deployment: &DeploymentInfo) -> bool {
    deployment.status().is_none_or(|status| UNDER_WAY.contains(status))
}

/// Ends a deployment. With `back`, what it has moved is moved back.
pub(super) async fn stop(id: &str, back: bool, cx: &Cx<'_, Account>) -> Result<()> {
    let call = cx.code_deploy().stop_deployment().deployment_id(id).auto_rollback_enabled(back);
    unless_gone(call.send().await.edge().map(drop))
}

/// Waits until a deployment of the wanted revision has moved requests to the new tasks. It is stopped if one of them dies: it
/// would go on trying for an hour, and meanwhile nothing else could be brought out.
pub(super) async fn follow(id: &str, service: &Id<EcsService>, cx: &Cx<'_, Account>) -> Result<()> {
    let (arn, mut wait) = (service.get()?, Wait::with_pauses_up_to(LONGEST_PAUSE));
    let mut watch = Watch::default();
    loop {
        let deployment = described(id, cx).await?;
        if deployment.status() == Some(&DeploymentStatus::Succeeded) {
            return Ok(());
        }
        if !is_under_way(&deployment) {
            return Err(failed(id, &ended(&deployment, &watch)));
        }
        let target = target(id, arn, cx).await?;
        let running = one(cluster_of(arn), arn, cx).await?;
        if has_moved(target.as_ref(), running.as_ref(), id) {
            return Ok(());
        }
        let new = running.as_ref().and_then(|service| Some((service, started(service, id)?)));
        let tasks = match new {
            Some((service, set)) => match watch.look(service, &Started::by_set(set), cx).await? {
                Seen::Death(death) => {
                    stop(id, true, cx).await?;
                    return Err(failed(id, &death));
                }
                Seen::Progress(tasks) => Some(tasks),
            },
            None => None,
        };
        let progress = progress(target.as_ref(), tasks);
        if wait.waited() > LONGEST {
            let minutes = LONGEST.as_secs() / 60;
            let death = watch.with_checks(format!("not done after {minutes} minutes: {progress}"));
            let hint = "CodeDeploy goes on trying: run again to go on waiting for it, or stop it in its console";
            return Err(death.error(&format!("deployment {id}")).hint(hint));
        }
        cx.waiting(format!("deployment {id}: {progress}"));
        wait.pause().await;
    }
}

/// Waits until somebody else's deployment is over, with the old tasks gone: only then another one may begin.
pub(super) async fn outwait(id: &str, cx: &Cx<'_, Account>) -> Result<()> {
    let mut wait = Wait::with_pauses_up_to(LONGEST_PAUSE);
    while let Some(deployment) = unless_missing(described(id, cx).await)?.filter(is_under_way) {
        let has_moved = deployment.instance_termination_wait_time_started();
        let what = if has_moved { "the tasks before to be ended" } else { "it to be done" };
        if wait.waited() > LONGEST {
            let minutes = LONGEST.as_secs() / 60;
            let message = format!("deployment {id}, which somebody else began, is not over after {minutes} minutes");
            return Err(
                Error::new(Class::Other, message).hint("see in the console of CodeDeploy how it goes, and run again")
            );
        }
        cx.waiting(format!("deployment {id}, which is under way already: {what}"));
        wait.pause().await;
    }
    Ok(())
}

/// How a deployment goes. None: it has not begun.
async fn target(id: &str, service: &str, cx: &Cx<'_, Account>) -> Result<Option<EcsTarget>> {
    let name = service.rsplit('/').next().unwrap_or_default();
    // `CodeDeploy` API reference, `BatchGetDeploymentTargets`, `targetIds`: `<clustername>:<servicename>`.
    let call = cx.code_deploy().get_deployment_target().deployment_id(id);
    let answer = call.target_id(format!("{}:{name}", cluster_of(service))).send().await.edge();
    match answer {
        Err(error) if matches!(error.class, Class::NotFound | Class::NotYet) => Ok(None),
        answer => Ok(answer?.deployment_target.and_then(|target| target.ecs_target)),
    }
}

/// The task set that a deployment has made.
fn started<'s>(service: &'s Service, id: &str) -> Option<&'s TaskSet> {
    service.task_sets().iter().find(|set| set.external_id() == Some(id))
}

/// Whether requests go to the new tasks, for `CodeDeploy` and for ECS. The old ones may run for some minutes more.
fn has_moved(target: Option<&EcsTarget>, service: Option<&Service>, id: &str) -> bool {
    let allowed =
        target.is_some_and(|target| status_of(target, ALLOW_TRAFFIC) == Some(&LifecycleEventStatus::Succeeded));
    allowed && service.and_then(set).is_some_and(|set| set.external_id() == Some(id))
}

fn status_of<'t>(target: &'t EcsTarget, event: &str) -> Option<&'t LifecycleEventStatus> {
    let mut events = target.lifecycle_events().iter();
    events.find(|one| one.lifecycle_event_name() == Some(event)).and_then(LifecycleEvent::status)
}

/// What it waits for, in words.
fn progress(target: Option<&EcsTarget>, tasks: Option<String>) -> String {
    let installed = target.and_then(|target| status_of(target, INSTALL));
    match (target, installed) {
        (None, _) => "it to begin".to_owned(),
        (_, Some(LifecycleEventStatus::Succeeded)) => "requests to go to the new tasks".to_owned(),
        _ => tasks.unwrap_or_else(|| "its new tasks to start".to_owned()),
    }
}

/// Why a deployment has come to nothing, as `CodeDeploy` says it.
fn ended(deployment: &DeploymentInfo, watch: &Watch) -> Death {
    let error = deployment.error_information();
    let word = if deployment.status() == Some(&DeploymentStatus::Stopped) { "it was stopped" } else { "it failed" };
    let mut cause = match error.and_then(|error| error.message()) {
        Some(message) => format!("{word}: {message}"),
        None => word.to_owned(),
    };
    if let Some(message) = deployment.rollback_info().and_then(|rollback| rollback.rollback_message()) {
        cause.extend(["; ", message]);
    }
    let death = watch.with_checks(cause);
    let code = || error.and_then(|error| error.code()).map(ErrorCode::as_str).map(str::to_owned);
    Death { code: death.code.clone().or_else(code), ..death }
}

fn failed(id: &str, death: &Death) -> Error {
    let hint =
        "what ran before goes on running: mend the image, its settings, its secrets or its permissions, and run again";
    death.error(&format!("deployment {id}")).hint(hint)
}
