//! Prefixes of XML names that the document does not declare, or declares almost rightly.
//!
//! feed-rs takes an element whose prefix is undeclared for one of the feed's own, so that the caption of a picture would
//! stand for the headline, and passes over those of a namespace that is misspelt.

use std::fmt::Write as _;
use std::sync::LazyLock;

use super::outline::{Root, root};

/// What each known prefix stands for, as feed-rs or the module's own specification writes it.
const KNOWN: [(&str, &str); 25] = [
    ("a10", ATOM),
    ("admin", "http://webns.net/mvcb/"),
    ("atom", ATOM),
    ("atom10", ATOM),
    ("content", "http://purl.org/rss/1.0/modules/content/"),
    ("dc", "http://purl.org/dc/elements/1.1/"),
    ("dcterms", "http://purl.org/dc/terms/"),
    ("feedburner", "http://rssnamespace.org/feedburner/ext/1.0"),
    ("geo", "http://www.w3.org/2003/01/geo/wgs84_pos#"),
    ("georss", "http://www.georss.org/georss"),
    ("gml", "http://www.opengis.net/gml"),
    ("googleplay", "http://www.google.com/schemas/play-podcasts/1.0"),
    ("itunes", "http://www.itunes.com/dtds/podcast-1.0.dtd"),
    ("media", "http://search.yahoo.com/mrss/"),
    ("podcast", "https://podcastindex.org/namespace/1.0"),
    ("psc", "http://podlove.org/simple-chapters"),
    ("rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"),
    ("rss", "http://purl.org/rss/1.0/"),
    ("slash", "http://purl.org/rss/1.0/modules/slash/"),
    ("sy", "http://purl.org/rss/1.0/modules/syndication/"),
    ("syn", "http://purl.org/rss/1.0/modules/syndication/"),
    ("taxo", "http://purl.org/rss/1.0/modules/taxonomy/"),
    ("thr", "http://purl.org/syndication/thread/1.0"),
    ("wfw", "http://wellformedweb.org/CommentAPI/"),
    ("xhtml", "http://www.w3.org/1999/xhtml"),
];

const ATOM: &str = "http://www.w3.org/2005/Atom";

/// What an undeclared prefix that nobody knows stands for: nothing that a reader looks for.
const NOBODYS: &str = "urn:newswatch:undeclared";

/// Other names of a namespace that were in use.
const FORMER: [(&str, &str); 2] = [
    ("video.search.yahoo.com/mrss", "http://search.yahoo.com/mrss/"),
    ("rssboard.org/media-rss", "http://search.yahoo.com/mrss/"),
];

/// Prefixes of one document that are looked at.
pub(super) const MAX: usize = 64;

/// The document with every prefix of `used` declared at its root and nearly right declarations put right, and what was
/// done, in words; `None` where there is nothing to do.
pub(super) fn declare(text: &str, used: &[String]) -> Option<(String, Vec<String>)> {
    let root = root(text)?;
    let own = root.name.split_once(':').map(|(prefix, _)| prefix);
    let mut tag = text[root.span.0..root.span.1].to_owned();
    let mut repairs = Vec::new();
    let corrected = corrected(&root, &mut tag);
    if !corrected.is_empty() {
        repairs.push(format!("namespaces almost rightly declared were put right ({})", corrected.join(", ")));
    }
    let mut added = String::new();
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for prefix in used.iter().map(String::as_str).filter(|prefix| !declares(&root, prefix)) {
        // Such a prefix of the root is that of all the feed's own elements.
        let meant = meant_by(prefix);
        if meant.is_none() && own == Some(prefix) {
            continue;
        }
        let _ = write!(added, " xmlns:{prefix}=\"{}\"", meant.unwrap_or(NOBODYS));
        // What is declared further in is known there, and means what it says.
        if !text.contains(&format!("xmlns:{prefix}=")) {
            if meant.is_some() { &mut known } else { &mut unknown }.push(prefix);
        }
    }
    for (prefixes, what) in [(known, "read as if declared"), (unknown, "passed over, as nobody knows them")] {
        if !prefixes.is_empty() {
            repairs.push(format!("undeclared namespace prefixes were {what} ({})", prefixes.join(", ")));
        }
    }
    if added.is_empty() && tag == text[root.span.0..root.span.1] {
        return None;
    }
    tag.insert_str(1 + root.name.len(), &added);
    Some((format!("{}{tag}{}", &text[..root.span.0], &text[root.span.1..]), repairs))
}

/// Whether a root declares all that is used, and rightly.
pub(super) fn is_sound(root: &Root, used: &[String]) -> bool {
    used.iter().all(|prefix| declares(root, prefix))
        && root.attributes.iter().all(|(name, uri)| !name.starts_with("xmlns:") || right(uri).is_none())
}

fn declares(root: &Root, prefix: &str) -> bool {
    let is_it = |name: &str| name.strip_prefix("xmlns:") == Some(prefix);
    prefix == "xml" || prefix == "xmlns" || root.attributes.iter().any(|(name, _)| is_it(name))
}

/// Prefixes that the root declares and that are looked at; no feed has so many in earnest.
const DECLARED_MAX: usize = 64;

/// Puts right what the root almost declares; the prefixes of which that is worth telling.
fn corrected(root: &Root, tag: &mut String) -> Vec<String> {
    let mut told = Vec::new();
    let declared = root.attributes.iter().filter_map(|(name, uri)| Some((name, name.strip_prefix("xmlns:")?, uri)));
    // Each costs a look through the whole tag.
    for (name, prefix, uri) in declared.take(DECLARED_MAX) {
        let Some(right) = right(uri) else { continue };
        for quote in ['"', '\''] {
            *tag = tag.replace(&format!("{name}={quote}{uri}{quote}"), &format!("{name}={quote}{right}{quote}"));
        }
        // Apple itself wrote its name with two kinds of capitals.
        if !uri.eq_ignore_ascii_case(right) {
            told.push(prefix.to_owned());
        }
    }
    told
}

/// The namespace that is meant by one that is not quite it.
fn right(uri: &str) -> Option<&'static str> {
    static BARE: LazyLock<Vec<String>> = LazyLock::new(|| KNOWN.iter().map(|(_, known)| bare(known)).collect());
    // Most are written as they should be.
    if KNOWN.iter().any(|(_, known)| *known == uri) {
        return None;
    }
    let meant = bare(uri);
    let former = FORMER.iter().find(|(former, _)| *former == meant).map(|(_, uri)| *uri);
    former.or_else(|| BARE.iter().position(|known| *known == meant).map(|at| KNOWN[at].1))
}

/// A namespace without what publishers get wrong in it.
fn bare(uri: &str) -> String {
    let uri = uri.trim().to_ascii_lowercase();
    let uri = uri.strip_prefix("http://").or_else(|| uri.strip_prefix("https://")).unwrap_or(&uri);
    uri.strip_prefix("www.").unwrap_or(uri).trim_end_matches(['/', '#']).to_owned()
}

fn meant_by(prefix: &str) -> Option<&'static str> {
    KNOWN.iter().find(|(known, _)| known.eq_ignore_ascii_case(prefix)).map(|(_, uri)| *uri)
}
