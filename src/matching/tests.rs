use proptest::prelude::*;

use super::*;
use crate::item::Fact;
use crate::query::{Expr, Place, Row, Weight, sample};
use crate::understand::text::{words, words_and_compounds};

/// Words that are written in more than one way, and signs that are no words.
const ODD_WORDS: &[&str] = &[
    "Orba\u{301}n",
    "İstanbul",
    "ISTANBUL",
    "ﬁnance",
    "ＮＡＴＯ",
    "Łódź",
    "ŒUVRE",
    "1\u{202F}000",
    "1 000",
    "South Sudan",
    "Papua New Guinea",
    "10.5",
    "U.S.A.",
    "l’Europe",
    "Σίσυφος",
    "한국",
    "\u{1112}\u{1161}\u{11AB}",
    "ｶﾞｽ",
    "हिन्दी",
    "ภาษาไทย",
    "ភាសាខ្មែរ",
    "العَرَبِيّة",
    "שָׁלוֹם",
    "🙂",
    "👨‍👩‍👧",
    "🇪🇺",
    "e\u{AD}mail",
    "co\u{2011}op",
    "§",
    "№5",
    "½",
    "x²",
    "Ǆ",
    "ŉ",
    "K",
    "ſ",
];

fn matcher(queries: &[String]) -> Matcher {
    let rule = |query: &String| Rule { name: query.clone(), query: Query::parse(query).unwrap() };
    Matcher::new(queries.iter().map(rule).collect())
}

/// Sentences that say something, in which words of other clauses stand too.
const SAID: &[&str] = &[
    "Hungary vetoed the aid on Monday. ",
    "Orbán threatened to block it, the Council said. ",
    "The UN did not rule out a veto. ",
    "Leaders meet for a summit in Vilnius on 11 and 12 July. ",
    "The vote was postponed from 3 May to 5 June 2024. ",
    "The EU pays €1.5 billion, and Hungary 300 million dollars. ",
    "The prime minister resigned yesterday, and a state visit follows on 1 August. ",
];

