//! What a query matches and why, as whoever uses the library sees it.

use newswatch::item::{Field, Hit, Item};
use newswatch::matching::{Matcher, Rule, Subject};
use newswatch::query::Query;

fn matcher(query: &str) -> Matcher {
    let query = Query::parse(query).unwrap_or_else(|errors| panic!("{}", errors.render(query)));
    Matcher::new(vec![Rule { name: "watch".to_owned(), query }])
}

fn hit(query: &str, item: &Item) -> Option<Hit> {
    let tags = ["Official".to_owned(), "Défense  Desk".to_owned()];
    matcher(query).hits(&Subject { item, feed: "Alliance News", tags: &tags }).pop()
}

fn with_text(text: &str) -> Item {
    Item { text: text.to_owned(), ..Item::default() }
}

#[track_caller]
fn check(cases: &[(&str, &str, bool)]) {
    for (query, text, expected) in cases {
        assert_eq!(hit(query, &with_text(text)).is_some(), *expected, "{query} on {text}");
    }
}

#[test]
fn words_match_whatever_their_form() {
    check(&[
        ("veto", "They vetoed it", true),
        ("vetoes", "a veto", true),
        ("VETO", "vetoing", true),
        ("veto", "vetoist", false),
        ("freeze", "Frozen assets", true),
        ("withdraw", "It withdrew its threat", true),
        ("crisis", "Two crises", true),
        ("women", "a woman", true),
        ("Orban", "Viktor Orbán", true),
        ("Orbán", "ORBAN", true),
        ("Strasse", "Die Straße", true),
        ("Lodz", "in Łódź", true),
        ("Oresund", "Øresund bridge", true),
        ("hungary", "Hungary's veto", true),
        ("hungary's", "from Hungary", true),
        ("hungary", "hungry people", false),
        ("shell", "She'll go", false),
        ("europe", "l’Europe", true),
        ("java", "JavaScript", false),
        ("3.5", "rose 3.5 percent", true),
        ("1,000", "1000 troops", true),
        ("2024", "on 31.12.2024", true),
        ("veto", "", false),
    ]);
}

#[test]
fn hyphens_and_dots_do_not_matter() {
    check(&[
        ("cease-fire", "a cease-fire", true),
        ("cease-fire", "a ceasefire", true),
        ("cease-fire", "a cease fire", true),
        ("cease fire", "a cease-fire", true),
        ("ceasefire", "a cease-fire", true),
        ("ceasefires", "Cease‑Fire talks", true),
        ("cease-fire", "to cease their fire", false),
        ("\"ceasefire talks\"", "cease-fire talks", true),
        ("\"cease-fire talks\"", "ceasefire talks", true),
        ("\"cease fire\"", "the cease-fire", true),
        ("ceasefire", "a post-cease-fire plan", true),
        ("post-cease-fire", "a post-ceasefire plan", true),
        ("F-16", "two F16 jets", true),
        ("F16", "two F-16 jets", true),
        ("U.N.", "the UN said", true),
        ("UN", "the U.N. said", true),
        ("un", "the U.N.'s envoy", true),
        ("AT&T", "AT&T shares", true),
        ("AT&T", "T at AT", false),
    ]);
}

#[test]
fn phrases_prefixes_and_spellings() {
    check(&[
        ("\"security assistance\"", "Security  Assistance package", true),
        ("\"security assistance\"", "security and assistance", false),
        ("\"security guarantee\"", "security guarantees", false),
        ("\"nuclear weapon*\"", "nuclear weapons", true),
        ("\"hungary veto\"", "Hungary's veto", true),
        ("milit*", "paramilitary militia", true),
        ("milit*", "paramilitary", false),
        ("orb*", "Orbán", true),
        ("cease-f*", "ceasefire", true),
        ("=NATO", "NATO's summit", true),
        ("=NATO", "Nato", false),
        ("=Orban", "Orbán", false),
        ("=Orbán", "Orba\u{301}n", true),
        ("=UN", "U.N.", false),
        ("=U.N.", "at the U.N.", true),
        ("=cease-fire", "ceasefire", false),
        ("=cease-fire", "a cease-fire.", true),
        ("=\"North Atlantic\"", "the North\nAtlantic pact", true),
        ("=\"North Atlantic\"", "the north Atlantic", false),
        ("=vetoes", "vetoed", false),
    ]);
}

