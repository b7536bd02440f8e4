//! Changes to a config's files that leave everything else in them as it is: comments, order, style, owner and mode.
//!
//! A change is made in memory, checked as a whole config, and only then put in the place of the file, in one step.

mod remove;

mod replace;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use thiserror::Error;
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Key, Table, TableLike, Value};
use url::Url;

use super::{Env, Loaded, Settings, reference, value};
use crate::item::is_break;

pub use replace::{Lock, ReplaceError, lock};

/// A feed to be written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Entry {
    /// Its name, which no other feed has.
    pub name: String,
    /// Its address, as [`super::feed_address`] takes it.
    pub url: String,
    /// What it calls itself.
    pub title: Option<String>,
    /// The page that it belongs to.
    pub site: Option<String>,
    /// Its tags.
    pub tags: Vec<String>,
    /// Whether it may be at a private address, where the config says otherwise for all feeds.
    pub allow_private_addresses: bool,
    /// More of its keys, as [`is_portable`] takes them, with their values.
    pub settings: Vec<(String, String)>,
}

/// Keys of a feed that no list may bring: what they open or send is for its user to write.
const PERSONAL: [&str; 8] =
    ["allow_private_addresses", "ca_file", "command", "headers", "password_file", "proxy", "user", "was"];

/// Keys of a feed that [`Entry`] has a place for.
const OWN_PLACE: [&str; 5] = ["name", "url", "title", "site", "tags"];

/// Whether a key of a feed can be handed on in a list, as text.
pub fn is_portable(key: &str) -> bool {
    reference::FEED.key(key).is_some() && !PERSONAL.contains(&key) && !OWN_PLACE.contains(&key)
}

/// The keys of each feed, by its name, that can be handed on in a list, as they are written in the config.
///
/// # Errors
/// Where a file cannot be read as TOML.
pub fn portable(settings: &Settings) -> Result<HashMap<String, Vec<(String, String)>>, EditError> {
    let mut found = HashMap::new();
    for path in &settings.files {
        let text = String::from_utf8_lossy(&replace::read(path)?).into_owned();
        let document = parse(path, &text)?;
        let tables: Vec<&dyn TableLike> = match document.get("feed") {
            Some(Item::ArrayOfTables(tables)) => tables.iter().map(|table| table as &dyn TableLike).collect(),
            Some(Item::Value(Value::Array(list))) => {
                list.iter().filter_map(Value::as_inline_table).map(|table| table as &dyn TableLike).collect()
            }
            _ => Vec::new(),
        };
        for table in tables {
            let Some(name) = table.get("name").and_then(Item::as_str) else { continue };
            let keys = table.iter().filter(|(key, _)| is_portable(key));
            let keys = keys.filter_map(|(key, item)| Some((key.to_owned(), as_text(item.as_value()?)?)));
            found.insert(name.to_owned(), keys.collect());
        }
    }
    Ok(found)
}

/// A plain value without its quotes; `None` for a list or a table.
fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.value().clone()),
        Value::Integer(number) => Some(number.value().to_string()),
        Value::Float(number) => Some(number.value().to_string()),
        Value::Boolean(is) => Some(is.value().to_string()),
        _ => None,
    }
}

/// The other way round than [`as_text`]: a switch is no text, and no text looks like one.
fn as_value(text: &str) -> Value {
    match (text.parse::<bool>(), text.parse::<i64>()) {
        (Ok(is), _) => is.into(),
        (_, Ok(number)) => number.into(),
        _ => text.into(),
    }
}

/// Why a config cannot be changed.
#[derive(Debug, Error)]
pub enum EditError {
    /// The file cannot be read or written.
    #[error(transparent)]
    Replace(#[from] ReplaceError),
    /// There is no file.
    #[error("there is no config file to write to")]
    NoFile,
    /// It is not TOML.
    #[error("{}: {what}", .path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// What the reader says.
        what: String,
    },
    /// More would be changed than what is added.
    #[error("{}: this cannot be added without changing something else; write it by hand", .0.display())]
    Scattered(PathBuf),
    /// Another table stands between those of a feed.
    #[error("{}: another table stands between those of this feed; take it out by hand", .0.display())]
    Apart(PathBuf),
    /// No file has the feed.
    #[error("no file of the config has a table of its own for the feed {0}; take it out by hand")]
    NoFeed(String),
    /// `feed` is not a list of tables.
    #[error("{}: `feed` is not a list of tables; write [[feed]]", .0.display())]
    Shape(PathBuf),
}

