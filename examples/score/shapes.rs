//! Documents that would cost a careless reader far more than their length.

/// The names of all shapes.
pub(crate) const SHAPES: [&str; 18] = [
    "deep nesting",
    "deep items",
    "a million attributes",
    "a million namespaces",
    "unclosed tags",
    "unclosed titles",
    "end tags",
    "brackets",
    "ampersands",
    "references",
    "entity bomb",
    "CDATA left open",
    "CDATA opened again and again",
    "comments left open",
    "quotes left open",
    "one title",
    "empty items",
    "JSON nesting",
];

/// A document of this shape of some `n` bytes.
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
    match shape {
        "deep nesting" => rss(format!("<item>{}", fill("<a>"))),
        "deep items" => rss(fill("<item>")),
        "a million attributes" => rss(format!("<item{}/></channel></rss>", counted(|n| format!(" a{n}='b'")))),
        "a million namespaces" => rss(format!("<item{}/></channel></rss>", counted(|n| format!(" xmlns:a{n}='b'")))),
        "unclosed tags" => rss(fill("<item><title>a<link>b<p>c")),
        "unclosed titles" => rss(fill("<title>")),
        "end tags" => rss(format!("{}{}", "<a>".repeat(200), fill("</b>"))),
        "brackets" => rss(format!("<item><title>{}", fill("<"))),
        "ampersands" => rss(format!("<item><title>{}</title></item>", fill("&"))),
        "references" => rss(format!("<item><title>{}</title></item></channel></rss>", fill("&eacute;"))),
        "entity bomb" => {
            let levels = counted(|n| format!("<!ENTITY a{} '{}'>", n + 1, format!("&a{n};").repeat(10)));
            format!(
                "<!DOCTYPE rss [<!ENTITY a0 'ha'>{levels}]>{}",
                rss("<item><title>&a9;</title></item></channel></rss>".to_owned())
            )
        }
        "CDATA left open" => rss(format!("<item><title>a</title><description><![CDATA[{}", fill("word "))),
        "CDATA opened again and again" => rss(format!("<item><title>{}", fill("<![CDATA["))),
        "comments left open" => rss(format!("<item>{}", fill("<!-- a "))),
        "quotes left open" => rss(fill("<item a=\"><b c='>")),
        "one title" => rss(format!("<item><title>{}</title></item></channel></rss>", fill("word "))),
        "empty items" => rss(format!("{}</channel></rss>", fill("<item/>"))),
        "JSON nesting" => format!("{{\"version\":\"https://jsonfeed.org/version/1\",\"items\":{}", fill("[")),
        other => unreachable!("no shape is called {other}"),
    }
}
