//! Names of money.

use std::sync::LazyLock;

use crate::understand::facts::lists::{WordMap, alternatives, rows};
use crate::understand::facts::tokens::Tokens;
use crate::understand::words::money;

/// The names of all languages; codes and signs are everybody's.
pub(super) static CURRENCIES: LazyLock<Currencies> = LazyLock::new(|| Currencies::read(money::CURRENCIES));

/// A name of money.
#[derive(Debug, Clone)]
pub(super) struct Name {
    /// The tokens behind the first.
    pub(super) rest: Vec<&'static str>,
    pub(super) code: &'static str,
    /// It may stand before its number.
    pub(super) sign: bool,
    /// It is a code of three letters.
    pub(super) is_code: bool,
}

/// Names of money by their first token, the longest first.
pub(super) struct Currencies {
    pub(super) names: WordMap<Vec<Name>>,
    /// Hundredths, with the currency of which they are that when alone.
    pub(super) hundredths: WordMap<&'static str>,
}

impl Currencies {
    fn read(list: &'static str) -> Self {
        let mut currencies = Self { names: WordMap::default(), hundredths: WordMap::default() };
        for row in rows(list) {
            let [code, signs, names, hundredths] = row[..] else { panic!("a row of four cells: {row:?}") };
            for (cell, sign) in [(signs, true), (names, false)] {
                for name in alternatives(cell).filter(|name| *name != "-") {
                    let is_code = name.eq_ignore_ascii_case(code);
                    let tokens = Tokens::new(name);
                    let mut words = (0..tokens.len()).map(|at| tokens.surface(at));
                    let Some(first) = words.next() else { continue };
                    let rest = words.collect();
                    currencies.names.entry(first).or_default().push(Name {
                        rest,
                        code,
                        sign: sign || is_code,
                        is_code,
                    });
                }
            }
            for name in alternatives(hundredths).filter(|name| *name != "-") {
                currencies.hundredths.entry(name).or_insert(code);
            }
        }
        for names in currencies.names.values_mut() {
            names.sort_by_key(|name| std::cmp::Reverse(name.rest.len()));
        }
        currencies
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_is_two_currencies() {
        for (word, names) in &CURRENCIES.names {
            for (index, name) in names.iter().enumerate() {
                let twice = names[..index].iter().find(|other| other.rest == name.rest);
                assert!(
                    twice.is_none(),
                    "{word} {:?} is {} and {:?}",
                    name.rest,
                    name.code,
                    twice.map(|name| name.code)
                );
            }
        }
    }
}
