//! The service control policies among a fleet's documents: those in `policies/scp`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use policy::{KeyPath, Kind};
use serde_json::{Value, json};

use crate::documents::{Documents, RenderError};
use crate::mistakes::Mistake;
use crate::model::Fleet;
use crate::sound_policy;
use crate::words::Wrong;

/// What their names as documents begin with.
pub(crate) const FOLDER: &str = "scp/";

/// What they may use: one policy is for many accounts, so nothing of a single one.
fn variables(fleet: &str, region: &str, common: &str) -> BTreeMap<&'static str, Value> {
    BTreeMap::from([("fleet", json!(fleet)), ("region", json!(region)), ("common_account_name", json!(common))])
}

impl Fleet {
    /// A service control policy with its variables replaced.
    ///
    /// # Errors
    ///
    /// If there is none of this name; of one that there is, `load` has rendered it.
    pub fn control_policy(&self, name: &str) -> Result<Value, RenderError> {
        self.documents.render(&format!("{FOLDER}{name}"), &variables(&self.name, &self.region, &self.common))
    }
}

impl Documents {
    /// The names of the service control policies: `deny-leave` is `policies/scp/deny-leave.json`.
    pub(crate) fn control_policies(&self) -> impl Iterator<Item = &str> + Clone {
        self.names().filter_map(|name| name.strip_prefix(FOLDER))
    }

    /// A service control policy as it is written.
    pub(crate) fn control_policy(&self, name: &str) -> Option<&Value> {
        self.get(&format!("{FOLDER}{name}"))
    }

    /// The file of a service control policy.
    pub(crate) fn file_of_policy(&self, name: &str) -> Option<PathBuf> {
        self.file(&format!("{FOLDER}{name}"))
    }

    /// A mistake in a service control policy.
    pub(crate) fn mistake_in_policy(&self, name: &str, path: &KeyPath, wrong: Wrong) -> Mistake {
        Mistake::new(&self.place(&format!("{FOLDER}{name}"), path), path, wrong.message, Some(wrong.help))
    }

    /// What AWS would refuse in a service control policy of a fleet, or what opens access to strangers.
    pub(crate) fn check_control_policy(
        &self,
        name: &str,
        fleet: &str,
        region: &str,
        common: &str,
    ) -> Vec<(KeyPath, Wrong)> {
        let value = match self.render(&format!("{FOLDER}{name}"), &variables(fleet, region, common)) {
            Ok(value) => value,
            Err(RenderError::Variables { mistakes, .. }) => return sound_policy::in_language(mistakes),
            Err(RenderError::NoDocument { .. }) => return Vec::new(),
        };
        let document = match sound_policy::read(&value, Kind::ServiceControl) {
            Ok(document) => document,
            Err(wrong) => return wrong,
        };
        // In normal form, as it is sent, which may have some brackets more.
        let size = document.normal().size(Kind::ServiceControl);
        if size.fits() {
            return Vec::new();
        }
        let message = format!("it has {} characters, and AWS takes {}", size.used, size.maximum);
        vec![(KeyPath::root(), Wrong::new(message, "make two policies of it"))]
    }
}
