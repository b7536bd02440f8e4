use std::collections::BTreeMap;
use std::sync::Arc;

use toml::de::DeValue;

use crate::config::finding::{Finding, Findings, Place};
use crate::config::written::Written;

/// `[currencies]`: what one unit of each is worth, all in one measure. What is wrong with one leaves the others known.
pub(super) fn rates(written: &Written<'_>, out: &mut Findings) -> BTreeMap<String, f64> {
    let mut rates = BTreeMap::new();
    let mut first: BTreeMap<String, Place> = BTreeMap::new();
    for (source, entries) in written.currencies() {
        for (key, value) in *entries {
            let place = |span| Place { source: Arc::clone(source), span };
            let (code, at) = (key.get_ref().as_ref(), place(key.span()));
            if code.len() != 3 || !code.bytes().all(|byte| byte.is_ascii_uppercase()) {
                let finding = Finding::error(&at, "a currency is three capital letters");
                out.push(finding.hint("write EUR = 1.0 and USD = 0.92: what one of each is worth, all in one measure"));
                continue;
            }
            if let Some(before) = first.insert(code.to_owned(), at.clone()) {
                let finding = Finding::error(&at, format!("the currency {code} is given twice")).first_given(before);
                out.push(finding.hint("take one of the two out"));
            }
            let rate = match value.get_ref() {
                DeValue::Integer(number) => number.as_str().parse().ok(),
                DeValue::Float(number) => number.as_str().replace('_', "").parse().ok(),
                _ => None,
            };
            if let Some(rate) = rate.filter(|rate: &f64| rate.is_finite() && *rate > 0.0) {
                rates.insert(code.to_owned(), rate);
            } else {
                let finding = Finding::error(&place(value.span()), format!("{code} must be a number above 0"));
                out.push(finding.hint(format!("write {code} = 0.92: what one {code} is worth in the others' measure")));
            }
        }
    }
    rates
}
