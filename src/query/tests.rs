mod faults;

use insta::assert_snapshot;
use proptest::prelude::*;

use super::*;

fn canonical(source: &str) -> String {
    Query::parse(source).map_or_else(|errors| panic!("{}", errors.render(source)), |query| query.to_string())
}

#[test]
fn marks_inside_a_word_are_no_operators() {
    for source in ["hung?ry", "veto,hungary", "hungary!veto", "a OR hung?ry"] {
        let warnings = warnings(source);
        assert!(matches!(&warnings[..], [one] if one.contains("is looked for as the words")), "{source}: {warnings:?}");
    }
    for source in ["who?", "U.S.", "AT&T", "1,000", "what's", "cease-fire"] {
        assert_eq!(warnings(source), [""; 0], "{source}");
    }
}

fn warnings(source: &str) -> Vec<String> {
    Query::parse(source).unwrap().warnings().iter().map(|warning| warning.message.clone()).collect()
}

#[test]
fn operators_bind_as_documented() {
    for (source, expected) in [
        ("veto summit", "veto AND summit"),
        ("a b OR c d", "(a AND b) OR (c AND d)"),
        ("a | b|c", "a OR b OR c"),
        ("a (b c) d", "a AND b AND c AND d"),
        ("-a NOT b", "NOT a AND NOT b"),
        ("NOT (a NEAR/8 b)", "NOT (a NEAR/8 b)"),
        ("a NEAR/8 b W/3 c d", "a NEAR/8 b NEAR/3 c AND d"),
        ("a PRE/8 (b NEAR/s c)", "a BEFORE/8 (b NEAR/s c)"),
        ("(a OR \"b c\" OR d*) W/p =E", "(a OR \"b c\" OR d*) NEAR/p =E"),
        ("title:(a OR -b) author:\"c d\"", "(title:a OR NOT title:b) AND author:\"c d\""),
        ("TITLE:a", "title:a"),
        (
            "link:https://example.org/a?b=c#d feed:\"The (big) one\"",
            "link:https://example.org/a?b=c#d AND feed:\"The (big) one\"",
        ),
        ("lang:(en OR pt-BR)", "lang:en OR lang:pt-BR"),
        ("tag:(official OR \"two words\")", "tag:official OR tag:\"two words\""),
        ("and or not near before w pre", "and AND or AND not AND near AND before AND w AND pre"),
        ("AND's 24/7 and/or w/o 12:30", "AND's AND 24/7 AND and/or AND w/o AND 12:30"),
        ("“smart quotes” „unten“", "\"smart quotes\" AND \"unten\""),
        ("=\"a b\" ==a", "=\"a b\" AND =\"=a\""),
        ("event (a OR b)", "event AND (a OR b)"),
        ("feed:\"say \\\"hi\\\"\"", "feed:\"say \\\"hi\\\"\""),
        ("-(a b)", "NOT (a AND b)"),
        ("NOT NOT a", "NOT NOT a"),
    ] {
        assert_eq!(canonical(source), expected, "{source}");
    }
}

#[test]
fn clauses_are_known_by_what_was_written() {
    let query = Query::parse("veto  title:( summit OR =UN ) -\"a b\"").unwrap();
    let Expr::All(nodes) = &query.root().expr else { panic!("{query:?}") };
    let written: Vec<&str> = nodes.iter().map(|node| query.clause(node)).collect();
    assert_eq!(written, ["veto", "title:( summit OR =UN )", "-\"a b\""]);
}

