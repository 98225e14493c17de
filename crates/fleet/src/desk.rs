//! Where the checks of one file report to.

use serde_json::Value;

use crate::layers::{Layer, Stack};
use crate::mistakes::{Mistake, Place};
use crate::shape::Shape;
use crate::toml_file::Half;
use crate::words::{Checked, Wrong};
use policy::KeyPath;

/// Proof that a mistake was reported: only a [`Desk`] makes one, so no check can fail silently.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reported(());

/// A value, or the proof that its mistake was reported.
pub(crate) type Sound<T> = Result<T, Reported>;

/// The layers of one file and the mistakes found in them.
#[derive(Debug)]
pub(crate) struct Desk {
    stack: Stack,
    /// The file, for mistakes about what is not there.
    whole: Place,
    mistakes: Vec<Mistake>,
    /// What had the wrong shape, and what was meant by keys that there are not.
    misshapen: Vec<KeyPath>,
    /// Whether the file could not be read, so that nothing can be missed in it.
    unread: bool,
}

impl Desk {
    pub(crate) fn new(whole: Place) -> Self {
        Self { stack: Stack::default(), whole, mistakes: Vec::new(), misshapen: Vec::new(), unread: false }
    }

    /// Notes that the file itself could not be read, and why.
    pub(crate) fn unreadable(&mut self, mistake: Mistake) {
        self.unread = true;
        self.mistakes.push(mistake);
    }

    /// Adds a layer above the others, without what has the wrong shape.
    pub(crate) fn add(&mut self, mut layer: Layer, shape: Shape<'_>) {
        let mistakes = shape.prune(&mut layer.value);
        for mistake in mistakes {
            // The layer's own place: another layer may have the same key right.
            let place = layer.origin.locate(&mistake.path, mistake.half).unwrap_or_else(|| self.whole.clone());
            self.push(&place, &mistake.path, mistake.wrong);
            self.misshapen.push(mistake.path);
            self.misshapen.extend(mistake.meant);
        }
        self.stack.push(layer);
    }

    /// Whether the file could not be read.
    pub(crate) fn is_unread(&self) -> bool {
        self.unread
    }

    pub(crate) fn stack(&self) -> &Stack {
        &self.stack
    }

    /// Puts the defaults of the fleet under the file.
    pub(crate) fn put_over_defaults_of(&mut self, fleet: &Stack) {
        self.stack = std::mem::take(&mut self.stack).over_defaults(fleet);
    }

    /// Puts the fleet's sections that hold in every account under the file.
    pub(crate) fn put_over_shared_of(&mut self, fleet: &Stack) {
        self.stack = std::mem::take(&mut self.stack).over_shared(fleet);
    }

    /// What all layers say.
    pub(crate) fn merged(&self) -> Value {
        self.stack.merged()
    }

    /// All layers as one struct. The shape was checked, so this fails only if the schema allows what the struct does not.
    pub(crate) fn extract<T: serde::de::DeserializeOwned + Default>(&mut self) -> T {
        match self.stack.extract() {
            Ok(value) => value,
            Err(error) => {
                self.report(&KeyPath::root(), Half::Value, Wrong::new(error, "correct this value"));
                T::default()
            }
        }
    }

    fn push(&mut self, place: &Place, path: &KeyPath, wrong: Wrong) -> Reported {
        self.mistakes.push(Mistake::new(place, path, wrong.message, Some(wrong.help)));
        Reported(())
    }

    /// Reports a mistake in what is written at `path`.
    pub(crate) fn report(&mut self, path: &KeyPath, half: Half, wrong: Wrong) -> Reported {
        let place = self.place(path, half);
        self.push(&place, path, wrong)
    }

    /// Reports a mistake in a value.
    pub(crate) fn wrong(&mut self, path: &KeyPath, message: impl Into<String>, help: impl Into<String>) -> Reported {
        self.report(path, Half::Value, Wrong::new(message, help))
    }

    /// Where `path` is written, for a mistake elsewhere that mentions it.
    pub(crate) fn place(&self, path: &KeyPath, half: Half) -> Place {
        if path.steps().is_empty() {
            return self.whole.clone();
        }
        match self.stack.locate_around(path, half) {
            Some(place) => place,
            None => self.whole.clone(),
        }
    }

    /// Reports what a check of a value found, if anything.
    pub(crate) fn check<T>(&mut self, path: &KeyPath, checked: Checked<T>) -> Sound<T> {
        checked.map_err(|wrong| self.report(path, Half::Value, wrong))
    }

    /// Reports what a check of a value found that may be a secret by mistake: its line is named, and not shown.
    pub(crate) fn check_unseen<T>(&mut self, path: &KeyPath, checked: Checked<T>) -> Sound<T> {
        checked.map_err(|wrong| {
            let place = self.place(path, Half::Value);
            let mistake = Mistake::new(&place, path, wrong.message, Some(wrong.help));
            self.mistakes.push(mistake.without_text());
            Reported(())
        })
    }

    /// Reports what a check of a key found, if anything.
    pub(crate) fn check_key(&mut self, path: &KeyPath, checked: Checked) -> Sound<()> {
        checked.map_err(|wrong| self.report(path, Half::Key, wrong))
    }

    /// A value that has to be there, after its check.
    pub(crate) fn need<T>(&mut self, path: &KeyPath, value: Option<T>, example: &str) -> Sound<T> {
        if let Some(value) = value {
            return Ok(value);
        }
        let key = path.last_key().unwrap_or_default();
        let wrong = Wrong::new(format!("`{key}` is missing"), format!("write `{key} = {example}`"));
        Err(self.missing(path, wrong))
    }

    /// Reports that something is not there, unless it is: then what is wrong with it is reported already.
    pub(crate) fn missing(&mut self, path: &KeyPath, wrong: Wrong) -> Reported {
        match self.explained(path) {
            Some(reported) => reported,
            None => self.report(path, Half::Value, wrong),
        }
    }

    /// If what should be at `path` is not there because it was reported and dropped, the proof of it.
    fn explained(&self, path: &KeyPath) -> Option<Reported> {
        let is_dropped = self.stack.locate(path, Half::Value).is_some();
        (self.unread || is_dropped || self.is_misshapen(path)).then_some(Reported(()))
    }

    /// Whether something at or below `path` had the wrong shape, or was meant by a key that there is not.
    pub(crate) fn is_misshapen(&self, path: &KeyPath) -> bool {
        self.misshapen.iter().any(|wrong| wrong.steps().starts_with(path.steps()))
    }

    /// A text that has to be there and right.
    pub(crate) fn need_text(
        &mut self,
        path: &KeyPath,
        value: Option<String>,
        example: &str,
        check: impl FnOnce(&str) -> Checked,
    ) -> Sound<String> {
        let text = self.need(path, value, example)?;
        self.check(path, check(&text))?;
        Ok(text)
    }

    /// A text that is right if it is there.
    pub(crate) fn text(
        &mut self,
        path: &KeyPath,
        value: Option<String>,
        check: impl FnOnce(&str) -> Checked,
    ) -> Sound<Option<String>> {
        match &value {
            Some(text) => self.check(path, check(text))?,
            None => self.explained(path).map_or(Ok(()), Err)?,
        }
        Ok(value)
    }

    /// The mistakes found.
    pub(crate) fn into_mistakes(self) -> Vec<Mistake> {
        self.mistakes
    }
}