/// A file as it is to be.
#[derive(Debug)]
pub struct Edit {
    path: PathBuf,
    before: Vec<u8>,
    after: String,
}

impl Edit {
    /// The config with more feeds at the end of its `[[feed]]` entries: those of the main file, unless only another one has
    /// any.
    ///
    /// # Errors
    /// Where a file cannot be read as TOML.
    pub fn add_feeds(settings: &Settings, entries: &[Entry]) -> Result<Self, EditError> {
        let mut target = None;
        for (rank, path) in settings.files.iter().enumerate() {
            let before = replace::read(path)?;
            let text = String::from_utf8_lossy(&before).into_owned();
            let has_feeds = text.contains("feed") && parse(path, &text)?.contains_key("feed");
            if rank == 0 || has_feeds {
                target = Some((path, before, text));
            }
            if rank == 0 && has_feeds {
                break;
            }
        }
        let (path, before, text) = target.ok_or(EditError::NoFile)?;
        let mut document = parse(path, &text)?;
        add(&mut document, entries).ok_or_else(|| EditError::Shape(path.clone()))?;
        let after = behind_comments(&text, &document);
        let after = as_before(&text, &after).ok_or_else(|| EditError::Scattered(path.clone()))?;
        Ok(Self { path: path.clone(), after, before })
    }

    /// Which file it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the config would come to; `main` names it as for [`super::load`].
    pub fn check(&self, main: &Path, env: &Env) -> Loaded {
        super::load::load_edited(main, env, &self.path, &self.after)
    }

    /// Puts it in the place of the file, unless somebody has written to that meanwhile.
    ///
    /// # Errors
    /// Where that is not possible; then the file is as it was.
    pub fn save(&self) -> Result<(), ReplaceError> {
        replace::replace(&self.path, &self.before, self.after.as_bytes())
    }
}

fn parse(path: &Path, text: &str) -> Result<DocumentMut, EditError> {
    text.parse().map_err(|error: toml_edit::TomlError| EditError::Syntax {
        path: path.to_owned(),
        what: error.message().to_owned(),
    })
}

fn add(document: &mut DocumentMut, entries: &[Entry]) -> Option<()> {
    let feeds = document.entry("feed").or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    match feeds {
        Item::ArrayOfTables(tables) => {
            let like = tables.iter().last().cloned();
            for entry in entries {
                let mut table = Table::new();
                table.decor_mut().set_prefix("\n");
                fill(&mut table, entry, like.as_ref());
                tables.push(table);
            }
        }
        Item::Value(Value::Array(list)) => add_inline(list, entries),
        _ => return None,
    }
    Some(())
}

/// `feed = [{ … }, { … }]`: laid out as the last one there is.
fn add_inline(list: &mut Array, entries: &[Entry]) {
    let decor = list.iter().last().map(|last| last.decor().clone());
    let prefix = decor.and_then(|decor| decor.prefix()?.as_str().map(str::to_owned)).filter(|space| is_space(space));
    for entry in entries {
        let mut table = InlineTable::new();
        fill(&mut table, entry, None);
        list.push(table);
        let newest = list.len().checked_sub(1).and_then(|at| list.get_mut(at));
        if let (Some(space), Some(newest)) = (&prefix, newest) {
            newest.decor_mut().set_prefix(space.as_str());
        }
    }
}

fn fill(table: &mut dyn TableLike, entry: &Entry, like: Option<&Table>) {
    let mut put = |name: &str, mut value: Value| {
        let mut key = Key::new(name);
        // Equals signs stand as they do in the entry before.
        let written = like.and_then(|like| like.get_key_value(name));
        if let Some((written, of)) = written {
            let left = written.leaf_decor().suffix().and_then(|space| space.as_str());
            let right = of.as_value().and_then(|of| of.decor().prefix()?.as_str());
            if let (Some(left), Some(right)) =
                (left.filter(|left| is_space(left)), right.filter(|right| is_space(right)))
            {
                key.leaf_decor_mut().set_suffix(left);
                value.decor_mut().set_prefix(right);
            }
        }
        table.entry_format(&key).or_insert(Item::Value(value));
    };
    put("name", entry.name.as_str().into());
    put("url", entry.url.as_str().into());
    if let Some(title) = &entry.title {
        put("title", title.as_str().into());
    }
    if let Some(site) = &entry.site {
        put("site", site.as_str().into());
    }
    if !entry.tags.is_empty() {
        put("tags", Value::Array(entry.tags.iter().collect()));
    }
    if entry.allow_private_addresses {
        put("allow_private_addresses", true.into());
    }
    for (key, text) in entry.settings.iter().filter(|(key, _)| is_portable(key)) {
        put(key, as_value(text));
    }
}

