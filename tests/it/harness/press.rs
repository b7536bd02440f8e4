//! Outlets that publish under watch: each item carries a token, and nothing leaves a feed before its reader has shown that
//! it stored it.
//!
//! A reader shows that by asking with the validator of the newest document. Only then is the next batch published, so a
//! token that is never told was lost by the reader and by nobody else, however often the reader was killed. Half of the
//! outlets drop everything old with each batch: a reader that stored the validator without the items never sees them again.

use super::items::Entry;

/// Chance from a seed (splitmix64), so that a failed run can be repeated.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// From 0 up to but not 1.
    pub(crate) fn fraction(&mut self) -> f64 {
        f64::from(u32::try_from(self.next() >> 32).unwrap()) / 4_294_967_296.0
    }

    /// A made-up word that no other text holds.
    pub(crate) fn word(&mut self) -> String {
        let letters =
            |bytes: &[u8], dice: &mut Self| char::from(bytes[usize::try_from(dice.below(bytes.len() as u64)).unwrap()]);
        (0..4).flat_map(|_| [letters(b"bcdfghjklmnpqrstvwxz", self), letters(b"aeiou", self)]).collect()
    }
}

/// A thing published, recognisable wherever it turns up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) name: String,
    /// Whether the watch asks for it.
    pub(crate) wanted: bool,
}

/// All outlets.
#[derive(Debug)]
pub(crate) struct Press {
    dice: Dice,
    outlets: Vec<Outlet>,
    published: Vec<Token>,
    closed: bool,
    unconditional: usize,
}

#[derive(Debug, Default)]
struct Outlet {
    edition: u64,
    stock: Vec<(Token, Entry)>,
    /// How many items its document holds at most.
    keeps: usize,
    /// A reader has shown that it stored a document.
    proven: bool,
}

/// What an outlet answers.
#[derive(Debug)]
pub(crate) enum Page {
    /// The reader has it all.
    Same,
    /// A document.
    Document { validator: String, entries: Vec<Entry>, tokens: Vec<Token> },
}

/// Items an outlet adds at a time, and all that half of the outlets keep.
const BATCH: usize = 2;

impl Press {
    pub(crate) fn new(seed: u64, outlets: usize) -> Self {
        let keeps = |index: usize| if index.is_multiple_of(2) { BATCH } else { 40 };
        let outlets = (0..outlets).map(|index| Outlet { keeps: keeps(index), ..Outlet::default() }).collect();
        let mut press = Self { dice: Dice::new(seed), outlets, published: Vec::new(), closed: false, unconditional: 0 };
        for index in 0..press.outlets.len() {
            press.publish(index);
        }
        press
    }

    /// Answers a request that holds `validator`.
    pub(crate) fn answer(&mut self, outlet: usize, validator: Option<&str>) -> Page {
        let current = self.outlets[outlet].validator(outlet);
        if validator == Some(&current) {
            self.outlets[outlet].proven = true;
            if self.closed || self.dice.below(3) == 0 {
                return Page::Same;
            }
            self.publish(outlet);
        } else if validator.is_none() && self.outlets[outlet].proven {
            self.unconditional += 1;
        }
        let shown = &self.outlets[outlet];
        let (tokens, entries) = shown.stock.iter().cloned().unzip();
        Page::Document { validator: shown.validator(outlet), entries, tokens }
    }

    /// Nothing new from here on.
    pub(crate) fn close(&mut self) {
        self.closed = true;
    }

    /// All that was ever published.
    pub(crate) fn published(&self) -> &[Token] {
        &self.published
    }

    /// Requests without a validator from a reader that had one.
    pub(crate) fn unconditional(&self) -> usize {
        self.unconditional
    }

    fn publish(&mut self, outlet: usize) {
        for _ in 0..BATCH {
            let number = self.published.len();
            let token = Token { name: format!("tok{number:06}x"), wanted: self.dice.below(2) == 0 };
            let words: Vec<String> = (0..12).map(|_| self.dice.word()).collect();
            let verb = if token.wanted { "veto" } else { "bless" };
            let entry = Entry::new(&token.name, &format!("{} {verb} {}", words[..3].join(" "), token.name))
                .summary(&format!("{}. {}.", words[3..8].join(" "), words[8..].join(" ")));
            self.published.push(token.clone());
            self.outlets[outlet].stock.insert(0, (token, entry));
        }
        let outlet = &mut self.outlets[outlet];
        outlet.stock.truncate(outlet.keeps);
        outlet.edition += 1;
    }
}

impl Outlet {
    fn validator(&self, index: usize) -> String {
        format!("\"outlet-{index}-edition-{}\"", self.edition)
    }
}

/// Names of the tokens that a text holds, sorted, each once.
pub(crate) fn tokens_in(text: &str) -> Vec<String> {
    let is_token = |word: &&str| {
        word.strip_prefix("tok")
            .and_then(|rest| rest.strip_suffix('x'))
            .is_some_and(|digits| digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let words = text.split(|character: char| !character.is_ascii_alphanumeric());
    let mut found: Vec<_> = words.filter(is_token).map(str::to_owned).collect();
    found.sort();
    found.dedup();
    found
}

#[test]
fn a_batch_leaves_only_after_the_reader_has_shown_that_it_stored_it() {
    let mut press = Press::new(1, 1);
    let Page::Document { validator, tokens, .. } = press.answer(0, None) else { panic!("a document expected") };
    let Page::Document { tokens: again, .. } = press.answer(0, Some("\"other\"")) else {
        panic!("a document expected")
    };
    assert_eq!(tokens, again);
    while press.published().len() == BATCH {
        press.answer(0, Some(&validator));
    }
    let Page::Document { tokens: next, .. } = press.answer(0, None) else { panic!("a document expected") };
    assert!(tokens.iter().all(|token| !next.contains(token)));
    assert_eq!(press.unconditional(), 1);
}

#[test]
fn tokens_are_found_in_prose_and_links() {
    assert_eq!(tokens_in("a tok000007x, https://h/tok000001x? tok1x tokens tok000007x"), ["tok000001x", "tok000007x"]);
}