#[test]
fn scripts_without_spaces_are_matched_by_characters() {
    check(&[
        ("停火", "双方同意停火协议", true),
        ("停火", "火停", false),
        ("停*", "停火", true),
        ("\"停火 协议\"", "停火协议", true),
        ("한국", "한국은", true),
        ("ガス", "ガスの", true),
    ]);
}

#[test]
fn clauses_combine() {
    check(&[
        ("veto summit", "summit without a veto", true),
        ("veto AND summit", "veto", false),
        ("veto OR summit", "summit", true),
        ("veto | summit", "neither", false),
        ("veto -sport", "veto", true),
        ("veto NOT sport", "veto in sports", false),
        ("veto summit OR block", "block", true),
        ("veto (summit OR block)", "block", false),
        ("NOT sport", "politics", true),
        ("-(veto summit)", "veto", true),
        ("cats and dogs", "cats dogs", false),
    ]);
}

#[test]
fn distances_count_words() {
    check(&[
        ("a NEAR/1 b", "a b", true),
        ("a NEAR/1 b", "b a", true),
        ("a NEAR/1 b", "a x b", false),
        ("a W/2 b", "a x b", true),
        ("a BEFORE/2 b", "a x b", true),
        ("a PRE/2 b", "b a", false),
        ("a NEAR/2 b", "a.\n\nx b", true),
        ("veto NEAR/5 veto*", "one veto", false),
        ("veto NEAR/5 veto", "veto upon veto", true),
        ("\"a b\" NEAR/2 c", "a b x c", true),
        ("\"a b\" NEAR/1 c", "a b x c", false),
        ("(a OR b) NEAR/1 c", "x b c", true),
        ("a NEAR/2 b NEAR/2 c", "a x b x c", true),
        ("a NEAR/3 b NEAR/1 c", "a c x b", true),
        ("a NEAR/2 b BEFORE/1 c", "a c b", false),
        ("a NEAR/s b", "b and a. Else", true),
        ("a NEAR/s b", "It is a. The b too", false),
        ("x BEFORE/s b", "Mr. x and No. 7 b", true),
        ("a NEAR/p b", "It is a. The b too", true),
        ("a NEAR/p b", "It is a.\n\nThe b too", false),
        ("停火 NEAR/2 协议", "停火和协议", true),
        ("cease-fire NEAR/1 talks", "talks, cease-fire", true),
    ]);
}

#[test]
fn fields_are_looked_at_apart() {
    let item = Item {
        title: "Summit in Vilnius".to_owned(),
        link: Some("https://News.example.org/World/nato?id=1".to_owned()),
        authors: vec!["Ann Orbán".to_owned(), "Bob Smith".to_owned()],
        summary: "A veto was cast".to_owned(),
        text: "They blocked the package".to_owned(),
        ..Item::default()
    };
    for (query, expected) in [
        ("summit veto block", true),
        ("title:summit", true),
        ("title:veto", false),
        ("text:veto", true),
        ("text:block", true),
        ("text:summit", false),
        ("title:(summit OR veto) text:(-summit)", true),
        ("summit NEAR/9 veto", false),
        ("veto NEAR/9 block", false),
        ("vilnius NEAR/s summit", true),
        ("title:\"summit in\"", true),
        ("title:=summit", false),
        ("author:orban", true),
        ("author:\"bob smith\"", true),
        ("author:\"orban bob\"", false),
        ("orban", false),
        ("link:news.EXAMPLE.org/world", true),
        ("link:example.com", false),
        ("link:nato?id=1", true),
        ("nato", false),
        ("feed:\"alliance news\"", true),
        ("feed:alliance", false),
        ("tag:official", true),
        ("tag:\"defense desk\"", true),
        ("tag:defense", false),
        ("-tag:official", false),
        ("feed:(\"alliance  NEWS\" | other) tag:official summit", true),
        ("link:example.org -summit", false),
    ] {
        assert_eq!(hit(query, &item).is_some(), expected, "{query}");
    }
}

/// What is shown of a hit: field, term, and the quote with its marks in brackets.
fn shown(hit: &Hit) -> Vec<String> {
    let mark = |quote: &str, marks: &[(usize, usize)]| {
        let mut marked = quote.to_owned();
        for (start, end) in marks.iter().rev() {
            marked.insert(*end, ']');
            marked.insert(*start, '[');
        }
        marked
    };
    hit.because.iter().map(|why| format!("{} {}: {}", why.field, why.term, mark(&why.quote, &why.marks))).collect()
}

