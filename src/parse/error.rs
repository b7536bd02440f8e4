use std::fmt;

use thiserror::Error;

/// Why a document is no feed that can be read: what it is instead, where that shows, and what can be done.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ParseError {
    /// Nothing, or nothing but white space.
    #[error("the answer is empty; look at the address in a browser, it may want a path, a login or another User-Agent")]
    Empty,
    /// A web page.
    #[error("{page}")]
    Html {
        /// What is known of it.
        page: HtmlPage,
    },
    /// A document that breaks.
    #[error("the {syntax} breaks at line {line}, column {column}: {what}; only its publisher can mend that")]
    Malformed {
        /// `XML` or `JSON`.
        syntax: &'static str,
        /// From 1.
        line: usize,
        /// In characters, from 1.
        column: usize,
        /// What is wrong there.
        what: String,
    },
    /// Elements in elements beyond any use.
    #[error("it nests elements more than {limit} deep at line {line}, column {column}; no feed does")]
    TooDeep {
        /// How deep is too deep.
        limit: usize,
        /// From 1.
        line: usize,
        /// In characters, from 1.
        column: usize,
    },
    /// Something else altogether.
    #[error("this is {what}, not a feed; the address must be that of an RSS, Atom or JSON feed")]
    NotAFeed {
        /// What it looks like.
        what: String,
    },
    /// A feed that the reader does not take.
    #[error("the feed cannot be read: {why}")]
    Unreadable {
        /// The reader's reason.
        why: String,
    },
    /// The reader fell over it; nothing else was harmed.
    #[error("the reader fell over this feed ({why}); please report it with the document")]
    Panicked {
        /// The panic's message.
        why: String,
    },
}

/// A web page where a feed should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HtmlPage {
    /// What stands in the feed's way.
    pub kind: PageKind,
    /// Its title; empty where it has none.
    pub title: String,
    /// The feeds that it links to, in its order.
    pub feeds: Vec<PageFeed>,
    /// The address that it sends its readers on to by itself.
    pub moved: Option<String>,
}

/// A feed that a web page links to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageFeed {
    /// Absolute.
    pub address: String,
    /// What the link calls it; empty where it has no name.
    pub title: String,
}

impl fmt::Display for PageFeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address)?;
        if self.title.is_empty() { Ok(()) } else { write!(f, " (“{}”)", self.title) }
    }
}

/// What a web page is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageKind {
    /// To be read.
    Plain,
    /// It wants a name and a password.
    Login,
    /// It wants consent to cookies or terms.
    Consent,
    /// It tells of an error.
    Error,
    /// It keeps programs out.
    Check,
}

impl PageKind {
    const fn name(self) -> &'static str {
        match self {
            Self::Plain => "a web page",
            Self::Login => "an HTML login page",
            Self::Consent => "an HTML consent page",
            Self::Error => "an HTML error page",
            Self::Check => "an HTML page that keeps programs out",
        }
    }

    const fn hint(self) -> &'static str {
        match self {
            Self::Plain => "it links to none, so the address of the feed must be found otherwise",
            Self::Login => {
                "it links to none; a login that goes with each request is `user` and `password_file` of the feed"
            }
            Self::Consent => "it links to none; look for an address of the feed that asks for nothing",
            Self::Error => "it links to none; look at the address in a browser, the feed may have moved",
            Self::Check => "it links to none; whoever runs the site can let newswatch in by its User-Agent",
        }
    }
}

impl fmt::Display for HtmlPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this is {}", self.kind.name())?;
        if !self.title.is_empty() {
            write!(f, " (“{}”)", self.title)?;
        }
        f.write_str(", not a feed; ")?;
        match (self.feeds.as_slice(), &self.moved) {
            ([], Some(moved)) => write!(f, "it links to none, and sends its readers on to {moved}"),
            ([], None) => f.write_str(self.kind.hint()),
            ([feed], _) => write!(f, "the feed that it links to is {feed}"),
            (feeds, _) => {
                let feeds: Vec<String> = feeds.iter().map(ToString::to_string).collect();
                write!(f, "it links to these feeds: {}", feeds.join(", "))
            }
        }
    }
}

/// The line and column of a byte of `text`, both from 1, the column in characters.
pub(crate) fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..text.floor_char_boundary(offset)];
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    (line, before[start..].chars().count() + 1)
}
