//! One XML document: read as it stands, then mended, then rebuilt, then tag by tag, and of what came of it the most.

use jiff::Timestamp;
use url::Url;

use super::error::line_and_column;
use super::feed::Refusal;
use super::outline::{ATTRIBUTES, DEPTH, Flaw, ITEMS, Outline, Root, Wrong, glance, outline};
use super::rebuild::rebuild;
use super::repair::{Mended, mend};
use super::slips::Slips;
use super::{Document, ParseError, discover, feed as reader, instead, lenient, prefix};
use crate::item::Item;

/// Reads XML, and tells what it met on the way that XML does not allow, where it looked. Each step is taken only where the one before did not give all items that the document has.
pub(super) fn feed(text: &str, url: &Url, now: Timestamp) -> Result<(Document, Option<Slips>), ParseError> {
    let (read, mut first) = attempt(text, url, now);
    let slips = first.slips.take();
    let mut most = Most::default();
    let refusal = match read {
        Ok(document) if is_whole(&document, &first) && !first.encoded && !first.swallowed => {
            return Ok((filled(document, &first, text, url, now), slips));
        }
        Ok(document) => {
            most.consider(document);
            None
        }
        Err(refusal) => Some(refusal),
    };
    let mut most = mended(text, url, now, most);
    let format = first.root.as_ref().and_then(Root::format);
    if (format.is_some() || !discover::is_html(text))
        && let Some(document) = lenient::read(text, url, now)
    {
        if first.encoded || first.swallowed {
            most.document = None;
        }
        most.consider(document);
    }
    if let Some(document) = most.document {
        let document = filled(document, &first, text, url, now);
        let document = Document {
            // What it calls itself is in the document as it came.
            format: format.unwrap_or(document.format),
            ttl: first.hints.ttl,
            skip_hours: first.hints.skip_hours.clone(),
            skip_days: first.hints.skip_days.clone(),
            update_every: first.hints.update_every(),
            ..document
        };
        return Ok((document, slips));
    }
    let refusal = refusal.unwrap_or_else(|| Refusal::Error("it has no items that can be read".to_owned()));
    Err(instead::explain(text, &first, refusal, url))
}

/// The document with what feed-rs passed over: titles, links and dates in elements where it does not look for them.
fn filled(mut document: Document, outline: &Outline, text: &str, url: &Url, now: Timestamp) -> Document {
    let untitled = document.title.is_empty() && outline.titled;
    let lacks = untitled || document.items.iter().enumerate().any(|(at, item)| lacks(item, outline, at));
    if !lacks && !outline.split && !outline.misspelt {
        return document;
    }
    let Some(other) = lenient::read(text, url, now) else { return document };
    let mut filled = 0;
    let mut whole = 0;
    if document.title.is_empty() {
        filled += usize::from(!other.title.is_empty());
        document.title = other.title;
    } else if outline.split {
        whole += lengthen(&mut document.title, other.title);
    }
    if document.link.is_none() {
        document.link = other.link;
    }
    if document.items.len() == other.items.len() {
        for (item, mut other) in document.items.iter_mut().zip(other.items) {
            if outline.split {
                whole += [
                    lengthen(&mut item.title, std::mem::take(&mut other.title)),
                    lengthen(&mut item.summary, std::mem::take(&mut other.summary)),
                    lengthen(&mut item.text, std::mem::take(&mut other.text)),
                ]
                .into_iter()
                .sum::<usize>();
            }
            filled += fill(item, other, outline.worded);
        }
    }
    for (count, what) in [
        (filled, "titles, links, dates, names or texts were found in unusual places"),
        (whole, "texts with unescaped markup were read as a whole"),
    ] {
        if count > 0 {
            document.repairs.push(format!("{what} ({count})"));
        }
    }
    let dated = document.items.iter().filter(|item| item.published.is_some()).count();
    let told = outline.told.iter().filter(|[.., dated]| *dated).count();
    if let Some(undated) = told.checked_sub(dated).filter(|count| *count > 0) {
        document.repairs.push(format!("dates that are empty, or cannot be read or meant, were left out ({undated})"));
    }
    document
}

/// Whether an item has no title, link, date or text although there is an element for it.
fn lacks(item: &Item, outline: &Outline, at: usize) -> bool {
    // Of items behind the place where a strict reader stopped nobody knows.
    let unknown = [outline.flaw.is_some(); 3];
    let [titled, linked, dated] = outline.told.get(at).copied().unwrap_or(unknown);
    (titled && item.title.is_empty())
        || (linked && item.link.is_none())
        || (dated && item.published.is_none())
        || (outline.worded && item.text.is_empty())
        || (outline.subtitled && item.summary.is_empty() && item.text.is_empty())
        || (outline.named && item.authors.is_empty())
}

/// Takes a text for one of which it has the beginning at most; how often, which is once or never. A strict reader stops
/// where an element begins in a text.
fn lengthen(text: &mut String, other: String) -> usize {
    let longer = other.len() > text.len();
    if longer {
        *text = other;
    }
    usize::from(longer)
}