fn is_space(text: &str) -> bool {
    text.chars().all(char::is_whitespace)
}

/// The document with what is new at its end behind the comments there, which may belong to the table before them.
fn behind_comments(before: &str, document: &DocumentMut) -> String {
    let after = document.to_string();
    let Some(comments) = document.trailing().as_str().filter(|trailing| !is_space(trailing)) else { return after };
    let old = before.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let comments = comments.replace("\r\n", "\n");
    let whole = after.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let added = || whole.strip_suffix(&comments)?.strip_prefix(old.strip_suffix(&comments)?);
    match added() {
        Some(added) if !added.is_empty() => {
            let end = if old.ends_with('\n') { "" } else { "\n" };
            format!("{old}{end}{added}")
        }
        _ => after,
    }
}

/// What is new, put into the file as it was: its byte order mark and its line ends, even where they are of both kinds, stay.
/// `None` where something is new in two places.
fn as_before(before: &str, after: &str) -> Option<String> {
    let text = before.trim_start_matches('\u{feff}');
    let old = text.replace("\r\n", "\n");
    let new = after.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let same = old.bytes().zip(new.bytes()).take_while(|(one, other)| one == other).count();
    let same = old.floor_char_boundary(new.floor_char_boundary(same));
    let (head, tail) = old.split_at(same);
    let added = new.get(same..)?.strip_suffix(tail)?;
    // The same place in the file, where some line ends have two bytes.
    let mut at = before.len() - text.len();
    for byte in head.bytes() {
        at += if byte == b'\n' && before[at..].starts_with('\r') { 2 } else { 1 };
    }
    let (head, tail) = before.split_at(at);
    let end_before = head.rfind('\n').map(|end| head[..end].ends_with('\r'));
    let is_two = end_before.unwrap_or_else(|| tail.find('\n').is_some_and(|end| tail[..end].ends_with('\r')));
    let added = if is_two { added.replace('\n', "\r\n") } else { added.to_owned() };
    Some([head, &added, tail].concat())
}

/// Names for feeds, none twice.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// How many feeds have this name, or this one with a number.
    taken: HashMap<String, usize>,
}

impl Names {
    /// The names that a config has.
    pub fn of(settings: &Settings) -> Self {
        Self { taken: settings.feeds.iter().map(|feed| (feed.name.clone(), 1)).collect() }
    }

    /// Whether a feed is called so already, once the name is made fit.
    pub fn is_taken(&self, name: &str) -> bool {
        self.taken.contains_key(&fit(name, value::NAME_MAX))
    }

    /// A name like the first of `wanted` that can be one, with a number where it is taken.
    pub fn take(&mut self, wanted: &[&str]) -> String {
        let first = wanted.iter().map(|text| fit(text, value::NAME_MAX)).find(|text| !text.is_empty());
        let name = first.unwrap_or_else(|| "feed".to_owned());
        let mut number = self.taken.get(&name).copied().unwrap_or_default();
        let mut free = name.clone();
        while self.taken.contains_key(&free) {
            number += 1;
            let ending = format!(" ({number})");
            free = fit(&name, value::NAME_MAX - ending.len()) + &ending;
        }
        self.taken.insert(name, number.max(1));
        self.taken.entry(free.clone()).or_insert(1);
        free
    }
}

/// A text made fit to stand on a line of at most so many characters.
fn fit(text: &str, max: usize) -> String {
    let line: String = text.chars().map(|c| if is_break(c) { ' ' } else { c }).collect();
    line.trim().chars().take(max).collect::<String>().trim_end().to_owned()
}

/// A text made fit to be the `title` of a feed; `None` where nothing is left.
pub fn fit_title(text: &str) -> Option<String> {
    Some(fit(text, value::TITLE_MAX)).filter(|title| !title.is_empty())
}

/// Whether a text can be a tag.
pub fn is_tag(text: &str) -> bool {
    value::tag(text).is_ok()
}

