//! Documents good, broken and hostile: what is read of them, and that nothing panics or hangs.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod corpus;
mod lenient;
mod wild;

use jiff::SignedDuration;
use jiff::civil::Weekday;
use newswatch::item::Item;
use newswatch::parse::{self, Document, ParseError};
use proptest::prelude::*;
use url::Url;

const NOW: &str = "2026-11-24T12:00:00Z";

fn read(document: &str) -> Result<Document, ParseError> {
    read_bytes(document.as_bytes())
}

fn read_bytes(document: &[u8]) -> Result<Document, ParseError> {
    let url = Url::parse("http://feeds.example/all/index.xml").unwrap();
    parse::feed(document, None, &url, NOW.parse().unwrap())
}

fn must_read(document: &str) -> Document {
    read(document).unwrap_or_else(|error| panic!("{error}\n{document}"))
}

/// An RSS 2.0 feed with these items.
fn rss(items: &str) -> String {
    format!("<rss version=\"2.0\"><channel><title>T</title><link>http://site.example/a/</link>{items}</channel></rss>")
}

/// An Atom feed with these entries.
fn atom(entries: &str) -> String {
    format!(
        "<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>T</title><link href=\"http://site.example/a/\"/>{entries}</feed>"
    )
}

#[test]
fn the_language_of_an_item_is_its_own_or_its_feeds() {
    let languages = |text: &str| must_read(text).items.into_iter().map(|item| item.language).collect::<Vec<_>>();
    let de = Some("de-at".to_owned());
    assert_eq!(
        languages(&rss("<item><title>A</title></item>").replace("<channel>", "<channel><language>de-AT</language>")),
        [de]
    );
    let atom = atom("<entry><title>A</title></entry>").replacen("<feed ", "<feed xml:lang='fr' ", 1);
    assert_eq!(languages(&atom), [Some("fr".to_owned())]);
    let json = r#"{"version":"https://jsonfeed.org/version/1.1","title":"T","language":"en-US","items":[
        {"id":"1","title":"A","language":"es"},{"id":"2","title":"B"}]}"#;
    assert_eq!(languages(json), [Some("es".to_owned()), Some("en-US".to_owned())]);
}

#[test]
fn every_kind_of_feed_is_known_by_name() {
    let item = "<item><title>N</title><link>http://a/1</link></item>";
    let rdf = |namespace: &str| {
        format!(
            "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='{namespace}'>\
             <channel><title>T</title></channel>{item}</rdf:RDF>"
        )
    };
    let entry = "<title>T</title><entry><title>N</title><link href='http://a/1'/></entry></feed>";
    for (document, format) in [
        (format!("<rss version='0.91'><channel><title>T</title>{item}</channel></rss>"), "rss 0.91"),
        (format!("<rss version='0.92'><channel><title>T</title>{item}</channel></rss>"), "rss 0.92"),
        (format!("<rss version='0.94'><channel><title>T</title>{item}</channel></rss>"), "rss 0.94"),
        (format!("<rss version='2.0'><channel><title>T</title>{item}</channel></rss>"), "rss 2.0"),
        (format!("<rss><channel><title>T</title>{item}</channel></rss>"), "rss"),
        (format!("<rss version='2.1'><channel><title>T</title>{item}</channel></rss>"), "rss"),
        (rdf("http://purl.org/rss/1.0/"), "rss 1.0"),
        (rdf("http://my.netscape.com/rdf/simple/0.9/"), "rss 0.90"),
        (format!("<feed xmlns='http://www.w3.org/2005/Atom'>{entry}"), "atom 1.0"),
        (format!("<feed version='0.3' xmlns='http://purl.org/atom/ns#'>{entry}"), "atom 0.3"),
        (
            r#"{"version":"https://jsonfeed.org/version/1","title":"T","items":[{"title":"N","url":"http://a/1"}]}"#
                .into(),
            "json feed 1",
        ),
        (
            r#"{"version":"https://jsonfeed.org/version/1.1","title":"T","items":[{"title":"N","url":"http://a/1"}]}"#
                .into(),
            "json feed 1.1",
        ),
    ] {
        let document = must_read(&document);
        let item = &document.items[0];
        assert_eq!((document.format, document.title.as_str()), (format, "T"));
        assert_eq!((item.title.as_str(), item.link.as_deref()), ("N", Some("http://a/1")), "{format}");
    }
}

