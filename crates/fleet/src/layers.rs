//! Layers of values: who says what, and who wins.

use std::collections::BTreeMap;
use std::sync::Arc;

use figment::Figment;
use figment::providers::Serialized;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::mistakes::Place;
use crate::toml_file::{Half, TomlFile};
use policy::{KeyPath, Step};

/// Sections of an account that are tables of named things, whose defaults have no name.
const NAMED_SECTIONS: [&str; 2] = ["service", "pipeline"];

/// Sections that an account has even if its file does not write them.
const CONSTANT_SECTIONS: [&str; 2] = ["tags", "load_balancer"];

/// Sections of the fleet's file that hold in every account, the common one included, unless its own file says otherwise.
const SHARED_SECTIONS: [&str; 3] = ["hardening", "budget", "contacts"];

/// Variables and flags by the path that they set.
pub(crate) type Names = BTreeMap<KeyPath, String>;

/// Values from one origin.
#[derive(Clone, Debug)]
pub(crate) struct Layer {
    /// Values that passed the check of their shape.
    pub(crate) value: Value,
    pub(crate) origin: Origin,
}

/// Where a layer's values were written.
#[derive(Clone, Debug)]
pub(crate) enum Origin {
    /// In orgstrap itself.
    BuiltIn,
    /// In a file.
    File(Arc<TomlFile>),
    /// In variables or flags.
    Outside(Names),
    /// Under `[defaults]` of another layer.
    Defaults(Box<Self>),
    /// The sections of another layer that hold in every account.
    Shared(Box<Self>),
}

impl Layer {
    /// The layer of a file.
    pub(crate) fn of_file(file: &Arc<TomlFile>) -> Self {
        Self { value: file.value(), origin: Origin::File(Arc::clone(file)) }
    }
}

impl Origin {
    fn is_file(&self) -> bool {
        match self {
            Self::BuiltIn | Self::Outside(_) => false,
            Self::File(_) => true,
            Self::Defaults(origin) | Self::Shared(origin) => origin.is_file(),
        }
    }

    /// Where `path` is written, if it is in this layer.
    pub(crate) fn locate(&self, path: &KeyPath, half: Half) -> Option<Place> {
        match self {
            Self::BuiltIn => None,
            Self::File(file) => file.locate(path, half),
            Self::Outside(names) => names
                .iter()
                .find(|(named, _)| named.steps().starts_with(path.steps()))
                .map(|(_, name)| Place::Outside(name.clone())),
            Self::Defaults(origin) => origin.locate(&default_path(path), half),
            Self::Shared(origin) => {
                let is_shared = matches!(path.steps().first(), Some(Step::Key(key)) if is_shared(key));
                if is_shared { origin.locate(path, half) } else { None }
            }
        }
    }
}

/// Where the default for `path` of an account stands in the fleet's file.
fn default_path(path: &KeyPath) -> KeyPath {
    let keys = path.steps().iter().filter_map(|step| match step {
        Step::Key(key) => Some(key.as_str()),
        Step::Index(_) => None,
    });
    let mut default = KeyPath::of(["defaults"]);
    let mut skip_name = false;
    for (position, key) in keys.enumerate() {
        if !std::mem::take(&mut skip_name) {
            default = default.key(key);
        }
        skip_name = position == 0 && NAMED_SECTIONS.contains(&key);
    }
    path.steps().iter().fold(default, |default, step| match step {
        Step::Key(_) => default,
        Step::Index(index) => default.index(*index),
    })
}

/// Layers from the lowest to the highest.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stack(Vec<Layer>);

impl Stack {
    pub(crate) fn push(&mut self, layer: Layer) {
        self.0.push(layer);
    }

    /// Puts the defaults of a fleet's layers under this account's values.
    ///
    /// A section that the account does not have stays away: `[defaults.network]` gives nobody a network.
    pub(crate) fn over_defaults(self, fleet: &Self) -> Self {
        let own = self.merged();
        let mut layers = Vec::new();
        for layer in &fleet.0 {
            if let Some(defaults) = layer.value.get("defaults").and_then(Value::as_object) {
                layers.push(Layer {
                    value: Value::Object(defaults_for(defaults, &own)),
                    origin: Origin::Defaults(Box::new(layer.origin.clone())),
                });
            }
        }
        layers.extend(self.0);
        Self(layers)
    }

    /// Puts the sections that hold in every account under this account's values.
    pub(crate) fn over_shared(self, fleet: &Self) -> Self {
        let shared = fleet.0.iter().filter_map(|layer| {
            let sections = layer.value.as_object()?.iter().filter(|(section, _)| is_shared(section));
            let value: Map<_, _> = sections.map(|(section, value)| (section.clone(), value.clone())).collect();
            let origin = Origin::Shared(Box::new(layer.origin.clone()));
            (!value.is_empty()).then_some(Layer { value: Value::Object(value), origin })
        });
        Self(shared.collect::<Vec<_>>().into_iter().chain(self.0).collect())
    }

    /// The built-in layers alone.
    pub(crate) fn built_in(&self) -> Self {
        let is_built_in = |layer: &&Layer| matches!(layer.origin, Origin::BuiltIn);
        Self(self.0.iter().filter(is_built_in).cloned().collect())
    }

    /// The layers that are files.
    pub(crate) fn of_files(&self) -> Self {
        Self(self.0.iter().filter(|layer| layer.origin.is_file()).cloned().collect())
    }

    fn figment(&self) -> Figment {
        self.0.iter().fold(Figment::new(), |figment, layer| figment.merge(Serialized::defaults(&layer.value)))
    }

    /// All layers as one value.
    pub(crate) fn merged(&self) -> Value {
        self.figment().extract().unwrap_or_default()
    }

    /// All layers as one struct.
    pub(crate) fn extract<T: DeserializeOwned>(&self) -> Result<T, String> {
        self.figment().extract().map_err(|error| error.to_string())
    }

    /// Where the winning value of exactly `path` is written, right or wrong.
    pub(crate) fn locate(&self, path: &KeyPath, half: Half) -> Option<Place> {
        self.0.iter().rev().find_map(|layer| layer.origin.locate(path, half))
    }

    /// Where `path` is written, or else what contains it.
    pub(crate) fn locate_around(&self, path: &KeyPath, half: Half) -> Option<Place> {
        match self.locate(path, half) {
            Some(place) => Some(place),
            None => self.locate_around(&path.parent()?, half),
        }
    }
}

fn is_shared(section: &str) -> bool {
    SHARED_SECTIONS.contains(&section)
}

/// The defaults for the sections that an account has.
fn defaults_for(defaults: &Map<String, Value>, own: &Value) -> Map<String, Value> {
    let mut applicable = Map::new();
    for (section, default) in defaults {
        let value = match own.get(section) {
            _ if CONSTANT_SECTIONS.contains(&section.as_str()) => default.clone(),
            Some(Value::Object(things)) if NAMED_SECTIONS.contains(&section.as_str()) => {
                things.keys().map(|name| (name.clone(), default.clone())).collect()
            }
            Some(_) => default.clone(),
            None => continue,
        };
        applicable.insert(section.clone(), value);
    }
    applicable
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_of_a_named_thing_has_no_name() {
        let path = KeyPath::of(["service", "backend", "paths"]).index(1);
        assert_eq!(default_path(&path).to_string(), "defaults.service.paths[1]");
        let path = KeyPath::of(["network", "nat"]);
        assert_eq!(default_path(&path).to_string(), "defaults.network.nat");
        let path = KeyPath::of(["service"]);
        assert_eq!(default_path(&path).to_string(), "defaults.service");
    }
}
