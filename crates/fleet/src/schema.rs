//! JSON Schemas of the files, from the structs that read them.
//!
//! The same schemas tell which keys are known, so that the check, the editor and the reader cannot get out of step.

use schemars::generate::SchemaSettings;
use schemars::transform::{Transform, transform_subschemas};
use schemars::{JsonSchema, Schema};
use serde_json::Value;

use crate::raw::{AccountFile, FleetFile};

/// The schema of `orgstrap.toml`.
#[must_use]
pub fn fleet_schema() -> Value {
    let mut schema = generate::<FleetFile>();
    // Sections under [defaults] are parts of sections: what an account needs, a default may leave out.
    let definitions = schema.get_mut("$defs").and_then(Value::as_object_mut);
    for definition in definitions.into_iter().flat_map(|all| all.values_mut()) {
        if let Some(definition) = definition.as_object_mut() {
            definition.remove("required");
        }
    }
    schema
}

/// The schema of `accounts/NAME.toml`.
#[must_use]
pub fn account_schema() -> Value {
    generate::<AccountFile>()
}

/// Every file's schema with a name for it.
#[must_use]
pub fn schemas() -> [(&'static str, Value); 2] {
    [("orgstrap.schema.json", fleet_schema()), ("account.schema.json", account_schema())]
}

fn generate<T: JsonSchema>() -> Value {
    let generator = SchemaSettings::draft2020_12().with_transform(WithoutNull).into_generator();
    generator.into_root_schema_for::<T>().to_value()
}

/// TOML has no null: a key that is optional is left out.
#[derive(Clone, Debug)]
struct WithoutNull;

impl Transform for WithoutNull {
    fn transform(&mut self, schema: &mut Schema) {
        transform_subschemas(self, schema);
        if let Some(Value::Array(types)) = schema.get_mut("type") {
            types.retain(|name| name != "null");
            if let [only] = types.as_slice() {
                let only = only.clone();
                schema.insert("type".to_owned(), only);
            }
        }
        if let Some(Value::Array(alternatives)) = schema.get_mut("anyOf") {
            alternatives.retain(|alternative| alternative.get("type").and_then(Value::as_str) != Some("null"));
            if let [Value::Object(only)] = alternatives.as_slice() {
                let only = only.clone();
                schema.remove("anyOf");
                for (key, value) in only {
                    if schema.get(&key).is_none() {
                        schema.insert(key, value);
                    }
                }
            }
        }
    }
}
