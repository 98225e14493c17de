//! How a service with a pipeline is brought out: by `CodeDeploy`, which the pipeline hands new images to, and so does this program
//! what is changed in the files.

use std::collections::BTreeSet;

use aws::Account;
use aws::resources::{CodeDeployApplication, DeploymentGroup, EcsService, Listener, ListenerRule, Role, TargetGroup};
use engine::{Handle, Scope};
use fleet::names;

/// What brings a service out.
pub(crate) struct Around<'a> {
    pub(crate) account: &'a fleet::Account,
    pub(crate) name: &'a str,
    pub(crate) service: Handle<EcsService>,
    pub(crate) role: Handle<Role>,
    /// Its two target groups,
    pub(crate) groups: (Handle<TargetGroup>, Handle<TargetGroup>),
    /// and what leads to them.
    pub(crate) listener: Handle<Listener>,
    pub(crate) rule: Option<Handle<ListenerRule>>,
}

/// All requests go to the new tasks at once (`CodeDeploy` user guide, "Predefined deployment configurations for an Amazon ECS
/// compute platform").
const AT_ONCE: &str = "CodeDeployDefault.ECSAllAtOnce";

/// After whatever comes to nothing, requests go back to where they went. Of alarms there are those that people set.
const ROLLED_BACK_ON: [&str; 3] = ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"];

/// For so many minutes the old tasks are there to go back to.
const KEEPS_OLD_MINUTES: i32 = 5;

/// Adds what `CodeDeploy` knows the service by.
pub(crate) fn group(scope: &mut Scope<'_, Account>, around: &Around<'_>) -> Handle<DeploymentGroup> {
    let (account, name) = (&around.account.name, around.name);
    let target_groups = BTreeSet::from([names::target_group(account, name), names::other_target_group(account, name)]);
    let application = scope.add(name, (), |()| CodeDeployApplication {});
    let inputs = (application, around.role, around.service, around.listener, (around.groups, around.rule));
    scope.add(name, inputs, move |(application, role, service, listener, _)| DeploymentGroup {
        application,
        role,
        service,
        target_groups: target_groups.clone(),
        listener,
        configuration: AT_ONCE.to_owned(),
        rolled_back_on: ROLLED_BACK_ON.map(str::to_owned).into(),
        keeps_old_minutes: KEEPS_OLD_MINUTES,
        others: BTreeSet::new(),
    })
}
