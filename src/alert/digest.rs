use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;

use super::{Importance, Mutes, Near, Routes};
use crate::item::{Envelope, Key, ListedMiss, MailKind, Telling};

/// A digest whose time has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestRun {
    /// Its name.
    pub name: String,
    /// Names the slot: the local date and the `at` entry, `2026-11-24 07:30`. `None` when it is flushed by hand, which uses up
    /// no slot.
    pub slot: Option<String>,
    /// Names the week that it is of, `2026-W48`; `None` for one that the config does not have any more.
    pub week: Option<String>,
    /// Slots up to here are done with.
    pub through: Timestamp,
    /// When it is made.
    pub at: Timestamp,
}

/// What waits for one digest and one recipient.
#[derive(Debug, Clone)]
pub struct Held {
    /// Who it waits for.
    pub recipient: String,
    /// What waits, oldest first.
    pub tellings: Vec<Telling>,
}

/// All that a run of a digest may tell.
#[derive(Debug)]
pub struct Material<'a> {
    /// What waits for it.
    pub held: Vec<Held>,
    /// What its watches nearly matched.
    pub near: &'a [Near],
    /// What is muted.
    pub mutes: &'a Mutes,
}

impl DigestRun {
    /// A slot is told to a recipient once, whatever the clock and the process do meanwhile.
    fn key(&self, recipient: &str) -> Option<Key> {
        self.slot.as_ref().map(|slot| Key::of(&["digest", recipient, &self.name, slot]))
    }

    fn key_by_hand(&self, recipient: &str) -> Key {
        Key::of(&["digest by hand", recipient, &self.name, &self.at.as_millisecond().to_string()])
    }
}

impl Routes {
    /// Everything whose having been told matters for [`Routes::digest`]. `recipients` are those that something waits for.
    pub fn digest_asks(&self, run: &DigestRun, recipients: &[String], near: &[Near]) -> Vec<Key> {
        let routed = self.digests.get(&run.name).map_or(&[][..], |route| &route.to);
        let mut recipients: Vec<&String> = recipients.iter().chain(routed).collect();
        recipients.sort_unstable();
        recipients.dedup();
        let slots = recipients.iter().filter_map(|recipient| run.key(recipient));
        slots.chain(recipients.iter().flat_map(|recipient| self.near_asks(run, recipient, near))).collect()
    }

    /// One mail for each recipient that something waits for, and for everybody where empty digests are sent. Once a week one
    /// lists near misses too.
    pub fn digest(
        &self,
        run: &DigestRun,
        material: Material<'_>,
        told: &HashSet<Key>,
    ) -> Vec<(Envelope, Vec<Telling>)> {
        let Material { held, near, mutes } = material;
        let mut waiting: BTreeMap<String, Vec<Telling>> = BTreeMap::new();
        if let Some(route) = self.digests.get(&run.name)
            && route.send_empty
        {
            waiting.extend(route.to.iter().map(|to| (to.clone(), Vec::new())));
        }
        for Held { recipient, tellings } in held {
            waiting.entry(recipient).or_default().extend(tellings);
        }
        for tellings in waiting.values_mut() {
            // What is most important comes first; within that, what was told first.
            tellings.sort_by_key(|telling| std::cmp::Reverse(self.importance(&telling.hit.watch)));
        }
        let mail = |(to, tellings): (String, Vec<Telling>)| {
            let near = self.near(run, &to, (near, mutes), told);
            mail(run, to, tellings, near, told)
        };
        waiting.into_iter().filter_map(mail).collect()
    }

    /// How important a watch is that may have been renamed, or be gone, since it matched.
    fn importance(&self, watch: &str) -> Importance {
        let renamed = || self.watches.values().find(|route| route.was.as_deref() == Some(watch));
        self.watches.get(watch).or_else(renamed).map_or(Importance::default(), |route| route.pace.importance)
    }
}

