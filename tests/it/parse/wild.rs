//! Feeds as they were found: one test for each way in which news went missing or were misread.

use newswatch::item::Item;

use super::{atom, must_read, rss};

fn item(inside: &str) -> Item {
    must_read(&rss(&format!("<item>{inside}</item>"))).items.remove(0)
}

#[test]
fn a_known_prefix_is_read_as_if_declared() {
    let body = "<link>http://a/1</link><content:encoded>&lt;p&gt;Full body&lt;/p&gt;</content:encoded>\
                <dc:creator>Ann</dc:creator>";
    let read = must_read(&rss(&format!("<item><title>E</title><description>short</description>{body}</item>")));
    let found = &read.items[0];
    assert_eq!((found.summary.as_str(), found.text.as_str()), ("short", "Full body"));
    assert_eq!(found.authors, ["Ann"]);
    assert_eq!(read.repairs, ["undeclared namespace prefixes were read as if declared (content, dc)"]);

    // The same where the namespace is almost right, and where the document is ill-formed besides.
    for uri in ["http://purl.org/rss/1.0/modules/content", "https://purl.org/rss/1.0/modules/content/"] {
        let declared = format!("<rss xmlns:content='{uri}' xmlns:dc='http://purl.org/dc/elements/1.1' ");
        let read = must_read(&rss(&format!("<item><title>E</title>{body}</item>")).replacen("<rss ", &declared, 1));
        assert_eq!(read.items[0].text, "Full body", "{uri}");
        assert_eq!(read.items[0].authors, ["Ann"], "{uri}");
        assert_eq!(read.repairs, ["namespaces almost rightly declared were put right (content, dc)"], "{uri}");
    }
    assert_eq!(item(&format!("<title>A & B</title>{body}")).text, "Full body");
    assert_eq!(item(&format!("<title>A<b</title>{body}")).text, "Full body");
}

#[test]
fn another_vocabulary_never_replaces_the_items_own_words() {
    let own = "<title>E</title><link>http://a/1</link><guid>g</guid><description>short</description>";
    for foreign in [
        "<media:title>Cap</media:title><media:description>MD</media:description>",
        "<itunes:title>Cap</itunes:title>",
        "<foo:title>Cap</foo:title><foo:description>MD</foo:description><foo:guid>gg</foo:guid><foo:link>http://a/2</foo:link>",
        "<x:title xmlns:x='urn:x'>Cap</x:title><x:guid xmlns:x='urn:x'>gg</x:guid>",
    ] {
        for inside in [format!("{own}{foreign}"), format!("{foreign}{own}"), format!("{foreign}{own}<x y=z>")] {
            let found = item(&inside);
            assert_eq!((found.title.as_str(), found.summary.as_str()), ("E", "short"), "{inside}");
            assert_eq!(found.id.as_deref(), Some("g"), "{inside}");
            assert_eq!(found.link.as_deref(), Some("http://a/1"), "{inside}");
        }
    }
    let entry = "<entry><id>i</id><title>E</title><media:title>Cap</media:title><foo:id>gg</foo:id></entry>";
    let found = must_read(&atom(entry)).items.remove(0);
    assert_eq!((found.title.as_str(), found.id.as_deref()), ("E", Some("i")));
    // Where the item has nothing of its own, the caption is better than nothing.
    assert_eq!(item("<media:title>Cap</media:title><link>http://a/1</link>").title, "Cap");
    // What is declared further in is what it says.
    let read = must_read(&rss(
        "<item><title>E</title><c:encoded xmlns:c='http://purl.org/rss/1.0/modules/content/'>Body</c:encoded></item>",
    ));
    assert_eq!((read.items[0].text.as_str(), read.repairs.len()), ("Body", 0));
}

