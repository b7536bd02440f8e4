//! Documents that no strict reader takes, a class in each row: what their author meant is read.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use newswatch::item::Item;
use newswatch::parse::Document;

use super::{atom, must_read, read, read_bytes, rss};

#[path = "../../../examples/score/shapes.rs"]
mod shapes;

/// Title, link and day of each item.
fn items(document: &str) -> Vec<String> {
    must_read(document)
        .items
        .iter()
        .map(|item| {
            let day = item.published.map(|date| date.strftime("%F").to_string()).unwrap_or_default();
            format!("{} {} {day}", item.title, item.link.as_deref().unwrap_or_default()).trim().to_owned()
        })
        .collect()
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn what_no_strict_reader_takes_is_read_as_it_was_meant() {
    let mut misread = Vec::new();
    for (what, document, expected) in [
        (
            "CDATA left open",
            rss("<item><title>a</title><description><![CDATA[x <b>y</b></description><link>http://a/1</link></item>\
                 <item><title>b</title><description>z</description><link>http://a/2</link></item>"),
            &["a http://a/1", "b http://a/2"][..],
        ),
        (
            "unquoted attributes",
            "<feed xmlns=http://www.w3.org/2005/Atom><title>T</title><entry><title type=html>a</title>\
             <link rel=alternate href=http://a/1 /><updated>2026-11-20T00:00:00Z</updated></entry></feed>"
                .to_owned(),
            &["a http://a/1 2026-11-20"],
        ),
        (
            "items never closed",
            "<rss version='2.0'><channel><title>T</title><item><title>a</title><link>http://a/1</link><item><title>b</title>\
             <link>http://a/2</link></channel></rss>"
                .to_owned(),
            &["a http://a/1", "b http://a/2"],
        ),
        (
            "a prefix that was never declared",
            "<rss version='2.0'><channel><item><title>a</title><link>http://a/1</link><dc:date>2026-11-20</dc:date></item>\
             </channel></rss>"
                .to_owned(),
            &["a http://a/1 2026-11-20"],
        ),
        ("markup in a title", rss("<item><title><p>a <b>b</b></p></title><link>http://a/1</link></item>"), &["a b http://a/1"]),
        (
            "escaped once too often",
            rss("<item><title><![CDATA[&lt;p&gt;a &amp;amp; b&lt;/p&gt;]]></title><link>http://a/1</link></item>"),
            &["a & b http://a/1"],
        ),
        (
            "base64",
            atom("<entry><title mode='base64'>PGI+YTwvYj4=</title><link href='http://a/1'/></entry>"),
            &["a http://a/1"],
        ),
        ("links as text", atom("<entry><title>a</title><link rel='alternate'>http://a/1</link></entry>"), &["a http://a/1"]),
        ("links as attributes", rss("<item><title>a</title><link href='http://a/1'/></item>"), &["a http://a/1"]),
        (
            "Dublin Core terms",
            rss("<item xmlns:dcterms='http://purl.org/dc/terms/'><title>a</title><dcterms:issued>2026-11-20</dcterms:issued></item>"),
            &["a  2026-11-20"],
        ),
        (
            "a comment before the declaration",
            "<!-- c -->\n<?xml version='1.0'?>\n<rss version='2.0'><channel><item><title>a</title></item></channel></rss>"
                .to_owned(),
            &["a"],
        ),
        (
            "a document type with entities",
            format!("<!DOCTYPE rss [<!ENTITY x 'y'>]>{}", rss("<item><title>a</title></item>")),
            &["a"],
        ),
        ("an address that a reader falls over", rss("<item><title>a</title><author>—b@c.example</author></item>"), &["a"]),
        (
            "Atom 0.3 of any namespace",
            "<feed version='0.3' xmlns='http://example.com/newformat#'><title>T</title><entry><title>a</title>\
             <link href='http://a/1'/><issued>2026-11-20T00:00:00Z</issued></entry></feed>"
                .to_owned(),
            &["a http://a/1 2026-11-20"],
        ),
        (
            "cut off",
            rss("<item><title>a</title><link>http://a/1</link></item><item><title>b</ti").replace("</channel></rss>", ""),
            &["a http://a/1"],
        ),
    ] {
        let found = items(&document);
        if found != expected {
            misread.push(format!("{what}: {found:?} instead of {expected:?}"));
        }
    }
    assert!(misread.is_empty(), "{misread:#?}");
    let title =
        must_read("<feed version='0.3' xmlns='http://purl.org/atom/ns#'><title mode='escaped'>T</title></feed>").title;
    assert_eq!(title, "T");
}

#[test]
fn a_picture_is_no_text() {
    let content = |media: &str| {
        let read = must_read(&atom(&format!(
            "<entry><title mode='base64'>YQ==</title><content type='{media}'>aGVsbG8gd29ybGQ=</content></entry>"
        )));
        read.items[0].text.clone()
    };
    assert_eq!(["image/png", "audio/mpeg", "Video/MP4"].map(content), ["", "", ""]);
    assert_eq!(["text/plain", "application/octet-stream"].map(content), ["aGVsbG8gd29ybGQ=", "hello world"]);
}

/// Eight times the length may cost eight times the time and not much more; a square would be 64 times.
#[test]
fn no_shape_costs_more_than_its_length() {
    for shape in shapes::SHAPES {
        let [short, long] = [40_000, 320_000].map(|n| {
            let document = shapes::document(shape, n);
            (0..3).map(|_| timed(|| drop(read(&document)))).min().unwrap()
        });
        let limit = short * 8 * 3 + Duration::from_millis(50);
        assert!(long <= limit, "{shape}: {short:?} for 40 kB, {long:?} for 320 kB");
    }
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = spent();
    work();
    spent().saturating_sub(start)
}

/// What this thread has spent on a processor, however busy the machine is; on other systems than Linux the time of day.
#[expect(clippy::disallowed_methods, reason = "the time that reading takes is what is measured")]
fn spent() -> Duration {
    static START: OnceLock<Instant> = OnceLock::new();
    let ran = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let ran = ran.and_then(|text| text.split(' ').next()?.parse().ok()).map(Duration::from_nanos);
    ran.unwrap_or_else(|| START.get_or_init(Instant::now).elapsed())
}

/// A document that breaks off, wherever it does, gives whole items only: half of one would be taken for an edit of it.
#[test]
fn what_is_cut_off_gives_whole_items_or_none() {
    let ill = "<b><i>It is</b> ill-formed";
    let json = r#"{"version": "https://jsonfeed.org/version/1.1", "title": "T", "authors": [{"name": "Ann"}], "items": [
        {"id": "1", "url": "http://a/1", "title": "Orbán says, no", "content_html": "<p>A \"long\" text</p>"},
        {"id": "2", "url": "http://a/2", "title": "Two", "content_text": "Another – text", "tags": ["a", "b"]}]}"#;
    for document in [
        rss("<item><title>Orbán says no</title><link>http://a/1</link><description>A long text</description></item>\
             <item><title>Two</title><link>http://a/2</link><description><![CDATA[Another <p>text]]></description></item>"),
        rss(&format!(
            "<item><title>Orbán {ill}</title><link>http://a/1</link><description>A long text</description></item>\
             <item><title>Two</title><link>http://a/2</link><description>More {ill} & more</description></item>"
        )),
        rss("<item><title>One & all</title><link>http://a/1</link><description>&eacute; a <br> text</description>\
             <item><title>Two</title><link>http://a/2</link><description>&nbsp; more</description></item>"),
        atom(
            "<entry><id>1</id><title>Orbán</title><link href='http://a/1'/><content type='xhtml'><div \
              xmlns='http://www.w3.org/1999/xhtml'><p>A text</p><p>of two</p></div></content></entry>\
              <entry><id>2</id><title type=html>Two</title><link href='http://a/2'/><summary>Short</summary></entry>",
        ),
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'>\
         <channel rdf:about='http://a/'><title>T</title><link>http://a/</link></channel>\
         <item rdf:about='http://a/1'><title>Orbán</title><link>http://a/1</link><description>Text</description></item>\
         <item rdf:about='http://a/2'><title>Two</title><description>Without & a link</description></item></rdf:RDF>"
            .to_owned(),
        json.to_owned(),
        // JSON that has to be mended anyway.
        json.replace("says, no", "says,\nno"),
    ] {
        // A language is guessed from all items together.
        let items = |document: &Document| -> Vec<Item> {
            document.items.iter().map(|item| Item { language: None, ..item.clone() }).collect()
        };
        let whole = items(&must_read(&document));
        assert_eq!(whole.len(), 2, "{document}");
        for end in 0..document.len() {
            let Ok(part) = read_bytes(&document.as_bytes()[..end]) else { continue };
            assert!(whole.starts_with(&items(&part)), "cut at {end}: {:?}\n{document}", part.items);
            // The end of the list or of the root may be missing behind the last item.
            assert!(!part.complete || part.items.len() == 2, "cut at {end}, and said to be whole: {document}");
        }
    }
}