#[test]
fn an_item_is_read_in_plain_text() {
    let document = must_read(&rss(
        "<item><title>AT&amp;amp;T &lt;b&gt;wins&lt;/b&gt;\n again</title><link>http://Example.com?utm_source=rss</link>\
         <guid isPermaLink='false'> urn:1 </guid><pubDate>Tue, 24 Nov 2026 10:00:00 +0100</pubDate>\
         <author>ann@example.com (Ann Example)</author><dc:creator xmlns:dc='http://purl.org/dc/elements/1.1/'>Bob</dc:creator>\
         <description>&lt;p&gt;One.&lt;/p&gt;&lt;p&gt;Two.&lt;/p&gt;</description>\
         <content:encoded xmlns:content='http://purl.org/rss/1.0/modules/content/'><![CDATA[<p>All<script>x</script></p>]]>\
         </content:encoded></item>",
    ));
    assert_eq!(
        document.items,
        [Item {
            id: Some("urn:1".into()),
            title: "AT&T wins again".into(),
            link: Some("http://Example.com?utm_source=rss".into()),
            published: Some("2026-11-24T09:00:00Z".parse().unwrap()),
            offset_minutes: Some(60),
            updated: None,
            authors: vec!["Ann Example".into(), "Bob".into()],
            summary: "One.\n\nTwo.".into(),
            text: "All".into(),
            ..Item::default()
        }]
    );
    let document = must_read(&atom(
        "<entry><id>tag:a,1</id><title type='text'>The &lt;b&gt; tag &amp;amp; more</title><link href='b'/>\
         <updated>2026-11-24T10:00:00Z</updated><author><name>Ann</name></author><summary>a &lt;i&gt; b</summary>\
         <content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>One</p><p>T<b>w</b>o</p></div></content></entry>",
    ));
    assert_eq!(
        document.items,
        [Item {
            id: Some("tag:a,1".into()),
            title: "The tag & more".into(),
            link: Some("http://site.example/a/b".into()),
            published: Some("2026-11-24T10:00:00Z".parse().unwrap()),
            offset_minutes: Some(0),
            updated: Some("2026-11-24T10:00:00Z".parse().unwrap()),
            authors: vec!["Ann".into()],
            summary: "a <i> b".into(),
            text: "One\n\nTwo".into(),
            ..Item::default()
        }]
    );
    let document = must_read(
        r#"{"version":"https://jsonfeed.org/version/1.1","title":"T","authors":[{"name":"Ann"}],"items":[
            {"id":7,"content_html":"<p>One</p>Two","date_published":"2026-11-24T10:00:00+01:00"},
            {"id":"http://a/2","title":"<b>","content_text":"a\n\nb","author":{"name":"Bob"}}, 3, null]}"#,
    );
    assert_eq!(document.items.len(), 2);
    assert_eq!(document.items[0].id.as_deref(), Some("7"));
    assert_eq!(document.items[0].text, "One\n\nTwo");
    assert_eq!(document.items[0].authors, ["Ann"]);
    assert_eq!(document.items[0].published, Some("2026-11-24T09:00:00Z".parse().unwrap()));
    assert_eq!(document.items[1].link.as_deref(), Some("http://a/2"));
    assert_eq!((document.items[1].title.as_str(), document.items[1].text.as_str()), ("<b>", "a\n\nb"));
}