#[test]
fn a_headline_loses_markup_and_code_and_nothing_else() {
    for (written, title) in [
        ("Using the &amp;lt;video&amp;gt; element", "Using the element"),
        ("Vec&lt;u8&gt; &amp; &lt;video&gt;", "Vec<u8> &"),
        ("A &amp;lt;b&amp;gt; &amp;amp; C", "A & C"),
        ("&amp;lt;b&amp;gt;Bold&amp;lt;/b&amp;gt; &lt;i&gt;move&lt;/i&gt;", "Bold move"),
        ("Rate&lt;a quarter of last year's", "Rate<a quarter of last year's"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;Hi", "Hi"),
    ] {
        assert_eq!(item(&format!("<title>{written}</title>")).title, title, "{written}");
        for kind in ["html", "text"] {
            let entry = format!("<entry><id>1</id><title type='{kind}'>{written}</title></entry>");
            assert_eq!(must_read(&atom(&entry)).items[0].title, title, "{kind}: {written}");
        }
        assert_eq!(must_read(&rss("").replacen("<title>T", &format!("<title>{written}"), 1)).title, title);
    }
    let found =
        item("<title>E</title><description>Inflation&lt;a third of what it was. Hungary vetoes aid.</description>");
    assert_eq!(found.summary, "Inflation<a third of what it was. Hungary vetoes aid.");
}

#[test]
fn the_order_of_day_and_month_is_that_of_the_feed() {
    let dates = |language: &str, dates: [&str; 2], broken: &str| {
        let items: String =
            dates.map(|date| format!("<item><title>{date}</title><pubDate>{date}</pubDate></item>")).concat();
        let feed = rss(&items).replacen("<link>", &format!("{broken}<language>{language}</language><link>"), 1);
        let items = must_read(&feed).items;
        items.iter().map(|item| item.published.map(|at| at.strftime("%F").to_string())).collect::<Vec<_>>()
    };
    let day = |day: &str| Some(format!("2026-{day}"));
    // Read strictly, and tag by tag.
    for broken in ["", "<x y=z>"] {
        assert_eq!(dates("", ["27/11/2026 10:00", "03/11/2026 10:00"], broken), [day("11-27"), day("11-03")]);
        assert_eq!(dates("", ["Thu, 05/03/2026", "06/03/2026"], broken), [day("03-05"), day("03-06")]);
        assert_eq!(dates("pl", ["27 listopada 2026", "05/03/2026"], broken), [day("11-27"), day("03-05")]);
        assert_eq!(dates("hr", ["27. listopada 2026", "05/03/2026"], broken), [day("10-27"), day("03-05")]);
        assert_eq!(dates("en-us", ["11/27/2026", "05/03/2026"], broken), [day("11-27"), day("05-03")]);
    }
}

#[test]
fn an_entry_leads_to_its_page_for_browsers() {
    let link = |links: &str| {
        must_read(&atom(&format!("<entry><id>1</id><title>a</title>{links}</entry>"))).items[0].link.clone()
    };
    let json = "<link rel='alternate' type='application/json' href='http://a/1.json'/>";
    let page = "<link rel='alternate' type='text/html' href='http://a/1'/>";
    assert_eq!(link(&format!("{json}{page}")).as_deref(), Some("http://a/1"));
    assert_eq!(link(&format!("{json}<link href='http://a/2'/>{page}")).as_deref(), Some("http://a/2"));
    assert_eq!(link(json).as_deref(), Some("http://a/1.json"));
}

#[test]
fn an_item_that_says_nothing_tells_nobody_anything() {
    let read = must_read(&rss("<item></item><item><title>a</title></item><item/><item><guid>b</guid></item>"));
    assert_eq!(read.items.iter().map(Item::says_nothing).collect::<Vec<_>>(), [true, false, true, false]);
}

#[test]
fn what_invites_to_hand_on_is_no_part_of_a_text() {
    for (text, kept) in [
        (
            "Ministers met. submitted by &lt;a href='x'&gt; /u/somebody &lt;/a&gt; &lt;br/&gt; &lt;a&gt;[link]&lt;/a&gt; &lt;a&gt;[comments]&lt;/a&gt;",
            "Ministers met.",
        ),
        ("Ministers met. Share on Facebook Tweet this", "Ministers met"),
        ("He asked them to share on Facebook what they saw.", "He asked them to share on Facebook what they saw."),
        ("The form has [link] and [comments] in it", "The form has [link] and [comments] in it"),
    ] {
        let found = item(&format!("<title>a</title><description>{text}</description>"));
        assert_eq!(found.summary.trim_end_matches('.'), kept.trim_end_matches('.'), "{text}");
    }
}

#[test]
fn a_date_that_cannot_be_read_is_told() {
    let dated =
        |date: &str| must_read(&rss(&format!("<item><title>a</title><pubDate>{date}</pubDate></item>"))).repairs;
    for date in ["Fri, 99 Zog 2026", "", "Thu, 01 Jan 1970 00:00:00 GMT"] {
        assert_eq!(dated(date), ["dates that are empty, or cannot be read or meant, were left out (1)"], "{date}");
    }
    assert!(dated("Tue, 24 Nov 2026 10:00:00 GMT").is_empty());
}
