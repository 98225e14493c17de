//! What the tasks of a service are, as a function of what they are built on. The task definition and the service that runs
//! it are both made by it, so that one plan shows both changes.

use std::collections::{BTreeMap, BTreeSet};

use aws::resources::{
    Container, ContainerLog, ContainerPort, ContainerSecret, Database, Image, LogGroup, Role, Secret, TaskDefinition,
};
use engine::Id;
use fleet::{Architecture, Engine};

/// What a container's port is known by to other services.
pub(crate) const PORT: &str = "http";

/// What a task is built on: the image, the two roles, the log group, the secrets in the order of the variables, and the
/// database.
pub(crate) type Values = (Image, Id<Role>, Id<Role>, Id<LogGroup>, Vec<Id<Secret>>, Option<Database>);

/// The tasks of a service.
#[derive(Clone)]
pub(crate) struct Task {
    name: String,
    region: String,
    service: fleet::Service,
    /// Those that it has from secrets.
    variables: Vec<String>,
    /// The engine, the name and nothing secret of the database that they use.
    database: Option<(Engine, String)>,
}

impl Task {
    pub(crate) fn of(account: &fleet::Account, name: &str, service: &fleet::Service, variables: Vec<String>) -> Self {
        let database = account.database.as_ref().filter(|_| service.database);
        Self {
            name: name.to_owned(),
            region: account.region.clone(),
            service: service.clone(),
            variables,
            database: database.map(|database| (database.engine, database.name.clone())),
        }
    }

    /// The task definition.
    pub(crate) fn definition(&self, values: Values) -> TaskDefinition {
        let (image, execution_role, task_role, group, secrets, database) = values;
        let number = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
        let container = self.container(&image, group, secrets, database);
        TaskDefinition {
            cpu: number(self.service.cpu),
            memory: number(self.service.memory),
            architecture: match self.service.architecture {
                Architecture::X86_64 => "X86_64",
                Architecture::Arm64 => "ARM64",
            }
            .to_owned(),
            storage: self.service.storage,
            execution_role,
            task_role: Some(task_role),
            containers: BTreeMap::from([(self.name.clone(), container)]),
            others: BTreeSet::new(),
        }
    }

    fn container(
        &self,
        image: &Image,
        group: Id<LogGroup>,
        secrets: Vec<Id<Secret>>,
        database: Option<Database>,
    ) -> Container {
        let service = &self.service;
        let whole = |secret| ContainerSecret { secret, key: None };
        let mut environment = service.environment.clone();
        let mut secrets: BTreeMap<String, ContainerSecret> =
            self.variables.iter().cloned().zip(secrets.into_iter().map(whole)).collect();
        if let (Some((engine, name)), Some(database)) = (&self.database, database) {
            environment.extend(Self::database_environment(*engine, name, &database));
            for (variable, key) in [("DATABASE_USERNAME", "username"), ("DATABASE_PASSWORD", "password")] {
                let secret = ContainerSecret { secret: database.secret.clone(), key: Some(key.to_owned()) };
                secrets.insert(variable.to_owned(), secret);
            }
        }
        // A container that writes faster than the logs take it loses entries instead of standing still (ECS developer guide,
        // "Send Amazon ECS logs to CloudWatch").
        let options = [
            ("awslogs-region", self.region.as_str()),
            ("awslogs-stream-prefix", "ecs"),
            ("mode", "non-blocking"),
            ("max-buffer-size", "25m"),
        ];
        let options = options.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Container {
            image: image.reference.clone(),
            port: Some(ContainerPort {
                number: i32::from(service.port),
                name: Some(PORT.to_owned()),
                protocol: Some("http".to_owned()),
            }),
            environment,
            secrets,
            log: Some(ContainerLog { group, options }),
            stop_timeout: Some(service.stop_timeout),
            read_only_root: service.read_only,
            user: Some(service.user.clone()),
            init_process: true,
        }
    }

    fn database_environment(
        engine: Engine,
        name: &str,
        database: &Database,
    ) -> impl Iterator<Item = (String, String)> + use<> {
        let variables = [
            ("DATABASE_CLIENT", engine.as_str().to_owned()),
            ("DATABASE_HOST", database.host.to_string()),
            ("DATABASE_PORT", database.port.to_string()),
            ("DATABASE_NAME", name.to_owned()),
            ("DATABASE_SSL", "true".to_owned()),
            // RDS changes the password every seven days: here it can be read again.
            ("DATABASE_SECRET", database.secret.to_string()),
        ];
        variables.into_iter().map(|(variable, value)| (variable.to_owned(), value))
    }
}
