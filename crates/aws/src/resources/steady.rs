//! Waiting until a service runs what it should, saying at once what its tasks die of, and until it runs nothing any more.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_ecs::types::{
    Container, Deployment, DeploymentRolloutState, DesiredStatus, Service, Task, TaskSet, TaskStopCode,
};
use engine::{Class, Cx, Error, Result};

use super::services::parts::{primary, set};
use super::services::{cluster_of, one};
use super::target_health::{Unhealthy, unhealthy};
use super::task_definition::described;
use crate::Account;
use crate::edge::Edge;
use crate::wait::Wait;

/// A first deployment takes some minutes: an address, the image, the target group's checks.
pub(super) const LONGEST: Duration = Duration::from_mins(20);
/// For how long a new deployment may not be listed.
const UNTIL_SHOWN: Duration = Duration::from_secs(30);
/// What a task dies of is to be told within seconds.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// ECS API reference, `DescribeTasks`, `tasks`: "up to 100".
const TASKS: usize = 100;
/// How many lines of a dead container's log are shown.
const LINES: i32 = 10;

/// Waits until the service is steady. A task that stops while it is watched ends the wait: the circuit breaker would take
/// three of them at least, and say less.
pub(super) async fn wait(arn: &str, cx: &Cx<'_, Account>) -> Result<()> {
    let (mut wait, mut watch) = (Wait::with_pauses_up_to(LONGEST_PAUSE), Watch::default());
    loop {
        let Some(service) = one(cluster_of(arn), arn, cx).await?.filter(|service| service.status() == Some("ACTIVE"))
        else {
            return Err(Error::new(Class::NotYet, format!("{arn} is not there yet")));
        };
        if is_steady(&service) {
            return Ok(());
        }
        if let Some(reason) = failure(&service) {
            return Err(failed(arn, &watch.with_checks(reason.to_owned())));
        }
        let progress = match watch.look(&service, &Started::wanted(&service), cx).await? {
            Seen::Death(death) => return Err(failed(arn, &death)),
            Seen::Progress(progress) => progress,
        };
        if wait.waited() > LONGEST {
            let minutes = LONGEST.as_secs() / 60;
            return Err(failed(arn, &watch.with_checks(format!("not steady after {minutes} minutes: {progress}"))));
        }
        cx.waiting(progress);
        wait.pause().await;
    }
}

/// Waits until a deployment that was begun is listed. Until then the one before it is, which is completed: what was changed
/// would be told as done before a task of it runs.
pub(super) async fn shown(arn: &str, deployment: Option<&str>, cx: &Cx<'_, Account>) -> Result<()> {
    let Some(id) = deployment else { return Ok(()) };
    let mut wait = Wait::with_pauses_up_to(LONGEST_PAUSE);
    while let Some(service) = one(cluster_of(arn), arn, cx).await?
        && !service.deployments().iter().any(|one| one.id() == Some(id))
        && wait.waited() < UNTIL_SHOWN
    {
        wait.pause().await;
    }
    Ok(())
}

/// Waits until a service that was deleted has ended its tasks.
pub(super) async fn gone(arn: &str, cx: &Cx<'_, Account>) -> Result<()> {
    let mut wait = Wait::with_pauses_up_to(LONGEST_PAUSE);
    while let Some(service) = one(cluster_of(arn), arn, cx).await?.filter(|one| one.status() != Some("INACTIVE")) {
        cx.waiting(format!("{} tasks to end", service.running_count()));
        wait.pause().await;
    }
    Ok(())
}

fn failed(arn: &str, death: &Death) -> Error {
    death
        .error(arn)
        .hint("ECS goes on trying: mend the image, its settings, its secrets or its permissions, and run again")
}

/// Why something does not come up. The code is the word that ECS or ELB has for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Death {
    pub(super) cause: String,
    pub(super) code: Option<String>,
}

impl Death {
    /// Of what it is the failure.
    pub(super) fn error(&self, of: &str) -> Error {
        let error = Error::new(Class::Other, format!("{of}: {}", self.cause));
        Error { code: self.code.as_deref().map(Into::into), ..error }
    }
}

/// What a look at new tasks shows.
pub(super) enum Seen {
    /// One of them has died since the first look.
    Death(Death),
    /// How far they are, in words.
    Progress(String),
}

/// The tasks that a deployment of ECS or a task set of `CodeDeploy` starts.
pub(super) struct Started<'s> {
    /// The id of what starts them.
    by: Option<&'s str>,
    /// The target group that they are registered in.
    group: Option<&'s str>,
    running: i32,
}

impl<'s> Started<'s> {
    /// Those that are to stay.
    fn wanted(service: &'s Service) -> Self {
        match (primary(service), set(service)) {
            (Some(deployment), _) => Self {
                by: deployment.id(),
                group: service.load_balancers().iter().find_map(|balancer| balancer.target_group_arn()),
                running: deployment.running_count(),
            },
            (None, Some(set)) => Self::by_set(set),
            (None, None) => Self { by: None, group: None, running: service.running_count() },
        }
    }

