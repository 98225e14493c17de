//! What calls to KMS are about (KMS developer guide, "AWS KMS permissions").

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::front::call::{Call, Request};

/// How many characters of base64 the id of a key is in what it has encrypted: the local AWS begins with its 36 bytes.
const ID_IN_BASE64: usize = 48;

/// The key or alias; for an alias that is made, moved or deleted, the keys too, as far as the call says them; of what is
/// about no key, `*`.
pub(super) fn objects(request: &Request, action: &str) -> Vec<String> {
    let Call { operation, account, region, .. } = &request.call;
    let text = |name| request.parameters.text(name);
    let arn = |id: &str| arn_of(id, account, region);
    match operation.as_str() {
        // The permission to tag may be for keys alone, of which this one will be one.
        "CreateKey" if action == "kms:TagResource" => vec![arn("*")],
        "CreateAlias" | "UpdateAlias" | "DeleteAlias" => {
            [text("AliasName"), text("TargetKeyId")].into_iter().flatten().map(arn).collect()
        }
        // KMS finds the key in what it has encrypted (KMS API reference, `Decrypt`, `KeyId`).
        "Decrypt" if text("KeyId").is_none() => {
            let id = text("CiphertextBlob").and_then(|blob| blob.get(..ID_IN_BASE64)).and_then(decoded);
            vec![id.map_or_else(|| "*".to_owned(), |id| arn(&id))]
        }
        "ListAliases" => vec!["*".to_owned()],
        _ => vec![text("KeyId").map_or_else(|| "*".to_owned(), arn)],
    }
}

/// The ARN of a key by its id, or of an alias by its name.
pub(super) fn arn_of(id: &str, account: &str, region: &str) -> String {
    match id {
        arn if arn.starts_with("arn:") => arn.to_owned(),
        alias if alias.starts_with("alias/") => format!("arn:aws:kms:{region}:{account}:{alias}"),
        id => format!("arn:aws:kms:{region}:{account}:key/{id}"),
    }
}

/// A text in base64.
fn decoded(base64: &str) -> Option<String> {
    String::from_utf8(STANDARD.decode(base64).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read() {
        assert_eq!(decoded("MWE1MTQ5MzQt").as_deref(), Some("1a514934-"));
        assert_eq!(decoded("MWE1*TQ5"), None);
    }
}
