//! A database of an account.

use std::collections::BTreeSet;

use aws_sdk_rds::types::{
    CloudwatchLogsExportConfiguration, DbInstance as Listed, DbParameterGroupStatus, MasterUserSecret,
};
use engine::{Class, Cx, Error, Found, Id, Key, Resource, Result, Tags};
use serde::Serialize;

use super::db_instances::{self, all, one};
use super::db_parameter_group::PARAMETER_GROUPS;
use super::db_subnet_group::{LINKED_ROLE, SUBNET_GROUPS};
use super::kms_key::KEYS;
use super::{DbParameterGroup, DbSubnetGroup, KmsKey, SecurityGroup, databases, ids, is_free};
use crate::edge::Edge;
use crate::{Account, FLEET_TAG, Grant, KEY_TAG, Permissions};

/// A database of RDS, with encrypted storage. It is called as its node is, and known by that name, which is unique in the
/// region; its tags say whose it is. RDS makes the password of its master user and keeps it in a secret, so nobody here
/// ever knows it (RDS user guide, "Password management with Amazon RDS and AWS Secrets Manager").
#[derive(Clone, Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of RDS")]
pub struct DbInstance {
    /// `postgres` or `mysql`.
    pub engine: String,
    /// Such as `17`, which stands for any `17.x`; none: any. With automatic minor upgrades, it names no minor version.
    pub version: Option<String>,
    /// Such as `db.t4g.medium`.
    pub class: String,
    /// How much storage it has at least, in GiB: what it has is never taken away (RDS user guide, "Increasing DB instance
    /// storage capacity").
    pub storage_gib: i32,
    /// To how much RDS lets it grow, in GiB; none: it does not grow by itself.
    pub most_storage_gib: Option<i32>,
    /// Such as `gp3`.
    pub storage_type: String,
    /// The database that it is made with.
    pub database: String,
    /// The name of its master user.
    pub user: String,
    /// Where it may stand. It moves into a group of another network alone (RDS API reference, `ModifyDBInstance`).
    pub subnet_group: Id<DbSubnetGroup>,
    /// How its engine is set.
    pub parameter_group: Id<DbParameterGroup>,
    /// Who may talk to it.
    pub security_groups: BTreeSet<Id<SecurityGroup>>,
    /// What its storage is encrypted with; none is AWS's own key, and whatever an existing one has.
    pub key: Option<Id<KmsKey>>,
    /// What its secret is encrypted with; none is AWS's own key. Nothing changes it as long as RDS keeps the password (RDS
    /// API reference, `ModifyDBInstance`, `MasterUserSecretKmsKeyId`), so an existing secret keeps its own.
    pub secret_key: Option<Id<KmsKey>>,
    /// Whether RDS keeps the password of its master user, as it must.
    pub managed_password: bool,
    /// Whether another stands by in another zone.
    pub multi_az: bool,
    /// For how many days it can be brought back to any moment; 0 is not at all.
    pub backup_days: i32,
    /// Whether AWS refuses to delete it.
    pub deletion_protected: bool,
    /// Whether it has an address in the internet.
    pub public: bool,
    /// Whether its snapshots have its tags.
    pub copy_tags_to_snapshots: bool,
    /// Whether Performance Insights is on.
    pub performance_insights: bool,
    /// Logs that go to `CloudWatch`: of `postgresql`, `upgrade`, or of `audit`, `error`, `general`, `slowquery`.
    pub log_exports: BTreeSet<String>,
    /// Whether RDS upgrades it to new minor versions.
    pub auto_minor_upgrades: bool,
    /// Whether IAM lets users in.
    pub iam_authentication: bool,
}