    /// Those of a task set.
    pub(super) fn by_set(set: &'s TaskSet) -> Self {
        let group = set.load_balancers().iter().find_map(|balancer| balancer.target_group_arn());
        Self { by: set.id(), group, running: set.running_count() }
    }
}

/// Looks at new tasks, time and again.
#[derive(Default)]
pub(super) struct Watch {
    /// What had stopped before the first look: it may have been mended since.
    dead: Option<BTreeSet<String>>,
    /// As it was seen last: a task that is stopped for it is no target any more.
    sick: Option<Unhealthy>,
}

impl Watch {
    /// Whether one has died, and how far they are.
    pub(super) async fn look(&mut self, service: &Service, of: &Started<'_>, cx: &Cx<'_, Account>) -> Result<Seen> {
        let tasks = tasks(service, of.by, cx).await?;
        let is_sick = unhealthy(of.group, &tasks, cx).await;
        self.sick = is_sick.clone().or(self.sick.take());
        let stopped: Vec<&Task> = tasks.iter().filter(|task| has_failed(task)).collect();
        let arns = stopped.iter().filter_map(|task| task.task_arn()).map(str::to_owned).collect();
        let known = self.dead.get_or_insert(arns);
        let new = stopped.iter().find(|task| task.task_arn().is_some_and(|arn| !known.contains(arn)));
        if let Some(task) = new {
            let of_balancer = self.sick.as_ref().filter(|_| is_of_balancer(task));
            let code = of_balancer.map(|sick| sick.reason.clone()).or_else(|| word(task));
            return Ok(Seen::Death(Death { cause: with(cause(task, cx).await, of_balancer), code }));
        }
        Ok(Seen::Progress(with(progress(service, of.running, &tasks), is_sick.as_ref())))
    }

    /// A cause, with what the load balancer's checks said last.
    pub(super) fn with_checks(&self, cause: String) -> Death {
        Death { cause: with(cause, self.sick.as_ref()), code: self.sick.as_ref().map(|sick| sick.reason.clone()) }
    }
}

fn with(text: String, sick: Option<&Unhealthy>) -> String {
    match sick {
        Some(sick) => format!("{text}; {sick}"),
        None => text,
    }
}

/// A service that is to run nothing is steady. Of one that `CodeDeploy` brings out, ECS says no rollout state; and beside the
/// tasks that get requests those may still run that they took the place of.
fn is_steady(service: &Service) -> bool {
    let wanted = service.desired_count();
    let of_service = (service.running_count(), service.pending_count());
    if let Some(state) = primary(service).and_then(Deployment::rollout_state) {
        return wanted == 0 || *state == DeploymentRolloutState::Completed && of_service == (wanted, 0);
    }
    let of_set = set(service).map(|set| (set.running_count(), set.pending_count()));
    of_set.unwrap_or(of_service) == (wanted, 0)
}

/// Why the deployment has come to nothing, as the circuit breaker says it.
fn failure(service: &Service) -> Option<&str> {
    let deployment = primary(service)?;
    let reason = deployment.rollout_state_reason().unwrap_or("the deployment failed");
    let has_failed = deployment.rollout_state() == Some(&DeploymentRolloutState::Failed);
    (has_failed || reason.contains("rolling back")).then_some(reason)
}

/// The tasks that something has started, also those that have stopped within the hour.
async fn tasks(service: &Service, by: Option<&str>, cx: &Cx<'_, Account>) -> Result<Vec<Task>> {
    let (cluster, name) = (service.cluster_arn().unwrap_or_default(), service.service_name().unwrap_or_default());
    let mut arns: Vec<String> = Vec::new();
    for status in [DesiredStatus::Running, DesiredStatus::Stopped] {
        let call = cx.ecs().list_tasks().cluster(cluster).service_name(name).desired_status(status);
        let some: Vec<String> = call.into_paginator().items().send().try_collect().await.edge()?;
        arns.extend(some);
    }
    let mut all = Vec::new();
    for some in arns.chunks(TASKS) {
        let call = cx.ecs().describe_tasks().cluster(cluster).set_tasks(Some(some.to_vec()));
        all.extend(call.send().await.edge()?.tasks.unwrap_or_default());
    }
    all.retain(|task| task.started_by() == by);
    Ok(all)
}

/// Whether a task did not end because ECS wanted fewer (ECS developer guide, "Stopped tasks error messages").
fn has_failed(task: &Task) -> bool {
    let of_itself =
        matches!(task.stop_code(), Some(TaskStopCode::EssentialContainerExited | TaskStopCode::TaskFailedToStart));
    let reason = task.stopped_reason().unwrap_or_default();
    of_itself || is_of_balancer(task) || reason.contains("failed container health checks")
}

