use std::collections::BTreeMap;

/// Where a watch's matches go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The watch's title, or its name where it has none.
    pub title: String,
    /// Who is told; never empty.
    pub to: Vec<String>,
    /// How; never empty, in the order of the config, without repeats.
    pub send: Vec<Channel>,
}

/// A way to be told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Channel {
    /// At once.
    Now,
    /// With the digest of this name.
    Digest(String),
}

/// What a digest needs to know at its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestRoute {
    /// Every recipient of a watch that goes into it, sorted.
    pub to: Vec<String>,
    /// Sent although nothing was held for a recipient (`empty = "send"`).
    pub send_empty: bool,
}

/// All routes of one generation of the config.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Routes {
    /// By the watch's name.
    pub watches: BTreeMap<String, Route>,
    /// By the digest's name.
    pub digests: BTreeMap<String, DigestRoute>,
    /// Who hears of broken feeds.
    pub operator: Vec<String>,
}

impl Channel {
    /// The digest's name; empty for a mail at once, which no digest can be called.
    pub fn name(&self) -> &str {
        match self {
            Self::Now => "",
            Self::Digest(name) => name,
        }
    }
}
