//! Keys, and who may use them.

use aws::Account;
use aws::resources::{AccountReady, KeyPolicy, KmsKey, Member};
use engine::{Handle, Key, Resource, Scope};
use fleet::RenderError;

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
    let called = name.to_owned();
    let key = scope.add(name, (), move |()| KmsKey::named(&called));
    let (templates, rewrites) = (templates.clone(), rewrites.clone());
    let node = Key::new(scope.name(), KeyPolicy::KIND, name);
    Ok(scope.add(name, (key, member), move |(key, member): (_, Member)| {
        let templates = templates.of_account(&member.id.to_string());
        let mut statements = templates.statements("key", &[]);
        statements.extend(templates.statements("key-logs", &[]));
        KeyPolicy { key, document: rewrites.document(&node, of_statements(&statements)) }
    }))
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
    let called = name.to_owned();
    let key = scope.add(name, (), move |()| KmsKey::named(&called));
    let (readers, templates, rewrites) = (readers.clone(), templates.clone(), rewrites.clone());
    let node = Key::new(scope.name(), KeyPolicy::KIND, name);
    let inputs = (key, member, named.handles.clone());
    scope.add(name, inputs, move |(key, member, members): (_, Member, Vec<Member>)| {
        let templates = templates.of_account(&member.id.to_string());
        let mut statements = templates.statements("key", &[]);
        statements.extend(readers.statements("key-read", &templates, &named.ids(&members)));
        KeyPolicy { key, document: rewrites.document(&node, of_statements(&statements)) }
    });
    key
}