/// Gives an item what it lacks; how much that was. `worded` where a text may stand in an element of another vocabulary.
fn fill(item: &mut Item, other: Item, worded: bool) -> usize {
    let mut filled = 0;
    if item.title.is_empty() && !other.title.is_empty() {
        item.title = other.title;
        filled += 1;
    }
    if item.link.is_none() && other.link.is_some() {
        item.link = other.link;
        filled += 1;
    }
    if item.published.is_none() && other.published.is_some() {
        (item.published, item.offset_minutes) = (other.published, other.offset_minutes);
        filled += 1;
    }
    if item.authors.is_empty() && !other.authors.is_empty() {
        item.authors = other.authors;
        filled += 1;
    }
    if item.summary.is_empty() && item.text.is_empty() {
        filled += usize::from(!other.summary.is_empty() || !other.text.is_empty());
        item.summary = other.summary;
        item.text = other.text;
    } else if worded {
        if item.text.is_empty() && !other.text.is_empty() {
            item.text = other.text;
            filled += 1;
        }
        if other.summary.len() > item.summary.len() && other.summary.starts_with(&item.summary) {
            item.summary = other.summary;
            filled += 1;
        }
    }
    filled
}

fn mended(text: &str, url: &Url, now: Timestamp, mut most: Most) -> Most {
    let mended = mend(text);
    let (read, outlined) = attempt(&mended.text, url, now);
    if let Ok(document) = read {
        let document = told_of(document, &mended);
        let whole = is_whole(&document, &outlined);
        most.consider(document);
        if whole {
            return most;
        }
    }
    // Where a document merely ends too early, its last item is better left for the next poll than read by half.
    let beginning = beginning(&mended, &outlined, url, now);
    if outlined.ends_early() && beginning.is_some() {
        most.consider_any(beginning);
        return most;
    }
    let mut rebuilt = rebuild(&mended.text);
    rebuilt.repairs.splice(0..0, mended.repairs.iter().cloned());
    if let (Ok(document), _) = attempt(&rebuilt.text, url, now) {
        most.consider(told_of(document, &rebuilt));
    }
    most.consider_any(beginning);
    most
}

/// The reading that gave the most items so far; of equals the first, which was mended the least.
#[derive(Default)]
struct Most {
    document: Option<Document>,
}

impl Most {
    fn consider_any(&mut self, document: Option<Document>) {
        if let Some(document) = document {
            self.consider(document);
        }
    }

    fn consider(&mut self, document: Document) {
        let better = match &self.document {
            Some(most) => most.items.len() < document.items.len(),
            // A stump without any item is not a feed that has none.
            None => document.complete || !document.items.is_empty(),
        };
        if better {
            self.document = Some(document);
        }
    }
}

/// feed-rs passes over items in namespaces that it does not know, and over some that lack a part.
fn is_whole(document: &Document, outline: &Outline) -> bool {
    document.items.len() >= outline.items
}

/// Reads the text as it stands. Where it breaks is looked for only if it does.
fn attempt(text: &str, url: &Url, now: Timestamp) -> (Result<Document, Refusal>, Outline) {
    if let Some((glanced, condensed)) = glance(text) {
        return match read(&condensed, &glanced, url, now) {
            Ok(document) => (Ok(document), glanced),
            refused => (refused, outline(text)),
        };
    }
    let outlined = outline(text);
    let result = match &outlined.flaw {
        Some(Flaw { what: Wrong::Syntax(what), inside: true, .. }) => Err(Refusal::Error(what.clone())),
        Some(Flaw { what: Wrong::Syntax(_), .. }) | None => read(text, &outlined, url, now),
        Some(_) => Err(Refusal::Unfit),
    };
    (result, outlined)
}

/// Reads the text with its prefixes declared.
fn read(text: &str, outline: &Outline, url: &Url, now: Timestamp) -> Result<Document, Refusal> {
    // The outline knows the root already; most need nothing, and are not looked for again.
    let is_sound = outline.root.as_ref().is_some_and(|root| prefix::is_sound(root, &outline.prefixes));
    let declared = if is_sound { None } else { prefix::declare(text, &outline.prefixes) };
    let Some((declared, repairs)) = declared else {
        return reader::read(text, outline, url, now);
    };
    let mut document = reader::read(&declared, outline, url, now)?;
    document.repairs.extend(repairs);
    Ok(document)
}

/// The document with what was mended before it could be read.
fn told_of(mut document: Document, mended: &Mended) -> Document {
    document.repairs.extend(mended.repairs.iter().cloned());
    document.complete = mended.complete;
    document
}

/// Reads a document that breaks off up to its last whole item.
fn beginning(mended: &Mended, outlined: &Outline, url: &Url, now: Timestamp) -> Option<Document> {
    let text = &mended.text;
    let mut repairs = mended.repairs.clone();
    let flaw = outlined.flaw.as_ref()?;
    let cut = outlined.cut.as_ref()?;
    let mut whole = text[..cut.offset].to_owned();
    for name in cut.open.iter().rev() {
        whole.push_str("</");
        whole.push_str(name);
        whole.push('>');
    }
    let mut document = attempt(&whole, url, now).0.ok()?;
    let (line, column) = line_and_column(text, flaw.offset);
    repairs.push(match &flaw.what {
        Wrong::Syntax(what) => {
            format!("it breaks at line {line}, column {column} ({what}); read up to the last whole item before")
        }
        Wrong::TooDeep => {
            format!("it nests more than {DEPTH} deep at line {line}; read up to the last whole item before")
        }
        Wrong::TooMany => format!("only the first {ITEMS} items were read"),
        Wrong::TooHeavy => format!("the item at line {line} has too many media; read up to the last whole item before"),
        Wrong::TooManyAttributes => {
            format!(
                "an element at line {line} has more than {ATTRIBUTES} attributes; read up to the last whole item before"
            )
        }
        Wrong::LongBase => format!("the xml:base at line {line} is too long; read up to the last whole item before"),
    });
    // A feed that is too long is whole all the same: asked again it would be as long.
    document.complete = flaw.what == Wrong::TooMany;
    document.flawed = !document.complete && !outlined.ends_early();
    document.repairs.append(&mut repairs);
    Some(document)
}
