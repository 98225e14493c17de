//! The law of what an account is hardened with.

use aws::resources::{
    AlternateContact, EbsEncryption, EcrAccountSettings, EcsAccountSettings, InstanceMetadata, PasswordPolicy,
    S3PublicAccessBlock,
};
use testing::{SettingLaw, World};

#[tokio::test(flavor = "multi_thread")]
async fn s3_public_access_block() {
    let world = World::new().await;
    let outside = r#"
found = s3control.get_public_access_block(AccountId=own_id)["PublicAccessBlockConfiguration"]
{"block_public_acls": found["BlockPublicAcls"], "ignore_public_acls": found["IgnorePublicAcls"],
 "block_public_policy": found["BlockPublicPolicy"], "restrict_public_buckets": found["RestrictPublicBuckets"]}
"#;
    let partly =
        "s3control.put_public_access_block(AccountId=own_id, PublicAccessBlockConfiguration={'BlockPublicAcls': True})";
    SettingLaw::new("main", || S3PublicAccessBlock::ALL, outside)
        .drifts(partly)
        .drifts("s3control.delete_public_access_block(AccountId=own_id)")
        .holds(&world)
        .await;
    world.needed_all_declared_by::<S3PublicAccessBlock>();
}

#[tokio::test(flavor = "multi_thread")]
async fn ebs_encryption() {
    let world = World::new().await;
    let outside = "{'by_default': ec2.get_ebs_encryption_by_default()['EbsEncryptionByDefault']}";
    SettingLaw::new("main", || EbsEncryption { by_default: true }, outside)
        .drifts("ec2.disable_ebs_encryption_by_default()")
        .holds(&world)
        .await;
    SettingLaw::new("main", || EbsEncryption { by_default: false }, outside)
        .drifts("ec2.enable_ebs_encryption_by_default()")
        .holds(&world)
        .await;
    world.needed_all_declared_by::<EbsEncryption>();
}

#[tokio::test(flavor = "multi_thread")]
async fn instance_metadata() {
    let outside = r#"
found = in_front("ec2").get_instance_metadata_defaults()["AccountLevel"]
{"http_tokens": found.get("HttpTokens"), "http_put_response_hop_limit": found.get("HttpPutResponseHopLimit")}
"#;
    let world = World::new().await;
    let required = || InstanceMetadata { http_tokens: Some("required".into()), http_put_response_hop_limit: Some(2) };
    SettingLaw::new("main", required, outside)
        .drifts("in_front('ec2').modify_instance_metadata_defaults(HttpTokens='no-preference')")
        .drifts("in_front('ec2').modify_instance_metadata_defaults(HttpTokens='optional', HttpPutResponseHopLimit=-1)")
        .holds(&world)
        .await;
    SettingLaw::new("main", InstanceMetadata::default, outside)
        .drifts("in_front('ec2').modify_instance_metadata_defaults(HttpTokens='optional', HttpPutResponseHopLimit=1)")
        .holds(&world)
        .await;
    world.needed_all_declared_by::<InstanceMetadata>();
}

const PASSWORDS: &str = r#"
found = iam.get_account_password_policy()["PasswordPolicy"]
{"minimum_length": found["MinimumPasswordLength"], "require_symbols": found["RequireSymbols"],
 "require_numbers": found["RequireNumbers"], "require_uppercase": found["RequireUppercaseCharacters"],
 "require_lowercase": found["RequireLowercaseCharacters"], "reuse_prevention": found.get("PasswordReusePrevention"),
 "maximum_age_days": found.get("MaxPasswordAge") or None, "hard_expiry": found.get("HardExpiry", False),
 "users_may_change": found["AllowUsersToChangePassword"]}
"#;

