//! Objects that have policies of their own, as the front finds them in any account: repositories, secrets and keys.

use policy::Document;
use serde_json::{Value, json};

use super::stored_policies::ids;
use crate::front::upstream::Broken;
use crate::front::world::World;

/// An ARN of one, in its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Arn {
    pub(super) service: String,
    pub(super) region: String,
    pub(super) account: String,
    /// `repository`, `secret`, `key` or `alias`.
    pub(super) kind: String,
    /// A repository's name, a key's id, an alias's name after `alias/`; a secret's with the characters at its end.
    pub(super) name: String,
}

impl Arn {
    /// Reads an ARN of ECR, KMS or Secrets Manager.
    pub(super) fn parse(arn: &str) -> Option<Self> {
        let mut parts = arn.strip_prefix("arn:")?.splitn(5, ':').skip(1).map(str::to_owned);
        let (service, region, account, resource) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let separator = if service == "secretsmanager" { ':' } else { '/' };
        if !["ecr", "kms", "secretsmanager"].contains(&service.as_str()) {
            return None;
        }
        let (kind, name) = resource.split_once(separator)?;
        let (kind, name) = (kind.to_owned(), name.to_owned());
        Some(Self { service, region, account, kind, name })
    }

    /// The ARN.
    pub(super) fn text(&self) -> String {
        let Self { service, region, account, kind, name } = self;
        let separator = if service == "secretsmanager" { ':' } else { '/' };
        format!("arn:aws:{service}:{region}:{account}:{kind}{separator}{name}")
    }

    /// What a service says about the object in its own account.
    async fn ask(&self, world: &World, target: &str, body: Value) -> Result<Option<Value>, Broken> {
        let answer = world.json(&self.account, &self.region, &self.service, target, &body).await?;
        Ok(answer.json().filter(|_| answer.is_success()))
    }
}

/// The secret with a name or ARN, as `DescribeSecret` has it.
pub(super) async fn secret(world: &World, account: &str, region: &str, id: &str) -> Result<Option<Value>, Broken> {
    let body = json!({"SecretId": id});
    let answer = world.json(account, region, "secretsmanager", "secretsmanager.DescribeSecret", &body).await?;
    Ok(answer.json().filter(|_| answer.is_success()))
}

/// The key with an id, ARN or alias, as `DescribeKey` has it. An ARN may be of another account.
pub(super) async fn key(world: &World, account: &str, region: &str, id: &str) -> Result<Option<Value>, Broken> {
    let account = Arn::parse(id).map_or_else(|| account.to_owned(), |arn| arn.account);
    // The aliases of AWS's own keys do not have to be there: asking for one makes it.
    let answer = world.json(&account, region, "kms", "TrentService.DescribeKey", &json!({"KeyId": id})).await?;
    Ok(answer.json().filter(|_| answer.is_success()).map(|mut answer| answer["KeyMetadata"].take()))
}

/// The policy of an object, as it is read: none if it has none, or is not there.
pub(super) async fn policy_of(world: &World, arn: &Arn) -> Result<Option<Document>, Broken> {
    let ecr = "AmazonEC2ContainerRegistry_V20150921.GetRepositoryPolicy";
    let (target, body, field) = match arn.kind.as_str() {
        "repository" => (ecr, json!({"repositoryName": arn.name}), "policyText"),
        "secret" => ("secretsmanager.GetResourcePolicy", json!({"SecretId": arn.text()}), "ResourcePolicy"),
        "key" => ("TrentService.GetKeyPolicy", json!({"KeyId": arn.name, "PolicyName": "default"}), "Policy"),
        _ => return Ok(None),
    };
    let Some(answer) = arn.ask(world, target, body).await? else { return Ok(None) };
    let Some(text) = answer[field].as_str() else { return Ok(None) };
    Ok(Document::parse(&ids::shown_in(world, text).await?).ok())
}

/// The tags of an object.
pub(super) async fn tags_of(world: &World, arn: &Arn) -> Result<Vec<(String, String)>, Broken> {
    let ecr = "AmazonEC2ContainerRegistry_V20150921.ListTagsForResource";
    let (target, body, list, key, value) = match arn.kind.as_str() {
        "repository" => (ecr, json!({"resourceArn": arn.text()}), "tags", "Key", "Value"),
        "secret" => ("secretsmanager.DescribeSecret", json!({"SecretId": arn.text()}), "Tags", "Key", "Value"),
        "key" => ("TrentService.ListResourceTags", json!({"KeyId": arn.name}), "Tags", "TagKey", "TagValue"),
        _ => return Ok(Vec::new()),
    };
    let answer = arn.ask(world, target, body).await?.unwrap_or_default();
    let text = |tag: &Value, part: &str| tag[part].as_str().map(str::to_owned);
    let tags = answer[list].as_array().into_iter().flatten();
    Ok(tags.filter_map(|tag| Some((text(tag, key)?, text(tag, value).unwrap_or_default()))).collect())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use super::*;

    #[test]
    fn an_arn_is_written_as_it_was_read() {
        for (arn, kind, name) in [
            ("arn:aws:ecr:us-west-1:123456789012:repository/a/b", "repository", "a/b"),
            ("arn:aws:secretsmanager:us-west-1:123456789012:secret:a/b-AbCdEf", "secret", "a/b-AbCdEf"),
            ("arn:aws:kms:us-west-1:123456789012:alias/a/b", "alias", "a/b"),
        ] {
            let read = Arn::parse(arn).unwrap();
            assert_eq!((read.kind.as_str(), read.name.as_str(), read.text()), (kind, name, arn.to_owned()));
        }
        assert_eq!(Arn::parse("arn:aws:iam::123456789012:role/a"), None);
        assert_eq!(Arn::parse("*"), None);
    }
}
