//! The schemas that editors use.

use fleet::schemas;
use insta::assert_snapshot;
use serde_json::Value;

#[test]
fn schemas_are_as_documented() {
    for (name, schema) in schemas() {
        assert_snapshot!(name, serde_json::to_string_pretty(&schema).expect("JSON"));
    }
}

#[test]
fn every_key_is_described_and_no_section_takes_others() {
    for (name, schema) in schemas() {
        let definitions = schema["$defs"].as_object().expect("definitions");
        for (section, definition) in definitions.iter().chain([(&name.to_owned(), &schema)]) {
            let Some(properties) = definition["properties"].as_object() else {
                continue;
            };
            assert_eq!(definition["additionalProperties"], Value::Bool(false), "{section}");
            for (key, property) in properties {
                assert!(property["description"].is_string(), "{section}.{key} has no description");
            }
        }
    }
}

#[test]
fn what_an_account_needs_is_required_there_and_not_in_defaults() {
    let required = |schema: &Value, section: &str| schema["$defs"][section]["required"].clone();
    let [(_, fleet), (_, account)] = schemas();
    assert_eq!(required(&account, "ServiceSection"), serde_json::json!(["image", "port"]));
    assert_eq!(required(&fleet, "ServiceSection"), Value::Null);
    assert_eq!(fleet["required"], serde_json::json!(["fleet"]));
}

#[test]
fn every_key_is_in_the_documentation() {
    let page = include_str!("../../../../docs/configuration.md");
    for (name, schema) in schemas() {
        let definitions = schema["$defs"].as_object().expect("definitions");
        let sections = definitions.values().chain([&schema, &schema["properties"]["fleet"]]);
        for key in sections.filter_map(|section| section["properties"].as_object()).flat_map(|keys| keys.keys()) {
            let is_named =
                [format!("`{key}`"), format!("[{key}]`"), format!("[{key}.")].iter().any(|way| page.contains(way));
            assert!(is_named, "{name}: {key} is not documented");
        }
    }
}
