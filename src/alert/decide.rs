use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;

use super::{Channel, Route, Routes};
use crate::item::{Candidate, Envelope, Hit, ItemId, ItemKeys, Key, MailKind, Standing, StoryId, Telling};

/// A new or edited item of a poll, ready to be decided on.
#[derive(Debug, Clone)]
pub struct Found {
    /// What it is recognised by.
    pub keys: ItemKeys,
    /// Its headline, for the story.
    pub title: String,
    /// Why each watch matched.
    pub hits: Vec<Hit>,
    /// By what its story is looked up.
    pub story_keys: Vec<Key>,
    /// When it was published, else first seen.
    pub when: Timestamp,
    /// False where it is no news to the reader: older than the backlog on the first look at a feed.
    pub news: bool,
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
    /// For an edited item: watches that matched it before, each with its [`Hit::sentences`].
    pub matched_before: Vec<(String, Key)>,
}

/// What is to be written for one item.
#[derive(Debug, Clone, Default)]
pub struct Decision {
    /// Mails that go at once.
    pub mails: Vec<(Envelope, Vec<Telling>)>,
    /// What waits for a digest: its name and the telling.
    pub held: Vec<(String, Telling)>,
    /// Keys that count as told because their story was: the key, and the key under which the story was told.
    pub covered: Vec<(Key, Key)>,
}

/// The verdict on one watch, recipient and channel.
enum Ruling {
    /// Tell it, under this key.
    Tell(Key),
    /// Its story was told under the second key; the first counts as told with it.
    Covered(Key, Key),
    /// Told already, or nothing that this watch looks for has changed.
    Silence,
}

impl Routes {
    /// Everything whose having been told matters for [`Routes::decide`].
    pub fn asks(&self, found: &Found, seen: &Seen, story_items: &[Key]) -> Vec<Key> {
        let mut asks = Vec::new();
        self.each_address(found, |hit, _, recipient, channel| {
            asks.push(own_key(hit, seen, recipient, channel));
            asks.extend(story_items.iter().map(|item| item_key(recipient, &hit.watch, item, channel)));
        });
        asks
    }

    /// Who is told of this item, and how. A watch tells a recipient of a story once on each channel; after that only of an
    /// edit that changed a sentence which it matched.
    pub fn decide(
        &self,
        found: &Found,
        seen: &Seen,
        story: StoryId,
        story_items: &[Key],
        told: &HashSet<Key>,
    ) -> Decision {
        let mut decision = Decision::default();
        let mut at_once: BTreeMap<&str, Vec<Telling>> = BTreeMap::new();
        self.each_address(found, |hit, route, recipient, channel| {
            let key = match ruling(hit, seen, story_items, recipient, channel, told) {
                Ruling::Tell(key) => key,
                Ruling::Covered(key, by) => return decision.covered.push((key, by)),
                Ruling::Silence => return,
            };
            let telling = Telling {
                item: seen.id,
                story,
                recipient: recipient.to_owned(),
                title: route.title.clone(),
                hit: hit.clone(),
                key,
                edited: matched_before(seen, hit).is_some(),
            };
            match channel {
                Channel::Now => at_once.entry(recipient).or_default().push(telling),
                Channel::Digest(name) => decision.held.push((name.clone(), telling)),
            }
        });
        decision.mails = at_once.into_values().map(alert).collect();
        decision
    }

    /// Calls `each` for every watch that matched, recipient and channel, if the item is news at all.
    fn each_address<'a>(&'a self, found: &'a Found, mut each: impl FnMut(&'a Hit, &'a Route, &'a str, &'a Channel)) {
        if !found.news {
            return;
        }
        for hit in &found.hits {
            // A watch that a reload took away tells nobody.
            let Some(route) = self.watches.get(&hit.watch) else { continue };
            for recipient in &route.to {
                for channel in &route.send {
                    each(hit, route, recipient, channel);
                }
            }
        }
    }
}

fn alert(tellings: Vec<Telling>) -> (Envelope, Vec<Telling>) {
    let recipient = tellings.first().map(|telling| telling.recipient.clone()).unwrap_or_default();
    (Envelope::new(recipient, MailKind::Alert, tellings.iter().map(|telling| telling.key)), tellings)
}

fn ruling(
    hit: &Hit,
    seen: &Seen,
    story_items: &[Key],
    recipient: &str,
    channel: &Channel,
    told: &HashSet<Key>,
) -> Ruling {
    let key = own_key(hit, seen, recipient, channel);
    if told.contains(&key) {
        return Ruling::Silence;
    }
    match matched_before(seen, hit) {
        Some(before) if before == hit.sentences() => Ruling::Silence,
        Some(_) => Ruling::Tell(key),
        None => story_items
            .iter()
            .map(|item| item_key(recipient, &hit.watch, item, channel))
            .find(|key| told.contains(key))
            .map_or(Ruling::Tell(key), |by| Ruling::Covered(key, by)),
    }
}

