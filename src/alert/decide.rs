use std::collections::HashSet;

use jiff::Timestamp;

use super::address::{Address, item_key, matched_before};
use super::change::{News, Said};
use super::{Channel, Heard, Matched, MuteId, Mutes, Repeat, Routes};
use crate::item::{Candidate, Hit, ItemId, ItemKeys, Key, KnownFact, NearMiss, Report, Standing, StoryId, Telling};

/// A new or edited item of a poll, ready to be decided on.
#[derive(Debug, Clone)]
pub struct Found {
    /// What it is recognised by.
    pub keys: ItemKeys,
    /// Its headline, for the story.
    pub title: String,
    /// Its address.
    pub link: Option<String>,
    /// Why each watch matched.
    pub hits: Vec<Hit>,
    /// By what its story is looked up.
    pub story_keys: Vec<Key>,
    /// By what it is compared with reports that may tell the same in other words.
    pub report: Report,
    /// When it was published, else first seen.
    pub when: Timestamp,
    /// False where it is no news to the reader: older than the backlog on the first look at a feed.
    pub news: bool,
    /// What it says, whatever the watches ask for.
    pub said: Said,
    /// Watches that nearly matched.
    pub near: Vec<NearMiss>,
}

/// What the store knows of a [`Found`] item, read inside the transaction.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Its row, made just now if it is new.
    pub id: ItemId,
    /// New or edited. A repeated one is not decided on.
    pub standing: Standing,
    /// The name that it goes by in what was told: never changes, not even in another database.
    pub identity: Key,
    /// The story that it has already; an edited item stays in its story.
    pub story: Option<StoryId>,
    /// Open stories that share a lookup key with it, the newest report first.
    pub candidates: Vec<Candidate>,
    /// When an edited item was first seen; `None` for one that is seen now.
    pub first_seen: Option<Timestamp>,
    /// For an edited item: watches that matched it before, each with its [`Hit::sentences`].
    pub matched_before: Vec<(String, Key)>,
    /// Of these, watches whose match was muted.
    pub muted_before: Vec<String>,
    /// What is known of [`Routes::fact_asks`].
    pub facts: Vec<KnownFact>,
}

/// The story that an item has joined, read inside the transaction.
#[derive(Debug, Clone)]
pub struct Joined {
    /// Its row.
    pub story: StoryId,
    /// Identities of its other items, the oldest first.
    pub items: Vec<Key>,
    /// Matches of its other items, of the watches that count sources.
    pub matched: Vec<Matched>,
    /// Keys of alerts about the story that were decided and are no mails yet.
    pub held: HashSet<Key>,
    /// What is muted.
    pub mutes: Mutes,
    /// When this is decided.
    pub at: Timestamp,
}

/// What is to be written for one item.
#[derive(Debug, Clone, Default)]
pub struct Decision {
    /// What is told at once, as far as nothing holds it.
    pub alerts: Vec<Telling>,
    /// What waits for a digest: its name and the telling.
    pub held: Vec<(String, Telling)>,
    /// Keys that count as told because their story was: the key, and the key under which the story was told.
    pub covered: Vec<(Key, Key)>,
    /// Matches that end a silence.
    pub heard: Vec<Heard>,
    /// Watches whose match is muted, and by what.
    pub muted: Vec<(String, MuteId)>,
    /// Facts as they are to be remembered.
    pub facts: Vec<KnownFact>,
}

/// What is asked while it is decided: the recipient's next digest, and whether a watch has the sources it wants.
pub type Oracles<'a> = (&'a dyn Fn(&str) -> Option<String>, &'a dyn Fn(&Hit) -> bool);

/// The verdict on one watch, recipient and channel.
enum Ruling {
    /// Tell it, under this key.
    Tell(Key),
    /// Its story was told under the second key; the first is its own.
    Later(Key, Key),
    /// Told already, or nothing that this watch looks for has changed.
    Silence,
}

