//! What a web page is there for that stands where a feed or an article should be: a login, consent, an error, a check for
//! robots.
//!
//! Goes by the words of its title, its first heading and its text, in the larger languages; the words are data. News speak of
//! all of these too. So what tells is a title that says nothing else, or such words where no paragraph tells a story: what
//! stands in quotes does not count, and neither does a paragraph that speaks to its reader.

use std::cmp::Reverse;
use std::ops::Range;
use std::sync::LazyLock;

use super::error::PageKind;
use crate::understand::text::html::scan::{Piece, Scanner, Tag};
use crate::understand::text::html::{one_line, to_text};

/// Bytes of a page's text that are looked at.
const SAMPLE: usize = 4000;

/// Bytes of a page that are looked at where it is not known what on it is to be read.
const PAGE: usize = 200_000;

/// A page that says more than so many bytes is there to be read, whatever else it says.
const SHORT: usize = 2500;

/// Characters of a main text that can stand for a page of this kind; a longer one is an article.
const STUB: usize = 600;

/// Characters of a text from which on a few words do not make it a question for a name and a password.
const BRIEF: usize = 300;

/// Characters of a paragraph that may tell a story, and of all of them together that do.
const PARAGRAPH: usize = 50;
const STORY: usize = 100;

/// Of what a page says that asks for consent and others say too: as much as tells, and as much as tells even beside a story.
const HINTS: usize = 3;
const MANY_HINTS: usize = 5;

/// What is known of a page beforehand.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'a> {
    /// The main text that was found on it, where one was looked for.
    pub main: Option<&'a str>,
    /// Whether it says of itself that it is an article, or when it was published.
    pub declared: bool,
    /// Whether it links to feeds.
    pub has_feeds: bool,
}

/// What a page is there for.
pub fn purpose(html: &str, known: &Known<'_>) -> PageKind {
    let signs = Signs::of(html);
    let head = even(&format!("{} {}", signs.title, signs.heading));
    let sample = even(&signs.sample);
    let main = known.main.map_or_else(|| to_text(&html[..html.floor_char_boundary(PAGE)]), ToOwned::to_owned);
    let length = main.chars().count();
    let story = story(&main);
    let declared = known.declared || (known.main.is_some() && signs.article);
    let told = story >= STORY || (declared && story > 0);
    // A main text may be short on a page that is long; a page without one is judged as a whole.
    let short = signs.length < SHORT || known.main.is_some_and(|_| length < STUB && !told);
    let says = |words: &Words| words.any(&head);
    let tells = |words: &Words| signs.length < SHORT && words.any(&sample);
    let alone = [signs.title.as_str(), signs.heading.as_str()].into_iter().find_map(stands_alone);
    if short
        && !(known.declared && story > 0)
        && let Some(kind) = alone
    {
        return kind;
    }
    if !told {
        if says(&CHECKS) || tells(&CHECKS) {
            return PageKind::Check;
        }
        let fails = !known.has_feeds && (tells(&FAILURES) || (length < STUB && FAILURES.any(&even(&main))));
        if short && (says(&ERRORS) || fails) {
            return PageKind::Error;
        }
    }
    if asks_for_login(&signs, known, &head, length, told) {
        return PageKind::Login;
    }
    let consents = !told && (says(&CONSENTS) || tells(&CONSENTS) || asks_for_cookies(&signs, known, &main));
    let hints = HINTED.count(&even(&main));
    let hinted = hints >= MANY_HINTS && !declared || hints >= HINTS && !told;
    if !known.has_feeds && (consents || (hinted && known.main.is_some())) {
        return PageKind::Consent;
    }
    PageKind::Plain
}

/// Whether a page has nothing but a few words about cookies and something to press, whatever its language.
fn asks_for_cookies(signs: &Signs, known: &Known<'_>, main: &str) -> bool {
    let others = main.split("\n\n").filter(|paragraph| !COOKIES.any(&even(paragraph)));
    let told: usize = others.map(weight).sum();
    signs.buttons > 0
        && !known.declared
        && !signs.article
        && told < STORY
        && signs.length < SHORT
        && COOKIES.any(&even(main))
}