impl Resource for DbInstance {
    const KIND: &'static str = "db-instance";
    const FIXED: &'static [&'static str] = &["engine", "database", "user", "key"];
    type Cloud = Account;
    /// The database's identifier.
    type Output = Id<Self>;

    fn check(&self, _: &Key) -> Result<Option<String>> {
        if self.managed_password {
            return Ok(None);
        }
        Err(Error::new(Class::Invalid, "the password of a database's master user is RDS's to keep")
            .hint("ask for a managed password: no other is ever known here"))
    }

    async fn owned(cx: &Cx<'_, Account>) -> Result<Vec<(Key, Found<Self>)>> {
        let owned = all(cx).await?;
        let owned = owned.iter().filter_map(|listed| {
            let found = found(listed);
            let key = cx.owner(found.tags.as_ref()?).filter(|key| key.kind == Self::KIND)?;
            // A copy that somebody restored may have the tags of the original.
            (found.output.known() == Some(key.name.as_str())).then_some((key, found))
        });
        Ok(owned.collect())
    }

    async fn find(&self, cx: &Cx<'_, Account>) -> Result<Option<Found<Self>>> {
        let (all, name) = (all(cx).await?, cx.key.name.as_str());
        let Some(listed) = all.iter().find(|one| one.db_instance_identifier() == Some(name)) else { return Ok(None) };
        let mut found = found(listed);
        if !found.tags.as_ref().is_none_or(|tags| is_free(tags, cx)) {
            let message = format!("the database {name} has the tags of another node, and {} is called so", cx.key);
            return Err(Error::new(Class::Invalid, message).hint(format!(
                "give the account another name; if nothing else looks after it any more, remove its tags {FLEET_TAG} and \
                 {KEY_TAG}, and run again"
            )));
        }
        self.accept(&mut found.actual, cx);
        let group = listed.db_parameter_groups().first();
        if group.and_then(DbParameterGroupStatus::parameter_apply_status) == Some("pending-reboot") {
            cx.tell(format!(
                "some of its parameters come into force when it is restarted: aws rds reboot-db-instance \
                 --db-instance-identifier {name}"
            ));
        }
        Ok(Some(found))
    }

    async fn create(&self, cx: &Cx<'_, Account>) -> Result<Id<Self>> {
        let name = &cx.key.name;
        let call = cx.rds().create_db_instance().db_instance_identifier(name).db_instance_class(&self.class);
        let call = call.engine(&self.engine).set_engine_version(self.version.clone()).db_name(&self.database);
        let call = call.allocated_storage(self.storage_gib).set_max_allocated_storage(self.most_storage_gib);
        let call =
            call.storage_type(&self.storage_type).storage_encrypted(true).set_kms_key_id(known(self.key.as_ref())?);
        let call = call.master_username(&self.user).manage_master_user_password(true);
        let call = call.set_master_user_secret_kms_key_id(known(self.secret_key.as_ref())?);
        let call = call.db_subnet_group_name(self.subnet_group.get()?);
        let call = call.db_parameter_group_name(self.parameter_group.get()?);
        let call = call.set_vpc_security_group_ids(Some(ids(&self.security_groups)?));
        let call = call.multi_az(self.multi_az).backup_retention_period(self.backup_days);
        let call = call.deletion_protection(self.deletion_protected).publicly_accessible(self.public);
        let call = call.copy_tags_to_snapshot(self.copy_tags_to_snapshots);
        let call = call.enable_performance_insights(self.performance_insights);
        let call = call.set_enable_cloudwatch_logs_exports(Some(self.log_exports.iter().cloned().collect()));
        let call = call.auto_minor_version_upgrade(self.auto_minor_upgrades);
        let call = call.enable_iam_database_authentication(self.iam_authentication);
        // A second one of this name is refused, so it may be repeated.
        call.set_tags(Some(databases::to_sdk(cx.tags))).send().await.edge()?;
        Ok(Id::new(name.as_str()))
    }

    /// Ends when the changes have been made: until then what is read is what was.
    async fn update(&self, found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        let (name, actual) = (found.output.get()?, &found.actual);
        // While RDS still makes or changes it, it refuses every other change.
        cx.unless_cancelled(Box::pin(db_instances::available(name, cx))).await?;
        let call = cx.rds().modify_db_instance().db_instance_identifier(name).apply_immediately(true);
        let version = self.version.clone().filter(|_| self.version != actual.version);
        let call = call.set_allow_major_version_upgrade(version.is_some().then_some(true)).set_engine_version(version);
        let call = call.set_db_instance_class(changed(&self.class, &actual.class));
        let storage = self.storage(actual, name, cx).await?;
        let speed = storage.and_then(|(_, speed)| speed);
        let call = call.set_allocated_storage(storage.map(|(gib, _)| gib));
        let call = call.set_iops(speed.map(|(iops, _)| iops)).set_storage_throughput(speed.map(|(_, mibps)| mibps));
        let call = call.set_max_allocated_storage(self.limit(actual, name, cx).await?);
        let call = call.set_storage_type(changed(&self.storage_type, &actual.storage_type));
        let moved = self.subnet_group != actual.subnet_group;
        let call = call.set_db_subnet_group_name(moved.then(|| self.subnet_group.get()).transpose()?.map(Into::into));
        let other = self.parameter_group != actual.parameter_group;
        let call =
            call.set_db_parameter_group_name(other.then(|| self.parameter_group.get()).transpose()?.map(Into::into));
        let regrouped = moved || self.security_groups != actual.security_groups;
        let call = call.set_vpc_security_group_ids(regrouped.then(|| ids(&self.security_groups)).transpose()?);
        let takes_over = self.managed_password && !actual.managed_password;
        let call = call.set_manage_master_user_password(takes_over.then_some(true));
        let call = call.set_master_user_secret_kms_key_id(known(self.secret_key.as_ref())?.filter(|_| takes_over));
        let call = call.set_multi_az(changed(&self.multi_az, &actual.multi_az));
        let call = call.set_backup_retention_period(changed(&self.backup_days, &actual.backup_days));
        let call = call.set_deletion_protection(changed(&self.deletion_protected, &actual.deletion_protected));
        let call = call.set_publicly_accessible(changed(&self.public, &actual.public));
        let copies = changed(&self.copy_tags_to_snapshots, &actual.copy_tags_to_snapshots);
        let insights = changed(&self.performance_insights, &actual.performance_insights);
        let call = call.set_copy_tags_to_snapshot(copies).set_enable_performance_insights(insights);
        let call = call.set_cloudwatch_logs_export_configuration(self.exports(actual));
        let upgrades = changed(&self.auto_minor_upgrades, &actual.auto_minor_upgrades);
        let authentication = changed(&self.iam_authentication, &actual.iam_authentication);
        let call = call.set_auto_minor_version_upgrade(upgrades);
        call.set_enable_iam_database_authentication(authentication).send().await.edge()?;
        cx.unless_cancelled(Box::pin(db_instances::changed(name, cx))).await
    }

    async fn tag(found: &Found<Self>, tags: &Tags, cx: &Cx<'_, Account>) -> Result<()> {
        let arn = format!("arn:aws:rds:{}:{}:db:{}", cx.region(), cx.id(), found.output.get()?);
        let call = cx.rds().add_tags_to_resource().resource_name(arn);
        call.set_tags(Some(databases::to_sdk(tags))).send().await.edge().map(drop)
    }

    async fn ready(output: &Id<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        db_instances::available(output.get()?, cx).await
    }

    /// A snapshot of its last state is taken, unless that may be lost.
    async fn delete(found: &Found<Self>, cx: &Cx<'_, Account>) -> Result<()> {
        db_instances::delete(found.output.get()?, cx).await
    }
}