/// Whether a text can be the `site` of a feed.
pub fn is_site(text: &str) -> bool {
    value::site(text).is_ok()
}

/// The form in which addresses are compared: two that differ in no more than this name one feed. `http` is as `https`, and
/// percent signs are written as RFC 3986 §6.2.2 says.
pub fn normal_form(url: &Url) -> String {
    if !matches!(url.scheme(), "http" | "https") {
        return url.as_str().to_owned();
    }
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let query = url.query().filter(|query| !query.is_empty()).map(|query| format!("?{query}")).unwrap_or_default();
    format!("//{host}{port}{}", percent_normal(&format!("{}{query}", url.path())))
}

fn percent_normal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let code = rest.get(at + 1..at + 3).and_then(|code| u8::from_str_radix(code, 16).ok());
        let taken = match code.map(char::from) {
            Some(c) if c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~') => {
                out.push(c);
                3
            }
            Some(_) => {
                out.push_str(&rest[at..at + 3].to_ascii_uppercase());
                3
            }
            None => {
                out.push('%');
                1
            }
        };
        rest = &rest[at + taken..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entry(name: &str) -> Entry {
        Entry { name: name.to_owned(), url: format!("https://{name}.example/"), ..Entry::default() }
    }

    fn added(text: &str, entries: &[Entry]) -> String {
        let mut document: DocumentMut = text.parse().unwrap();
        add(&mut document, entries).unwrap();
        as_before(text, &behind_comments(text, &document)).unwrap()
    }

    #[test]
    fn an_entry_follows_the_last_one_in_its_style() {
        let before = "# mine\n[mail]\nfrom = 'a@b.org' # me\n\n# the first\n[[feed]]\nname = \"a\"  # a\nurl  = 'https://a.example/'\n\
                      [feed.headers]\nX = 'y'\n\n# what I look for\n[[watch]]\nname = 'w'\n# the end\n";
        let full = Entry {
            title: Some("The \"B\"".to_owned()),
            site: Some("https://b.example".to_owned()),
            tags: vec!["World/Europe".to_owned(), "x".to_owned()],
            allow_private_addresses: true,
            ..entry("b")
        };
        insta::assert_snapshot!(added(before, &[full, entry("c")]), @r#"
        # mine
        [mail]
        from = 'a@b.org' # me

        # the first
        [[feed]]
        name = "a"  # a
        url  = 'https://a.example/'
        [feed.headers]
        X = 'y'

        [[feed]]
        name = "b"
        url  = "https://b.example/"
        title = 'The "B"'
        site = "https://b.example"
        tags = ["World/Europe", "x"]
        allow_private_addresses = true

        [[feed]]
        name = "c"
        url  = "https://c.example/"

        # what I look for
        [[watch]]
        name = 'w'
        # the end
        "#);
    }

    #[test]
    fn a_config_without_feeds_gets_its_first() {
        assert_eq!(added("", &[entry("a")]), "\n[[feed]]\nname = \"a\"\nurl = \"https://a.example/\"\n");
        let after = added("# only this\n[mail]\nto = []", &[entry("a")]);
        assert_eq!(after, "# only this\n[mail]\nto = []\n\n[[feed]]\nname = \"a\"\nurl = \"https://a.example/\"\n");
    }

    #[test]
    fn comments_at_the_end_stay_with_what_they_stand_behind() {
        let new = "\n[[feed]]\nname = \"a\"\nurl = \"https://a.example/\"\n";
        for text in [
            "[[watch]]\nname = 'w'\nwhen = 'veto'\n# repeat = \"item\"\n",
            "[[feed]]\nname = 'x'\n# every = '5m'\n\n# tags = []\n",
            "# only a remark\n",
        ] {
            assert_eq!(added(text, &[entry("a")]), format!("{text}{new}"));
            let (text, new) = (text.replace('\n', "\r\n"), new.replace('\n', "\r\n"));
            assert_eq!(added(&text, &[entry("a")]), format!("{text}{new}"));
        }
        assert_eq!(added("a = 1\n# b", &[entry("a")]), format!("a = 1\n# b\n{new}"));
    }

    #[test]
    fn a_list_in_brackets_stays_one() {
        let after = added("feed = [\n  { name = 'x', url = 'https://x.example/' }, # mine\n]\n", &[entry("a")]);
        insta::assert_snapshot!(after, @r#"
        feed = [
          { name = 'x', url = 'https://x.example/' },
          { name = "a", url = "https://a.example/" }, # mine
        ]
        "#);
    }

    #[test]
    fn line_ends_and_a_mark_stay_as_they_are() {
        let after = added("\u{feff}[mail]\r\nto = []\r\n", &[entry("a")]);
        assert_eq!(
            after,
            "\u{feff}[mail]\r\nto = []\r\n\r\n[[feed]]\r\nname = \"a\"\r\nurl = \"https://a.example/\"\r\n"
        );
    }

    #[test]
    fn equals_signs_stand_as_before() {
        let after = added("[[feed]]\nname=\"x\"\nurl  =   \"https://x.example/\"\n", &[entry("a")]);
        assert!(after.ends_with("\nname=\"a\"\nurl  =   \"https://a.example/\"\n"), "{after}");
    }

    #[test]
    fn line_ends_of_both_kinds_stay() {
        let text = "# a\r\n[mail]\nto = []\r\nfrom = 'x'\n";
        assert!(added(text, &[entry("a")]).starts_with(text));
        let after = added("[[feed]]\r\nname = 'x'\r\n\n[[watch]]\n", &[entry("a")]);
        assert!(after.starts_with("[[feed]]\r\nname = 'x'\r\n") && after.ends_with("\n\n[[watch]]\n"), "{after:?}");
    }

    #[test]
    fn names_are_fit_and_free() {
        let mut names = Names { taken: HashMap::from([("News".to_owned(), 1)]) };
        assert_eq!(names.take(&["", "News"]), "News (2)");
        assert_eq!(names.take(&["News"]), "News (3)");
        assert_eq!(names.take(&["News (3)"]), "News (3) (2)");
        assert_eq!(names.take(&["  a\nb\u{7} "]), "a b");
        assert_eq!(names.take(&[" "]), "feed");
        let long = "x".repeat(150);
        assert_eq!(names.take(&[&long]).chars().count(), 100);
        let second = names.take(&[&long]);
        assert!(second.ends_with("x (2)") && second.chars().count() == 100, "{second}");
    }

    #[test]
    fn addresses_of_one_feed_have_one_form() {
        let form = |text: &str| normal_form(&Url::parse(text).unwrap());
        let one = form("https://news.example.org/a%20b/%7Eme?x=%2f");
        for same in [
            "http://news.example.org/a%20b/~me?x=%2F",
            "HTTPS://NEWS.example.org.:443/a%20b/./%7eme?x=%2F#top",
            "http://me:you@news.example.org:80/a b/~me?x=%2F",
        ] {
            assert_eq!(form(same), one, "{same}");
        }
        for other in ["https://news.example.org/a%20b/~me/?x=%2F", "https://news.example.org:8443/a%20b/~me?x=%2F"] {
            assert_ne!(form(other), one, "{other}");
        }
        assert_eq!(form("https://a.example/?"), form("http://a.example"));
        assert_eq!(form("https://a.example/%zz%"), "//a.example/%zz%");
    }

    proptest! {
        #[test]
        fn whatever_else_is_in_the_file_stays_byte_for_byte(
            tables in proptest::collection::vec(prop_oneof![
                Just("# a remark\n"), Just("\n"), Just("[[feed]]\n"), Just("[[watch]]\n"), Just("[[digest]] # daily\n"),
                Just("   [[feed]]   \n"), Just("a = 1 # one\n"), Just("b.c=[ 1,2 , ]\n"), Just("d = '''x\n# y\n'''\n"),
                Just("# a remark\r\n"), Just("\r\n"), Just("[[feed]]\r\n"), Just("[[watch]]\r\n"), Just("a = 1\r\n"),
                Just("d = '''x\r\n# y\n'''\r\n"), Just("name=\"x\"\r\n"), Just("# ü\r\n"),
            ], 0..12),
            name in "[ -~]{1,20}",
        ) {
            let text = tables.concat();
            // A key that comes twice in a table is no TOML.
            prop_assume!(text.parse::<DocumentMut>().is_ok());
            let after = added(&text, &[entry("new"), Entry { name, ..entry("other") }]);
            prop_assert!(after.parse::<DocumentMut>().is_ok(), "{after}");
            let common = text.bytes().zip(after.bytes()).take_while(|(one, other)| one == other).count();
            let rest = &text.as_bytes()[common..];
            prop_assert!(after.as_bytes().ends_with(rest), "{text:?} became {after:?}");
        }
    }
}