#[test]
fn the_link_of_an_item_is_its_page() {
    for (document, link) in [
        (rss("<item><title>N</title><link>b?x=1</link></item>"), Some("http://site.example/a/b?x=1")),
        (rss("<item><title>N</title><guid>http://a/1</guid></item>"), Some("http://a/1")),
        (rss("<item><title>N</title><guid isPermaLink='false'>http://a/1</guid></item>"), None),
        (rss("<item><title>N</title><comments>http://a/1#c</comments></item>"), None),
        (
            rss("<item><title>N</title><enclosure url='http://a/1.mp3' length='1' type='audio/mpeg'/></item>"),
            Some("http://a/1.mp3"),
        ),
        (rss("<item><title>N</title><link>javascript:alert(1)</link></item>"), None),
        (
            atom("<entry><title>N</title><link rel='self' href='/s'/><link rel='alternate' href='/p'/></entry>"),
            Some("http://site.example/p"),
        ),
        (
            atom("<entry><title>N</title><link rel='enclosure' href='/e'/><link rel='related' href='/r'/></entry>"),
            Some("http://site.example/r"),
        ),
        (
            atom("<entry xml:base='http://other.example/x/'><title>N</title><link href='y'/></entry>"),
            Some("http://other.example/x/y"),
        ),
        (atom("<entry xml:base='x/'><title>N</title><link href='y'/></entry>"), Some("http://feeds.example/all/x/y")),
    ] {
        assert_eq!(must_read(&document).items[0].link.as_deref(), link, "{document}");
    }
}

#[test]
fn an_item_without_an_id_has_none_at_every_poll() {
    let feed = rss("<item><title>Only a title</title></item>");
    let (one, other) = (must_read(&feed), must_read(&feed));
    assert_eq!(one.items[0].id, None);
    assert_eq!(parse::keys(&one.items), parse::keys(&other.items));
}

#[test]
fn more_authors_than_anybody_reads_are_left_out() {
    let authors = (0..100).map(|n| format!("<author><name>Ann {n}</name></author>")).collect::<Vec<_>>().concat();
    let unnamed = "<author><email>a\u{9b}31m@a.example</email></author>";
    let document = must_read(&atom(&format!("<entry><title>a</title>{unnamed}{authors}</entry>")));
    let authors = &document.items[0].authors;
    assert_eq!((authors.len(), authors[0].as_str(), authors[1].as_str()), (20, "a›31m@a.example", "Ann 0"));
}

#[test]
fn an_entry_that_names_nobody_is_by_whoever_wrote_the_feed() {
    let entries = "<author><name>Ann</name></author><entry><title>a</title></entry>\
                   <entry><title>b</title><author><name>Bo</name></author></entry>";
    let authors = |document: &str| must_read(document).items.into_iter().map(|item| item.authors).collect::<Vec<_>>();
    assert_eq!(authors(&atom(entries)), [["Ann"], ["Bo"]]);
    assert_eq!(authors(&atom(&entries.replace("Ann", &"Ann".repeat(100)))), [vec![], vec!["Bo".to_owned()]]);
}

#[test]
fn the_channel_says_when_to_ask_again() {
    let document = must_read(
        "<rss version='2.0' xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'><channel><title>T</title><ttl> 90 </ttl>\
         <skipHours><hour>3</hour><hour>1</hour></skipHours><skipDays><day>Sunday</day></skipDays>\
         <sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>\
         <item><title>N</title><ttl>5</ttl></item></channel></rss>",
    );
    assert_eq!(document.ttl, Some(SignedDuration::from_mins(90)));
    assert_eq!(document.skip_hours, [1, 3]);
    assert_eq!(document.skip_days, [Weekday::Sunday]);
    assert_eq!(document.update_every, Some(SignedDuration::from_mins(15)));
}