fn asks_for_login(signs: &Signs, known: &Known<'_>, head: &str, length: usize, told: bool) -> bool {
    let named = LOGINS.any(head);
    if known.main.is_none() {
        return (signs.password && (!known.has_feeds || named)) || (signs.length < SHORT && named && !told);
    }
    let asks = || ASKS.count(&even(&signs.sample));
    length < STUB
        && !told
        && ((signs.password && (named || length < BRIEF)) || asks() > 1 || (asks() > 0 && length < BRIEF))
}

/// What is seen of a page on the way through it.
#[derive(Debug, Default)]
struct Signs {
    title: String,
    heading: String,
    password: bool,
    /// Things to press.
    buttons: usize,
    /// Whether some element says that it holds an article.
    article: bool,
    sample: String,
    /// Bytes of text.
    length: usize,
}

impl Signs {
    fn of(html: &str) -> Self {
        let mut signs = Self::default();
        let mut inside = "";
        for piece in Scanner::new(html) {
            match piece {
                Piece::Start(tag) if tag.is("input") => signs.input(&tag),
                Piece::Start(tag) if tag.is("article") => signs.article = true,
                Piece::Start(tag) if tag.is("button") => signs.buttons += 1,
                Piece::Raw(text) if inside == "title" && signs.title.is_empty() => {
                    signs.title = one_line(&text[..text.floor_char_boundary(SAMPLE)]);
                }
                Piece::Text(text) => signs.text(text, inside == "h1"),
                _ => {}
            }
            inside = match piece {
                Piece::Start(tag) if tag.is("title") => "title",
                Piece::Start(tag) if tag.is("h1") => "h1",
                _ => "",
            };
        }
        signs.heading = one_line(&signs.heading);
        signs.sample = one_line(&signs.sample);
        signs
    }

    fn input(&mut self, tag: &Tag<'_>) {
        let kind = tag.attribute("type").unwrap_or_default().trim().to_ascii_lowercase();
        self.password |= kind == "password";
        self.buttons += usize::from(matches!(kind.as_str(), "submit" | "button"));
    }

    fn text(&mut self, text: &str, is_heading: bool) {
        let text = text.trim();
        self.length += text.len();
        if is_heading && self.heading.is_empty() {
            text[..text.floor_char_boundary(200)].clone_into(&mut self.heading);
        }
        if self.sample.len() < SAMPLE && !text.is_empty() {
            self.sample.push(' ');
            self.sample.push_str(&text[..text.floor_char_boundary(SAMPLE)]);
        }
    }
}

/// What a title says that has a part which is an error and nothing else: `404 Not Found`, `Error 503`, `Just a moment...`.
/// `404 people missing after flood` is none, and neither is `Access denied: reporters kept out`.
fn stands_alone(title: &str) -> Option<PageKind> {
    let title = even(title);
    [" | ", " - ", " – ", " — ", " · ", " » ", " :: "]
        .into_iter()
        .fold(vec![title.as_str()], |parts, mark| parts.into_iter().flat_map(|part| part.split(mark)).collect())
        .into_iter()
        .find_map(|part| {
            let mut status = false;
            let words: Vec<&str> = part
                .split(|c: char| !c.is_alphanumeric() && c != '\'')
                .filter(|word| {
                    let is_code = word.len() == 3
                        && matches!(word.as_bytes()[0], b'4' | b'5')
                        && word.bytes().all(|byte| byte.is_ascii_digit());
                    status |= is_code;
                    !word.is_empty()
                        && !is_code
                        && !["error", "http", "status", "code", "oops", "sorry", "erreur", "fehler"].contains(word)
                })
                .collect();
            let part = words.join(" ");
            if part.is_empty() {
                return status.then_some(PageKind::Error);
            }
            let is = |words: &Words| words.0.iter().any(|(word, _)| *word == part);
            if is(&CHECKS) { Some(PageKind::Check) } else { is(&ERRORS).then_some(PageKind::Error) }
        })
}