#[test]
fn predicates_are_read_in_every_way_they_are_written() {
    for (source, expected) in [
        ("event(summit)", "event(summit)"),
        (
            "event( Summit |\"state visit\" , within=6w, changed=YES )",
            "event(Summit | \"state visit\", within=42d, changed=yes)",
        ),
        ("event(summit, within=any)", "event(summit, within=any)"),
        ("event((summit OR talks))", "event(summit | talks)"),
        ("title:event(summit) -event(talks)", "title:event(summit) AND NOT event(talks)"),
        ("@nato NEAR/30 event(summit)", "@nato NEAR/30 event(summit)"),
        ("(event(vote) | veto) NEAR/s act(veto)", "(event(vote) OR veto) NEAR/s act(veto)"),
        ("ATLEAST/2 event(vote)", "ATLEAST/2 event(vote)"),
        (
            "ANY/2 (event(vote, within=3d), act(veto, by=@un), amount(1 EUR))",
            "ANY/2 (event(vote, within=3d), act(veto, by=@un), amount(= 1 EUR))",
        ),
        (
            "act(veto | block, stance=did|threatened, by=@hungary | orban, said-by=\"the council\", on=aid)",
            "act(veto | block, by=@hungary | orban, on=aid, stance=did|announced, said-by=\"the council\")",
        ),
        ("act(\"drop out\", said_by=@eu)", "act(\"drop out\", said-by=@eu)"),
        ("amount(>= 1bn EUR)", "amount(>= 1bn EUR)"),
        ("amount(>EUR 1,250,000.50)", "amount(> 1250000.5 EUR)"),
        ("amount(<= €2.5 million)", "amount(<= 2.5m EUR)"),
        ("amount(1500 usd)", "amount(= 1.5k USD)"),
        ("event act amount", "event AND act AND amount"),
        ("event (a OR b)", "event AND (a OR b)"),
    ] {
        assert_eq!(canonical(source), expected, "{source}");
    }
}

#[test]
fn other_rates_ask_something_else() {
    let parse = |rate: f64| {
        let mut aliases = Aliases::default();
        aliases.set_rates([("EUR".to_owned(), 1.0), ("USD".to_owned(), rate)].into());
        Query::parse_with("amount(>= 1bn EUR)", &aliases).unwrap()
    };
    assert_eq!(parse(0.92), parse(0.92));
    assert_ne!(parse(0.92), parse(0.9));
}