#[tokio::test(flavor = "multi_thread")]
async fn password_policy() {
    let world = World::new().await;
    SettingLaw::new("main", || PasswordPolicy::STRONG, PASSWORDS)
        .drifts("iam.delete_account_password_policy()")
        .drifts("iam.update_account_password_policy(MinimumPasswordLength=13, MaxPasswordAge=90, HardExpiry=True)")
        .holds(&world)
        .await;
    world.needed_all_declared_by::<PasswordPolicy>();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_longer_minimum_that_somebody_has_chosen_stays() {
    let world = World::new().await;
    let all =
        "RequireSymbols=True, RequireNumbers=True, RequireUppercaseCharacters=True, RequireLowercaseCharacters=True";
    let put = |more: &str| {
        let call = format!(
            "iam.update_account_password_policy(MinimumPasswordLength=20, {all}, PasswordReusePrevention=24{more})"
        );
        world.boto3(&format!("{call}\nNone"));
    };
    let graph = world.graph(|scope| {
        scope.add("main", (), |()| PasswordPolicy::STRONG);
    });
    put(", AllowUsersToChangePassword=True");
    world.in_sync(&graph).await;
    put(", MaxPasswordAge=30");
    world.settle(&graph).await;
    let after = world.boto3("found = iam.get_account_password_policy()['PasswordPolicy']\n[found['MinimumPasswordLength'], bool(found.get('MaxPasswordAge'))]");
    assert_eq!(after, serde_json::json!([20, false]));
}

#[tokio::test(flavor = "multi_thread")]
async fn ecs_account_settings() {
    let world = World::new().await;
    let outside = r#"
pages = ecs.get_paginator("list_account_settings").paginate(effectiveSettings=True)
names = ["containerInsights", "defaultLogDriverMode", "tagResourceAuthorization"]
{"settings": {s["name"]: s["value"] for page in pages for s in page["settings"] if s["name"] in names}}
"#;
    SettingLaw::new("main", EcsAccountSettings::recommended, outside)
        .drifts("ecs.put_account_setting_default(name='containerInsights', value='enabled')")
        .drifts("ecs.put_account_setting_default(name='defaultLogDriverMode', value='blocking')")
        .drifts("ecs.put_account_setting_default(name='tagResourceAuthorization', value='off')")
        // There are more settings than a page has.
        .reads(2)
        .holds(&world)
        .await;
    world.needed_all_declared_by::<EcsAccountSettings>();
}

#[tokio::test(flavor = "multi_thread")]
async fn ecr_account_settings() {
    let world = World::new().await;
    let outside =
        "{'basic_scan_type_version': in_front('ecr').get_account_setting(name='BASIC_SCAN_TYPE_VERSION')['value']}";
    SettingLaw::new("main", || EcrAccountSettings { basic_scan_type_version: Some("AWS_NATIVE".into()) }, outside)
        .drifts("in_front('ecr').put_account_setting(name='BASIC_SCAN_TYPE_VERSION', value='CLAIR')")
        .holds(&world)
        .await;
    world.needed_all_declared_by::<EcrAccountSettings>();
}

#[tokio::test(flavor = "multi_thread")]
async fn alternate_contacts() {
    let outside = r#"
found = account_api.get_alternate_contact(AlternateContactType=name.upper())["AlternateContact"]
{"name": found["Name"], "title": found["Title"], "email": found["EmailAddress"], "phone": found["PhoneNumber"]}
"#;
    let contact = || AlternateContact {
        name: Some("Sam".into()),
        title: Some("On call".into()),
        email: Some("security@verb.example".into()),
        phone: Some("+1 555 0100".into()),
    };
    let world = World::new().await;
    for name in ["billing", "operations", "security"] {
        let another = match name {
            "billing" => ANOTHER_BILLING,
            "operations" => ANOTHER_OPERATIONS,
            _ => ANOTHER_SECURITY,
        };
        SettingLaw::new(name, contact, outside).drifts(another.0).drifts(another.1).holds(&world).await;
    }
    world.needed_all_declared_by::<AlternateContact>();
}

macro_rules! another {
    ($kind:literal) => {
        (
            concat!(
                "account_api.put_alternate_contact(AlternateContactType='",
                $kind,
                "', Name='Kim', Title='Off call', EmailAddress='kim@verb.example', PhoneNumber='1')"
            ),
            concat!("account_api.delete_alternate_contact(AlternateContactType='", $kind, "')"),
        )
    };
}

const ANOTHER_BILLING: (&str, &str) = another!("BILLING");
const ANOTHER_OPERATIONS: (&str, &str) = another!("OPERATIONS");
const ANOTHER_SECURITY: (&str, &str) = another!("SECURITY");