/// Characters of the paragraphs of a text that tell a story: whole sentences that neither speak to the reader nor say
/// themselves, outside quotes, what only a page says that has failed.
fn story(text: &str) -> usize {
    text.split("\n\n")
        .filter(|paragraph| {
            let ends =
                paragraph.trim_end().ends_with(['.', '!', '?', '…', '"', '”', '“', '»', ')', '。', '！', '？', '」']);
            ends && weight(paragraph) >= PARAGRAPH && {
                let said = unquoted(&even(paragraph));
                !ADDRESS.any(&said) && !FAILURES.any(&said) && !tells_of_cookies(&said)
            }
        })
        .map(weight)
        .sum()
}

/// Whether a paragraph, in lower case, says what is kept of its reader, as pages do that ask for consent: it speaks of cookies,
/// and with how many others they are shared, or of personal data.
fn tells_of_cookies(said: &str) -> bool {
    let is_count =
        |digits: &str| matches!(digits.len(), 2..=4) && !(digits.len() == 4 && digits.starts_with(['1', '2']));
    let counts = || said.split(|c: char| !c.is_ascii_digit()).any(is_count);
    COOKIES.any(said) && (DATA.any(said) || counts())
}

/// The length of a text in characters, those of scripts that write a word in one or two counted twice.
fn weight(text: &str) -> usize {
    text.chars().map(|c| if c >= '\u{2e80}' { 2 } else { 1 }).sum()
}

/// A text without what stands in quotes.
fn unquoted(text: &str) -> String {
    let mut said = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['“', '„', '«', '"', '「']) {
        let (before, quote) = rest.split_at(at);
        said.push_str(before);
        let open = quote.chars().next().unwrap_or_default();
        let inside = &quote[open.len_utf8()..];
        let close = inside.find(['”', '“', '»', '"', '」']);
        // Where no mark closes, none closes later.
        let Some(close) = close else {
            rest = inside;
            break;
        };
        rest = &inside[close..];
        rest = &rest[rest.chars().next().map_or(0, char::len_utf8)..];
    }
    said.push_str(rest);
    said
}

/// In lower case, apostrophes straight.
fn even(text: &str) -> String {
    text.to_lowercase().replace('’', "'")
}