#[test]
fn what_is_no_feed_is_named() {
    let deep = format!("<rss version='2.0'><channel>{}", "<a>".repeat(300));
    for (document, error) in [
        (
            "",
            "the answer is empty; look at the address in a browser, it may want a path, a login or another User-Agent",
        ),
        (
            " \n\0",
            "the answer is empty; look at the address in a browser, it may want a path, a login or another User-Agent",
        ),
        (
            "<!DOCTYPE html><html><head><title>Sign  in</title><base href='/x/'><link rel='stylesheet' href='a.css'>\
             <link rel='alternate' type='application/rss+xml' href='rss'><link type=application/atom+xml REL='home Alternate' href='//b/atom' title='All of it'>\
             </head><body><p>Hello",
            "this is an HTML login page (“Sign in”), not a feed; it links to these feeds: http://feeds.example/x/rss, http://b/atom (“All of it”)",
        ),
        (
            "<div>error",
            "this is a web page, not a feed; it links to none, so the address of the feed must be found otherwise",
        ),
        (
            "<rss version='2.0'><channel>\n<title>a</titel>",
            "the XML breaks at line 2, column 9: ill-formed document: expected `</title>`, but `</titel>` was found; only its publisher can mend that",
        ),
        (
            "{\"version\": \"https://jsonfeed.org/version/1\",\n oops}",
            "the JSON breaks at line 2, column 2: key must be a string; only its publisher can mend that",
        ),
        (
            "{\"a\": 1}",
            "this is JSON with “a”, without the version that a JSON Feed has, not a feed; the address must be that of an RSS, Atom or JSON feed",
        ),
        (
            "<opml version='2.0'><body/></opml>",
            "this is an OPML list of feeds, not a feed; the address must be that of an RSS, Atom or JSON feed",
        ),
        (
            "<error>no</error>",
            "this is an XML error message (“no”), not a feed; the address must be that of an RSS, Atom or JSON feed",
        ),
        (
            "Too many requests",
            "this is text that begins “Too many requests”, not a feed; the address must be that of an RSS, Atom or JSON feed",
        ),
        (&deep, "it nests elements more than 256 deep at line 1, column 791; no feed does"),
    ] {
        assert_eq!(read(document).expect_err(document).to_string(), error);
    }
    let url = Url::parse("http://feeds.example/").unwrap();
    let image = parse::feed(b"\x89PNG\r\n\x1a\n\0\0", Some("image/png"), &url, NOW.parse().unwrap());
    assert_eq!(image.unwrap_err(), ParseError::NotAFeed { what: "a PNG image".to_owned() });
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn what_is_broken_is_mended_and_named() {
    let item = |title: &str| format!("<item><title>{title}</title><link>http://a/{title}</link></item>");
    for (document, items, complete, repairs) in [
        (rss(&item("a")), 1, true, vec![]),
        (format!("\n \u{feff}{}", rss(&item("a"))), 1, true, vec![]),
        (
            format!("<br>\n<b>Warning</b>: x in y.php\n<?xml version='1.0'?>{}", rss(&item("a"))),
            1,
            true,
            vec!["32 bytes before the document were left out (“Warning: x in y.php”)"],
        ),
        (
            rss("<item><title>R&D & <3 &#0; &eacute;</title></item>"),
            1,
            true,
            vec![
                "entities that XML does not have were read as those of HTML (1: eacute)",
                "escaped: bare ampersands (2), bare brackets (1), references to no character (1)",
            ],
        ),
        (
            "<rss><channel><item><title>a</title></item></channel></rss>".to_owned(),
            1,
            true,
            vec!["RSS without a version was read as 2.0"],
        ),
        (
            "<rss><item><title>a</title></item></rss>".to_owned(),
            1,
            true,
            vec!["RSS without a version was read as 2.0", "items outside a channel were read as if inside"],
        ),
        (
            rss(&format!("<item><title>a<b>c</title></item>{}", item("b"))),
            2,
            true,
            vec![
                "tags that do not match were closed or left out (1)",
                "texts with unescaped markup were read as a whole (1)",
            ],
        ),
        (
            rss("<item><title>—ann@example.com</title><author>—ann@example.com</author></item>"),
            1,
            true,
            vec!["read tag by tag, because a strict reader cannot"],
        ),
        (
            rss(&format!("{}{}<item><title>cut", item("a"), item("b"))).replace("</channel></rss>", ""),
            2,
            false,
            vec![
                "it breaks at line 1, column 200 (the document ends inside <item>); read up to the last whole item before",
            ],
        ),
        (
            rss(&format!(
                "<item{0}><title>a</title></item>{1}<br{0}/>",
                (0..2000).map(|n| format!(" a{n}='>'")).collect::<Vec<_>>().concat(),
                item("b")
            )),
            2,
            true,
            vec!["attributes beyond the first 1000 of an element were left out (2)"],
        ),
        (rss(&item("a")).replace("</rss>", "</rss"), 1, true, vec![]),
        (rss(&item("a")).replace("</rss>", ""), 1, true, vec![]),
        (
            rss("<item><Title>a</Title><PUBDATE>2026-11-20</PUBDATE></item>"),
            1,
            true,
            vec!["titles, links, dates, names or texts were found in unusual places (2)"],
        ),
        (
            rss("<item><title>a</title><description>b <p>c</p></description></item>"),
            1,
            true,
            vec!["texts with unescaped markup were read as a whole (1)"],
        ),
        (
            rss(&(0..10_010).map(|n| item(&n.to_string())).collect::<Vec<_>>().concat()),
            10_000,
            true,
            vec!["only the first 10000 items were read"],
        ),
        (
            atom("<entry><title type='text/plain'>a</title></entry>"),
            1,
            true,
            vec!["elements with a type that is not Atom's were read by a like one (1)"],
        ),
    ] {
        let read = must_read(&document);
        let shown: String = document.chars().take(300).collect();
        assert_eq!((read.items.len(), read.complete), (items, complete), "{shown} {:?}", read.repairs);
        assert_eq!(read.repairs, repairs, "{shown}");
        assert!(!read.items[0].title.is_empty());
    }
}

/// What XML does not allow and every reader of feeds understands.
#[test]
fn what_is_read_in_spite_of_xml_is_named() {
    let item = "<item><title>a</title></item>";
    for (document, repairs) in [
        (
            format!("PHP Notice:  Undefined variable $x in /srv/www/feeds/rss.php\n{}", rss(item)),
            vec!["61 bytes before the document were left out (“PHP Notice: Undefined variable $x in /sr…”)"],
        ),
        (
            rss("<item><title>a&nbsp;b&nbsp;&eacute;</title></item>"),
            vec!["entities that XML does not have were read as those of HTML (3: eacute, nbsp)"],
        ),
        (
            rss("<item><title>a &foo; &bar; &baz; &foo; &qux; &quux;</title></item>"),
            vec!["entities that nobody knows were left as they stand (6: bar, baz, foo, …)"],
        ),
        (
            rss("<item><title>a\u{8}b\u{b}</title><description>c&#1;d&#x1f;&#10;</description></item>"),
            vec!["control characters were left out (4)"],
        ),
        (
            rss("<item><title type=html>a</title><guid isPermaLink=false x='y'>b</guid></item>"),
            vec!["attributes without quotes were read as if they had them (2)"],
        ),
        (
            "<?xml version='1.0' encoding='UTF-16'?><rss version='2.0'><channel><item><title>é</title></item></channel></rss>"
                .to_owned(),
            vec!["the XML declaration says UTF-16, which it is not"],
        ),
        (
            rss("<item><title>a &#55357;&#56832; &#xD83D;&#xDE00; &#xD83D; b</title></item>"),
            vec!["escaped: references to no character (1); characters in two halves were joined (2)"],
        ),
        // What stands in CDATA, in comments and in texts is no slip, and neither is what the document declares.
        (
            rss("<!-- &nbsp; <a b=c> --><item><title><![CDATA[a&nbsp;<b c=d>]]></title><link>http://a/?b=c</link></item>"),
            vec![],
        ),
        (rss("<item><title a='b=c' d=\"e=f\">a&lt;b c=d&gt;&amp;nbsp;&#233;&#9;</title></item>"), vec![]),
        (
            format!(
                "<!DOCTYPE rss PUBLIC \"-//Netscape Communications//DTD RSS 0.91//EN\" \
                 \"http://my.netscape.com/publish/formats/rss-0.91.dtd\">{}",
                rss("<item><title>a&nbsp;b</title></item>")
            ),
            vec![],
        ),
    ] {
        assert_eq!(must_read(&document).repairs, repairs, "{document}");
    }
}

/// Each would take hours or all memory if any of it cost more than its length.
#[test]
fn hostile_documents_are_no_dearer_than_others() {
    let many = 100_000;
    let laughs: Vec<String> =
        (1..12).map(|n| format!("<!ENTITY a{n} '{}'>", format!("&a{};", n - 1).repeat(10))).collect();
    let laughs = laughs.concat();
    for (what, document) in [
        (
            "attributes",
            rss(&format!("<item{}/>", (0..many).map(|n| format!(" a{n}='b'")).collect::<Vec<_>>().concat())),
        ),
        (
            "namespaces",
            rss(&format!("<item{}/>", (0..many).map(|n| format!(" xmlns:a{n}='b'")).collect::<Vec<_>>().concat())),
        ),
        ("laughs", format!("<!DOCTYPE rss [<!ENTITY a0 'ha'>{laughs}]>{}", rss("<item><title>&a11;</title></item>"))),
        (
            "outside",
            format!(
                "<!DOCTYPE rss [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>{}",
                rss("<item><title>&x;</title></item>")
            ),
        ),
        ("deep", rss(&"<item>".repeat(many))),
        (
            "categories",
            rss(&format!(
                "<item/>{}",
                "<itunes:category xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd' text='a'>".repeat(many)
            )),
        ),
        ("entities", rss(&format!("<item><title>{}</title></item>", "&amp;".repeat(many)))),
        (
            "authors",
            rss(&format!(
                "<item><title>a</title>{}</item>",
                (0..many).map(|n| format!("<author>a{n}</author>")).collect::<Vec<_>>().concat()
            )),
        ),
        ("base", rss(&format!("<item xml:base='http://a/{}'/>", "b".repeat(many)))),
        (
            "media",
            rss(&format!(
                "<item xmlns:m='http://search.yahoo.com/mrss/'>{}{}</item>",
                "<m:thumbnail url='a'/>".repeat(many),
                "<m:group/>".repeat(many)
            )),
        ),
        ("items", rss(&"<item/>".repeat(many))),
        ("json", format!("{{\"version\":\"https://jsonfeed.org/version/1\",\"items\":{}", "[".repeat(many))),
        (
            "authors",
            format!(
                "{{\"version\":\"https://jsonfeed.org/version/1\",\"authors\":[{}{{}}],\"items\":[{}{{}}]}}",
                (0..many).map(|n| format!("{{\"name\":\"{n}\"}},")).collect::<Vec<_>>().concat(),
                "{},".repeat(many)
            ),
        ),
    ] {
        if let Ok(document) = read(&document) {
            assert!(document.items.len() <= 10_000, "{what}");
            assert!(
                document.items.iter().all(|item| item.title.len() <= many && !item.title.contains("root:")),
                "{what}"
            );
        }
    }
}

const SEEDS: [&str; 3] = [
    "<?xml version='1.0' encoding='utf-8'?><rss version='2.0' xmlns:media='http://search.yahoo.com/mrss/' \
     xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd'><channel><title>T &amp; <![CDATA[x]]></title>\
     <link>http://a/</link><ttl>5</ttl><item><title>é</title><link>/1</link><guid isPermaLink='false'>1</guid>\
     <pubDate>Tue, 24 Nov 2026 10:00:00 GMT</pubDate><author>a@b.example (é)</author><itunes:duration>1:02:03.5</itunes:duration>\
     <media:group><media:content url='http://a/v' duration='3'/><media:title>m</media:title></media:group></item></channel></rss>",
    "<feed xmlns='http://www.w3.org/2005/Atom' xml:base='http://a/'><title type='html'>&lt;b&gt;</title><entry><id>1</id>\
     <title type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>x</div></title><link href='y' rel='alternate'/>\
     <updated>2026-11-24T10:00:00+01:00</updated><author><name>é</name></author><content type='html'>&lt;p&gt;</content></entry></feed>",
    r#"{"version":"https://jsonfeed.org/version/1.1","title":"T","items":[{"id":"1","url":"/1","title":"é","content_html":"<p>",
     "date_published":"2026-11-24T10:00:00Z","authors":[{"name":"A"}]}]}"#,
];

