//! The database of an account: one instance of RDS in the private subnets, whose password RDS makes and keeps itself.

use std::collections::{BTreeMap, BTreeSet};

use aws::Account;
use aws::resources::{AccountReady, DbEndpoint, DbInstance, DbParameterGroup, DbSubnetGroup, KmsKey};
use engine::{Handle, Id, Key, Resource, Scope};
use fleet::{Engine, Fleet, RenderError, names};

use crate::keys;
use crate::network::Place;
use crate::rewrites::Rewrites;
use crate::security_groups::Groups;
use crate::templates::Templates;

/// The node of the key that it is encrypted with.
const KEY: &str = "database";

/// The key that an account's database and its snapshots are encrypted with, if the account has one.
#[must_use]
pub fn database_key(account: &fleet::Account) -> Option<Key> {
    account.database.as_ref().map(|_| Key::new(&account.name, KmsKey::KIND, KEY))
}

/// The node of what an account has one of.
const ONLY: &str = "main";

/// Adds the account's database, if it has one. Gives what services connect to.
pub(crate) fn add(
    scope: &mut Scope<'_, Account>,
    fleet: &Fleet,
    account: &fleet::Account,
    member: Handle<AccountReady>,
    (place, groups, rewrites): (&Place, &Groups, &Rewrites),
) -> Result<Option<Handle<DbEndpoint>>, RenderError> {
    let (Some(database), Some(group)) = (account.database.clone(), groups.database) else { return Ok(None) };
    let templates = Templates::new(fleet, account);
    templates.check(&["key"])?;
    let key = keys::add(scope, KEY, member, &templates, rewrites);
    let within = (place.vpc, place.private.clone());
    let subnets = scope
        .add(ONLY, within, |(vpc, subnets): (_, Vec<_>)| DbSubnetGroup { vpc, subnets: subnets.into_iter().collect() });
    let (family, parameters) = (database.family(), parameters(&database));
    let group_family = family.clone();
    // A group has one family for good, so another version has another group.
    let parameters = scope.add(family.replace('.', "-"), (), move |()| DbParameterGroup {
        family: group_family.clone(),
        parameters: parameters.clone(),
    });
    let inputs = (key, subnets, parameters, group);
    let instance = scope.add(
        names::database(&account.name),
        inputs,
        move |(key, subnet_group, parameter_group, group): (_, Id<DbSubnetGroup>, Id<DbParameterGroup>, _)| {
            DbInstance {
                engine: database.engine.as_str().to_owned(),
                version: Some(database.version.clone()),
                class: database.size.clone(),
                storage_gib: gib(database.storage),
                most_storage_gib: database.most_storage,
                storage_type: "gp3".to_owned(),
                database: database.name.clone(),
                user: database.user.clone(),
                subnet_group,
                parameter_group,
                security_groups: BTreeSet::from([group]),
                key: Some(key),
                // Secrets Manager's own key: no other account reads it.
                secret_key: None,
                managed_password: true,
                multi_az: database.multi_az,
                backup_days: database.backup_days,
                deletion_protected: database.deletion_protection,
                public: false,
                copy_tags_to_snapshots: true,
                performance_insights: false,
                log_exports: log_exports(database.engine),
                // A version that the file names is not left by itself.
                auto_minor_upgrades: family == format!("{}{}", database.engine.as_str(), database.version),
                iam_authentication: false,
            }
        },
    );
    Ok(Some(scope.add(ONLY, instance, |instance| DbEndpoint { instance })))
}

fn gib(storage: u32) -> i32 {
    i32::try_from(storage).unwrap_or(i32::MAX)
}

/// RDS user guide, "Publishing database logs to Amazon `CloudWatch` Logs".
fn log_exports(engine: Engine) -> BTreeSet<String> {
    let logs: &[&str] = match engine {
        Engine::Postgres => &["postgresql", "upgrade"],
        Engine::MySql => &["error"],
    };
    logs.iter().map(|log| (*log).to_owned()).collect()
}

/// What the file says, and that no connection goes unencrypted, unless it says so (RDS user guide, "Requiring an SSL
/// connection to a `PostgreSQL` DB instance"; "Requiring SSL/TLS for all connections to a `MySQL` DB instance").
fn parameters(database: &fleet::Database) -> BTreeMap<String, String> {
    let encrypted = match database.engine {
        Engine::Postgres => "rds.force_ssl",
        Engine::MySql => "require_secure_transport",
    };
    let mut parameters = BTreeMap::from([(encrypted.to_owned(), "1".to_owned())]);
    parameters.extend(database.parameters.clone());
    parameters
}