fn mail(
    run: &DigestRun,
    to: String,
    tellings: Vec<Telling>,
    (near, near_keys): (Vec<ListedMiss>, Vec<Key>),
    told: &HashSet<Key>,
) -> Option<(Envelope, Vec<Telling>)> {
    let slot = run.key(&to);
    if slot.is_some_and(|key| told.contains(&key)) {
        return None;
    }
    // One that is flushed by hand and holds nothing still needs an identity of its own.
    let by_hand = (slot.is_none() && tellings.is_empty()).then(|| run.key_by_hand(&to));
    let keys = tellings.iter().map(|telling| telling.key).chain(slot).chain(by_hand).chain(near_keys);
    let envelope = Envelope::new(to, MailKind::Digest { name: run.name.clone(), near }, keys);
    Some((envelope, tellings))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::DigestRoute;

    fn run(slot: Option<&str>) -> DigestRun {
        let at = Timestamp::UNIX_EPOCH;
        DigestRun { name: "morning".into(), slot: slot.map(str::to_owned), week: None, through: at, at }
    }

    fn mails(routes: &Routes, run: &DigestRun, held: Vec<Held>, told: &HashSet<Key>) -> Vec<(Envelope, Vec<Telling>)> {
        routes.digest(run, Material { held, near: &[], mutes: &Mutes::default() }, told)
    }

    fn routes(send_empty: bool) -> Routes {
        let route = DigestRoute { to: vec!["ana@example.org".into()], send_empty };
        Routes { digests: [("morning".to_owned(), route)].into(), ..Routes::default() }
    }

    #[test]
    fn a_slot_is_sent_once_even_when_it_is_empty() {
        let (routes, slot) = (routes(true), run(Some("2026-11-24 07:30")));
        let sent = mails(&routes, &slot, vec![], &HashSet::new());
        assert_eq!(sent.len(), 1);
        let told: HashSet<Key> = sent[0].0.keys.iter().copied().collect();
        assert!(told.contains(&routes.digest_asks(&slot, &[], &[])[0]));
        assert!(mails(&routes, &slot, vec![], &told).is_empty());
        assert_eq!(mails(&routes, &run(Some("2026-11-25 07:30")), vec![], &told).len(), 1);
    }

    #[test]
    fn nothing_waiting_is_no_mail_unless_asked_for() {
        for slot in [Some("2026-11-24 07:30"), None] {
            assert!(mails(&routes(false), &run(slot), vec![], &HashSet::new()).is_empty());
            let sent = mails(&routes(true), &run(slot), vec![], &HashSet::new());
            assert_eq!(sent[0].0.keys.len(), 1, "a mail without a key has no identity");
        }
    }

    #[test]
    fn what_is_most_important_is_told_first() {
        use crate::alert::{Importance, Pace, Route};
        use crate::item::{Hit, ItemId, StoryId};

        let mut routes = routes(false);
        for (name, importance, was) in
            [("a", Importance::Low, None), ("b", Importance::High, Some("old")), ("c", Importance::Normal, None)]
        {
            let pace = Pace { importance, ..Pace::default() };
            routes.watches.insert(name.into(), Route { pace, was: was.map(str::to_owned), ..Route::default() });
        }
        let telling = |watch: &str, item: i64| Telling {
            item: ItemId(item),
            story: StoryId(item),
            recipient: "ana@example.org".into(),
            title: watch.into(),
            hit: Hit { watch: watch.into(), because: Vec::new(), facts: Vec::new() },
            key: Key::of(&[watch]),
            edited: false,
            later: false,
        };
        let tellings =
            [("a", 1), ("c", 2), ("gone", 3), ("old", 4), ("b", 5)].map(|(watch, item)| telling(watch, item));
        let held = Held { recipient: "ana@example.org".into(), tellings: tellings.into() };
        let mails = mails(&routes, &run(None), vec![held], &HashSet::new());
        let order: Vec<&str> = mails[0].1.iter().map(|telling| telling.hit.watch.as_str()).collect();
        assert_eq!(order, ["old", "b", "c", "gone", "a"]);
    }
}
