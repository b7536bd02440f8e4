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
        ("Using the &amp;lt;video&amp;gt; element", "Using the <video> element"),
        ("Vec&lt;u8&gt; &amp; &lt;video&gt;", "Vec<u8> & <video>"),
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

#[test]
fn a_text_is_found_where_publishers_put_it() {
    let texts = |inside: &str| {
        let item = item(&format!("<title>T</title><link>http://a/1</link>{inside}"));
        (item.summary, item.text)
    };
    for (inside, summary, text) in [
        ("<description/><y:full-text xmlns:y='http://news.yandex.ru'>Whole &amp; all</y:full-text>", "", "Whole & all"),
        ("<description>Short</description><y:full-text>Whole</y:full-text>", "Short", "Whole"),
        ("<fulltext>&lt;p&gt;One&lt;/p&gt;&lt;p&gt;two&lt;/p&gt;</fulltext>", "", "One\n\ntwo"),
        ("<body xmlns='http://www.w3.org/1999/xhtml'><p>1 &lt; 2</p><p>two</p></body>", "", "1 < 2\n\ntwo"),
        ("<itunes:subtitle>Sub</itunes:subtitle>", "Sub", ""),
        ("<description>Own</description><itunes:subtitle>Sub</itunes:subtitle>", "Own", ""),
        ("<cap:event>Flood</cap:event><cap:areaDesc>Györ</cap:areaDesc>", "Flood, Györ", ""),
        ("<description>Own</description><cap:areaDesc>Györ</cap:areaDesc>", "Own\n\nGyör", ""),
        (
            "<description>&amp;lt;p&amp;gt;One&amp;lt;/p&amp;gt;&amp;lt;p&amp;gt;two&amp;lt;/p&amp;gt;</description>",
            "One\n\ntwo",
            "",
        ),
        ("<description>Close with &amp;lt;/p&amp;gt; here</description>", "Close with </p> here", ""),
    ] {
        assert_eq!(texts(inside), (summary.to_owned(), text.to_owned()), "{inside}");
    }
}

#[test]
fn a_name_is_found_where_publishers_put_it() {
    let authors = |document: &str| must_read(document).items.into_iter().map(|item| item.authors).collect::<Vec<_>>();
    let entries = "<author><name>The Feed</name></author><entry><title>A</title><id>1</id></entry>\
                   <entry><title>B</title><id>2</id><author><name>Bea</name></author></entry>";
    for document in [atom(entries), atom(&entries.replace("<id>1", "<b>&</b><id>1"))] {
        assert_eq!(authors(&document), [["The Feed"], ["Bea"]], "{document}");
    }
    for (inside, name) in [
        ("<author><name>Ann Roe</name></author>", "Ann Roe"),
        ("<dc:creator>Ann Roe, Bob \"B\" Doe (MIT)</dc:creator>", "Ann Roe, Bob \"B\" Doe (MIT)"),
        ("<dc:creator>(Ann Roe)</dc:creator>", "Ann Roe"),
        ("<dc:creator>\"Ann Roe\"</dc:creator>", "Ann Roe"),
        ("<dc:creator>Ann Roe)</dc:creator>", "Ann Roe"),
    ] {
        assert_eq!(item(&format!("<title>T</title>{inside}")).authors, [name], "{inside}");
    }
}

#[test]
fn a_link_is_found_however_it_is_written() {
    for (inside, link) in [
        ("<link href='http://a/1'/>", "http://a/1"),
        ("<atom:link xmlns:atom='http://www.w3.org/2005/Atom' href='http://a/1'/>", "http://a/1"),
        ("<link><![CDATA[<a href=\"http://a/1?b&amp;c\">here</a>]]></link>", "http://a/1?b&c"),
        ("<link>www.a.example/1</link>", "https://www.a.example/1"),
        ("<link>www/1</link>", "http://site.example/a/www/1"),
    ] {
        // Another item that has a link without saying so must not hide that this one lacks its own.
        let other = "<item><title>O</title><guid>http://a/2</guid></item>";
        let document = must_read(&rss(&format!("<item><title>T</title>{inside}</item>{other}")));
        assert_eq!(document.items[0].link.as_deref(), Some(link), "{inside}");
        // Nor must a document that has to be mended before.
        let mended = must_read(&rss(&format!("{other}<item><title>A & B</title>{inside}</item>{other}")));
        assert_eq!(mended.items[1].link.as_deref(), Some(link), "{inside}");
    }
    let entry = |inside: &str| {
        must_read(&atom(&format!("<entry><title>A</title><id>urn:1</id>{inside}</entry>"))).items[0].link.clone()
    };
    for inside in [
        "<link rel='Alternate' href='http://a/1'/>",
        "<link rel='http://www.iana.org/assignments/relation/alternate' href='http://a/1'/>",
        "<link rel='self' href='http://a/feed'/><content type='text/html' src='http://a/1'/>",
    ] {
        assert_eq!(entry(inside).as_deref(), Some("http://a/1"), "{inside}");
    }
    let rdf = must_read(
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/' \
         xmlns:prism='http://prismstandard.org/namespaces/basic/2.0/'>\
         <channel rdf:about='http://a/'><title>T</title><link>http://a/</link></channel>\
         <item rdf:about='http://a/1'><title>A</title><link>http://a/l1</link>\
         <prism:publicationDate>2026-11-20</prism:publicationDate></item>\
         <item rdf:about='http://a/2?b&amp;c'><title>B</title></item><item><title>C</title></item></rdf:RDF>",
    );
    let links: Vec<_> = rdf.items.iter().map(|item| item.link.as_deref()).collect();
    assert_eq!(links, [Some("http://a/l1"), Some("http://a/2?b&c"), None]);
    assert!(rdf.repairs.iter().any(|repair| repair == "items were read without a link (1)"), "{:?}", rdf.repairs);
    assert_eq!(rdf.items[0].published.map(|date| date.strftime("%F").to_string()).as_deref(), Some("2026-11-20"));
}

