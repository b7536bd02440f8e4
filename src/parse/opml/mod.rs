//! Lists of feeds as other readers write them: OPML 1.0, 1.1 and 2.0 (opml.org), in and out.
//!
//! A folder is a tag, and a folder in a folder is a path of names, `World/Europe`, so that the tree can be drawn again from
//! the tags alone. A slash or a backslash within a name has a backslash before it. What is no feed is told with its line and
//! never guessed at. Knows nothing of the config.

mod entry;

mod read;

mod tag;

mod write;

pub use read::{NotAList, read};
pub use write::write;

use crate::item::is_break;

/// A list of feeds, as far as it could be read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct List {
    /// Its title; empty where it has none.
    pub title: String,
    /// Its feeds in its order, each as often as it is listed.
    pub feeds: Vec<Subscription>,
    /// What else it holds, the first thousand.
    pub notes: Vec<Note>,
    /// How much else it holds.
    pub others: usize,
    /// What had to be mended to read it, in words.
    pub repairs: Vec<String>,
}

/// A feed of a list. Texts are on one line, without spaces around them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Subscription {
    /// Its address (`xmlUrl`), as it is written.
    pub url: String,
    /// What its reader calls it (`text`, else `title`); may be empty.
    pub name: String,
    /// What it calls itself (`title`), where that is something else.
    pub title: Option<String>,
    /// The page that it belongs to (`htmlUrl`).
    pub site: Option<String>,
    /// Its folder, and then its categories, each as a path; none twice.
    pub tags: Vec<String>,
    /// Keys of the config that a list has no attribute for, with their values; in the namespace `newswatch`.
    pub settings: Vec<(String, String)>,
    /// The line of the list, from 1; 0 for one that is to be written.
    pub line: usize,
}

/// The prefix of the attributes that only newswatch writes and reads.
const OWN: &str = "newswatch:";

/// Something in a list that is no feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The line of the list, from 1.
    pub line: usize,
    /// What is there, in words.
    pub what: String,
}

/// The tag that stands for a folder in folders, the outermost first.
pub fn tag_of<S: AsRef<str>>(path: &[S]) -> String {
    let mut tag = String::new();
    for (depth, name) in path.iter().enumerate() {
        if depth > 0 {
            tag.push('/');
        }
        for c in name.as_ref().chars() {
            if matches!(c, '/' | '\\') {
                tag.push('\\');
            }
            tag.push(c);
        }
    }
    tag
}

/// The folders that a tag stands for, the outermost first; the other way round than [`tag_of`].
pub fn path_of(tag: &str) -> Vec<String> {
    let mut path = vec![String::new()];
    let mut chars = tag.chars();
    while let Some(c) = chars.next() {
        match (c, path.last_mut()) {
            ('/', _) => path.push(String::new()),
            ('\\', Some(name)) => name.push(chars.next().unwrap_or('\\')),
            (_, Some(name)) => name.push(c),
            (_, None) => {}
        }
    }
    path.iter().map(|name| one_line(name)).filter(|name| !name.is_empty()).collect()
}

