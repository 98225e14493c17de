//! The form in which AWS gives a policy back: what is a set has an order of its own, and a set of one is its element
//! (crossplane provider-aws, issue 700; terraform-provider-aws, issues 19365 and 20781).

use serde_json::Value;

use super::principals::statements;
use crate::front::chance::hash;

/// The policy in that form. The order is that of a hash, so that it is the same each time.
pub(super) fn arranged(mut policy: Value, seed: u64) -> Value {
    for statement in statements(&mut policy) {
        for (element, value) in statement.iter_mut() {
            match element.as_str() {
                "Action" | "NotAction" | "Resource" | "NotResource" => arrange(value, seed),
                // Below the kind of principal.
                "Principal" | "NotPrincipal" => below(value).for_each(|value| arrange(value, seed)),
                // Below the operator and the key.
                "Condition" => below(value).flat_map(below).for_each(|value| {
                    spell(value);
                    arrange(value, seed);
                }),
                _ => {}
            }
        }
    }
    if let Some(Value::Array(statements)) = policy.get_mut("Statement") {
        sort(statements, seed);
    }
    policy
}

fn below(value: &mut Value) -> impl Iterator<Item = &mut Value> {
    value.as_object_mut().into_iter().flat_map(serde_json::Map::values_mut)
}

fn arrange(value: &mut Value, seed: u64) {
    let Value::Array(items) = value else { return };
    sort(items, seed);
    if let [item] = items.as_mut_slice() {
        *value = item.take();
    }
}

/// Numbers and truths in conditions are texts (terraform-provider-aws, issue 19245).
fn spell(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(spell),
        Value::Bool(_) | Value::Number(_) => *value = Value::String(value.to_string()),
        _ => {}
    }
}

fn sort(items: &mut [Value], seed: u64) {
    items.sort_by_cached_key(|item| hash(seed, &["arranged", &item.to_string()]));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_set_of_one_is_its_element_and_every_order_gives_the_same() {
        let of = |actions: Value| {
            arranged(
                json!({"Statement": [{"Action": actions, "Principal": {"AWS": ["a"]},
                                      "Condition": {"StringEquals": {"aws:PrincipalOrgID": ["o-1"]},
                                                    "Bool": {"aws:SecureTransport": true}}}]}),
                0,
            )
        };
        let one = of(json!(["ecr:A", "ecr:B", "ecr:C"]));
        assert_eq!(one, of(json!(["ecr:C", "ecr:A", "ecr:B"])));
        let statement = &one["Statement"][0];
        assert_eq!(statement["Principal"], json!({"AWS": "a"}));
        assert_eq!(
            statement["Condition"],
            json!({"StringEquals": {"aws:PrincipalOrgID": "o-1"}, "Bool": {"aws:SecureTransport": "true"}})
        );
    }
}
