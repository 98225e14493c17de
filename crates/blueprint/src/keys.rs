//! Keys, and who may use them.

use aws::Account;
use aws::resources::{AccountReady, KeyPolicy, KmsKey, Member};
use engine::{Handle, Inputs, Key, Resource, Scope};
use fleet::RenderError;
use serde_json::Value;

use crate::account_ids::Named;
use crate::grants::Readers;
use crate::rewrites::Rewrites;
use crate::templates::{Templates, of_statements};

/// Adds a key that the account alone uses.
pub(crate) fn add(
    scope: &mut Scope<'_, Account>,
    name: &str,
    member: Handle<AccountReady>,
    templates: &Templates,
    rewrites: &Rewrites,
) -> Handle<KmsKey> {
    add_for(scope, name, member, templates, (&Readers::default(), Named::default()), rewrites)
}

/// Adds a key that `CloudWatch` Logs encrypts the account's log groups with (`CloudWatch` Logs user guide, "Encrypt log data in
/// `CloudWatch` Logs using AWS Key Management Service"). A log group takes it once it may be used, so the policy comes first.
pub(crate) fn of_logs(
    scope: &mut Scope<'_, Account>,
    name: &str,
    member: Handle<AccountReady>,
    templates: &Templates,
    rewrites: &Rewrites,
) -> Result<Handle<KeyPolicy>, RenderError> {
    templates.check(&["key", "key-logs"])?;
    let added = with_policy(scope, name, member, (templates, rewrites), (), |templates, ()| {
        templates.statements("key-logs", &[])
    });
    Ok(added.1)
}

/// Adds a key that roles of other accounts use too, to read what is encrypted with it. The account's own IAM policies decide
/// about the rest, so nobody can be locked out of it (KMS developer guide, "Default key policy").
pub(crate) fn add_for(
    scope: &mut Scope<'_, Account>,
    name: &str,
    member: Handle<AccountReady>,
    templates: &Templates,
    (readers, named): (&Readers, Named),
    rewrites: &Rewrites,
) -> Handle<KmsKey> {
    let (readers, inputs) = (readers.clone(), named.handles.clone());
    let added =
        with_policy(scope, name, member, (templates, rewrites), inputs, move |templates, members: Vec<Member>| {
            readers.statements("key-read", templates, &named.ids(&members))
        });
    added.0
}

/// Adds a key, and its policy: the account decides, and what `more` says is allowed beside.
fn with_policy<I: Inputs>(
    scope: &mut Scope<'_, Account>,
    name: &str,
    member: Handle<AccountReady>,
    (templates, rewrites): (&Templates, &Rewrites),
    inputs: I,
    more: impl Fn(&Templates, I::Values) -> Vec<Value> + Send + Sync + 'static,
) -> (Handle<KmsKey>, Handle<KeyPolicy>) {
    let called = name.to_owned();
    let key = scope.add(name, (), move |()| KmsKey::named(&called));
    let (templates, rewrites) = (templates.clone(), rewrites.clone());
    let node = Key::new(scope.name(), KeyPolicy::KIND, name);
    let policy = scope.add(name, (key, member, inputs), move |(key, member, values): (_, Member, I::Values)| {
        let templates = templates.of_account(&member.id.to_string());
        let mut statements = templates.statements("key", &[]);
        statements.extend(more(&templates, values));
        KeyPolicy { key, document: rewrites.document(&node, of_statements(&statements)) }
    });
    (key, policy)
}
