//! One container of a task, in normal form: what ECS fills in by itself is no difference.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ecs::types::{
    ContainerDefinition, KeyValuePair, LinuxParameters, LogConfiguration, LogDriver, PortMapping, Secret as EcsSecret,
};
use engine::{Id, Result};
use serde::Serialize;

use super::containers::unbuilt;
use super::{ContainerImage, LogGroup, Secret};

/// A container. The task ends when it does.
#[derive(Debug, Serialize)]
pub struct Container {
    /// What it runs.
    pub image: Id<ContainerImage>,
    /// The port that it listens on.
    pub port: Option<ContainerPort>,
    /// Its environment. Whoever may look at the task definition sees it.
    pub environment: BTreeMap<String, String>,
    /// What its environment has from secrets: the execution role reads them when a task starts.
    pub secrets: BTreeMap<String, ContainerSecret>,
    /// Where its output goes.
    pub log: Option<ContainerLog>,
    /// How many seconds it has to end by itself when it is told to; none: 30 (ECS API reference, `ContainerDefinition`).
    pub stop_timeout: Option<i32>,
    /// Whether its file system can only be read.
    pub read_only_root: bool,
    /// Who it runs as, such as `1000:1000`; none: as its image says.
    pub user: Option<String>,
    /// Whether an init process passes signals on and reaps children.
    pub init_process: bool,
}

/// A port of a container.
#[derive(Debug, Serialize)]
pub struct ContainerPort {
    /// The number.
    pub number: i32,
    /// What Service Connect knows it by.
    pub name: Option<String>,
    /// `http`, `http2` or `grpc`, of which Service Connect then knows more than of plain TCP.
    pub protocol: Option<String>,
}

/// A secret, or one key of its JSON.
#[derive(Debug, Serialize)]
pub struct ContainerSecret {
    /// The secret.
    pub secret: Id<Secret>,
    /// The key, where the value is JSON.
    pub key: Option<String>,
}

/// Output that goes to `CloudWatch` Logs.
#[derive(Debug, Serialize)]
pub struct ContainerLog {
    /// The group.
    pub group: Id<LogGroup>,
    /// All other options of the driver, such as `awslogs-region`, `awslogs-stream-prefix` and `mode` (ECS API reference,
    /// `LogConfiguration`).
    pub options: BTreeMap<String, String>,
}

const GROUP: &str = "awslogs-group";

impl Container {
    /// For a call that registers it.
    pub(super) fn definition(&self, name: &str) -> Result<ContainerDefinition> {
        let environment =
            self.environment.iter().map(|(key, value)| KeyValuePair::builder().name(key).value(value).build());
        let secrets = self.secrets.iter().map(|(name, secret)| {
            EcsSecret::builder().name(name).value_from(secret.value_from()?).build().map_err(unbuilt)
        });
        let init = LinuxParameters::builder().init_process_enabled(true).build();
        Ok(ContainerDefinition::builder()
            .name(name)
            .image(self.image.get()?)
            .essential(true)
            .set_port_mappings(self.port.as_ref().map(|port| vec![port.mapping()]))
            .set_environment(Some(environment.collect()))
            .set_secrets(Some(secrets.collect::<Result<_>>()?))
            .set_log_configuration(self.log.as_ref().map(ContainerLog::configuration).transpose()?)
            .set_stop_timeout(self.stop_timeout)
            .readonly_root_filesystem(self.read_only_root)
            .set_user(self.user.clone())
            .set_linux_parameters(self.init_process.then_some(init))
            .build())
    }

    /// As ECS shows it.
    pub(super) fn read(definition: &ContainerDefinition) -> Self {
        let linux = definition.linux_parameters();
        let pair = |pair: &KeyValuePair| Some((pair.name()?.to_owned(), pair.value().unwrap_or_default().to_owned()));
        let secret = |secret: &EcsSecret| (secret.name().to_owned(), ContainerSecret::read(secret.value_from()));
        Self {
            image: Id::new(definition.image().unwrap_or_default()),
            port: definition.port_mappings().first().map(ContainerPort::read),
            environment: definition.environment().iter().filter_map(pair).collect(),
            secrets: definition.secrets().iter().map(secret).collect(),
            log: definition.log_configuration().map(ContainerLog::read),
            stop_timeout: definition.stop_timeout(),
            read_only_root: definition.readonly_root_filesystem() == Some(true),
            user: definition.user().map(str::to_owned),
            init_process: linux.and_then(LinuxParameters::init_process_enabled) == Some(true),
        }
    }
}

