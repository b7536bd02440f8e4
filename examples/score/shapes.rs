//! Documents that would cost a careless reader far more than their length.

/// The names of all shapes.
pub(crate) const SHAPES: [&str; 56] = [
    "deep nesting",
    "deep items",
    "deep markup in a text",
    "a million attributes",
    "a million namespaces",
    "a namespace per element",
    "one attribute",
    "attributes without quotes",
    "unclosed tags",
    "unclosed titles",
    "unclosed links",
    "mis-nesting",
    "mis-nested inside an item",
    "end tags",
    "brackets",
    "brackets in CDATA",
    "ampersands",
    "ampersands in an attribute",
    "references among ampersands",
    "names of references without an end",
    "references",
    "numeric references",
    "entity bomb",
    "many entities declared",
    "declarations left open",
    "CDATA left open",
    "CDATA opened again and again",
    "CDATA one after another",
    "comments left open",
    "comments one after another",
    "instructions one after another",
    "quotes left open",
    "quotes in an attribute",
    "one title",
    "one text of spaces",
    "one line",
    "empty items",
    "small items",
    "items with one id",
    "items with one link",
    "authors",
    "links",
    "media",
    "media texts",
    "relative bases",
    "a long base",
    "a long address of the site",
    "dates",
    "base64",
    "zeros",
    "hidden elements",
    "HTML page",
    "JSON nesting",
    "JSON items",
    "JSON strings",
    "JSON authors",
];

