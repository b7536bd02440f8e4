//! `item list` and `item explain`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;

use super::arguments::Since;
use super::feed::one_line;
use super::table::{Table, json_time, plain, time};
use super::{Desk, explain};
use crate::config;
use crate::control::Answer;
use crate::item::{ItemId, StoryId};
use crate::matching::{self, Matcher, Rule, Subject};
use crate::pipeline;
use crate::store::{ItemFilter, MutedMatch};

/// Stored items, newest first.
pub(super) async fn list(
    desk: &Desk,
    json: bool,
    limit: usize,
    feed: Option<String>,
    watch: Option<String>,
    since: Option<Since>,
) -> anyhow::Result<Answer> {
    let since = since.map(|since| since.instant(desk.clock.now()));
    let (asked_feed, asked_watch) = (feed.clone(), watch.clone());
    let items = desk.store.items(ItemFilter { limit, feed, watch, since }).await?;
    if items.is_empty() {
        // A name that the config no longer has may still have items; one that has none either is a slip.
        known("feed", asked_feed.as_deref(), desk.settings.feeds.iter().map(|feed| feed.name.as_str()))?;
        known("watch", asked_watch.as_deref(), desk.settings.watches.iter().map(|watch| watch.name.as_str()))?;
    }
    let zone = desk.settings.time_zone();
    let mut out = String::new();
    let mut table = Table::new(&["ID", "FEED", "PUBLISHED", "MATCHED", "TITLE"]);
    for item in items {
        if json {
            let line = json!({
                "id": item.id.0, "feed": item.feed, "title": one_line(&item.title), "link": item.link,
                "published": json_time(item.published), "updated": json_time(item.updated), "story": item.story.0,
                "matched": item.matched, "waits_until": json_time(item.waits_until),
            });
            writeln!(out, "{line}")?;
        } else {
            table.row([
                item.id.0.to_string(),
                item.feed,
                dated(item.published, item.first_seen, &zone),
                match (item.matched.as_slice(), item.waits_until) {
                    ([], Some(_)) => "(waits for its article)".to_owned(),
                    ([], None) => "-".to_owned(),
                    (matched, _) => matched.join(","),
                },
                one_line(&item.title),
            ]);
        }
    }
    Ok(Answer { out: if json { out } else { table.render() }, ..Answer::default() })
}

/// Why each watch, or the one that is asked for, does or does not match a stored item.
pub(super) async fn explain(
    desk: &Desk,
    id: i64,
    watch: Option<&str>,
    query: Option<&str>,
    json: bool,
) -> anyhow::Result<Answer> {
    let found = desk.store.stored(ItemId(id), None, 1).await?.into_iter().find(|found| found.id.0 == id);
    let Some(found) = found else {
        anyhow::bail!("no item has the number {id}; `newswatch item list` shows those that are stored");
    };
    let given_up = desk.store.why_given_up(found.id).await?;
    let mut rules = desk.settings.rules();
    if let Some(query) = query {
        rules = vec![Rule::new("query", super::watch::read_query(query, &desk.settings.aliases)?)];
    } else if let Some(watch) = watch {
        rules.retain(|rule| rule.name == watch);
        super::watch::known(&desk.settings, watch, rules.is_empty())?;
    }
    let feed = desk.settings.feeds.iter().find(|feed| feed.name == found.feed);
    let tags = feed.map(config::Feed::all_tags).unwrap_or_default();
    let feed_zone = feed.and_then(|feed| feed.time_zone.clone());
    let by_name = watch.is_some() || query.is_some();
    let (paper, zone, waits) = (desk.paper, desk.settings.time_zone(), waits(desk, found.story, &rules).await?);
    let muted = desk.store.muted(found.id).await?;
    let told = tokio::task::spawn_blocking(move || {
        let explained = Matcher::new(rules).explain(&Subject {
            item: &matching::dated(&found.item, found.first_seen, feed_zone.as_ref()),
            feed: &found.feed,
            tags: &tags,
        });
        if json {
            return explained
                .iter()
                .flat_map(|one| [explain::json(one, silenced(&muted, &one.watch)).to_string(), "\n".to_owned()])
                .collect::<String>();
        }
        let when = dated(found.item.published, found.first_seen, &zone);
        let from = format!("{}, {when}, story {}", found.feed, found.story.0);
        let from = given_up.map_or(from.clone(), |why| format!("{from}; its article was given up: {why}"));
        let mut told =
            explain::heading(&found.item, &from, paper) + &explain::told_all(&explained, by_name, &waits, paper);
        let shown = muted.iter().filter(|muted| explained.iter().any(|one| one.watch == muted.watch));
        for muted in shown {
            let by = muted.by.as_ref().map_or_else(
                || "a silence".to_owned(),
                |mute| format!("silence {}, until {}", mute.id.0, time(Some(mute.until), &zone)),
            );
            let _ = writeln!(told, "\n{} was silenced by {by}, and told nobody of this", plain(&muted.watch));
        }
        told
    });
    Ok(Answer { out: told.await?, ..Answer::default() })
}

/// What keeps each of these watches from telling a match of this story at once.
async fn waits(desk: &Desk, story: StoryId, rules: &[Rule]) -> anyhow::Result<BTreeMap<String, String>> {
    let mut waits = explain::waits(&desk.settings);
    for watch in desk.settings.watches.iter().filter(|watch| rules.iter().any(|rule| rule.name == watch.name)) {
        let (Some(sources), Some(wait)) = (&watch.telling.sources, waits.get_mut(&watch.name)) else { continue };
        let mut matched = Vec::new();
        for name in std::iter::once(&watch.name).chain(&watch.telling.was) {
            matched.extend(desk.store.matched(story, name).await?);
        }
        let _ = write!(wait, ", {} so far", pipeline::sites(sources, &matched));
    }
    Ok(waits)
}

/// The number of the silence that muted the match of a watch.
fn silenced(muted: &[MutedMatch], watch: &str) -> Option<i64> {
    let by = muted.iter().find(|muted| muted.watch == watch)?.by.as_ref();
    by.map(|mute| mute.id.0)
}

/// When an item was published, or that its feed does not say so.
fn dated(published: Option<Timestamp>, first_seen: Timestamp, zone: &TimeZone) -> String {
    match published {
        Some(published) => time(Some(published), zone),
        None => format!("(seen {})", time(Some(first_seen), zone)),
    }
}

/// Fails where `asked` is none of `names`.
pub(super) fn known<'a>(
    kind: &str,
    asked: Option<&str>,
    names: impl Iterator<Item = &'a str> + Clone,
) -> anyhow::Result<()> {
    let Some(asked) = asked.filter(|asked| !names.clone().any(|name| name == *asked)) else { return Ok(()) };
    match config::nearest(asked, names) {
        Some(meant) => anyhow::bail!("no {kind} is called {asked}; did you mean {meant}?"),
        None => anyhow::bail!("no {kind} is called {asked}; `newswatch {kind} list` shows their names"),
    }
}