#[test]
fn what_is_hardly_meant_is_warned_of() {
    for (source, expected) in [
        ("veto summit", &[][..]),
        ("veto summit OR block", &["AND and OR are mixed without brackets"]),
        ("(veto summit) OR block", &[]),
        ("veto (summit OR block)", &[]),
        ("NOT summit", &["this only says which words must be absent"]),
        ("veto OR -summit", &["this only says which words must be absent"]),
        ("veto -summit", &[]),
        ("feed:alliance -summit", &[]),
        ("mil*", &["a prefix this short matches very many words"]),
        ("veto | C++", &["signs do not count, so this finds `C`"]),
        ("$500", &["signs do not count, so this finds `500`"]),
        ("#veto", &[]),
        ("veto | mil*", &["a prefix this short matches very many words"]),
        ("veto mil*", &[]),
        ("mili*", &[]),
        ("veto -VETO", &["this can never match"]),
        ("title:veto -veto", &["this can never match"]),
        ("veto NEAR/5 block -block", &["this can never match"]),
        ("feed:one feed:two", &["this can never match"]),
        ("feed:one feed:ONE", &[]),
        ("title:veto NEAR/5 text:block", &["this can never match"]),
        ("author:veto NEAR/5 block", &["this can never match"]),
        ("(title:veto OR text:veto) BEFORE/s title:block BEFORE/s text:summit", &["this can never match"]),
        ("title:veto NEAR/5 block", &[]),
        ("(title:veto OR text:veto) NEAR/5 title:block", &[]),
        ("summit OR title:veto NEAR/5 text:block", &["this can never match"]),
        ("lang:en lang:de", &["this can never match"]),
        ("lang:en lang:en-GB", &[]),
        ("lang:xx", &["no language has the code `xx`, so this can never match"]),
        ("veto lang:(german OR fr)", &["no language has the code `german`, so this can never match"]),
        ("veto OR -veto", &["this always matches"]),
        ("veto or block", &["`or` is looked for as a word"]),
        ("veto and not block", &["`and` is looked for as a word", "`not` is looked for as a word"]),
        ("near veto", &["`near` is looked for as a word"]),
        ("veto \"or\" title:not =and Or", &[]),
        ("author:veto -veto", &[]),
    ] {
        assert_eq!(warnings(source), expected, "{source}");
    }
    let source = "a b | c";
    assert_snapshot!(Query::parse(source).unwrap().warnings()[0].render(source), @"
    warning: AND and OR are mixed without brackets
      |
    1 | a b | c
      | ^^^ AND binds tighter than OR; put brackets round what belongs together
    ");
}

proptest! {
    #[test]
    fn the_canonical_form_is_an_equal_query(source in sample::query()) {
        let query = Query::parse(&source).unwrap();
        let printed = query.to_string();
        let again = Query::parse(&printed).unwrap();
        prop_assert_eq!(&again, &query, "{}", printed);
        prop_assert_eq!(again.to_string(), printed);
    }

    #[test]
    fn any_text_is_a_query_or_an_error_that_can_be_shown(
        source in "(\\PC|[()|\"=*:/@-]| AND | OR |NOT | NEAR/5 | W/s |title:|link:|event\\(|“|\n){0,24}"
    ) {
        match Query::parse(&source) {
            Ok(query) => {
                let printed = query.to_string();
                prop_assert_eq!(Query::parse(&printed), Ok(query.clone()), "{}", printed);
                for warning in query.warnings() {
                    prop_assert!(source.get(warning.span.clone()).is_some());
                }
            }
            Err(errors) => {
                for error in &errors {
                    prop_assert!(source.get(error.span.clone()).is_some());
                }
                prop_assert!(!errors.render(&source).is_empty());
            }
        }
    }
}

#[test]
fn words_that_look_like_operators_are_warned_of() {
    let hints = |source: &str| {
        let query = Query::parse(source).unwrap_or_else(|errors| panic!("{source}: {errors}"));
        query.warnings().iter().filter_map(|warning| warning.hint.clone()).collect::<Vec<_>>().join("; ")
    };
    for (source, expected) in [
        ("any/2 (a b)", "ANY/2"),
        ("Any/2", "ANY/2"),
        ("atleast/2 veto", "ATLEAST/2"),
        ("act (veto)", "write act(veto)"),
        ("ACT(veto)", "write act(veto)"),
        ("veto AFTER/3 aid", "b BEFORE/3 a"),
        ("veto WITHIN/3 aid", "NEAR/3"),
        ("veto NEER/8 aid", "did you mean NEAR/8?"),
        ("veto NEAR3 aid", "did you mean NEAR/3?"),
        ("veto W3 aid", "did you mean W/3?"),
        ("veto XOR aid", "(a OR b) -(a b)"),
        ("'block aid'", "write \"block aid\""),
        ("\"@hungary veto\"", "write @hungary BEFORE/1"),
    ] {
        let hints = hints(source);
        assert!(hints.contains(expected), "{source}: {hints}");
    }
    for source in ["24/7", "w/o veto", "act now", "l'Europe d'abord", "\"any/2\"", "9/11", "\"user@hungary\"", "'90s"] {
        assert_eq!(hints(source), "", "{source}");
    }
}

#[test]
fn a_name_that_a_config_gives_to_a_country_stands_for_it() {
    let mut aliases = Aliases::default();
    aliases.add("hungary", ["Szijjártó".to_owned()]);
    aliases.add("friends", ["Merkel".to_owned(), "Macron".to_owned()]);
    let read = |source: &str| Query::parse_with(source, &aliases).unwrap();
    assert_eq!(read("act(veto, by=szijjarto)"), read("act(veto, by=szijjarto | @hungary)"));
    assert_eq!(read("act(veto, by=szijjarto | poland)").to_string(), "act(veto, by=szijjarto | poland | @hungary)");
    assert_eq!(read("act(veto, by=merkel)").to_string(), "act(veto, by=merkel)");
}