impl Routes {
    /// Everything whose having been told matters for [`Routes::decide`].
    pub fn asks(&self, found: &Found, seen: &Seen, story_items: &[Key]) -> Vec<Key> {
        let mut asks = Vec::new();
        let news = self.news(found, seen, found.when);
        self.each_address(found, |address| {
            asks.extend(address.own_keys(seen));
            asks.extend(news.asks(address));
            asks.extend(story_items.iter().flat_map(|item| address.item_keys(item)));
            for name in self.digests_of(address.recipient) {
                let channel = Channel::Digest(name.to_owned());
                asks.extend(Address { channel: &channel, ..address }.own_keys(seen));
            }
        });
        asks.sort_unstable();
        asks.dedup();
        asks
    }

    /// Watches of these matches that count sources, with the names that they had before.
    pub fn counted(&self, found: &Found) -> Vec<String> {
        let mut names = Vec::new();
        for hit in &found.hits {
            if let Some(route) = self.watches.get(&hit.watch).filter(|route| route.sources.is_some()) {
                names.push(hit.watch.clone());
                names.extend(route.was.clone());
            }
        }
        names
    }

    /// Digests that the recipient gets, by name.
    pub fn digests_of<'a>(&'a self, recipient: &'a str) -> impl Iterator<Item = &'a str> {
        let gets = move |to: &&String| to.as_str() == recipient;
        self.digests
            .iter()
            .filter(move |(_, digest)| digest.to.iter().any(|to| gets(&to)))
            .map(|(name, _)| name.as_str())
    }

    /// Who is told of this item, and how. A watch tells a recipient of a story once on each channel; after that only of an
    /// edit that changed a sentence which it matched, and later reports are listed in the recipient's next digest. While the
    /// alert is held they join it instead.
    ///
    /// A watch that counts sources tells nothing before there are enough, and then all that it has matched of the story.
    ///
    /// A watch that tells changes tells a fact when it is first known and whenever it has changed, whatever the story.
    ///
    /// `next_digest` names the recipient's next digest; `enough` says of a watch whether the story has the sources it wants.
    pub fn decide(
        &self,
        found: &Found,
        seen: &Seen,
        joined: &Joined,
        told: &HashSet<Key>,
        (next_digest, enough): Oracles<'_>,
    ) -> Decision {
        let news = self.news(found, seen, joined.at);
        let heard = self.heard(found, seen, joined);
        let mut decision = Decision { heard, facts: news.known(), ..Decision::default() };
        self.each_address(found, |address| {
            let (story, digest) = (Some(joined.story), address.channel.name());
            if let Some(mute) = joined.mutes.of(address.names(), story, address.recipient, digest) {
                // What one recipient does not want, others are told.
                if mute.recipient.is_some() {
                    return;
                }
                let muted = (address.hit.watch.clone(), mute.id);
                // An edit that changed nothing for this watch leaves its match as it was.
                let is_same = address.matched_before(seen) == Some(address.hit.sentences());
                if !is_same && !decision.muted.contains(&muted) {
                    decision.muted.push(muted);
                }
                return;
            }
            if address.route.sources.is_some() && !address.story_is_told(seen, &joined.items, told) {
                if !enough(address.hit) {
                    return;
                }
                address.tell_earlier(joined, &mut decision);
            }
            if news.is_of(address) {
                address.tell_changes(&news, (seen, joined), told, &mut decision);
            } else {
                Self::tell(address, &news, (seen, joined), told, next_digest, &mut decision);
            }
        });
        decision
    }

    /// Tells an item as such, or as a later report of its story.
    fn tell(
        address: Address<'_>,
        news: &News,
        (seen, joined): (&Seen, &Joined),
        told: &HashSet<Key>,
        next_digest: &dyn Fn(&str) -> Option<String>,
        decision: &mut Decision,
    ) {
        let Address { hit, route, recipient, channel } = address;
        let (key, covered_by) = match address.ruling(seen, &joined.items, told) {
            Ruling::Tell(key) => (key, None),
            // The mail is not made yet: this report joins it.
            Ruling::Later(key, by) if *channel == Channel::Now && route.pace.holds() && joined.held.contains(&by) => {
                (key, None)
            }
            Ruling::Later(key, by) => (key, Some(by)),
            Ruling::Silence => return,
        };
        let telling = Telling {
            item: seen.id,
            story: joined.story,
            recipient: recipient.to_owned(),
            title: route.title.clone(),
            hit: Hit { facts: news.told(address, |_| true), ..hit.clone() },
            key,
            edited: address.was_told(seen, &joined.held),
            later: covered_by.is_some(),
        };
        match (channel, covered_by) {
            (Channel::Now, None) => decision.alerts.push(telling),
            (Channel::Digest(name), _) => decision.held.push((name.clone(), telling)),
            (Channel::Now, Some(by)) => {
                decision.covered.push((key, by));
                // A watch that has a digest of its own lists it there by itself.
                if route.send.len() == 1
                    && let Some(name) = next_digest(recipient)
                {
                    let channel = Channel::Digest(name.clone());
                    let elsewhere = Address { channel: &channel, ..address };
                    if elsewhere.own_keys(seen).iter().all(|key| !told.contains(key)) {
                        decision.held.push((name, Telling { key: elsewhere.own_key(seen), ..telling }));
                    }
                }
            }
        }
    }