#[test]
fn a_hit_quotes_the_sentences_that_matched() {
    let item = Item {
        title: "Hungary's Orbán threatens veto".to_owned(),
        link: Some("https://example.org/veto".to_owned()),
        authors: vec!["Ann Smith".to_owned()],
        summary: "The U.S. and Hungary met.  They\nvetoed nothing.".to_owned(),
        text: "The U.S. and Hungary met. They vetoed nothing. Nobody blocked it, said Orbán.\n\nA veto needs a reason."
            .to_owned(),
        ..Item::default()
    };
    let hit = |query| shown(&hit(query, &item).unwrap());
    assert_eq!(
        hit("veto (hungary OR austria) -sport"),
        [
            "title veto, hungary: [Hungary]'s Orbán threatens [veto]",
            "summary hungary: The U.S. and [Hungary] met.",
            "summary veto: They [vetoed] nothing.",
            "text veto: A [veto] needs a reason.",
        ]
    );
    assert_eq!(hit("nobody BEFORE/5 orban"), ["text nobody BEFORE/5 orban: [Nobody] blocked it, said [Orbán]."]);
    assert_eq!(
        hit("hungary NEAR/3 vetoed"),
        [
            "title hungary NEAR/3 vetoed: [Hungary]'s Orbán threatens [veto]",
            "summary hungary NEAR/3 vetoed: The U.S. and [Hungary] met.",
            "summary hungary NEAR/3 vetoed: They [vetoed] nothing."
        ]
    );
    assert_eq!(hit("title:\"orban threatens\""), ["title title:\"orban threatens\": Hungary's [Orbán threatens] veto"]);
    assert_eq!(
        hit("link:EXAMPLE author:smith feed:\"alliance news\" tag:official"),
        [
            "author author:smith: Ann [Smith]",
            "link link:EXAMPLE: https://[example].org/veto",
            "feed feed:\"alliance news\": [Alliance News]",
            "tag tag:official: [Official]",
        ]
    );
    assert_eq!(hit("NOT sport"), [] as [&str; 0]);
}

#[test]
fn a_hit_shows_eight_sentences_and_every_clause() {
    let vetoes: Vec<String> = (1..100).map(|number| format!("Here is veto {number}.")).collect();
    let item = with_text(&format!("{} The last word is summit. Here is veto 1.", vetoes.join(" ")));
    let hit = hit("veto summit", &item).unwrap();
    let quotes: Vec<&str> = hit.because.iter().map(|why| why.quote.as_str()).collect();
    assert_eq!(quotes[..2], ["Here is veto 1.", "Here is veto 2."]);
    assert_eq!(hit.because.len(), 8);
    assert_eq!(hit.because[7].term, "summit");
    assert!(hit.because.iter().all(|why| why.field == Field::Text));
}

#[test]
fn hits_come_in_the_order_of_the_rules() {
    let rule = |query: &str| Rule { name: query.to_owned(), query: Query::parse(query).unwrap() };
    let matcher = Matcher::new(["block", "NOT sport", "feed:one", "veto", "other"].map(rule).into());
    let item = with_text("veto and block");
    let hits = matcher.hits(&Subject { item: &item, feed: "one", tags: &[] });
    let names: Vec<&str> = hits.iter().map(|hit| hit.watch.as_str()).collect();
    assert_eq!(names, ["block", "NOT sport", "feed:one", "veto"]);
}

#[test]
fn the_examples_of_the_manual_find_what_they_say() {
    let manual = include_str!("../../docs/query.md");
    let (_, examples) = manual.split_once("## Thirty examples").expect("the manual has examples");
    let mut count = 0;
    for row in examples.lines().filter_map(|line| line.strip_prefix("| `")) {
        let (query, texts) = row.split_once("` | ").expect("a query stands first");
        let (finds, misses) = texts.trim_end_matches(" |").split_once(" | ").expect("two texts follow");
        let published = "2024-06-13T00:00:00Z".parse().ok();
        let titled = |title: &str| Item { title: title.to_owned(), published, ..Item::default() };
        assert!(hit(query, &titled(finds)).is_some(), "{query} does not find: {finds}");
        assert!(hit(query, &titled(misses)).is_none(), "{query} finds: {misses}");
        count += 1;
    }
    assert_eq!(count, 30 + 16);
}