/// A text on one line, without spaces around it.
fn one_line(text: &str) -> String {
    let line: String = text.chars().map(|c| if is_break(c) { ' ' } else { c }).collect();
    line.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn subscription(url: &str, name: &str, tags: &[&str]) -> Subscription {
        Subscription {
            url: url.to_owned(),
            name: name.to_owned(),
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
            ..Subscription::default()
        }
    }

    #[test]
    fn a_tag_is_a_path_of_folders() {
        for (path, tag) in [
            (vec!["World"], "World"),
            (vec!["World", "Europe"], "World/Europe"),
            (vec!["AC/DC", "a\\b"], "AC\\/DC/a\\\\b"),
        ] {
            assert_eq!(tag_of(&path), tag);
            assert_eq!(path_of(tag), path);
        }
        assert_eq!(path_of("/a//b/"), ["a", "b"]);
        assert_eq!(path_of("a\\"), ["a\\"]);
    }

    #[test]
    fn a_list_is_written_as_other_readers_read_it() {
        let feeds = [
            Subscription {
                title: Some("The \"<Alliance>\"".to_owned()),
                site: Some("https://example.org/?a=1&b=2".to_owned()),
                ..subscription("https://example.org/rss?a=1&b=2", "alliance", &["World/Europe", "official"])
            },
            subscription("https://example.org/two", "two", &[]),
            subscription("https://example.org/three", "three", &["World", "a,b", "World/Asia"]),
        ];
        insta::assert_snapshot!(write("newswatch", &feeds), @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <opml version="2.0">
          <head>
            <title>newswatch</title>
          </head>
          <body>
            <outline text="World">
              <outline text="Europe">
                <outline type="rss" text="alliance" title="The &quot;&lt;Alliance&gt;&quot;" xmlUrl="https://example.org/rss?a=1&amp;b=2" htmlUrl="https://example.org/?a=1&amp;b=2" category="official"/>
              </outline>
              <outline type="rss" text="three" title="three" xmlUrl="https://example.org/three" category="/World/Asia"/>
            </outline>
            <outline type="rss" text="two" title="two" xmlUrl="https://example.org/two"/>
            <outline text="a,b">
              <outline type="rss" text="three" title="three" xmlUrl="https://example.org/three"/>
            </outline>
          </body>
        </opml>
        "#);
    }

    /// A text that may stand in a list: on one line, nothing around it.
    fn text() -> impl Strategy<Value = String> {
        let any = proptest::collection::vec(any::<char>(), 1..12)
            .prop_map(|chars| one_line(&chars.into_iter().collect::<String>()));
        let nasty = "[ -~äß“”&<>\"'/\\\\,;#=]{1,20}".prop_map(|text| one_line(&text));
        prop_oneof![any, nasty].prop_filter("nothing is no text, and two characters are none of XML's", |text| {
            !text.is_empty() && !text.contains(['\u{fffe}', '\u{ffff}'])
        })
    }

    fn feed() -> impl Strategy<Value = Subscription> {
        let tag = proptest::collection::vec(text(), 1..4).prop_map(|path| tag_of(&path));
        let tags = proptest::collection::vec(tag, 0..4);
        let settings = proptest::collection::vec(("[a-z_]{1,8}", text()), 0..3);
        (text(), proptest::option::of(text()), proptest::option::of(text()), tags, settings).prop_map(
            |(name, title, site, mut tags, mut settings)| {
                settings.sort();
                settings.dedup_by(|(one, _), (other, _)| one == other);
                let mut seen = std::collections::BTreeSet::new();
                tags.retain(|tag| seen.insert(tag.clone()));
                let title = title.filter(|title| *title != name);
                Subscription { url: String::new(), name, title, site, tags, settings, line: 0 }
            },
        )
    }

    /// The entries of one feed as one: a reader of lists that files a feed in several folders lists it in each.
    fn merged(feeds: Vec<Subscription>) -> Vec<Subscription> {
        let mut all: Vec<Subscription> = Vec::new();
        for feed in feeds {
            let feed = Subscription { line: 0, ..feed };
            match all.iter_mut().find(|known| known.url == feed.url) {
                Some(known) => {
                    known
                        .tags
                        .extend(feed.tags.into_iter().filter(|tag| !known.tags.contains(tag)).collect::<Vec<_>>());
                }
                None => all.push(feed),
            }
        }
        for feed in &mut all {
            feed.tags.sort();
        }
        all.sort_by(|one, other| one.url.cmp(&other.url));
        all
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

        #[test]
        fn nothing_is_lost_on_the_way_out_and_in(
            feeds in proptest::collection::vec(feed(), 0..12),
            addresses in proptest::collection::vec("https?://[a-z]{1,8}\\.example/[!-~]{0,20}", 12),
        ) {
            let feeds: Vec<_> = feeds.into_iter().zip(addresses).enumerate()
                .map(|(number, (feed, address))| Subscription { url: format!("{address}{number}"), ..feed })
                .collect();
            let list = read(write("a list", &feeds).as_bytes()).unwrap_or_else(|_| List::default());
            prop_assert_eq!(&list.notes, &[]);
            prop_assert_eq!(&list.repairs, &Vec::<String>::new());
            prop_assert_eq!(merged(list.feeds), merged(feeds));
        }

        #[test]
        fn no_bytes_make_the_reader_fail(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&bytes);
        }

        #[test]
        fn no_scraps_of_a_list_make_the_reader_fail(scraps in proptest::collection::vec(proptest::sample::select(vec![
            "<outline", " text=", "\"", "'", "a", " xmlUrl=\"http://a.example/\"", "/>", ">", "</outline>", "<opml>", "<!--", "-->",
            "<![CDATA[", "]]>", "<title>", "&", "&amp;", "“", "”", "\n", " ", "=", "<", "é",
        ]), 0..60)) {
            let _ = read(scraps.concat().as_bytes());
        }
    }
}