/// The databases of an account.
const DATABASES: &[&str] = &["arn:aws:rds:{region}:{account}:db:*"];

impl Permissions for DbInstance {
    const READS: &'static [Grant] = &[Grant::on(DATABASES, &["rds:DescribeDBInstances"])];
    const CHANGES: &'static [Grant] = &[
        Grant::on(
            DATABASES,
            &[
                "rds:AddTagsToResource",
                "rds:CreateDBInstance",
                "rds:CreateDBSnapshot",
                "rds:DeleteDBInstance",
                "rds:ModifyDBInstance",
            ],
        ),
        // The last snapshot, which has its tags.
        Grant::on(&["arn:aws:rds:{region}:{account}:snapshot:*"], &["rds:AddTagsToResource", "rds:CreateDBSnapshot"]),
        // What it is built on is named by these calls (Service authorization reference, "Amazon RDS").
        Grant::on(PARAMETER_GROUPS, &["rds:CreateDBInstance", "rds:ModifyDBInstance"]),
        Grant::on(SUBNET_GROUPS, &["rds:CreateDBInstance", "rds:ModifyDBInstance"]),
        Grant::on(&["arn:aws:rds:{region}:{account}:og:default:*"], &["rds:CreateDBInstance", "rds:ModifyDBInstance"]),
        // RDS makes the secret in the name of whoever makes the database, and has grants on the keys (RDS user guide,
        // "Permissions required for Secrets Manager integration", and "AWS KMS key management").
        Grant::on(
            &["arn:aws:secretsmanager:{region}:{account}:secret:rds!db-*"],
            &["secretsmanager:CreateSecret", "secretsmanager:TagResource"],
        ),
        Grant::on(KEYS, &["kms:CreateGrant", "kms:DescribeKey"]).when(&[(
            "StringEquals",
            "kms:ViaService",
            "rds.{region}.amazonaws.com",
        )]),
        Grant::on(KEYS, &["kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"]).when(&[(
            "StringEquals",
            "kms:ViaService",
            "secretsmanager.{region}.amazonaws.com",
        )]),
        LINKED_ROLE,
    ];
}

