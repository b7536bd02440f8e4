//! A made-up language whose words are as common as those of a real one, what is written in it, and what is asked of that.

use std::fmt::Write as _;

use newswatch::item::Item;

/// Words of the language.
const WORDS: usize = 500_000;

/// Only words this rare are asked for; of a hundred thousand watches an item then matches a handful.
const RANK_MIN: usize = 200_000;

/// Words of an item.
const LENGTH: usize = 450;

/// The small words of a real language, so that the texts are taken for English.
const COMMON: &[&str] =
    &["the", "of", "and", "to", "in", "that", "for", "was", "on", "with", "said", "from", "have", "will"];

/// The language.
pub(crate) struct Language {
    words: Vec<String>,
    /// How likely a word is one of this rank or of a lower one.
    shares: Vec<f64>,
}

/// What one watch asks.
pub(crate) enum Asked {
    All(String, String),
    Phrase(String, String),
    Near(String, String),
    EitherWithout(String, String, String),
}

impl Asked {
    /// As a query.
    pub(crate) fn written(&self) -> String {
        match self {
            Self::All(one, other) => format!("{one} AND {other}"),
            Self::Phrase(one, other) => format!("\"{one} {other}\""),
            Self::Near(one, other) => format!("{one} NEAR/8 {other}"),
            Self::EitherWithout(one, other, without) => format!("({one} OR {other}) NOT {without}"),
        }
    }

    /// As a regular expression, as far as one can say it.
    pub(crate) fn regex(&self) -> String {
        match self {
            Self::All(one, other) => format!(r"(?is)\b{one}\b.*\b{other}\b|\b{other}\b.*\b{one}\b"),
            Self::Phrase(one, other) => format!(r"(?i)\b{one}\s+{other}\b"),
            Self::Near(one, other) => {
                format!(r"(?i)\b{one}\W+(?:\w+\W+){{0,7}}{other}\b|\b{other}\W+(?:\w+\W+){{0,7}}{one}\b")
            }
            Self::EitherWithout(one, other, _) => format!(r"(?i)\b(?:{one}|{other})\b"),
        }
    }
}

impl Language {
    pub(crate) fn new() -> Self {
        let mut chance = Chance::new(1);
        let mut words: Vec<String> = COMMON.iter().map(|word| (*word).to_owned()).collect();
        let mut known: std::collections::HashSet<String> = words.iter().cloned().collect();
        while words.len() < WORDS {
            let syllables = 1 + chance.below(if words.len() < 2000 { 2 } else { 4 });
            let mut word = String::new();
            for _ in 0..syllables {
                word.push(char::from(b"bcdfghklmnprstvw"[chance.below(16)]));
                word.push(char::from(b"aeiou"[chance.below(5)]));
            }
            word.push_str(["", "n", "r", "st", "l", "nd", "k"][chance.below(7)]);
            if known.insert(word.clone()) {
                words.push(word);
            }
        }
        let mut sum = 0.0;
        let mut shares: Vec<f64> = (1..=WORDS)
            .map(|rank| {
                sum += 1.0 / rank as f64;
                sum
            })
            .collect();
        for share in &mut shares {
            *share /= sum;
        }
        Self { words, shares }
    }

    /// An item by its number.
    pub(crate) fn item(&self, number: usize) -> Item {
        let mut chance = Chance::new(number as u64 + 1000);
        let title: Vec<&str> = (0..9).map(|_| self.word(&mut chance)).collect();
        let mut text = String::new();
        for at in 0..LENGTH - title.len() {
            let end = match at % 15 {
                14 if at % 60 == 59 => ".\n\n",
                14 => ". ",
                7 => ", ",
                _ => " ",
            };
            let _ = write!(text, "{}{end}", self.word(&mut chance));
        }
        Item { title: title.join(" "), text, ..Item::default() }
    }

    /// The query of a watch by its number.
    pub(crate) fn query(&self, number: usize) -> Asked {
        let mut chance = Chance::new(number as u64 + 1_000_000);
        let mut rare = || self.words[RANK_MIN + chance.below(WORDS - RANK_MIN)].clone();
        match number % 4 {
            0 => Asked::All(rare(), rare()),
            1 => Asked::Phrase(rare(), rare()),
            2 => Asked::Near(rare(), rare()),
            _ => Asked::EitherWithout(rare(), rare(), rare()),
        }
    }

    fn word(&self, chance: &mut Chance) -> &str {
        let share = chance.share();
        &self.words[self.shares.partition_point(|known| *known < share).min(WORDS - 1)]
    }
}

/// Numbers that look random and are the same in every run (splitmix64).
struct Chance(u64);

impl Chance {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x2545_F491_4F6C_DD1D))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap_or_default()
    }

    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}