/// What a mutation puts in.
const SCRAPS: [&str; 16] = [
    "<",
    ">",
    "&",
    "]]>",
    "<![CDATA[",
    "<item>",
    "</item>",
    "</channel>",
    "\0",
    "\u{feff}",
    "—a@b.cd",
    "99999999999999999999",
    "<a xml:base='//'>",
    "&#x110000;",
    "\"",
    "<media:group><media:thumbnail/>",
];

#[test]
fn items_take_the_language_that_all_of_their_feed_are_clearly_in() {
    let read = |titles: &[&str], language: &str| {
        let items = titles.iter().fold(String::new(), |all, title| all + "<item><title>" + title + "</title></item>");
        let rss = format!("<rss version='2.0'><channel><title>A</title>{language}{items}</channel></rss>");
        let url = Url::parse("http://feeds.example/").unwrap();
        let document = parse::feed(rss.as_bytes(), None, &url, NOW.parse().unwrap()).unwrap();
        document.items.into_iter().map(|item| item.language).collect::<Vec<_>>()
    };
    let german =
        ["Gipfel in Vilnius", "Die Minister sind sich nicht einig", "Das Parlament hat über den Haushalt beraten"];
    assert_eq!(read(&german, ""), vec![Some("de".to_owned()); 3]);
    assert_eq!(read(&german, "<language>nl</language>"), vec![Some("nl".to_owned()); 3]);
    assert_eq!(read(&["Gipfel in Vilnius", "Veto, Veto"], ""), [None, None]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_give_a_feed_or_an_error(
        seed in 0..SEEDS.len(),
        cuts in proptest::collection::vec((any::<prop::sample::Index>(), 0_usize..30, 0..=SCRAPS.len(), any::<u8>()), 0..6),
        content_type in prop_oneof![Just(None), Just(Some("text/xml; charset=utf-16")), Just(Some("application/json;charset=big5"))],
    ) {
        let mut bytes = SEEDS[seed].as_bytes().to_vec();
        for (at, len, scrap, byte) in cuts {
            let at = at.index(bytes.len() + 1);
            let end = (at + len).min(bytes.len());
            let put = SCRAPS.get(scrap).map_or_else(|| vec![byte], |scrap| scrap.as_bytes().to_vec());
            bytes.splice(at..end, put);
        }
        let url = Url::parse("http://feeds.example/").unwrap();
        match parse::feed(&bytes, content_type, &url, NOW.parse().unwrap()) {
            Ok(document) => {
                for item in &document.items {
                    prop_assert!(!item.title.contains('\n'));
                    prop_assert!(item.id.as_deref() != Some(""));
                    prop_assert!(item.link.as_deref().is_none_or(|link| Url::parse(link).is_ok()));
                }
                prop_assert_eq!(parse::keys(&document.items).len(), document.items.len());
            }
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
        prop_assert!(!parse::inside_reader());
    }
}
