//! Calls about objects of other accounts: they are made there, as whose they are. The local AWS looks into the account
//! of the credentials alone.

use hyper::header::{AUTHORIZATION, HeaderValue};

use crate::front::call::Request;
use crate::front::rules::objects::Arn;
use crate::front::upstream::Broken;
use crate::front::world::World;

/// Operations that can be about a key of another account (KMS developer guide, "Allowing users in other accounts to use a
/// KMS key").
const ON_KEYS: [&str; 21] = [
    "CreateGrant",
    "Decrypt",
    "DeriveSharedSecret",
    "DescribeKey",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateMac",
    "GetKeyRotationStatus",
    "GetPublicKey",
    "ListGrants",
    "ReEncrypt",
    "ReEncryptFrom",
    "ReEncryptTo",
    "RetireGrant",
    "RevokeGrant",
    "Sign",
    "Verify",
    "VerifyMac",
];

/// Makes a call about another account's object one that is made in that account. Who makes it is still told by its access
/// key.
pub(super) async fn enter(request: &mut Request, world: &World) -> Result<(), Broken> {
    let Some(owner) = owner(request).filter(|owner| *owner != request.call.account) else { return Ok(()) };
    let key = world.key_of(&owner).await?;
    let signed = request.headers.get(AUTHORIZATION).and_then(|signed| signed.to_str().ok()).unwrap_or_default();
    let signed = signed.replacen(&request.access_key, &key, 1);
    request.headers.insert(AUTHORIZATION, HeaderValue::from_str(&signed)?);
    request.headers.remove("x-amz-security-token");
    request.call.account = owner;
    Ok(())
}

/// The account of the object that a call is about, where the call can say another than the caller's.
fn owner(request: &Request) -> Option<String> {
    let text = |name| request.parameters.text(name);
    let of_arn = |name| text(name).and_then(Arn::parse).map(|arn| arn.account);
    let operation = request.call.operation.as_str();
    let owner = match request.call.service.as_str() {
        "ecr" => text("registryId").map(str::to_owned).or_else(|| of_arn("resourceArn")),
        "secretsmanager" => of_arn("SecretId"),
        "kms" if ON_KEYS.contains(&operation) => of_arn("KeyId"),
        _ => None,
    };
    owner.filter(|owner| owner.len() == 12 && owner.bytes().all(|byte| byte.is_ascii_digit()))
}