#[test]
fn items_are_found_whatever_they_stand_in() {
    let wrapped = rss("<items><item><title>A</title></item><item><title>B</title></item></items>");
    let titles = |document: &str| must_read(document).items.into_iter().map(|item| item.title).collect::<Vec<_>>();
    assert_eq!(titles(&wrapped), ["A", "B"]);
    let json = |items: &str| format!(r#"{{"version": "https://jsonfeed.org/version/1.1", "title": "T"{items}}}"#);
    let named = json(r#", "items": {"1": {"id": "1", "title": "A"}, "2": {"id": "2", "title": "B"}}"#);
    assert_eq!(titles(&named), ["A", "B"]);
    for items in ["", ", \"items\": null", ", \"items\": \"none\""] {
        let document = must_read(&json(items));
        assert!(document.items.is_empty() && document.repairs[0].contains("no list of items"), "{items}: {document:?}");
    }
    assert!(must_read(&json(", \"items\": []")).repairs.is_empty());
    let odd = must_read(&json(
        r#", "items": [{"id": "1", "title": "NaN is True", "x": NaN, "y": -Infinity, "z": [None, True, 1e5]},
        {"id": "2", "title": undefined, "content_text": "B"}]"#,
    ));
    assert_eq!(odd.items[0].title, "NaN is True");
    assert_eq!(odd.items[1].text, "B");
    assert!(
        odd.repairs[0].contains("values that JSON does not have") && odd.repairs[0].ends_with("(5)"),
        "{:?}",
        odd.repairs
    );
}

/// A section that was left open takes all up to the end of the next one for its text, and the document is well-formed.
#[test]
fn a_section_left_open_does_not_swallow_the_next_item() {
    for end in ["", "]", "]]"] {
        let document = must_read(&rss(&format!(
            "<item><title><![CDATA[one{end}</title><description>d1</description></item>\
             <item><title><![CDATA[two]]></title><description>d2</description></item>"
        )));
        let read: Vec<_> =
            document.items.iter().map(|item| (item.title.trim_end_matches(']'), &*item.summary)).collect();
        assert_eq!(read, [("one", "d1"), ("two", "d2")], "{document:?}");
        assert!(document.repairs.iter().any(|repair| repair.starts_with("CDATA sections left open")), "{document:?}");
    }
    // A script within a text has such a section of its own.
    let script = "<![CDATA[<p>a</p><script>//<![CDATA[\nx();\n//]]]]><![CDATA[></script><p>b</p>]]>";
    let document = must_read(&rss(&format!("<item><title>one</title><description>{script}</description></item>")));
    assert_eq!(document.items[0].summary, "a\n\nb");
    assert!(document.repairs.is_empty(), "{document:?}");
}

#[test]
fn a_headline_keeps_the_elements_that_it_speaks_of() {
    for (inside, title) in [
        ("<title type='html'>Using the &amp;lt;video&amp;gt; element</title>", "Using the <video> element"),
        ("<title>Vec&lt;u8&gt; &amp; &lt;video&gt;</title>", "Vec<u8> & <video>"),
        ("<title type='html'>Now &amp;lt;b&amp;gt;bold&amp;lt;/b&amp;gt;</title>", "Now bold"),
    ] {
        let document = atom(&format!("<entry><id>1</id>{inside}<summary>$a&lt;b$ and $c&gt;d$</summary></entry>"));
        let entry = must_read(&document).items.remove(0);
        assert_eq!((&*entry.title, &*entry.summary), (title, "$a<b$ and $c>d$"), "{inside}");
    }
    let entry =
        item("<title>T</title><description>&lt;p&gt;$a&lt;b$ and $c&gt;d$&lt;/p&gt; &#55357;&#56832;</description>");
    assert_eq!(entry.summary, "$a<b$ and $c>d$\n\n😀");
}