/// A document of this shape of some `n` bytes.
#[expect(clippy::too_many_lines, reason = "a table")]
pub(crate) fn document(shape: &str, n: usize) -> String {
    let fill = |piece: &str| piece.repeat(n / piece.len() + 1);
    let counted = |make: fn(usize) -> String| {
        let mut out = String::with_capacity(n + 32);
        let mut number = 0;
        while out.len() < n {
            out.push_str(&make(number));
            number += 1;
        }
        out
    };
    let rss = |inside: String| format!("<rss version='2.0'><channel><title>T</title>{inside}");
    let whole = |inside: &str| format!("<rss version='2.0'><channel><title>T</title>{inside}</channel></rss>");
    let json = |items: &str| format!("{{\"version\":\"https://jsonfeed.org/version/1\",\"items\":{items}");
    match shape {
        "deep nesting" => rss(format!("<item>{}", fill("<a>"))),
        "deep items" => rss(fill("<item>")),
        "deep markup in a text" => whole(&format!("<item><title>a</title><description>{}", fill("&lt;div&gt;"))),
        "a million attributes" => rss(format!("<item{}/></channel></rss>", counted(|n| format!(" a{n}='b'")))),
        "a million namespaces" => rss(format!("<item{}/></channel></rss>", counted(|n| format!(" xmlns:a{n}='b'")))),
        "a namespace per element" => whole(&counted(|n| format!("<a{n}:b xmlns:a{n}='c{n}'/>"))),
        "one attribute" => whole(&format!("<item a='{}'/>", fill("b"))),
        "attributes without quotes" => whole(&fill("<item><title a=b c=d e>f</title></item>")),
        "unclosed tags" => rss(fill("<item><title>a<link>b<p>c")),
        "unclosed titles" => rss(fill("<title>")),
        "unclosed links" => {
            format!(
                "<feed xmlns='http://www.w3.org/2005/Atom'>{}",
                fill("<entry><link href='http://a/'><title>b</title></entry>")
            )
        }
        "mis-nesting" => whole(&fill("<a><b></a></b>")),
        "mis-nested inside an item" => whole(&format!("<item><title>{}</title></item>", fill("<b><i>c</b></i>"))),
        "end tags" => rss(format!("{}{}", "<a>".repeat(200), fill("</b>"))),
        "brackets" => rss(format!("<item><title>{}", fill("<"))),
        "brackets in CDATA" => whole(&format!("<item><title><![CDATA[{}]]></title></item>", fill("<a <"))),
        "ampersands" => rss(format!("<item><title>{}</title></item>", fill("&"))),
        "references among ampersands" => {
            let text = format!("<item><title>{} & </title></item>", "&amp;lt;p&amp;gt; some words ".repeat(4));
            whole(&fill(&text))
        }
        "ampersands in an attribute" => whole(&format!("<item><link href='{}'/></item>", fill("&a"))),
        "names of references without an end" => {
            whole(&format!("<item><title>{}</title></item>", fill("&CounterClockwise")))
        }
        "references" => whole(&format!("<item><title>{}</title></item>", fill("&eacute;"))),
        "numeric references" => whole(&format!("<item><title>a</title><description>{}", fill("&#233;&#0;"))),
        "entity bomb" => {
            let levels = counted(|n| format!("<!ENTITY a{} '{}'>", n + 1, format!("&a{n};").repeat(10)));
            format!("<!DOCTYPE rss [<!ENTITY a0 'ha'>{levels}]>{}", whole("<item><title>&a9;</title></item>"))
        }
        "many entities declared" => {
            let entities = counted(|n| format!("<!ENTITY a{n} 'b'>"));
            format!("<!DOCTYPE rss [{entities}]>{}", whole("<item><title>&a9;</title></item>"))
        }
        "declarations left open" => format!("{}{}", fill("<!DOCTYPE a ["), whole("<item><title>b</title></item>")),
        "CDATA left open" => rss(format!("<item><title>a</title><description><![CDATA[{}", fill("word "))),
        "CDATA opened again and again" => rss(format!("<item><title>{}", fill("<![CDATA["))),
        "CDATA one after another" => whole(&format!("<item><title>{}</title></item>", fill("<![CDATA[a]]>"))),
        "comments left open" => rss(format!("<item>{}", fill("<!-- a "))),
        "comments one after another" => whole(&fill("<!-- a -->")),
        "instructions one after another" => whole(&fill("<?a b?>")),
        "quotes left open" => rss(fill("<item a=\"><b c='>")),
        "quotes in an attribute" => whole(&format!("<item a='{}'/>", fill("\""))),
        "one title" => whole(&format!("<item><title>{}</title></item>", fill("word "))),
        "one text of spaces" => whole(&format!("<item><title>a{}b</title></item>", fill(" \n"))),
        "one line" => whole(&format!("<item><title>{}</title></item>", fill("a"))),
        "empty items" => whole(&fill("<item/>")),
        "small items" => whole(&counted(|n| format!("<item><guid>{n}</guid><title>a</title></item>"))),
        "items with one id" => whole(&counted(|n| format!("<item><guid>a</guid><title>{n}</title></item>"))),
        "items with one link" => whole(&fill("<item><link>http://a/</link><title>a</title></item>")),
        "authors" => whole(&format!("<item>{}</item>", counted(|n| format!("<author>a{n}</author>")))),
        "links" => whole(&format!("<item>{}</item>", counted(|n| format!("<link>http://A{n}.example</link>")))),
        "media" => {
            let one = "<m:group xmlns:m='http://search.yahoo.com/mrss/'><m:thumbnail url='a'/></m:group>";
            whole(&format!("<item>{}</item>", fill(one)))
        }
        "media texts" => {
            let groups = "<m:group><m:content url='a'/></m:group>".repeat(100);
            let item = format!(
                "<item xmlns:m='http://search.yahoo.com/mrss/'>{groups}<m:text>{}</m:text></item>",
                fill("word ")
            );
            whole(&item)
        }
        "relative bases" => whole(&fill("<item xml:base='a/'><link>b</link></item>")),
        "a long base" => {
            format!(
                "<rss version='2.0' xml:base='http://a/{}/'><channel>{}",
                fill("b"),
                "<item><link>c</link></item>".repeat(9000)
            )
        }
        "a long address of the site" => {
            let items = "<item><link>c</link></item>".repeat(9000);
            whole(&format!("<link>http://a/{}/</link>{items}", fill("b")))
        }
        "dates" => whole(&format!("<item>{}</item>", fill("<pubDate>Tue, 24 Nov 2026 10:00:00 GMT</pubDate>"))),
        "base64" => format!(
            "<feed xmlns='http://purl.org/atom/ns#' version='0.3'><entry><content mode='base64'>{}</content></entry></feed>",
            fill("YWJj")
        ),
        "zeros" => fill("\0"),
        "hidden elements" => whole(&format!("<item><title>a</title><description>{}", fill("&lt;p hidden&gt;"))),
        "HTML page" => format!("<html>{}", fill("<p>a</p><link rel=alternate type=application/rss+xml href=b>")),
        "JSON nesting" => json(&fill("[")),
        "JSON items" => json(&format!("[{}{{}}]}}", fill("{\"id\":1,\"title\":\"a\"},"))),
        "JSON strings" => json(&format!("[{{\"content_html\":\"{}\"}}]}}", fill("&lt;\\n"))),
        "JSON authors" => {
            let items = "{},".repeat(9000);
            json(&format!("[{items}{{}}],\"author\":{{\"name\":\"{}\"}}}}", fill("a")))
        }
        other => unreachable!("no shape is called {other}"),
    }
}
