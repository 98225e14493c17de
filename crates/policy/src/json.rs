//! JSON in which no object has a key twice. IAM refuses such documents ("Individual elements must not contain multiple
//! instances of the same key", IAM user guide, "Grammar of the IAM JSON policy language"), and most readers of JSON
//! silently take the last one, which would make two readers of one policy disagree.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::key_path::KeyPath;
use crate::mistake::Mistakes;

/// Reads JSON.
///
/// # Errors
///
/// If it is no JSON, or an object has a key twice.
pub fn read_json(text: &str) -> Result<Value, Mistakes> {
    let mut reader = serde_json::Deserializer::from_str(text.trim_start_matches('\u{feff}'));
    let value = Unique(&KeyPath::root()).deserialize(&mut reader);
    let whole = value.and_then(|value| reader.end().map(|()| value));
    whole.map_err(|error| {
        Mistakes::whole(if error.is_data() { error.to_string() } else { format!("this is not JSON: {error}") })
    })
}

/// Reads the value at this path.
struct Unique<'p>(&'p KeyPath);

impl<'de> DeserializeSeed<'de> for Unique<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Unique<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = elements.next_element_seed(Unique(&self.0.index(values.len())))? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            let path = self.0.key(&key);
            if map.contains_key(&key) {
                return Err(A::Error::custom(format_args!("{path} is there twice")));
            }
            map.insert(key, entries.next_value_seed(Unique(&path))?);
        }
        Ok(Value::Object(map))
    }
}
