//! Spoils the files of a directory at random and reads them: whatever the bytes, there is a feed or an error.

use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use jiff::Timestamp;
use newswatch::parse;
use url::Url;

const SCRAPS: [&[u8]; 20] = [
    b"<",
    b">",
    b"&",
    b"]]>",
    b"<![CDATA[",
    b"<item>",
    b"</item>",
    b"<entry>",
    b"</title>",
    b"</channel>",
    b"\0",
    b"\xff\xfe",
    "\u{feff}é—".as_bytes(),
    b"<!DOCTYPE a [",
    b"<a xml:base='//'>",
    b"&#x110000;",
    b"\"",
    b"<!--",
    b"<link href=x",
    b"99999999999999999999",
];

/// What was tried, and the first document that broke the reader.
pub(crate) struct Outcome {
    pub(crate) tried: usize,
    pub(crate) slowest: Duration,
    pub(crate) broken: Option<Vec<u8>>,
}

/// Tries until the time is over. The same seed gives the same documents.
pub(crate) fn run(directory: &Path, seed: u64, limit: Duration) -> anyhow::Result<Outcome> {
    let mut seeds = Vec::new();
    for entry in std::fs::read_dir(directory).with_context(|| format!("cannot read {}", directory.display()))? {
        let path = entry?.path();
        if path.is_file() && path.metadata()?.len() < 40_000 {
            seeds.push(std::fs::read(path)?);
        }
    }
    seeds.sort();
    anyhow::ensure!(!seeds.is_empty(), "{} holds no file", directory.display());
    let url = Url::parse("http://feeds.example/a/index.xml")?;
    let now: Timestamp = "2026-11-24T12:00:00Z".parse()?;
    let mut dice = Dice(seed | 1);
    let mut outcome = Outcome { tried: 0, slowest: Duration::ZERO, broken: None };
    let mut spent = Duration::ZERO;
    while spent < limit {
        let bytes = spoiled(&seeds, &mut dice);
        let charset = [None, Some("text/xml; charset=utf-16"), Some("text/html; charset=big5")][dice.below(3)];
        let mut sound = false;
        let taken = super::timed(|| {
            sound = std::panic::catch_unwind(|| match parse::feed(&bytes, charset, &url, now) {
                Ok(document) => {
                    document.items.iter().all(|item| {
                        !item.title.contains('\n')
                            && item.id.as_deref() != Some("")
                            && item.link.as_deref().is_none_or(|link| Url::parse(link).is_ok())
                    }) && parse::keys(&document.items).len() == document.items.len()
                }
                Err(error) => !error.to_string().is_empty(),
            })
            .unwrap_or(false);
        });
        spent += taken;
        outcome.tried += 1;
        outcome.slowest = outcome.slowest.max(taken);
        if !sound {
            outcome.broken = Some(bytes);
            break;
        }
    }
    Ok(outcome)
}

fn spoiled(seeds: &[Vec<u8>], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = seeds[dice.below(seeds.len())].clone();
    for _ in 0..=dice.below(6) {
        let at = dice.below(bytes.len() + 1);
        let end = (at + dice.below(60)).min(bytes.len());
        let put: Vec<u8> = match dice.below(6) {
            0 => SCRAPS[dice.below(SCRAPS.len())].to_vec(),
            1 => vec![u8::try_from(dice.below(256)).unwrap_or(0)],
            2 => bytes[at..end].repeat(1 + dice.below(20)),
            3 => {
                let other = &seeds[dice.below(seeds.len())];
                let from = dice.below(other.len() + 1);
                other[from..(from + dice.below(400)).min(other.len())].to_vec()
            }
            4 => Vec::new(),
            _ => {
                bytes.truncate(at);
                continue;
            }
        };
        let end = if dice.below(2) == 0 { at } else { end };
        bytes.splice(at..end, put);
    }
    bytes
}

/// A xorshift generator: the figures are to be the same every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap_or(usize::MAX) % limit.max(1)
    }
}
