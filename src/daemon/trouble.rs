use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::{Mutex, PoisonError};

/// What is wrong with the daemon itself, one entry per place, until it is right again. `status` shows it.
#[derive(Debug, Default)]
pub(super) struct Trouble(Mutex<BTreeMap<&'static str, String>>);

impl Trouble {
    /// Something went wrong in `place`. Logged once, until the words change.
    pub(super) fn note(&self, place: &'static str, what: &dyn Display) {
        let what = what.to_string();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.get(place) != Some(&what) {
            tracing::error!(place, "{what}");
            all.insert(place, what);
        }
    }

    /// It is right again.
    pub(super) fn clear(&self, place: &'static str) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.remove(place).is_some() {
            tracing::info!(place, "right again");
        }
    }

    /// All that is wrong now.
    pub(super) fn list(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_lasts_until_it_is_cleared() {
        let trouble = Trouble::default();
        trouble.note("store", &"disk full");
        trouble.note("store", &"disk still full");
        assert_eq!(trouble.list(), ["disk still full"]);
        trouble.clear("store");
        assert!(trouble.list().is_empty());
    }
}