#[test]
fn names_match_with_their_capitals() {
    for (query, text, expected) in [
        ("@us", "The US left", true),
        ("@us", "the u.s. left", false),
        ("@us", "HELP US NOW", true),
        ("@nato", "Nato and N.A.T.O.", true),
        ("@nato", "nato", false),
        ("@hungary", "HUNGARY VETOES AID", true),
        ("@hungary", "Hungary’s veto", true),
        ("@hungary", "the Hungarians", true),
        ("@cote-divoire", "in Cote d’Ivoire", true),
        ("@turkey", "Turkish troops", true),
        ("@turkey", "a turkey", false),
        ("=\"F-16\" /[0-9]{2}/", "an F-16", true),
        ("/a b/", "a b", true),
        ("title:/b/", "b", false),
    ] {
        assert_eq!(hit(query, &with_text(text)).is_some(), expected, "{query} {text}");
    }
}

#[test]
fn what_summary_and_text_have_in_common_counts_once() {
    let item =
        |summary: &str, text: &str| Item { summary: summary.to_owned(), text: text.to_owned(), ..Item::default() };
    for (summary, text, expected) in [
        ("A veto.", "A veto.", false),
        ("A veto.", "A veto. They left. Another veto.", true),
        ("A veto and mo…", "A veto and more of it.", false),
        ("One veto.", "Two vetoes.", true),
        ("A veto. A veto.", "", true),
    ] {
        assert_eq!(hit("ATLEAST/2 veto", &item(summary, text)).is_some(), expected, "{summary} {text}");
    }
}

#[test]
fn what_is_said_is_found_apart_from_other_rules_and_explained() {
    let text = "Orbán says Hungary will not veto the package. Poland vetoed the budget.";
    let item = with_text(text);
    let rule = |query: &str| Rule::new(query, Query::parse(query).unwrap());
    let queries = ["act(veto, by=@hungary, stance=did)", "act(veto, by=@poland)", "act(veto, by=\"foreign minister\")"];
    let matcher = Matcher::new(queries.map(rule).into());
    let subject = Subject { item: &item, feed: "", tags: &[] };
    let told = matcher.explain(&subject);
    let whys: Vec<String> =
        told.iter().map(|one| one.clause.missed_by.as_ref().map(ToString::to_string).unwrap_or_default()).collect();
    assert_eq!(whys, ["the veto is denied, needed did", "", "the veto is by Hungary"]);
    assert!(told[1].clause.notes[0].starts_with("Poland: veto did"), "{:?}", told[1].clause.notes);
    let facts = matcher.understood(&subject, queries[1]);
    assert_eq!(facts.statements.len(), 1);
    assert_eq!(facts.statements[0].actor, "Poland");
}

#[test]
fn an_actor_is_whoever_the_name_stands_for() {
    check(&[
        ("act(veto, by=orban)", "Orbán vetoed the plan.", true),
        ("act(veto, by=\"Viktor Orbán\")", "Hungary vetoed the plan.", true),
        ("act(veto, by=budapest)", "The Hungarian government vetoed the plan.", true),
        ("act(veto, by=hungarian)", "Orbán vetoed the plan.", true),
        ("act(veto, by=trump)", "Washington vetoed the plan.", true),
        ("act(veto, by=\"white house\")", "Trump vetoed the plan.", true),
        ("act(veto, by=usa)", "The U.S. vetoed the plan.", true),
        ("act(veto, by=kremlin)", "Orbán vetoed the plan.", false),
        ("act(veto, by=\"prime minister\")", "Prime Minister Viktor Orban vetoed the plan.", true),
        ("act(veto, by=\"foreign minister\")", "Prime Minister Viktor Orban vetoed the plan.", false),
        ("act(veto, by=\"prime minister\")", "Prime Minister Viktor Orban said he would veto the plan.", true),
        ("act(veto, by=@eu)", "The European Commission vetoed the plan.", true),
        ("act(veto, by=\"European Commission\")", "The European Commission vetoed the plan.", true),
        ("act(veto, said-by=brussels)", "Brussels said Hungary had vetoed the plan.", true),
        ("act(sanction, on=kremlin)", "The EU imposed sanctions on Russia.", true),
        ("act(veto, by=@sudan)", "South Sudan vetoed the plan.", false),
        ("act(veto, by=@south-sudan)", "South Sudan vetoed the plan.", true),
        ("act(veto, by=@mexico)", "New Mexico vetoed the plan.", false),
        ("act(veto, by=@us)", "Latin American leaders vetoed the plan.", false),
        ("act(\"walk out\")", "Poland walked out.", true),
        ("act(\"walk out\")", "Poland walked out of the talks.", true),
        ("act(\"pull out\")", "Poland pulled out of the talks.", true),
        ("act(\"walk out\")", "Poland walked to the talks.", false),
    ]);
}