fn matched_before(seen: &Seen, hit: &Hit) -> Option<Key> {
    seen.matched_before.iter().find(|(watch, _)| *watch == hit.watch).map(|(_, sentences)| *sentences)
}

/// What telling this hit would be remembered under: the item, or the value that an edit replaces and the one it brings.
fn own_key(hit: &Hit, seen: &Seen, recipient: &str, channel: &Channel) -> Key {
    match matched_before(seen, hit) {
        None => item_key(recipient, &hit.watch, &seen.identity, channel),
        Some(before) => Key::of(&[
            "edit",
            recipient,
            &hit.watch,
            &seen.identity.to_string(),
            &before.to_string(),
            &hit.sentences().to_string(),
            channel.name(),
        ]),
    }
}

fn item_key(recipient: &str, watch: &str, item: &Key, channel: &Channel) -> Key {
    Key::of(&["item", recipient, watch, &item.to_string(), channel.name()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::{Because, Field};

    const FIRST: &str = "ana@example.org";

    fn routes(send: &[Channel]) -> Routes {
        let route = Route { title: "Vetoes".into(), to: vec![FIRST.into()], send: send.to_vec() };
        Routes { watches: [("veto".to_owned(), route)].into(), ..Routes::default() }
    }

    fn hit(quote: &str) -> Hit {
        let because = Because { term: "veto".into(), field: Field::Text, quote: quote.into(), marks: vec![(0, 1)] };
        Hit { watch: "veto".into(), because: vec![because] }
    }

    fn found(hits: Vec<Hit>) -> Found {
        let key = Key::of(&["x"]);
        Found {
            keys: ItemKeys { id: None, link: None, title: key, text: key, content: key },
            title: "Headline".into(),
            hits,
            story_keys: Vec::new(),
            when: Timestamp::UNIX_EPOCH,
            news: true,
        }
    }

    fn seen(name: &str, matched_before: Vec<(String, Key)>) -> Seen {
        Seen {
            id: ItemId(1),
            standing: Standing::New,
            identity: Key::of(&[name]),
            story: None,
            candidates: Vec::new(),
            matched_before,
        }
    }

    /// Decides as the store would: everything asked for and told is shown.
    fn decide(routes: &Routes, found: &Found, seen: &Seen, items: &[Key], told: &HashSet<Key>) -> Decision {
        let asked = routes.asks(found, seen, items).into_iter().filter(|key| told.contains(key)).collect();
        routes.decide(found, seen, StoryId(1), items, &asked)
    }

    fn keys(decision: &Decision) -> HashSet<Key> {
        decision.mails.iter().flat_map(|(envelope, _)| envelope.keys.iter().copied()).collect()
    }

    #[test]
    fn a_story_is_told_once_and_its_later_reports_are_covered() {
        let routes = routes(&[Channel::Now]);
        let first = seen("a", vec![]);
        let told = keys(&decide(&routes, &found(vec![hit("A veto.")]), &first, &[], &HashSet::new()));
        assert_eq!(told.len(), 1);

        let later = decide(&routes, &found(vec![hit("Another veto.")]), &seen("b", vec![]), &[first.identity], &told);
        assert!(later.mails.is_empty());
        assert_eq!(later.covered.len(), 1);
        assert!(told.contains(&later.covered[0].1));
    }

    #[test]
    fn each_channel_tells_for_itself() {
        let routes = routes(&[Channel::Now, Channel::Digest("morning".into())]);
        let decision = decide(&routes, &found(vec![hit("A veto.")]), &seen("a", vec![]), &[], &HashSet::new());
        assert_eq!((decision.mails.len(), decision.held.len()), (1, 1));
        assert_ne!(decision.mails[0].1[0].key, decision.held[0].1.key);
    }

    #[test]
    fn an_edit_tells_only_where_a_matched_sentence_changed() {
        let routes = routes(&[Channel::Now]);
        let before = ("veto".to_owned(), hit("Will veto.").sentences());
        let edited = seen("a", vec![before]);
        assert!(decide(&routes, &found(vec![hit("Will veto.")]), &edited, &[], &HashSet::new()).mails.is_empty());

        let changed = found(vec![hit("Will not veto.")]);
        let first = decide(&routes, &changed, &edited, &[], &HashSet::new());
        assert!(first.mails[0].1[0].edited);
        assert!(decide(&routes, &changed, &edited, &[], &keys(&first)).mails.is_empty(), "told twice");
    }

    #[test]
    fn what_is_no_news_tells_nobody() {
        let old = Found { news: false, ..found(vec![hit("A veto.")]) };
        let decision = decide(&routes(&[Channel::Now]), &old, &seen("a", vec![]), &[], &HashSet::new());
        assert!(decision.mails.is_empty() && decision.held.is_empty() && decision.covered.is_empty());
    }
}
