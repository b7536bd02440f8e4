use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Key, Told};

/// A watch matched an item, and this is why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    /// The watch's name.
    pub watch: String,
    /// At least one reason for a match by presence; empty where only an absence matched (`NOT sport`).
    pub because: Vec<Because>,
    /// What the text says that the watch asks for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<Told>,
}

impl Hit {
    /// A key of the sentences that matched, whatever their order: an edit that leaves it alone changed nothing that this
    /// watch looked for.
    pub fn sentences(&self) -> Key {
        let mut quotes: Vec<&str> = self.because.iter().map(|because| because.quote.as_str()).collect();
        quotes.sort_unstable();
        quotes.dedup();
        Key::of(&quotes)
    }
}

/// One sentence that made a watch match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Because {
    /// The term of the query as its user wrote it.
    pub term: String,
    /// Where it was found.
    #[serde(rename = "where")]
    pub field: Field,
    /// The sentence, with spaces collapsed.
    pub quote: String,
    /// Byte ranges of `quote` that matched, in order, not overlapping, on character boundaries.
    pub marks: Vec<(usize, usize)>,
}

/// A part of an item in which a query can look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Field {
    /// The headline.
    Title,
    /// The summary.
    Summary,
    /// The full text.
    Text,
    /// The people named as authors.
    Author,
    /// The address.
    Link,
    /// The name of the feed.
    Feed,
    /// A tag of the feed.
    Tag,
    /// The language, as its code.
    #[serde(rename = "lang")]
    Language,
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Title => "title",
            Self::Summary => "summary",
            Self::Text => "text",
            Self::Author => "author",
            Self::Link => "link",
            Self::Feed => "feed",
            Self::Tag => "tag",
            Self::Language => "lang",
        })
    }
}
