//! Pages that stand in the place of an article: consent, login, subscription, errors and challenges to robots.
//!
//! An article may speak of all of these, so words alone do not make a wall: a wall says little else. What is common to the
//! pages that stand in a feed's place is told by [`purpose`]; only a subscription is an article's own.

use crate::parse::{Known, PageKind, purpose};

/// What stands in the place of an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wall {
    /// It asks for consent to cookies first.
    Consent,
    /// It asks who the reader is.
    Login,
    /// It shows the beginning and sells the rest.
    Paywall,
    /// The page is not there, not allowed, or a challenge to robots.
    Error,
}

impl Wall {
    /// Its name in `article read --json`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Consent => "consent",
            Self::Login => "login",
            Self::Paywall => "paywall",
            Self::Error => "error",
        }
    }

    /// The reason in words.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Consent => "the page asks for consent to cookies instead of showing an article",
            Self::Login => "the page asks to log in instead of showing an article",
            Self::Paywall => "the page shows only the beginning of the article and asks to subscribe",
            Self::Error => "the page is an error or a check for robots, not an article",
        }
    }
}

/// A text of this length, in characters, is an article whatever words are in it.
pub(super) const ARTICLE_MIN: usize = 1_500;

/// A text shorter than this, in characters, is only the beginning where the page sells the rest.
const STUB_MAX: usize = 600;

const PAYWALL: &[&str] = &[
    "already a subscriber",
    "article is for subscribers",
    "become a subscriber",
    "continue reading with",
    "exclusive to subscribers",
    "for subscribers only",
    "keep reading with",
    "only available to subscribers",
    "reserved for subscribers",
    "subscribe to continue",
    "subscribe to keep reading",
    "subscribe to read",
    "subscribe to unlock",
    "subscriber-only",
    "subscribers only",
    "subscription required",
    "to continue reading",
    "to read the full",
    "to read this article",
    "unlock this article",
    "you have reached your limit",
    "no free articles left",
    "no more free articles",
    "last free article",
    "your free articles for",
    "nur für abonnenten",
    "jetzt weiterlesen",
    "weiterlesen mit",
    "mit abo",
    "abo abschließen",
    "abonnieren sie",
    "article réservé",
    "réservé aux abonnés",
    "abonnez-vous pour lire",
    "para suscriptores",
    "suscríbete para",
    "exclusivo para assinantes",
    "assine para",
    "riservato agli abbonati",
    "abbonati per",
    "per continuare a leggere",
    "alleen voor abonnees",
    "tylko dla subskrybentów",
    "dla prenumeratorów",
    "только для подписчиков",
    "подписчикам",
    "csak előfizetőknek",
    "有料会員限定",
    "有料会員になると",
    "続きは有料",
    "会員限定記事",
    "유료 회원",
    "유료회원",
    "订阅后阅读",
    "订阅以继续",
    "訂閱以繼續",
    "付费阅读",
    "付費會員",
    "доступно по подписке",
    "подпишитесь, чтобы",
    "pro předplatitele",
    "för prenumeranter",
    "for abonnenter",
    "pentru abonați",
    "για συνδρομητές",
    "abonelere özel",
];

/// What is looked at to tell a wall from an article.
pub(super) struct Look<'a> {
    /// The page.
    pub(super) html: &'a str,
    /// All text of the page that is shown.
    pub(super) shown: &'a str,
    /// The article's text as it was found.
    pub(super) text: &'a str,
    /// Whether it says of itself that it is an article, or when it was published.
    pub(super) declared: bool,
    /// Whether it says that not everybody may read it.
    pub(super) paid: bool,
}

/// How much of the page's beginning is looked at, in bytes.
const SHOWN_MAX: usize = 20_000;

/// A paragraph of this length, in characters, that no reader is spoken to in, may tell of subscriptions.
const TOLD_MIN: usize = 90;

/// Whether a page is a wall, and which.
pub(super) fn recognise(look: &Look<'_>) -> Option<Wall> {
    let length = look.text.chars().count();
    if length >= ARTICLE_MIN {
        return None;
    }
    let known = Known { main: Some(look.text), declared: look.declared, has_feeds: false };
    let kind = purpose(look.html, &known);
    match kind {
        PageKind::Consent => return Some(Wall::Consent),
        PageKind::Error | PageKind::Check => return Some(Wall::Error),
        PageKind::Login | PageKind::Plain => {}
    }
    let sells = |text: &str| text.split("\n\n").any(offers);
    let shown = &look.shown[..look.shown.floor_char_boundary(SHOWN_MAX)];
    if sells(shown) && (length < STUB_MAX || look.paid || sells(look.text)) {
        return Some(Wall::Paywall);
    }
    if look.paid && length < STUB_MAX {
        return Some(Wall::Paywall);
    }
    (kind == PageKind::Login).then_some(Wall::Login)
}

/// By what a reader is spoken to who is to pay.
const CALLS: [&str; 13] = [
    "you",
    "your",
    "already a subscriber",
    "subscribe now",
    "jetzt weiterlesen",
    "abonnieren sie",
    "abonnez-vous",
    "suscríbete",
    "suscríbase",
    "assine",
    "abbonati",
    "abonneer je",
    "abonneer u",
];

/// Whether a paragraph sells the rest of the article to its reader.
fn offers(paragraph: &str) -> bool {
    let said = even(paragraph);
    let told = said.chars().count() >= TOLD_MIN && !CALLS.iter().any(|words| has_word(&said, words));
    !told && !said.contains("newsletter") && PAYWALL.iter().any(|words| has_word(&said, words))
}

/// What counts for a reader what may still be read for nothing. Such a page shows all of its article.
const METERS: [&str; 5] = [
    "articles remaining this month",
    "free article left",
    "free articles left",
    "free articles remaining",
    "of your free articles",
];

/// Paragraphs at the end of a text in which a page may ask for a subscription.
const PROMPTS: usize = 3;

/// Characters of such a paragraph.
const PROMPT_MAX: usize = 160;

/// A text without what at its end only asks its reader for a subscription.
pub(super) fn without_prompts(text: String) -> String {
    let paragraphs: Vec<&str> = text.split("\n\n").collect();
    let from = paragraphs.len().saturating_sub(PROMPTS).max(1);
    let asks = |paragraph: &str| {
        paragraph.chars().count() <= PROMPT_MAX
            && (offers(paragraph) || METERS.iter().any(|words| has_word(&even(paragraph), words)))
    };
    if !paragraphs.iter().skip(from).any(|paragraph| asks(paragraph)) {
        return text;
    }
    let kept = paragraphs.iter().enumerate().filter(|(at, paragraph)| *at < from || !asks(paragraph));
    kept.map(|(_, paragraph)| *paragraph).collect::<Vec<_>>().join("\n\n")
}

/// In lower case, apostrophes straight.
fn even(text: &str) -> String {
    text.to_lowercase().replace('’', "'")
}

/// Whether words stand in a text, not within longer ones.
fn has_word(text: &str, words: &str) -> bool {
    text.match_indices(words).any(|(at, _)| {
        let alone = |c: Option<char>| c.is_none_or(|c| !c.is_ascii_alphanumeric());
        alone(text[..at].chars().next_back()) && alone(text[at + words.len()..].chars().next())
    })
}
