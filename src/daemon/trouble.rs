use std::collections::BTreeMap;
use std::error::Error;
use std::sync::{Mutex, PoisonError};

/// What is wrong with the daemon itself, one entry per place, until it is right again. `status` shows it.
#[derive(Debug, Default)]
pub(super) struct Trouble(Mutex<BTreeMap<&'static str, String>>);

impl Trouble {
    /// Something went wrong in `place`, with all that it comes from.
    pub(super) fn fault(&self, place: &'static str, error: &dyn Error) {
        let causes = std::iter::successors(error.source(), |&cause| cause.source());
        self.note(place, causes.fold(error.to_string(), |what, cause| format!("{what}: {cause}")));
    }

    /// Something is wrong in `place`. Logged once, until the words change.
    pub(super) fn note(&self, place: &'static str, what: String) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.get(place) != Some(&what) {
            // The place comes first: a field would stand below the last line of a diagnostic.
            tracing::error!("{place}: {what}");
            all.insert(place, what);
        }
    }

    /// It is right again.
    pub(super) fn clear(&self, place: &'static str) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.remove(place).is_some() {
            tracing::info!("{place}: right again");
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
    use crate::deliver::DeliverError;
    use crate::store::StoreError;

    #[test]
    fn trouble_lasts_until_it_is_cleared() {
        let trouble = Trouble::default();
        trouble.note("store", "disk full".to_owned());
        trouble.note("store", "disk still full".to_owned());
        assert_eq!(trouble.list(), ["disk still full"]);
        trouble.clear("store");
        assert!(trouble.list().is_empty());
    }

    #[test]
    fn a_fault_says_what_it_comes_from() {
        let trouble = Trouble::default();
        let full = StoreError::Unwritable { path: "news.db".into(), what: "disk full; free space".to_owned() };
        trouble.fault("delivery", &DeliverError::from(full));
        assert_eq!(trouble.list(), ["the outbox cannot be used: cannot write news.db: disk full; free space"]);
    }
}