impl DbInstance {
    /// Takes what exists for what is wanted, where it is so or cannot become so.
    fn accept(&self, actual: &mut Self, cx: &Cx<'_, Account>) {
        let is_version = |version: &String| {
            let of = actual.version.as_ref().and_then(|actual| actual.strip_prefix(version.as_str()));
            of.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        if self.version.as_ref().is_none_or(is_version) {
            actual.version.clone_from(&self.version);
        }
        if actual.storage_gib > self.storage_gib {
            let has_grown = self.most_storage_gib.is_some_and(|most| actual.storage_gib <= most);
            if !has_grown {
                let (gib, wanted) = (actual.storage_gib, self.storage_gib);
                cx.tell(format!("it has {gib} GiB, not {wanted}, and keeps them: RDS takes no storage away"));
            }
            actual.storage_gib = self.storage_gib;
        }
        // Nobody wants to lose a database for its key.
        if self.key.is_none() {
            actual.key = None;
        }
        let other = self.secret_key.as_ref().filter(|key| actual.secret_key.as_ref() != Some(key));
        if let Some(wanted) = other.filter(|_| actual.managed_password) {
            let key = actual.secret_key.as_ref().map_or_else(|| "AWS's own key".to_owned(), Id::to_string);
            cx.tell(format!("its secret is encrypted with {key}, not with {wanted}, and stays so"));
        }
        actual.secret_key.clone_from(&self.secret_key);
    }

    /// To how much it may grow, if that changes: a limit of what it has now is none (RDS user guide, "Turning off storage
    /// autoscaling").
    async fn limit(&self, actual: &Self, name: &str, cx: &Cx<'_, Account>) -> Result<Option<i32>> {
        if self.most_storage_gib == actual.most_storage_gib || self.most_storage_gib.is_some() {
            return Ok(self.most_storage_gib.filter(|_| self.most_storage_gib != actual.most_storage_gib));
        }
        let now = one(name, cx).await?.allocated_storage();
        Ok(now.map(|now| now.max(self.storage_gib)))
    }

    /// How much storage a change asks for, with its IOPS and its MiB a second where they have to be said: striped storage begins
    /// with these, and nothing that it has is taken away (RDS API reference, `ModifyDBInstance`, `AllocatedStorage`).
    async fn storage(&self, actual: &Self, name: &str, cx: &Cx<'_, Account>) -> Result<Option<(i32, Option<Speed>)>> {
        if (self.storage_gib, &self.storage_type) == (actual.storage_gib, &actual.storage_type) {
            return Ok(None);
        }
        let now = one(name, cx).await?;
        let gib = self.storage_gib.max(now.allocated_storage().unwrap_or_default());
        let (iops, mibps) = (now.iops().unwrap_or_default(), now.storage_throughput().unwrap_or_default());
        let is_striped = self.storage_type == "gp3" && gib >= STRIPED_GIB;
        Ok(Some((gib, is_striped.then(|| (iops.max(STRIPED_SPEED.0), mibps.max(STRIPED_SPEED.1))))))
    }

    /// Which logs are exported from now on, and which no more.
    fn exports(&self, actual: &Self) -> Option<CloudwatchLogsExportConfiguration> {
        let (wanted, actual) = (&self.log_exports, &actual.log_exports);
        let of = |some: std::collections::btree_set::Difference<'_, String>| {
            Some(some.cloned().collect::<Vec<_>>()).filter(|some| !some.is_empty())
        };
        let exports = CloudwatchLogsExportConfiguration::builder();
        let exports = exports.set_enable_log_types(of(wanted.difference(actual)));
        (wanted != actual).then(|| exports.set_disable_log_types(of(actual.difference(wanted))).build())
    }
}