/// Texts of the words that queries use, in sentences and paragraphs.
fn text() -> impl Strategy<Value = String> {
    let between = prop_oneof![8 => Just(" "), 1 => Just(". "), 1 => Just("\n\n"), 1 => Just("-"), 1 => Just(", ")];
    let word =
        (proptest::sample::select(sample::WORDS), between).prop_map(|(word, between)| format!("{word}{between}"));
    let piece = prop_oneof![12 => word, 1 => proptest::sample::select(SAID).prop_map(str::to_owned)];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn item() -> impl Strategy<Value = Item> {
    let authors = proptest::collection::vec(text(), 0..3);
    let link = proptest::option::of(Just("https://EXAMPLE.org/é".to_owned()));
    let language = proptest::sample::select(&["de-DE", "en", "ru", "fi", "tr", "xx"][..]).prop_map(str::to_owned);
    let language = proptest::option::of(language);
    (text(), text(), text(), authors, link, language).prop_map(|(title, summary, text, authors, link, language)| Item {
        title,
        link,
        authors,
        published: "2024-05-02T12:00:00Z".parse().ok(),
        summary,
        language,
        text,
        ..Item::default()
    })
}

/// Weighted queries against a threshold, without what one of the others finds now and then.
fn made() -> impl Strategy<Value = Query> {
    let query = || sample::query().prop_map(|source| Query::parse(&source).unwrap());
    let weight = prop_oneof![3 => 1..60_i64, 1 => -40..-1_i64];
    let row = (proptest::collection::vec(query(), 1..4), weight, proptest::option::of(1..80_i64));
    let row = row.prop_map(|(any, each, max)| Row { any, weight: Weight { each, max } });
    (1..120_i64, proptest::collection::vec(row, 1..4), proptest::collection::vec(query(), 0..2))
        .prop_map(|(threshold, rows, without)| Query::score(threshold, &rows).without(&without))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn the_index_finds_the_scores_that_going_through_everything_finds(
        queries in proptest::collection::vec(made(), 1..6),
        items in proptest::collection::vec(item(), 1..4),
    ) {
        let rules = queries.into_iter().enumerate().map(|(number, query)| Rule::new(number.to_string(), query));
        let matcher = Matcher::new(rules.collect());
        for item in &items {
            let subject = Subject { item, feed: "alliance", tags: &[] };
            let found: Vec<String> = matcher.hits(&subject).into_iter().map(|hit| hit.watch).collect();
            let matching = matcher.rules().iter().filter(|rule| naive::matches(rule.query.root(), &subject));
            let expected: Vec<String> = matching.map(|rule| rule.name.clone()).collect();
            prop_assert_eq!(&found, &expected, "{:?}", item);
            let explained = matcher.explain(&subject).into_iter().filter(|told| told.matched).map(|told| told.watch);
            prop_assert_eq!(explained.collect::<Vec<_>>(), expected);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn the_index_finds_what_going_through_everything_finds(
        queries in proptest::collection::vec(sample::query(), 1..5),
        items in proptest::collection::vec(item(), 1..4),
        tagged in any::<bool>(),
    ) {
        let matcher = matcher(&queries);
        let tags = if tagged { vec!["Official".to_owned(), "Two  Words".to_owned()] } else { Vec::new() };
        for item in &items {
            let subject = Subject { item, feed: "alliance", tags: &tags };
            let hits = matcher.hits(&subject);
            let found: Vec<&str> = hits.iter().map(|hit| hit.watch.as_str()).collect();
            let matching = matcher.rules().iter().filter(|rule| naive::matches(rule.query.root(), &subject));
            let expected: Vec<&str> = matching.map(|rule| rule.name.as_str()).collect();
            prop_assert_eq!(found, expected, "{:?}", item);
        }
    }

    #[test]
    fn a_word_of_any_text_is_found_in_it(
        pieces in proptest::collection::vec(prop_oneof![
            3 => "\\PC{1,6}",
            2 => proptest::sample::select(sample::WORDS).prop_map(str::to_owned),
            2 => proptest::sample::select(ODD_WORDS).prop_map(str::to_owned),
            1 => "[-.,'’ \u{AD}\u{200B}\u{A0}\u{301}0-9a-zA-ZİıßÆ停ガ한ﾞกำक्षा]{1,6}",
        ], 1..8),
        between in proptest::sample::select(&[" ", "", "-", ", ", "\n\n"][..]),
    ) {
        let item = Item { text: pieces.join(between), ..Item::default() };
        let subject = Subject { item: &item, feed: "", tags: &[] };
        for word in words_and_compounds(&item.text) {
            let (form, folded) = (word.surface, word.folded());
            for query in [form.to_owned(), folded.to_string(), format!("\"{form}\""), format!("=\"{form}\"")] {
                // Some letters are an operator when they stand alone.
                let Ok(query) = Query::parse(&query) else { continue };
                let Expr::Place(Place::Term(_)) = &query.root().expr else { continue };
                // What is left of a fraction or a ligature may be several words, and no query that anybody would write.
                let is_again = words(query.source()).map(|word| word.folded().into_owned()).eq([folded.to_string()]);
                if form != query.source() && query.source() == folded && !is_again {
                    continue;
                }
                let found = Matcher::new(vec![Rule::new("", query.clone())]).hits(&subject);
                prop_assert_eq!(found.len(), 1, "{:?} in {:?}", query.source(), &item.text);
            }
        }
    }

    #[test]
    fn a_reloaded_matcher_finds_what_a_new_one_finds(
        before in proptest::collection::vec(sample::query(), 1..4),
        after in proptest::collection::vec(sample::query(), 1..4),
        items in proptest::collection::vec(item(), 1..4),
    ) {
        let found = |matcher: &Matcher, item: &Item| matcher.hits(&Subject { item, feed: "alliance", tags: &[] });
        let old = matcher(&before);
        for item in &items {
            found(&old, item);
        }
        let rules = [before, after].concat();
        let new = matcher(&rules);
        let reloaded = old.reloaded(new.rules().to_vec());
        new.accustom(&items);
        for item in &items {
            prop_assert_eq!(found(&reloaded, item), found(&new, item));
        }
    }

    #[test]
    fn every_mark_lies_in_its_quote(query in sample::query(), item in item()) {
        let tags = ["official".to_owned()];
        for hit in matcher(&[query]).hits(&Subject { item: &item, feed: "alliance", tags: &tags }) {
            prop_assert!(hit.because.len() <= 8);
            for because in hit.because {
                prop_assert!(!because.term.is_empty() && !because.marks.is_empty(), "{:?}", because);
                let mut last = 0;
                for (start, end) in because.marks {
                    prop_assert!(start >= last && because.quote.get(start..end).is_some_and(|marked| !marked.is_empty()));
                    last = end;
                }
            }
        }
    }
}

#[test]
fn only_rules_that_need_nothing_are_evaluated_for_every_item() {
    let queries =
        ["veto", "NOT sport", "/[0-9]+/", "/F-?16s?/", "link:example", "lang:de", "feed:a", "veto OR /[0-9]/", "tag:b"];
    let matcher = matcher(&queries.map(str::to_owned));
    assert_eq!(matcher.unfiled(), ["NOT sport", "/[0-9]+/", "veto OR /[0-9]/"]);
    let item = Item { text: "Nothing of it".to_owned(), ..Item::default() };
    assert_eq!(matcher.evaluated(&Cut::new(&Subject { item: &item, feed: "", tags: &[] })), 3);
}

#[test]
fn rules_are_filed_under_what_is_rare_in_the_items_that_are_read() {
    let matcher = matcher(&["ab longerword".to_owned()]);
    let common = Item { text: "A longerword here".to_owned(), ..Item::default() };
    let cut = Cut::new(&Subject { item: &common, feed: "", tags: &[] });
    assert_eq!(matcher.evaluated(&cut), 1, "short words are taken for common ones");
    matcher.accustom(std::iter::repeat_n(&common, 1000));
    assert_eq!(matcher.evaluated(&cut), 0);
    let again = matcher.reloaded(matcher.rules().to_vec());
    assert_eq!(again.evaluated(&cut), 0, "what was seen outlives a reload");
}

#[test]
fn an_act_in_a_longer_word_is_found_whatever_its_place_and_case() {
    for (query, title) in [
        ("act(veto)", "Ungarns Vetodrohung empört die EU"),
        ("act(veto)", "Ungarn kündigt ein Haushaltsveto an"),
        ("act(resign)", "RÜCKTRITTSDROHUNG des Ministers Müller"),
        ("act(sanction)", "Die EU beschließt ein Sanktionspaket gegen Russland"),
    ] {
        let item = Item { title: title.to_owned(), language: Some("de".to_owned()), ..Item::default() };
        let subject = Subject { item: &item, feed: "", tags: &[] };
        let query_read = Query::parse(query).unwrap();
        let rule = Rule { name: "w".to_owned(), query: query_read.clone() };
        let found = Matcher::new(vec![rule]).hits(&subject).len() == 1;
        assert_eq!((found, naive::matches(query_read.root(), &subject)), (true, true), "{query}: {title}");
    }
    let item = Item { title: "Ungarns Vetodrohung empört die EU".to_owned(), ..Item::default() };
    let subject = Subject { item: &item, feed: "", tags: &[] };
    assert_eq!(matcher(&["act(veto)".to_owned()]).hits(&subject).len(), 1);
}

#[test]
fn facts_are_read_in_the_language_of_the_item() {
    let german =
        "Der Streit dauert seit Monaten an. Nach dem Treffen in der Hauptstadt ist eine Einigung nicht in Sicht.";
    for (query, title, text, language) in [
        ("act(block, by=@hungary, stance=did)", "Ungarn blockiert EU-Hilfen", "", Some("de")),
        ("act(block, by=@hungary, stance=did)", "Ungarn blockiert EU-Hilfen", german, None),
        ("amount(>= 1bn EUR)", "Hilfen: 1,5 Milliarden Euro", "", Some("de-DE")),
        ("event(summit)", "Gipfel beginnt Donnerstag", "", Some("de")),
        ("act(veto, by=@hungary)", "Six die, Hungary vetoes truce", "", Some("en")),
    ] {
        let published = Some("2026-11-30T09:00:00Z".parse().unwrap());
        let (title, text) = (title.to_owned(), text.to_owned());
        let item = Item { title, text, published, language: language.map(str::to_owned), ..Item::default() };
        let subject = Subject { item: &item, feed: "", tags: &[] };
        let root = Query::parse(query).unwrap();
        let found = matcher(&[query.to_owned()]).hits(&subject).len() == 1;
        assert_eq!((found, naive::matches(root.root(), &subject)), (true, true), "{query}: {}", item.title);
    }
}

#[test]
fn what_has_taken_place_on_the_day_of_publication_is_no_event_ahead() {
    for (ahead, text) in [
        (false, "The summit in Ankara ended on Sunday without a deal."),
        (false, "EU leaders held an emergency summit on Sunday."),
        (true, "The summit opened in Ankara on Sunday."),
        (true, "The summit opens on Sunday evening."),
        (true, "The summit planned for Sunday was cancelled."),
    ] {
        let published = Some("2026-11-29T20:00:00Z".parse().unwrap());
        let item = Item { text: text.to_owned(), published, ..Item::default() };
        let subject = Subject { item: &item, feed: "", tags: &[] };
        let queries = ["event(summit)", "event(summit, within=7d)", "event(summit, within=any)"].map(str::to_owned);
        let hits = matcher(&queries).hits(&subject).len();
        assert_eq!(hits, if ahead { 3 } else { 1 }, "{text}");
    }
}

/// The parts of a long compound may stand in pairs, each of which is one word.
#[test]
fn a_compound_of_many_parts_is_found_in_pieces() {
    let texts = [
        "a state-of-the-art-of-war show",
        "a state of the art of war show",
        "a stateof the artof war show",
        "a state ofthe art ofwar show",
        "a stateof theart of war show",
        "a stateofthe art of war show",
        "state of the art of",
        "yA\0IyI\0\0-\0yA\0IyI-yI-yI-",
        "a-2024-25 b-c",
        "a2024 25b c",
        "a 2024 25 bc",
        "state-of-the-artof-war show",
    ];
    let queries = [
        "state-of-the-art-of-war",
        "\"a state-of-the-art-of-war show\"",
        "\"state-of-the-art-of-war sho*\"",
        "state-of-the-art-of-wa*",
        "=state-of-the-art-of-war",
        "state-of-the-art",
        "IyIyI-y-IyIyI-y-I",
        "a-2024-25-b-c",
    ];
    let matcher = matcher(&queries.map(str::to_owned));
    let mut count = 0;
    for text in texts {
        let item = Item { title: "-".to_owned(), text: text.to_owned(), ..Item::default() };
        let subject = Subject { item: &item, feed: "", tags: &[] };
        let found: Vec<String> = matcher.hits(&subject).into_iter().map(|hit| hit.watch).collect();
        let expected = matcher.rules().iter().filter(|rule| naive::matches(rule.query.root(), &subject));
        assert_eq!(found, expected.map(|rule| rule.name.clone()).collect::<Vec<_>>(), "{text:?}");
        count += found.len();
    }
    let in_pairs = Item { text: "a stateof theart of war show".to_owned(), ..Item::default() };
    // Also the shorter one, whose four parts may be one word, which may be written in two.
    assert_eq!(matcher.hits(&Subject { item: &in_pairs, feed: "", tags: &[] }).len(), 5);
    assert!(count > 20, "{count}");
}

#[test]
fn of_sums_that_do_not_fit_the_nearest_is_shown() {
    let text = "It paid 3 euros for a coffee and 900 million euros for a bank. A tank costs 20 million euros.";
    let item = Item { text: text.to_owned(), ..Item::default() };
    assert_eq!(explained("amount(>= 1bn EUR)", &item), ["amount(>= 1bn EUR) = NO, 900m EUR"]);
    assert_eq!(explained("amount(= 30m EUR)", &item), ["amount(= 30m EUR) = NO, 20m EUR"]);
    let elsewhere = Item { text: "A jury in Atlanta, Georgia, met.".to_owned(), ..Item::default() };
    assert_eq!(explained("@georgia", &elsewhere), ["@georgia = NO, occurs only in Atlanta Georgia"]);
}

#[test]
fn a_matcher_is_shared_between_threads() {
    fn shared<T: Send + Sync>(_: &T) {}
    shared(&matcher(&["veto".to_owned()]));
}

#[test]
fn what_stands_at_the_end_of_a_long_text_is_found() {
    let item = Item { text: format!("{}the veto", "the ".repeat(20_000)), ..Item::default() };
    let subject = Subject { item: &item, feed: "", tags: &[] };
    let queries = ["the BEFORE/1 veto", "veto NEAR/1 the", "(a OR the) NEAR/1 veto"].map(str::to_owned);
    assert_eq!(matcher(&queries).hits(&subject).len(), queries.len());
}

#[test]
fn what_a_long_text_repeats_is_found_in_bounded_time() {
    let item = Item { text: "veto block ".repeat(200_000), ..Item::default() };
    let subject = Subject { item: &item, feed: "", tags: &[] };
    let hits =
        matcher(&["veto BEFORE/s block NEAR/s veto".to_owned(), "block BEFORE/s missing".to_owned()]).hits(&subject);
    assert_eq!(hits.len(), 1);
    assert!(hits[0].because[0].quote.chars().count() <= 402);
}

/// Each with what holds the name of a country: it is found in the one and not in the other.
#[test]
fn an_alias_is_not_found_where_its_name_is_somebody_else() {
    let found = |query: &str, text: &str| {
        let item = Item { title: "News".to_owned(), text: text.to_owned(), ..Item::default() };
        !matcher(&[query.to_owned()]).hits(&Subject { item: &item, feed: "", tags: &[] }).is_empty()
    };
    for (alias, there, elsewhere) in [
        ("@georgia", "Protests in Tbilisi, Georgia, go on", "A jury in Atlanta, Georgia, met"),
        ("@georgia", "Georgia passed the law", "Georgia Tech won in overtime"),
        ("@georgia", "A governor in Georgia resigned", "Georgia Gov. Brian Kemp signed it"),
        ("@jordan", "Jordan closes its airspace", "Michael Jordan sold the team"),
        ("@jordan", "King Abdullah of Jordan spoke", "Jordan Henderson scored twice"),
        ("@jordan", "Officials in Jordan King Abdullah met", "Air Jordan shoes sell well"),
        ("@chad", "Chad expels French troops", "Chad Smith plays the drums"),
        ("@turkey", "Turkey blocks the bid", "Turkey sandwiches for all"),
        ("@turkey", "Turkey and Greece agree", "Thanksgiving Turkey for a hundred guests"),
        ("@france", "Paris rejects the offer", "The Paris Agreement binds them"),
        ("@us", "Washington imposes tariffs", "Denzel Washington stars in it"),
        ("@lebanon", "Lebanon elects a president", "A fire in Lebanon, Tennessee, spread"),
    ] {
        assert!(found(alias, there), "{alias}: {there}");
        assert!(!found(alias, elsewhere), "{alias}: {elsewhere}");
        assert!(found(alias, &format!("{elsewhere}. {there}")), "{alias}: both");
    }
    // Whoever means somebody says so.
    assert!(found("\"michael jordan\"", "Michael Jordan sold the team"));
    assert!(found("georgia", "A jury in Atlanta, Georgia, met"));
}

/// Every clause of a query in a text: its depth, and what became of it.
#[test]
fn what_a_long_sentence_says_is_found_where_its_quote_is_cut() {
    let text = format!("A veto {}stops 5 million euros. A vote follows", "of one more thing ".repeat(60));
    let item = Item { title: "T".to_owned(), text: format!("{text}. Poland pays 7 million euros."), ..Item::default() };
    let matcher = matcher(&["veto".to_owned(), "poland".to_owned(), "amount(> 1 EUR)".to_owned()]);
    let cut = Cut::new(&Subject { item: &item, feed: "", tags: &[] });
    let mut hits = matcher.hits_in(&cut);
    assert!(!hits[0].because[0].quote.contains("euros"), "{:?}", hits[0].because);
    matcher.read(&cut).events(&mut hits);
    let sums = |hit: &Hit| -> Vec<String> {
        let sum = |told: &item::Told| if let Fact::Sum(sum) = &told.fact { Some(sum.text.clone()) } else { None };
        hit.facts.iter().filter_map(sum).collect()
    };
    assert_eq!(sums(&hits[0]), ["5 million euros"]);
    assert_eq!(sums(&hits[1]), ["7 million euros"]);
    assert_eq!(sums(&hits[2]).len(), 2);
}

fn explained(query: &str, item: &Item) -> Vec<String> {
    let explanation = matcher(&[query.to_owned()]).explain(&Subject { item, feed: "alliance", tags: &[] }).remove(0);
    let line = |(depth, clause): (usize, &Clause)| {
        let how = match &clause.missed_by {
            None => clause
                .found
                .iter()
                .map(|found| format!("{}: {}", found.field, found.quote))
                .collect::<Vec<_>>()
                .join(" | "),
            Some(miss) => format!("NO, {miss}"),
        };
        format!("{}{} = {how}", "  ".repeat(depth), clause.clause).trim_end().to_owned()
    };
    explanation.clauses().into_iter().map(line).collect()
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn an_explanation_says_by_how_much_a_clause_missed() {
    let item = Item {
        title: "Hungary and Nato".to_owned(),
        text: "The veto was one two three four blocked. They left.\n\nThe summit ends.".to_owned(),
        ..Item::default()
    };
    for (query, expected) in [
        (
            "veto NEAR/3 block",
            &[
                "veto NEAR/3 block = NO, distance 6, needed 3",
                "  veto = text: The veto was one two three four blocked.",
                "  block = text: The veto was one two three four blocked.",
            ][..],
        ),
        (
            "block BEFORE/9 veto",
            &[
                "block BEFORE/9 veto = NO, stand in the other order",
                "  block = text: The veto was one two three four blocked.",
                "  veto = text: The veto was one two three four blocked.",
            ],
        ),
        (
            "veto NEAR/s left",
            &[
                "veto NEAR/s left = NO, never in one sentence",
                "  veto = text: The veto was one two three four blocked.",
                "  left = text: They left.",
            ],
        ),
        (
            "veto NEAR/p summit",
            &[
                "veto NEAR/p summit = NO, never in one paragraph",
                "  veto = text: The veto was one two three four blocked.",
                "  summit = text: The summit ends.",
            ],
        ),
        (
            "veto NEAR/9 hungary",
            &[
                "veto NEAR/9 hungary = NO, never in the same field",
                "  veto = text: The veto was one two three four blocked.",
                "  hungary = title: Hungary and Nato",
            ],
        ),
        (
            "veto NEAR/9 (tank OR gun)",
            &[
                "veto NEAR/9 (tank OR gun) = NO, misses (tank OR gun)",
                "  veto = text: The veto was one two three four blocked.",
                "  (tank OR gun) = NO, does not occur",
                "    tank = NO, does not occur",
                "    gun = NO, does not occur",
            ],
        ),
        (
            "title:veto -hungary",
            &[
                "title:veto -hungary = NO, misses title:veto, -hungary",
                "  title:veto = NO, occurs only in text",
                "  -hungary = NO, occurs",
                "    hungary = title: Hungary and Nato",
            ],
        ),
        (
            "=NATO OR \"veto blocked\"",
            &[
                "=NATO OR \"veto blocked\" = NO, does not occur",
                "  =NATO = NO, is written Nato",
                "  \"veto blocked\" = NO, its words do not stand in a row",
            ],
        ),
        (
            "\"block veto\" OR \"the summits end\"",
            &[
                "\"block veto\" OR \"the summits end\" = NO, does not occur",
                "  \"block veto\" = NO, does not occur",
                "  \"the summits end\" = NO, occurs as \"The summit ends\"; only words without quotes match every form",
            ],
        ),
        ("@eu", &["@eu = NO, none of its names occurs: European Union, EU"]),
        ("text:@nato", &["text:@nato = NO, occurs only in title"]),
        (
            "feed:alliance link:x",
            &[
                "feed:alliance link:x = NO, misses link:x",
                "  feed:alliance = feed: alliance",
                "  link:x = NO, does not occur",
            ],
        ),
    ] {
        assert_eq!(explained(query, &item), expected, "{query}");
    }
}
