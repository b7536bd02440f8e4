//! Names of money.

use std::sync::LazyLock;

use crate::understand::facts::lists::{alternatives, rows};
use crate::understand::facts::tokens::cut;
use crate::understand::facts::vocabulary::{Table, Word, in_a_row};
use crate::understand::words::money;

/// The names of all languages; codes and signs are everybody's.
pub(super) static CURRENCIES: LazyLock<Currencies> = LazyLock::new(|| Currencies::read(money::CURRENCIES));

/// A name of money.
#[derive(Debug, Clone)]
pub(super) struct Name {
    /// The tokens behind the first.
    pub(super) rest: Vec<Word>,
    /// A dollar's sign is one of them.
    pub(super) dollar: bool,
    pub(super) code: &'static str,
    /// It may stand before its number.
    pub(super) sign: bool,
    /// It is a code of three letters.
    pub(super) is_code: bool,
}

/// Names of money by their first token, the longest first.
pub(super) struct Currencies {
    pub(super) names: Table<Vec<Name>>,
    /// Hundredths, with the currency of which they are that when alone.
    pub(super) hundredths: Table<Option<&'static str>>,
}

impl Currencies {
    fn read(list: &'static str) -> Self {
        let mut currencies = Self { names: Table::default(), hundredths: Table::default() };
        for row in rows(list) {
            let [code, signs, names, hundredths] = row[..] else { panic!("a row of four cells: {row:?}") };
            for (cell, sign) in [(signs, true), (names, false)] {
                for name in alternatives(cell).filter(|name| *name != "-") {
                    let is_code = name.eq_ignore_ascii_case(code);
                    let parts: Vec<&str> = cut(name).iter().map(|token| &name[token.start..token.end]).collect();
                    let [first, rest @ ..] = &parts[..] else { continue };
                    currencies.names.entry(first).push(Name {
                        rest: in_a_row(rest),
                        dollar: rest.contains(&"$"),
                        code,
                        sign: sign || is_code,
                        is_code,
                    });
                }
            }
            for name in alternatives(hundredths).filter(|name| *name != "-") {
                currencies.hundredths.entry(name).get_or_insert(code);
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
        for (word, names) in CURRENCIES.names.iter() {
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