fn is_of_balancer(task: &Task) -> bool {
    task.stopped_reason().unwrap_or_default().contains("failed ELB health checks")
}

/// What ECS calls the cause: the word that a reason begins with, such as `CannotPullContainerError` or `OutOfMemoryError`, or
/// the code of the stop (ECS developer guide, "Stopped tasks error messages").
fn word(task: &Task) -> Option<String> {
    let reasons = task.containers().iter().filter_map(Container::reason).chain(task.stopped_reason());
    let words = reasons.filter_map(|reason| reason.split(':').next());
    let mut named = words.filter(|word| word.ends_with("Error") && word.chars().all(|c| c.is_ascii_alphanumeric()));
    named.next().or_else(|| Some(task.stop_code()?.as_str())).map(str::to_owned)
}

/// What a task died of: its own reason, those of its containers, and the end of their logs.
async fn cause(task: &Task, cx: &Cx<'_, Account>) -> String {
    let id = task.task_arn().and_then(|arn| arn.rsplit('/').next()).unwrap_or_default();
    let mut cause = format!("task {id} stopped: {}", task.stopped_reason().unwrap_or("ECS says no reason"));
    let revision = described(task.task_definition_arn().unwrap_or_default(), cx).await.ok();
    for container in task.containers() {
        let name = container.name().unwrap_or_default();
        if let Some(code) = container.exit_code() {
            cause.extend([format!("; container {name} ended with {code}")]);
        }
        if let Some(reason) = container.reason() {
            cause.extend([format!("; container {name}: {reason}")]);
        }
        let definitions = revision.iter().flat_map(|revision| revision.definition.container_definitions());
        let log =
            definitions.filter(|definition| definition.name() == Some(name)).find_map(|it| it.log_configuration());
        let option = |name: &str| log.and_then(|log| log.options()?.get(name)).map_or("", String::as_str);
        let (group, prefix) = (option("awslogs-group"), option("awslogs-stream-prefix"));
        let call = cx.logs().get_log_events().log_group_name(group).log_stream_name(format!("{prefix}/{name}/{id}"));
        // The cause is worth saying without it, too.
        if let Ok(answer) = call.limit(LINES).start_from_head(false).send().await.edge() {
            let lines = answer.events().iter().filter_map(|event| event.message());
            cause.extend(lines.map(|line| format!("\n  {name}: {}", line.trim_end())));
        }
    }
    cause
}

/// What it waits for, in words.
fn progress(service: &Service, running: i32, tasks: &[Task]) -> String {
    let count = |is_so: fn(&Task) -> bool| tasks.iter().filter(|task| is_so(task)).count();
    let stages = [
        (count(|task| task.last_status() == Some("PROVISIONING")), "get an address"),
        (count(|task| task.last_status() == Some("PENDING") && task.pull_stopped_at().is_none()), "pull the image"),
        (count(|task| task.last_status() == Some("PENDING") && task.pull_stopped_at().is_some()), "start"),
        (count(|task| task.last_status() == Some("ACTIVATING")), "are registered"),
        (count(|task| task.last_status() == Some("RUNNING")), "run"),
        (count(|task| task.last_status() == Some("STOPPED")), "stopped"),
    ];
    let stages: Vec<String> =
        stages.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    let mut progress = format!("{running} of {} new tasks to run and pass their checks", service.desired_count());
    if !stages.is_empty() {
        progress.extend([format!(" ({})", stages.join(", "))]);
    }
    if let Some(event) = service.events().first().and_then(|event| event.message()) {
        progress.extend(["; ", event]);
    }
    progress
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_has_the_word_of_ecs() {
        let task = |code: TaskStopCode, stopped: &str, reason: Option<&str>| {
            let container = Container::builder().name("backend").set_reason(reason.map(str::to_owned)).build();
            Task::builder().stop_code(code).stopped_reason(stopped).containers(container).build()
        };
        let exited = "Essential container in task exited";
        for (task, expected) in [
            (
                task(
                    TaskStopCode::EssentialContainerExited,
                    exited,
                    Some("OutOfMemoryError: Container killed due to memory usage"),
                ),
                "OutOfMemoryError",
            ),
            (
                task(
                    TaskStopCode::TaskFailedToStart,
                    "CannotPullContainerError: pull image manifest has been retried 7 time(s)",
                    None,
                ),
                "CannotPullContainerError",
            ),
            (
                task(
                    TaskStopCode::TaskFailedToStart,
                    "ResourceInitializationError: unable to pull secrets or registry auth",
                    None,
                ),
                "ResourceInitializationError",
            ),
            (task(TaskStopCode::EssentialContainerExited, exited, None), "EssentialContainerExited"),
            (task(TaskStopCode::EssentialContainerExited, exited, Some("exec: not found")), "EssentialContainerExited"),
        ] {
            assert_eq!(word(&task).as_deref(), Some(expected), "{task:?}");
        }
    }
}
