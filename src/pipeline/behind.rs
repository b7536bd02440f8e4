//! What a poll makes of the article behind an item: whether it is to be fetched, or there already.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::Source;
use crate::item::{Item, ItemKeys, Key, Standing};
use crate::parse;
use crate::store::{Article, Behind, Kept};

/// An item waits so long for its article.
const WAIT: SignedDuration = SignedDuration::from_mins(15);

/// Which articles a poll of one feed wants.
pub(super) struct Fetching {
    full_text: bool,
    /// Addresses of the feed itself, without what differs between readers.
    own: [String; 2],
    until: Timestamp,
}

impl Fetching {
    pub(super) fn of(source: &Source, final_url: &Url, at: Timestamp) -> Self {
        let own = [source.target.url.as_str(), final_url.as_str()].map(parse::canonical_link);
        Self { full_text: source.full_text, own, until: at.saturating_add(WAIT).unwrap_or(at) }
    }

    /// A new or edited item, with the article that it has, and what is behind it. An article is fetched once; again only where
    /// the feed gives the item another headline or another address.
    pub(super) fn item(
        &self,
        item: Arc<Item>,
        keys: &ItemKeys,
        standing: Standing,
        kept: Option<Kept>,
    ) -> (Arc<Item>, Behind) {
        let page = if self.full_text { self.page(&item) } else { None };
        let wait = |page| Behind::Wait { page, until: self.until };
        match (standing, page, kept) {
            (Standing::New, Some(page), _) => (item, wait(page)),
            (_, Some(page), Some(kept)) if kept.waits || kept.page != page || kept.title != keys.title => {
                (item, wait(page))
            }
            (_, _, Some(Kept { text: Some(text), .. })) => {
                let text = join(&text, &item.text).text;
                (Arc::new(Item { text, ..Arc::unwrap_or_clone(item) }), Behind::Kept)
            }
            _ => (item, Behind::Nothing),
        }
    }

    /// The key of the page behind an item; `None` where the link leads to no article.
    fn page(&self, item: &Item) -> Option<Key> {
        let link = item.link.as_deref()?;
        let url = address(link)?;
        let canonical = parse::canonical_link(link);
        let leads_somewhere = !is_front(&url) && !self.own.contains(&canonical);
        leads_somewhere.then(|| Key::of(&["page", &canonical]))
    }
}

/// The address behind an item, where it is one that may be asked.
pub(super) fn address(link: &str) -> Option<Url> {
    let mut url = Url::parse(link).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())?;
    // As with a redirect, a login that somebody else wrote is not used.
    let plain = url.username().is_empty() && url.password().is_none();
    url.set_fragment(None);
    plain.then_some(url)
}

/// Whether an address is a site's front page.
pub(super) fn is_front(url: &Url) -> bool {
    url.path().trim_matches('/').is_empty() && url.query().is_none()
}

/// The article with what the feed says beyond it: paragraphs that it does not hold.
pub(super) fn join(article: &str, feed: &str) -> Article {
    let mut text = article.trim().to_owned();
    let length = text.len();
    if feed.trim().is_empty() {
        return Article { text, length };
    }
    let known: BTreeSet<String> = article.split("\n\n").map(even).collect();
    let holds = |paragraph: &str| {
        // A teaser is cut off in the middle of a paragraph.
        let start = paragraph.trim_end_matches(['.', '…', '[', ']', ' ']);
        let next = known.range::<str, _>((std::ops::Bound::Included(start), std::ops::Bound::Unbounded)).next();
        next.is_some_and(|next| next.starts_with(start))
    };
    for paragraph in feed.split("\n\n") {
        if !holds(&even(paragraph)) {
            text.push_str("\n\n");
            text.push_str(paragraph);
        }
    }
    Article { text, length }
}

/// Spaces collapsed.
fn even(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::FeedId;
    use crate::poll::Target;

    fn fetching() -> Fetching {
        let url: Url = "https://news.example/rss.xml".parse().unwrap();
        let target = Target::new(url.clone(), SignedDuration::from_hours(1), false);
        let source = Source {
            id: FeedId(1),
            name: "a".to_owned(),
            tags: Vec::new(),
            url: url.to_string(),
            target,
            zone: None,
            full_text: true,
        };
        Fetching::of(&source, &"https://cdn.example/feed".parse().unwrap(), Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn some_links_lead_to_no_article() {
        let page = |link: &str| fetching().page(&Item { link: Some(link.to_owned()), ..Item::default() }).is_some();
        for link in ["https://news.example/a", "http://news.example/?p=1", "https://news.example/a#part"] {
            assert!(page(link), "{link}");
        }
        for link in [
            "https://news.example/rss.xml",
            "https://cdn.example/feed?utm_source=x",
            "https://news.example/",
            "https://news.example#top",
            "file:///etc/passwd",
            "mailto:desk@news.example",
            "urn:example:1",
            "https://me:secret@news.example/a",
            "",
        ] {
            assert!(!page(link), "{link}");
        }
        assert!(fetching().page(&Item::default()).is_none());
    }

    #[test]
    fn what_the_feed_says_beyond_the_article_is_kept() {
        let article = "Ministers met on Tuesday.\n\nThey agreed.";
        let joined = |feed: &str| {
            let joined = join(article, feed);
            assert_eq!(&joined.text[..joined.length], article);
            joined.text[joined.length..].to_owned()
        };
        assert_eq!(joined(""), "");
        assert_eq!(joined("They  agreed.\n\nMinisters met on Tues…"), "");
        assert_eq!(joined("They agreed.\n\nUpdated at noon."), "\n\nUpdated at noon.");
    }

    #[test]
    fn an_article_is_fetched_once_and_again_under_another_headline() {
        let item = Item { title: "A".into(), link: Some("https://news.example/a".into()), ..Item::default() };
        let keys = parse::keys(std::slice::from_ref(&item)).remove(0);
        let page = fetching().page(&item).unwrap();
        let edited = Standing::Edited(crate::item::ItemId(1));
        let kept = |title, waits, text: Option<&str>| Some(Kept { page, title, waits, text: text.map(str::to_owned) });
        let behind = |standing, kept| fetching().item(Arc::new(item.clone()), &keys, standing, kept).1;
        assert!(matches!(behind(Standing::New, None), Behind::Wait { .. }));
        assert!(matches!(behind(edited, kept(keys.title, true, None)), Behind::Wait { .. }));
        assert!(matches!(behind(edited, kept(Key::of(&["other"]), false, Some("x"))), Behind::Wait { .. }));
        assert_eq!(behind(edited, kept(keys.title, false, Some("x"))), Behind::Kept);
        assert_eq!(behind(edited, kept(keys.title, false, None)), Behind::Nothing);
        // It was there before the feed had full_text.
        assert_eq!(behind(edited, None), Behind::Nothing);
    }
}
