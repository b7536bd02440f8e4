//! Does enough of the press carry a story?

use std::collections::{BTreeSet, HashSet};

use jiff::{SignedDuration, Timestamp};

use crate::understand::text::words;

/// Words in a row that are compared.
const SHINGLE: usize = 4;

/// Two texts that share so much of what they say are copies of one (Broder, On the resemblance and containment of documents,
/// 1997). Retellings share a tenth; an agency's text with another first paragraph shares three quarters.
const COPY_PERCENT: usize = 60;

/// Words of a text that are looked at. Enough to know a copy by.
const WORDS_MAX: usize = 400;

/// One report of a story, as its source tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Its address.
    pub link: Option<String>,
    /// What it says.
    pub text: String,
    /// When it was first seen.
    pub first_seen: Timestamp,
}

/// Whether at least `sites` different sites carried the story within some stretch of `within`. A site is a registrable
/// domain; exact and near copies of one text are one source, whoever prints them. `reports` in the order in which they were
/// first seen.
pub fn is_carried(reports: &[Told], sites: usize, within: SignedDuration) -> bool {
    let voices = voices(reports);
    (0..voices.len()).any(|first| {
        let begin = voices[first].first_seen;
        let close = voices[first..].iter().take_while(|voice| voice.first_seen.duration_since(begin) <= within);
        close.map(|voice| voice.site.as_str()).collect::<BTreeSet<_>>().len() >= sites
    })
}

/// A report that is no copy of an earlier one.
struct Voice {
    site: String,
    first_seen: Timestamp,
    shingles: HashSet<u64>,
}

fn voices(reports: &[Told]) -> Vec<Voice> {
    let mut voices: Vec<Voice> = Vec::new();
    for report in reports {
        let Some(site) = report.link.as_deref().and_then(site) else { continue };
        let shingles = shingles(&report.text);
        if !voices.iter().any(|voice| are_copies(&voice.shingles, &shingles)) {
            voices.push(Voice { site, first_seen: report.first_seen, shingles });
        }
    }
    voices
}

/// The registrable domain of an address (<https://publicsuffix.org>); its whole host where it has none.
fn site(link: &str) -> Option<String> {
    let rest = link.split_once("://")?.1;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    let host = match host.strip_prefix('[') {
        Some(address) => address.split(']').next()?,
        None => host.split(':').next()?,
    };
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let is_address = host.contains(':') || host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let domain = if is_address { None } else { psl::domain_str(&host).map(str::to_owned) };
    Some(domain.unwrap_or(host)).filter(|site| !site.is_empty())
}

/// Every few words in a row of a text, as numbers.
fn shingles(text: &str) -> HashSet<u64> {
    let folded: Vec<String> = words(text).take(WORDS_MAX).map(|word| word.folded().into_owned()).collect();
    let number = |words: &[String]| {
        // FNV-1a: the same everywhere, and nobody is served by making texts collide.
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for byte in words.iter().flat_map(|word| word.bytes().chain([0])) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        hash
    };
    if folded.len() < SHINGLE { [number(&folded)].into() } else { folded.windows(SHINGLE).map(number).collect() }
}

/// Whether the shorter text is mostly in the longer one: a copy that was cut is a copy.
fn are_copies(one: &HashSet<u64>, other: &HashSet<u64>) -> bool {
    let shared = one.intersection(other).count();
    shared * 100 >= one.len().min(other.len()) * COPY_PERCENT
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIRE: &str = "The ceasefire will begin on Friday at noon, the mediators said after two days of talks in the \
                        capital, and observers are to be on the ground within a week of that.";

    fn told(link: &str, text: &str, hours: i64) -> Told {
        let first_seen = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours);
        Told { link: Some(link.to_owned()), text: text.to_owned(), first_seen }
    }

    fn three() -> [Told; 3] {
        [
            told("https://www.one.example/a", WIRE, 0),
            told("https://two.example/b", "Guns are to fall silent on Friday, according to those who brokered it.", 2),
            told("https://three.co.uk/c", "Both armies have agreed to a truce from noon, but few believe in it.", 5),
        ]
    }

    #[test]
    fn three_sites_within_the_time_carry_a_story() {
        assert!(is_carried(&three(), 3, SignedDuration::from_hours(6)));
        assert!(!is_carried(&three(), 3, SignedDuration::from_hours(4)));
        assert!(is_carried(&three(), 2, SignedDuration::from_hours(3)), "the window slides");
        assert!(!is_carried(&three()[..2], 3, SignedDuration::from_hours(6)));
    }

    #[test]
    fn copies_of_one_text_are_one_source() {
        let mut reports = three();
        reports[1].text = WIRE.to_owned();
        assert!(!is_carried(&reports, 3, SignedDuration::from_hours(6)));
        reports[1].text =
            format!("GENEVA - {} Additional reporting by our staff.", WIRE.replace("Friday", "Friday 27"));
        assert!(!is_carried(&reports, 3, SignedDuration::from_hours(6)), "a near copy");
        reports[1].text = WIRE[..90].to_owned();
        assert!(!is_carried(&reports, 3, SignedDuration::from_hours(6)), "a copy that was cut");
    }

    #[test]
    fn one_site_counts_once() {
        let mut reports = three();
        reports[1].link = Some("https://sport.one.example:8443/b".to_owned());
        assert!(!is_carried(&reports, 3, SignedDuration::from_hours(6)));
    }

    #[test]
    fn sites_are_registrable_domains() {
        for (link, expected) in [
            ("https://user@News.BBC.co.uk:443/a?b#c", Some("bbc.co.uk")),
            ("http://127.0.0.1:8080/a", Some("127.0.0.1")),
            ("http://[::1]:8080/a", Some("::1")),
            ("http://localhost/a", Some("localhost")),
            ("no link", None),
            ("file:///a", None),
        ] {
            assert_eq!(site(link).as_deref(), expected, "{link}");
        }
    }
}