/// Words and phrases, each with whether any ending may follow.
struct Words(Vec<(&'static str, bool)>);

impl Words {
    fn read(list: &'static str) -> Self {
        let lines = list.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        Self(lines.map(|line| line.strip_suffix('*').map_or((line, false), |stem| (stem, true))).collect())
    }

    /// How many of them stand in a text that is [`even`], each somewhere else: `consent to the use` is not `consent` as well.
    fn count(&self, text: &str) -> usize {
        let mut found: Vec<Vec<Range<usize>>> = self
            .0
            .iter()
            .map(|(words, open)| places(text, words, *open).map(|at| at..at + words.len()).collect())
            .filter(|places: &Vec<_>| !places.is_empty())
            .collect();
        found.sort_by_key(|places| Reverse(places[0].len()));
        // The longer come first, so whatever they share with a shorter one holds an end of it.
        let mut taken = vec![false; text.len()];
        let mut count = 0;
        for places in found {
            count += usize::from(places.iter().any(|place| !taken[place.start] && !taken[place.end - 1]));
            for place in places {
                taken[place].fill(true);
            }
        }
        count
    }

    fn any(&self, text: &str) -> bool {
        self.0.iter().any(|(words, open)| stands_in(text, words, *open))
    }
}

/// Whether words stand in a text.
fn stands_in(text: &str, words: &str, open: bool) -> bool {
    places(text, words, open).next().is_some()
}

/// Where words stand in a text, not within longer ones. Scripts that put no space between words need none here.
fn places<'a>(text: &'a str, words: &'a str, open: bool) -> impl Iterator<Item = usize> + 'a {
    text.match_indices(words).map(|(at, _)| at).filter(move |&at| {
        let alone = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() || c >= '\u{2e80}');
        alone(text[..at].chars().next_back()) && (open || alone(text[at + words.len()..].chars().next()))
    })
}

static CHECKS: LazyLock<Words> = LazyLock::new(|| Words::read(include_str!("purpose/checks.txt")));
static ERRORS: LazyLock<Words> = LazyLock::new(|| Words::read(include_str!("purpose/errors.txt")));
static FAILURES: LazyLock<Words> = LazyLock::new(|| Words::read(include_str!("purpose/failures.txt")));
static LOGINS: LazyLock<Words> = LazyLock::new(|| Words::read(include_str!("purpose/logins.txt")));
static ASKS: LazyLock<Words> = LazyLock::new(|| Words::read(include_str!("purpose/asks.txt")));
static CONSENTS: LazyLock<Words> = LazyLock::new(|| Words::read(include_str!("purpose/consents.txt")));
static HINTED: LazyLock<Words> = LazyLock::new(|| Words::read(include_str!("purpose/hints.txt")));
static DATA: LazyLock<Words> = LazyLock::new(|| Words::read(include_str!("purpose/data.txt")));
static COOKIES: LazyLock<Words> = LazyLock::new(|| Words::read(include_str!("purpose/cookies.txt")));
static ADDRESS: LazyLock<Words> = LazyLock::new(|| Words::read(include_str!("purpose/address.txt")));

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;
    use crate::parse::discover::page;

    #[test]
    fn words_in_one_place_count_once() {
        for (text, count) in [
            ("nothing of the kind", 0),
            ("consent to the use", 1),
            ("consent to the use, and consent again", 2),
            ("we value your privacy and use cookies", 2),
            ("accept all cookies", 1),
            ("accept all cookies. accept all, or reject all", 3),
            ("cookie policy, cookie policy, cookie policy", 1),
        ] {
            assert_eq!(HINTED.count(text), count, "{text}");
        }
    }

    #[test]
    fn a_page_says_what_it_is_there_for() {
        let long = "words that are there to be read ".repeat(200);
        let url = Url::parse("http://a.example/").unwrap();
        for (html, kind) in [
            ("<title>Log in – Example</title><form><input type=password></form>", PageKind::Login),
            ("<title>Example</title><form><input name=u><input TYPE=Password></form>", PageKind::Login),
            ("<title>Anmelden | Beispiel</title>", PageKind::Login),
            (
                "<title>x</title><link rel=alternate type=application/rss+xml href=f><input type=password>",
                PageKind::Plain,
            ),
            ("<title>404 Not Found</title><h1>404 Not Found</h1><hr>nginx", PageKind::Error),
            ("<title>Error 503</title>", PageKind::Error),
            ("<title>Example</title><h1>Page introuvable</h1>", PageKind::Error),
            ("<h1>Error establishing a database connection</h1>", PageKind::Error),
            ("<title>Access Denied</title><h1>Access Denied</h1>You don't have permission", PageKind::Error),
            ("<title>Just a moment...</title><p>Enable JavaScript and cookies to continue", PageKind::Check),
            ("<title>x</title>Please complete the CAPTCHA", PageKind::Check),
            ("<title>Before you continue to Example</title>", PageKind::Consent),
            ("<title>Ex</title><p>We use cookies <button>Accept all</button>", PageKind::Consent),
            ("<title>Ex</title><button>Alle akzeptieren</button>", PageKind::Consent),
            ("<title>Example news</title><p>404 people came", PageKind::Plain),
        ] {
            assert_eq!(page(html, &url).kind, kind, "{html}");
        }
        let news = format!("<title>News</title><p>{long}<button>Accept all cookies</button> <a href=/login>Log in</a>");
        assert_eq!(page(&news, &url).kind, PageKind::Plain);
        for title in ["A history of maintenance", "500 years of printing"] {
            assert_eq!(page(&format!("<title>{title}</title><p>{long}"), &url).kind, PageKind::Plain);
        }
    }
}