    /// Matches of watches that tell the silence: news that the watch did not match before.
    fn heard(&self, found: &Found, seen: &Seen, joined: &Joined) -> Vec<Heard> {
        let hits = found.hits.iter().filter(|hit| {
            let route = self.watches.get(&hit.watch).filter(|route| route.quiet.is_some());
            route.is_some_and(|route| found.news && matched_before(seen, &hit.watch, route).is_none())
        });
        hits.map(|hit| Heard { item: seen.id, story: joined.story, hit: hit.clone() }).collect()
    }

    /// Calls `each` for every watch that matched, recipient and channel, if the item is news at all.
    fn each_address<'a>(&'a self, found: &'a Found, mut each: impl FnMut(Address<'a>)) {
        if !found.news {
            return;
        }
        for hit in &found.hits {
            // A watch that a reload took away tells nobody; one for silence tells no match.
            let Some(route) = self.watches.get(&hit.watch).filter(|route| route.quiet.is_none()) else { continue };
            for recipient in &route.to {
                for channel in &route.send {
                    each(Address { hit, route, recipient, channel });
                }
            }
        }
    }
}

impl Address<'_> {
    fn ruling(self, seen: &Seen, story_items: &[Key], told: &HashSet<Key>) -> Ruling {
        if self.own_keys(seen).iter().any(|key| told.contains(key)) {
            return Ruling::Silence;
        }
        let key = self.own_key(seen);
        let told_of_story = || {
            let keys = story_items.iter().flat_map(|item| self.item_keys(item));
            keys.into_iter().find(|key| told.contains(key))
        };
        match (self.matched_before(seen), self.route.repeat) {
            (Some(before), _) if before == self.hit.sentences() => Ruling::Silence,
            (Some(_), _) | (None, Repeat::Item) => Ruling::Tell(key),
            (None, Repeat::Story | Repeat::Change) => {
                told_of_story().map_or(Ruling::Tell(key), |by| Ruling::Later(key, by))
            }
        }
    }

    /// Whether any item of the story was told, this one included.
    fn story_is_told(self, seen: &Seen, story_items: &[Key], told: &HashSet<Key>) -> bool {
        let items = story_items.iter().chain([&seen.identity]);
        items.flat_map(|item| self.item_keys(item)).any(|key| told.contains(&key))
    }

    /// What the watch matched of the story while it waited for sources is told with what completes them.
    fn tell_earlier(self, joined: &Joined, decision: &mut Decision) {
        let is_mine = |matched: &&Matched| !matched.muted && self.names().any(|name| name == matched.hit.watch);
        let mine = joined.matched.iter().filter(is_mine);
        for matched in mine {
            let telling = Telling {
                item: matched.item,
                story: joined.story,
                recipient: self.recipient.to_owned(),
                title: self.route.title.clone(),
                hit: Hit { watch: self.hit.watch.clone(), ..matched.hit.clone() },
                key: item_key(self.recipient, &self.hit.watch, &matched.identity, self.channel),
                edited: false,
                later: false,
            };
            match self.channel {
                Channel::Now => decision.alerts.push(telling),
                Channel::Digest(name) => decision.held.push((name.clone(), telling)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::{Mute, Muted, Route};
    use crate::item::{Because, Field};

    const FIRST: &str = "ana@example.org";

    fn routes(send: &[Channel]) -> Routes {
        let route = Route { title: "Vetoes".into(), to: vec![FIRST.into()], send: send.to_vec(), ..Route::default() };
        Routes { watches: [("veto".to_owned(), route)].into(), ..Routes::default() }
    }

    fn hit(quote: &str) -> Hit {
        let because = Because { term: "veto".into(), field: Field::Text, quote: quote.into(), marks: vec![(0, 1)] };
        Hit { watch: "veto".into(), because: vec![because], facts: Vec::new() }
    }

    fn found(hits: Vec<Hit>) -> Found {
        let key = Key::of(&["x"]);
        Found {
            keys: ItemKeys { id: None, link: None, title: key, text: key, content: key },
            title: "Headline".into(),
            link: None,
            report: Report::default(),
            hits,
            story_keys: Vec::new(),
            when: Timestamp::UNIX_EPOCH,
            news: true,
            said: Said::default(),
            near: Vec::new(),
        }
    }

    fn seen(name: &str, matched_before: Vec<(String, Key)>) -> Seen {
        Seen {
            id: ItemId(1),
            standing: Standing::New,
            identity: Key::of(&[name]),
            story: None,
            candidates: Vec::new(),
            first_seen: None,
            matched_before,
            muted_before: Vec::new(),
            facts: Vec::new(),
        }
    }

    /// Decides as the store would: everything asked for and told is shown.
    fn decide(routes: &Routes, found: &Found, seen: &Seen, items: &[Key], told: &HashSet<Key>) -> Decision {
        let asked = routes.asks(found, seen, items).into_iter().filter(|key| told.contains(key)).collect();
        let at = Timestamp::UNIX_EPOCH;
        let matched = Vec::new();
        let joined = Joined {
            story: StoryId(1),
            items: items.to_vec(),
            matched,
            held: HashSet::new(),
            mutes: Mutes::default(),
            at,
        };
        let next_digest = |recipient: &str| routes.digests_of(recipient).next().map(str::to_owned);
        routes.decide(found, seen, &joined, &asked, (&next_digest, &|_| true))
    }

    fn keys(decision: &Decision) -> HashSet<Key> {
        decision.alerts.iter().map(|telling| telling.key).collect()
    }

    #[test]
    fn a_story_is_told_once_and_its_later_reports_are_covered() {
        let routes = routes(&[Channel::Now]);
        let first = seen("a", vec![]);
        let told = keys(&decide(&routes, &found(vec![hit("A veto.")]), &first, &[], &HashSet::new()));
        assert_eq!(told.len(), 1);

        let later = decide(&routes, &found(vec![hit("Another veto.")]), &seen("b", vec![]), &[first.identity], &told);
        assert!(later.alerts.is_empty());
        assert_eq!(later.covered.len(), 1);
        assert!(told.contains(&later.covered[0].1));
    }

    #[test]
    fn each_channel_tells_for_itself() {
        let routes = routes(&[Channel::Now, Channel::Digest("morning".into())]);
        let decision = decide(&routes, &found(vec![hit("A veto.")]), &seen("a", vec![]), &[], &HashSet::new());
        assert_eq!((decision.alerts.len(), decision.held.len()), (1, 1));
        assert_ne!(decision.alerts[0].key, decision.held[0].1.key);
    }

    #[test]
    fn an_edit_tells_only_where_a_matched_sentence_changed() {
        let routes = routes(&[Channel::Now]);
        let before = ("veto".to_owned(), hit("Will veto.").sentences());
        let edited = seen("a", vec![before]);
        assert!(decide(&routes, &found(vec![hit("Will veto.")]), &edited, &[], &HashSet::new()).alerts.is_empty());

        let changed = found(vec![hit("Will not veto.")]);
        let first = decide(&routes, &changed, &edited, &[], &HashSet::new());
        assert!(first.alerts[0].edited);
        assert!(decide(&routes, &changed, &edited, &[], &keys(&first)).alerts.is_empty(), "told twice");
    }

    #[test]
    fn what_is_no_news_tells_nobody() {
        let old = Found { news: false, ..found(vec![hit("A veto.")]) };
        let decision = decide(&routes(&[Channel::Now]), &old, &seen("a", vec![]), &[], &HashSet::new());
        assert!(decision.alerts.is_empty() && decision.held.is_empty() && decision.covered.is_empty());
    }

    #[test]
    fn later_reports_are_listed_in_the_next_digest_if_the_recipient_has_one() {
        let mut routes = routes(&[Channel::Now]);
        let first = seen("a", vec![]);
        let told = keys(&decide(&routes, &found(vec![hit("A veto.")]), &first, &[], &HashSet::new()));
        let later = |routes: &Routes| {
            decide(routes, &found(vec![hit("Another veto.")]), &seen("b", vec![]), &[first.identity], &told)
        };
        assert!(later(&routes).held.is_empty());
        let digest = crate::alert::DigestRoute { to: vec![FIRST.into()], send_empty: false };
        routes.digests.insert("morning".into(), digest);
        let listed = later(&routes);
        assert_eq!(listed.held.len(), 1);
        assert!(listed.held[0].1.later && listed.covered.len() == 1 && listed.alerts.is_empty());
    }

    #[test]
    fn a_later_report_joins_an_alert_that_is_held() {
        let mut routes = routes(&[Channel::Now]);
        routes.watches.get_mut("veto").unwrap().pace.wait = jiff::SignedDuration::from_mins(2);
        let first = seen("a", vec![]);
        let told = keys(&decide(&routes, &found(vec![hit("A veto.")]), &first, &[], &HashSet::new()));
        let later = |held: &HashSet<Key>| {
            let (report, second) = (found(vec![hit("Another veto.")]), seen("b", vec![]));
            let joined = Joined {
                story: StoryId(1),
                items: vec![first.identity],
                matched: Vec::new(),
                held: held.clone(),
                mutes: Mutes::default(),
                at: Timestamp::UNIX_EPOCH,
            };
            routes.decide(&report, &second, &joined, &told, (&|_| None, &|_| true))
        };
        let joins = later(&told);
        assert_eq!((joins.alerts.len(), joins.covered.len()), (1, 0));
        assert!(!joins.alerts[0].later && !told.contains(&joins.alerts[0].key));
        let mailed = later(&HashSet::new());
        assert_eq!((mailed.alerts.len(), mailed.covered.len()), (0, 1));
    }

    #[test]
    fn a_watch_that_counts_sources_tells_all_it_matched_once_there_are_enough() {
        let mut routes = routes(&[Channel::Now]);
        let sources = crate::alert::Sources { count: 2, within: jiff::SignedDuration::from_hours(6) };
        routes.watches.get_mut("veto").unwrap().sources = Some(sources);
        let (first, second) = (seen("a", vec![]), seen("b", vec![]));
        let matched = Matched {
            item: ItemId(7),
            identity: first.identity,
            first_seen: Timestamp::UNIX_EPOCH,
            link: None,
            hit: hit("A veto."),
            report: Report::default(),
            muted: false,
        };
        let joined = Joined {
            story: StoryId(1),
            items: vec![first.identity],
            matched: vec![matched],
            held: HashSet::new(),
            mutes: Mutes::default(),
            at: Timestamp::UNIX_EPOCH,
        };
        let report = found(vec![hit("Another veto.")]);
        let decide = |told: &HashSet<Key>, enough: bool| {
            routes.decide(&report, &second, &joined, told, (&|_| None, &|_| enough))
        };
        let waits = decide(&HashSet::new(), false);
        assert!(waits.alerts.is_empty() && waits.covered.is_empty(), "it counts as untold while it waits");
        let tells = decide(&HashSet::new(), true);
        let items: Vec<i64> = tells.alerts.iter().map(|telling| telling.item.0).collect();
        assert_eq!(items, [7, 1]);
        let third = routes.decide(&report, &seen("c", vec![]), &joined, &keys(&tells), (&|_| None, &|_| true));
        assert_eq!((third.alerts.len(), third.covered.len()), (0, 1), "once a story");
    }

    #[test]
    fn with_repeat_item_every_report_is_told_once() {
        let mut routes = routes(&[Channel::Now]);
        routes.watches.get_mut("veto").unwrap().repeat = Repeat::Item;
        let first = seen("a", vec![]);
        let told = keys(&decide(&routes, &found(vec![hit("A veto.")]), &first, &[], &HashSet::new()));
        let second = found(vec![hit("Another veto.")]);
        assert_eq!(decide(&routes, &second, &seen("b", vec![]), &[first.identity], &told).alerts.len(), 1);
        assert!(decide(&routes, &second, &first, &[], &told).alerts.is_empty());
    }

    /// A silence on `what`.
    fn muting(what: Muted) -> Mutes {
        let (since, until) = (Timestamp::UNIX_EPOCH, Timestamp::MAX);
        Mutes::new(vec![Mute { id: MuteId(4), what, recipient: None, since, until }])
    }

    #[test]
    fn a_muted_match_is_neither_told_nor_counts_as_told() {
        let routes = routes(&[Channel::Now, Channel::Digest("morning".into())]);
        let decide = |watch: &str, story: i64, what: Muted| {
            let mut routes = routes.clone();
            let route = Route { was: Some("old".into()), ..routes.watches.remove("veto").unwrap() };
            routes.watches.insert(watch.into(), route);
            let report = found(vec![Hit { watch: watch.into(), ..hit("A veto.") }]);
            let joined = Joined {
                story: StoryId(story),
                items: Vec::new(),
                matched: Vec::new(),
                held: HashSet::new(),
                mutes: muting(what),
                at: Timestamp::UNIX_EPOCH,
            };
            routes.decide(&report, &seen("a", vec![]), &joined, &HashSet::new(), (&|_| None, &|_| true))
        };
        for (watch, story, what) in [
            ("veto", 1, Muted::Watch("veto".into())),
            ("veto", 1, Muted::Watch("old".into())),
            ("veto", 7, Muted::Story(StoryId(7))),
        ] {
            let decision = decide(watch, story, what.clone());
            assert!(decision.alerts.is_empty() && decision.held.is_empty() && decision.covered.is_empty(), "{what:?}");
            assert_eq!(decision.muted, [("veto".to_owned(), MuteId(4))], "{what:?}");
        }
        for what in [Muted::Watch("other".into()), Muted::Story(StoryId(8))] {
            let decision = decide("veto", 1, what);
            assert_eq!((decision.alerts.len(), decision.held.len(), decision.muted.len()), (1, 1, 0));
        }
    }

    #[test]
    fn an_edit_of_what_was_muted_is_told_as_though_it_were_new() {
        let routes = routes(&[Channel::Now]);
        let before = vec![("veto".to_owned(), hit("Will veto.").sentences())];
        let muted = Seen { muted_before: vec!["veto".into()], ..seen("a", before.clone()) };
        let changed = found(vec![hit("Will not veto.")]);
        let told = |seen: &Seen| decide(&routes, &changed, seen, &[], &HashSet::new()).alerts.remove(0);
        assert!(!told(&muted).edited);
        assert!(told(&seen("a", before)).edited);
    }

    #[test]
    fn a_renamed_watch_tells_nothing_again() {
        let mut routes = routes(&[Channel::Now]);
        let first = seen("a", vec![]);
        let told = keys(&decide(&routes, &found(vec![hit("A veto.")]), &first, &[], &HashSet::new()));
        let route = routes.watches.remove("veto").unwrap();
        routes.watches.insert("block".into(), Route { was: Some("veto".into()), ..route });
        let renamed = found(vec![Hit { watch: "block".into(), ..hit("A veto.") }]);
        assert!(decide(&routes, &renamed, &first, &[], &told).alerts.is_empty());
        let before = seen("a", vec![("veto".to_owned(), hit("A veto.").sentences())]);
        assert!(decide(&routes, &renamed, &before, &[], &HashSet::new()).alerts.is_empty(), "an edit of nothing");
        let later = decide(&routes, &renamed, &seen("b", vec![]), &[first.identity], &told);
        assert_eq!((later.alerts.len(), later.covered.len()), (0, 1));
    }

    #[test]
    fn a_watch_for_silence_tells_no_match() {
        let mut routes = routes(&[Channel::Now]);
        let quiet = crate::alert::Quiet { after: jiff::SignedDuration::from_hours(72), feeds: [].into() };
        routes.watches.get_mut("veto").unwrap().quiet = Some(quiet);
        let decision = decide(&routes, &found(vec![hit("A veto.")]), &seen("a", vec![]), &[], &HashSet::new());
        assert_eq!((decision.alerts.len(), decision.heard.len()), (0, 1));
    }
}
