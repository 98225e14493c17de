//! Keys, and who may use them.

use aws::Account;
use aws::resources::{AccountReady, KeyPolicy, KmsKey, Member};
use engine::{Handle, Key, Resource, Scope};

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
