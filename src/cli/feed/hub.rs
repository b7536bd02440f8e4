//! What a list and a page say of a feed's hub.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::cli::Desk;
use crate::cli::table::{json_time, time};
use crate::config::Feed;
use crate::hub::{Standing, Subscriber};
use crate::item::{Dealings, FeedMemory, Offer, instant};

/// What has passed with each hub.
pub(super) type Hubs = HashMap<Offer, Dealings>;

pub(super) async fn hubs(desk: &Desk) -> anyhow::Result<Hubs> {
    let subscriptions = desk.store.subscriptions().await?;
    Ok(subscriptions.into_iter().map(|known| (known.offer, known.dealings)).collect())
}

/// Whom a feed names as its hub, and how it stands with it.
pub(super) struct SeenHub<'a> {
    offer: &'a Offer,
    dealings: Dealings,
    standing: Standing,
}

impl<'a> SeenHub<'a> {
    /// `None` where the feed names none, or is not asked.
    pub(super) fn of(desk: &Desk, hubs: &Hubs, feed: &Feed, memory: &'a FeedMemory, now: Timestamp) -> Option<Self> {
        let offer = memory.offer.as_ref().filter(|_| feed.enabled)?;
        let (dealings, base) = (hubs.get(offer), desk.settings.web.public_url.as_deref());
        let subscriber = Subscriber {
            url: &feed.url,
            allow_private: feed.allow_private_addresses,
            has_secret: feed.credentials.is_some() || !feed.headers.is_empty(),
        };
        let standing = Standing::of(offer, subscriber, base, dealings, now);
        Some(Self { offer, dealings: dealings.cloned().unwrap_or_default(), standing })
    }

    /// When it last told something new.
    pub(super) fn news(&self) -> Option<Timestamp> {
        instant(self.dealings.news_at)
    }

    pub(super) fn json(&self) -> Value {
        let Self { offer, dealings, standing } = self;
        json!({
            "url": offer.hub, "topic": offer.topic, "state": standing.word, "until": json_time(standing.until),
            "why": standing.why, "taken": dealings.taken, "ignored": dealings.ignored, "misses": dealings.misses,
            "last_push": json_time(instant(dealings.pushed_at)),
        })
    }

    /// Lines of a page: a label and what stands behind it.
    pub(super) fn lines(&self, zone: &TimeZone) -> Vec<(&'static str, String)> {
        let Self { offer, dealings, standing } = self;
        let until = time(standing.until, zone);
        let state = match standing.word {
            "telling" => format!("tells of news until {until}, and is asked anew before"),
            "distrusted" => format!("not relied on until {until}"),
            "failing" => format!("asked again {until}"),
            "asking" => "asked to tell of news".to_owned(),
            _ => "not asked".to_owned(),
        };
        let why = if standing.why.is_empty() { String::new() } else { format!(": {}", standing.why) };
        let mut lines = vec![("hub", offer.hub.clone()), ("", format!("{state}{why}"))];
        if dealings.taken + dealings.ignored > 0 {
            let last = instant(dealings.pushed_at).map(|last| format!(", the last one {}", time(Some(last), zone)));
            let last = last.unwrap_or_default();
            lines.push(("pushes", format!("{} taken{last}; {} ignored", dealings.taken, dealings.ignored)));
        }
        if dealings.misses > 0 {
            lines.push(("missed", format!("{} times it did not tell what a poll found", dealings.misses)));
        }
        lines
    }
}
