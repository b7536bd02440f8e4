//! Queries at random, for properties.

use proptest::prelude::*;

/// Words that queries and texts are made of, with their inflections and spellings.
pub(crate) const WORDS: &[&str] = &[
    "veto",
    "Vetoes",
    "block",
    "blocked",
    "cease-fire",
    "ceasefire",
    "cease",
    "fire",
    "U.N.",
    "UN",
    "un",
    "Orbán",
    "orban",
    "post-cease-fire",
    "cease-fire-cease-fire-un",
    "Hungary's",
    "hungary",
    "停火",
    "停",
    "火",
    "F-16",
    "F16",
    "AT&T",
    "not",
    "l'Europe",
    "europe",
    "Regierung",
    "Regierungen",
    "der",
    "und",
    "the",
    "sanción",
    "sanciones",
    "санкции",
    "санкцию",
    "hallituksen",
    "hallitus",
    "KADINLAR",
    "kadın",
    "한국",
    "1,000",
    "Ve\u{AD}to",
    "South",
    "Sudan",
    "New",
    "Guinea",
    "NGOs",
    "NGO",
];

/// Well-formed queries of every kind of clause.
pub(crate) fn query() -> impl Strategy<Value = String> {
    let word = || proptest::sample::select(WORDS);
    let begin = proptest::sample::select(
        &["vet", "cease", "cease-f", "u", "F-1", "停", "h", "euro", "sanc", "regierungs", "ceasef"][..],
    );
    let look = prop_oneof![
        4 => word().prop_map(str::to_owned),
        2 => proptest::collection::vec(word(), 1..3).prop_map(|words| format!("\"{}\"", words.join(" "))),
        1 => (word(), begin.clone()).prop_map(|(word, begin)| format!("\"{word} {begin}*\"")),
        2 => begin.prop_map(|begin| format!("{begin}*")),
        2 => word().prop_map(|word| format!("={word}")),
        1 => (word(), word()).prop_map(|(one, other)| format!("=\"{one}  {other}\"")),
        1 => proptest::sample::select(&["@un", "@hungary", "@eu", "@sudan", "@guinea"][..]).prop_map(str::to_owned),
        1 => fact(),
        1 => proptest::sample::select(&["/F-?16s?/", "/VETO|fire/i", "/.n/", "/[-.,]/", "/e f/", "/ce(ase|a)-?f?/", "/(?i)VE(to|x)/", "/(ein|ung)(en)?\\b/"][..]).prop_map(str::to_owned),
    ];
    let field = prop_oneof![4 => Just(""), 1 => Just("title:"), 1 => Just("text:"), 1 => Just("author:")];
    let is_fact = |look: &str| ["event(", "act(", "amount("].iter().any(|name| look.starts_with(name));
    let place =
        (field, look).prop_map(
            move |(field, look)| {
                if field == "author:" && is_fact(&look) { look } else { format!("{field}{look}") }
            },
        );
    let place = place.prop_recursive(2, 6, 2, |inner| {
        let apart = proptest::sample::select(&["NEAR/1", "W/3", "BEFORE/2", "PRE/1", "NEAR/s", "BEFORE/s", "W/p"][..]);
        prop_oneof![
            (inner.clone(), apart, inner.clone()).prop_map(|(one, apart, other)| format!("({one} {apart} {other})")),
            (inner.clone(), inner).prop_map(|(one, other)| format!("({one} OR {other})")),
        ]
    });
    let source = proptest::sample::select(
        &[
            "link:example",
            "link:EXAMPLE.ORG",
            "feed:Alliance",
            "feed:other",
            "tag:official",
            "tag:\"two words\"",
            "lang:en",
            "lang:(de OR es)",
            "lang:xx",
            "feed:(alliance | other)",
        ][..],
    );
    let counted = proptest::sample::select(
        &[
            "ATLEAST/2 veto",
            "ATLEAST/2 (veto OR fire OR @un)",
            "ATLEAST/3 cease*",
            "ATLEAST/2 /e/",
            "title:(ATLEAST/2 block)",
        ][..],
    );
    let clause = prop_oneof![6 => place, 1 => counted.prop_map(str::to_owned), 1 => source.prop_map(str::to_owned)];
    clause.prop_recursive(4, 16, 3, |inner| {
        let list = || proptest::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            list().prop_map(|clauses| clauses.join(" ")),
            list().prop_map(|clauses| clauses.join(" AND ")),
            list().prop_map(|clauses| format!("({})", clauses.join(" OR "))),
            list().prop_map(|clauses| clauses.join(" | ")),
            list().prop_map(|clauses| format!("ANY/1 ({})", clauses.join(", "))),
            (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("ANY/2 ({one}, {other}, veto, block)")),
            inner.clone().prop_map(|clause| format!("NOT ({clause})")),
            inner.clone().prop_map(|clause| format!("-({clause})")),
        ]
    })
}

/// `event(…)`, `act(…)` and `amount(…)` in all their ways.
pub(crate) fn fact() -> impl Strategy<Value = String> {
    let one_of = |all: &'static [&'static str]| proptest::sample::select(all);
    let kinds = one_of(&["summit", "summit | meeting", "vote|\"state visit\"", "(talks OR hearing)", "election"]);
    let within = one_of(&["", ", within=90d", ", within = 6w", ", within=any", ",within=0d"]);
    let changed = one_of(&["", ", changed=yes", ", changed=no"]);
    let event =
        (kinds, within, changed).prop_map(|(kinds, within, changed)| format!("event({kinds}{within}{changed})"));
    let acts = one_of(&["veto", "veto | block", "block|resign", "\"drop out\"", "withdraw"]);
    let values = || one_of(&["@hungary", "@un | orban", "\"the council\"", "hungary|\"Prime Minister\"|@eu"]);
    let named = |name: &'static str| prop_oneof![3 => Just(String::new()), 1 => values().prop_map(move |values| format!(", {name}={values}"))];
    let stances =
        one_of(&["", ", stance=did", ", stance=announced|did", ", stance=threatened | denied", ", stance=called-for"]);
    let act = (acts, named("by"), named("on"), named("said-by"), stances)
        .prop_map(|(acts, by, on, said_by, stances)| format!("act({acts}{by}{stances}{on}{said_by})"));
    let sign = one_of(&["", ">= ", ">", "<=", "< ", "="]);
    let number = prop_oneof![
        (0..5000_u32).prop_map(|n| n.to_string()),
        (0..900_u32).prop_map(|n| format!("{}.{:02}", n / 100, n % 100))
    ];
    let scale = one_of(&["", "k", "m", "bn", " million", "tn", " billion"]);
    let amount = (sign, number, scale, one_of(&["EUR", "usd", "GBP"]))
        .prop_map(|(sign, number, scale, currency)| format!("amount({sign}{number}{scale} {currency})"));
    prop_oneof![event, act, amount]
}