#[test]
fn a_row_of_words_stays_within_its_sentence_and_paragraph() {
    check(&[
        ("\"veto aid\"", "A veto.\n\nAid", false),
        ("\"veto aid\"", "A veto\n\naid", false),
        ("\"veto aid\"", "A veto\naid", true),
        ("\"no veto\"", "He said no. Veto threats followed.", false),
        ("cease-fire", "They cease. Fire broke out.", false),
        ("@us", "They voted for the United. States objected.", false),
        ("@us", "The United\nStates objected.", true),
        ("\"us president\"", "The U.S. President spoke.", true),
        ("\"mr smith\"", "Mr. Smith spoke.", true),
        ("\"yahoo news\"", "Read Yahoo! News today.", true),
        ("veto NEAR/2 aid", "A veto.\n\nAid came.", true),
        ("Gipfel NEAR/s Vilnius", "Der Gipfel ist am 9. Juli in Vilnius geplant.", true),
        ("Gipfel NEAR/s Vilnius", "Der Gipfel war 9. Danach kam Vilnius.", false),
    ]);
}

#[test]
fn a_name_inside_a_longer_one_of_others_does_not_count() {
    check(&[
        ("@sudan", "In South Sudan they vote", false),
        ("@sudan", "Sudan and South Sudan vote", true),
        ("@sudan", "In the south, Sudan votes", true),
        ("@south-sudan", "In South Sudan they vote", true),
        ("@guinea", "Papua New Guinea votes", false),
        ("@guinea", "Guinea-Bissau votes", false),
        ("@guinea", "Guinea votes", true),
        ("@mexico", "New Mexico votes", false),
        ("@mexico", "Mexico City votes", true),
        ("@us", "Latin American leaders meet", false),
        ("@us", "American leaders meet", true),
        ("@dominica", "The Dominican Republic votes", false),
        ("@samoa", "American Samoa votes", false),
        ("@samoa", "In Samoa they vote", true),
        ("sudan", "In South Sudan they vote", true),
    ]);
}

#[test]
fn plurals_of_acronyms_and_numbers() {
    check(&[
        ("F-16", "two F-16s", true),
        ("F16", "two F-16s", true),
        ("F-16s", "an F16", true),
        ("MiG-29", "two MiG-29s", true),
        ("NGO", "Two NGOs left", true),
        ("ngo", "Two NGOs left", true),
        ("MP", "MPs vote", true),
        ("DVD", "old DVDs", true),
        ("737", "two 737s", true),
        ("1980", "in the 1980s", false),
        ("import", "An important man", false),
        ("import", "Imports fell", true),
        ("1000", "1.000 men", true),
        ("1000", "1 000 men", true),
        ("1000", "1'000 men", true),
        ("1,000,000", "1 000 000 men", true),
        ("\"1 000\"", "1000 men", true),
        ("200", "On June 16 200 men came", true),
        ("1.5", "15 men", false),
    ]);
}

#[test]
fn what_was_understood_has_no_empty_and_no_wrong_parts() {
    let said = |query: &str, text: &str| {
        let (item, rule) = (with_text(text), Rule::new("watch", Query::parse(query).unwrap()));
        let matcher = Matcher::new(vec![rule]);
        let subject = Subject { item: &item, feed: "alliance", tags: &[] };
        let told = matcher.explain(&subject).remove(0).clause;
        let why = told.missed_by.as_ref().map(ToString::to_string).unwrap_or_default();
        (why, told.notes.join("; "), matcher.understood(&subject, "watch"))
    };
    let (why, _, _) = said("act(veto, by=@hungary)", "The plan was vetoed.");
    assert_eq!(why, "the veto is by nobody whom the text names");
    let (_, notes, _) = said("act(veto)", "The EU plan was vetoed.");
    assert!(notes.starts_with("veto did"), "{notes}");
    let (_, notes, facts) = said("act(veto)", "Hungarian veto of EU plan looms.");
    assert_eq!(facts.statements[0].said_by, None, "{notes}");
    let dated = Item { published: "2024-06-13T12:00:00Z".parse().ok(), ..with_text("A vote takes place on 5 July.") };
    let matcher = Matcher::new(vec![Rule::new("watch", Query::parse("event(vote)").unwrap())]);
    let facts = matcher.understood(&Subject { item: &dated, feed: "", tags: &[] }, "watch");
    assert_eq!((facts.events.len(), facts.events[0].name.as_deref()), (1, None));
    assert_eq!(said("feed:enn", "A veto.").0, "comes from alliance");
    assert_eq!(said("tag:official", "A veto.").0, "its feed has no tags");
}