/// IOPS and MiB a second.
type Speed = (i32, i32);

/// From how many GiB on gp3 storage is striped over several volumes, and what it has then at least (RDS user guide, "gp3 storage
/// (recommended)"; of `MySQL` and `PostgreSQL`).
const STRIPED_GIB: i32 = 400;
const STRIPED_SPEED: Speed = (12_000, 500);

/// A value that is to be another.
fn changed<T: Clone + PartialEq>(wanted: &T, actual: &T) -> Option<T> {
    (wanted != actual).then(|| wanted.clone())
}

fn known(key: Option<&Id<KmsKey>>) -> Result<Option<String>> {
    key.map(|key| key.get().map(str::to_owned)).transpose()
}

fn found(listed: &Listed) -> Found<DbInstance> {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let secret = listed.master_user_secret();
    let parameters = listed.db_parameter_groups().first().and_then(|group| group.db_parameter_group_name());
    let groups = listed.vpc_security_groups().iter().filter(|group| group.status() != Some("removing"));
    let actual = DbInstance {
        engine: text(listed.engine()),
        version: listed.engine_version().map(Into::into),
        class: text(listed.db_instance_class()),
        storage_gib: listed.allocated_storage().unwrap_or_default(),
        most_storage_gib: listed.max_allocated_storage(),
        storage_type: text(listed.storage_type()),
        database: text(listed.db_name()),
        user: text(listed.master_username()),
        subnet_group: Id::new(listed.db_subnet_group().and_then(|one| one.db_subnet_group_name()).unwrap_or_default()),
        parameter_group: Id::new(parameters.unwrap_or_default()),
        security_groups: groups.filter_map(|group| group.vpc_security_group_id()).map(Id::new).collect(),
        key: listed.kms_key_id().map(Id::new),
        secret_key: secret.and_then(MasterUserSecret::kms_key_id).map(Id::new),
        managed_password: secret.is_some(),
        multi_az: listed.multi_az().unwrap_or_default(),
        backup_days: listed.backup_retention_period().unwrap_or_default(),
        deletion_protected: listed.deletion_protection().unwrap_or_default(),
        public: listed.publicly_accessible().unwrap_or_default(),
        copy_tags_to_snapshots: listed.copy_tags_to_snapshot().unwrap_or_default(),
        performance_insights: listed.performance_insights_enabled().unwrap_or_default(),
        log_exports: listed.enabled_cloudwatch_logs_exports().iter().cloned().collect(),
        auto_minor_upgrades: listed.auto_minor_version_upgrade().unwrap_or_default(),
        iam_authentication: listed.iam_database_authentication_enabled().unwrap_or_default(),
    };
    let tags = databases::tags_of(listed.tag_list());
    Found { output: Id::new(listed.db_instance_identifier().unwrap_or_default()), actual, tags: Some(tags) }
}