impl ContainerPort {
    fn mapping(&self) -> PortMapping {
        let mapping = PortMapping::builder().container_port(self.number).set_name(self.name.clone());
        mapping.set_app_protocol(self.protocol.as_deref().map(Into::into)).build()
    }

    fn read(mapping: &PortMapping) -> Self {
        Self {
            number: mapping.container_port().unwrap_or_default(),
            name: mapping.name().map(str::to_owned),
            protocol: mapping.app_protocol().map(|protocol| protocol.as_str().to_owned()),
        }
    }
}

impl ContainerSecret {
    /// `arn:aws:secretsmanager:region:account:secret:name-AbCdEf:key::` for a key, in the version that is in force when a
    /// task starts (ECS developer guide, "Pass sensitive data to an Amazon ECS container").
    fn value_from(&self) -> Result<String> {
        let secret = self.secret.get()?;
        Ok(self.key.as_ref().map_or_else(|| secret.to_owned(), |key| format!("{secret}:{key}::")))
    }

    /// What names a version, which we never do, stays in the key, so that it differs.
    fn read(value_from: &str) -> Self {
        let colon = value_from.match_indices(':').nth(6).map(|(at, _)| at);
        let (secret, rest) = colon.map_or((value_from, None), |at| (&value_from[..at], Some(&value_from[at + 1..])));
        let key = rest.map(|rest| rest.strip_suffix("::").unwrap_or(rest));
        Self { secret: Id::new(secret), key: key.filter(|key| !key.is_empty()).map(str::to_owned) }
    }
}

impl ContainerLog {
    fn configuration(&self) -> Result<LogConfiguration> {
        let log = LogConfiguration::builder().log_driver(LogDriver::Awslogs).options(GROUP, self.group.get()?);
        let log = self.options.iter().fold(log, |log, (name, value)| log.options(name, value));
        log.build().map_err(unbuilt)
    }

    fn read(log: &LogConfiguration) -> Self {
        let options = log.options().into_iter().flatten();
        let mut options: BTreeMap<_, _> = options.map(|(name, value)| (name.clone(), value.clone())).collect();
        let group = options.remove(GROUP).unwrap_or_default();
        if *log.log_driver() != LogDriver::Awslogs {
            options.insert("driver".to_owned(), log.log_driver().as_str().to_owned());
        }
        Self { group: Id::new(group), options }
    }
}

/// What a container has that none of ours ever has, by the names of ECS API reference, `ContainerDefinition`.
pub(super) fn others(definition: &ContainerDefinition) -> BTreeSet<String> {
    let linux = definition.linux_parameters();
    let others = [
        ("command", !definition.command().is_empty()),
        ("cpu", definition.cpu() != 0),
        ("dependsOn", !definition.depends_on().is_empty()),
        ("dockerLabels", definition.docker_labels().is_some_and(|labels| !labels.is_empty())),
        ("entryPoint", !definition.entry_point().is_empty()),
        ("environmentFiles", !definition.environment_files().is_empty()),
        ("essential", definition.essential() == Some(false)),
        ("firelensConfiguration", definition.firelens_configuration().is_some()),
        ("healthCheck", definition.health_check().is_some()),
        ("linuxParameters", linux.is_some_and(|linux| linux.capabilities().is_some() || !linux.tmpfs().is_empty())),
        ("memory", definition.memory().or(definition.memory_reservation()).is_some()),
        ("mountPoints", !definition.mount_points().is_empty()),
        ("portMappings", definition.port_mappings().len() > 1),
        ("privileged", definition.privileged() == Some(true)),
        ("repositoryCredentials", definition.repository_credentials().is_some()),
        ("restartPolicy", definition.restart_policy().is_some()),
        ("startTimeout", definition.start_timeout().is_some()),
        ("systemControls", !definition.system_controls().is_empty()),
        ("ulimits", !definition.ulimits().is_empty()),
        ("volumesFrom", !definition.volumes_from().is_empty()),
        ("workingDirectory", definition.working_directory().is_some()),
    ];
    let container = definition.name().unwrap_or_default();
    others.into_iter().filter(|(_, is_set)| *is_set).map(|(name, _)| format!("{container}: {name}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_named_with_or_without_a_key_of_its_json() {
        let arn = "arn:aws:secretsmanager:us-west-1:111122223333:secret:github-AbCdEf";
        for key in [None, Some("password".to_owned())] {
            let secret = ContainerSecret { secret: Id::new(arn), key: key.clone() };
            let read = ContainerSecret::read(&secret.value_from().unwrap_or_default());
            assert_eq!((read.secret.known(), read.key), (Some(arn), key));
        }
        assert_eq!(ContainerSecret::read(&format!("{arn}:::v1")).key.as_deref(), Some("::v1"));
    }
}
