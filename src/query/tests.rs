use insta::assert_snapshot;
use proptest::prelude::*;

use super::*;

fn canonical(source: &str) -> String {
    Query::parse(source).map_or_else(|errors| panic!("{}", errors.render(source)), |query| query.to_string())
}

fn errors(source: &str) -> String {
    Query::parse(source).map_or_else(|errors| errors.render(source), |query| panic!("{source} was read as {query}"))
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
fn what_is_missing_is_named() {
    assert_snapshot!(errors(""), @"");
    assert_snapshot!(errors("veto AND"), @"");
    assert_snapshot!(errors("OR veto"), @"");
    assert_snapshot!(errors("veto NEAR/5 )"), @"");
    assert_snapshot!(errors("a OR OR b"), @"");
    assert_snapshot!(errors("(veto OR block"), @"");
    assert_snapshot!(errors("veto () summit"), @"");
    assert_snapshot!(errors("\"security assistance"), @"");
    assert_snapshot!(errors("title: summit"), @"");
    assert_snapshot!(errors("veto - summit"), @"");
}

#[test]
fn what_is_miswritten_is_corrected() {
    assert_snapshot!(errors("titel:summit"), @"");
    assert_snapshot!(errors("veto NEAR block"), @"");
    assert_snapshot!(errors("veto near/5 block"), @"");
    assert_snapshot!(errors("veto NEAR/x block W/0 summit"), @"");
    assert_snapshot!(errors("(a b) NEAR/5 -c"), @"");
    assert_snapshot!(errors("feed:alliance NEAR/5 veto"), @"");
    assert_snapshot!(errors("*tary mil*ary mil*"), @"");
    assert_snapshot!(errors("=milit* \"a* * b\""), @"");
    assert_snapshot!(errors("veto && !sport +war [a] b~2"), @"");
    assert_snapshot!(errors("https://example.org/"), @"");
    assert_snapshot!(errors("title:(a OR text:b)"), @"");
    assert_snapshot!(errors("title(a) title:-b"), @"");
    assert_snapshot!(errors("feed:all* -- …"), @"");
}

#[test]
fn what_this_version_has_not_is_said() {
    assert_snapshot!(errors("@hungary /F-?16s?/i lang:en"), @"");
    assert_snapshot!(errors("ATLEAST/3 veto ANY/2 (a, b)"), @"");
    assert_snapshot!(errors("event(summit, within=90d) act(veto | block, by=@hungary) amount(>= 1bn EUR"), @"");
}

#[test]
fn faults_are_underlined_under_wide_and_combining_characters() {
    assert_snapshot!(errors("停火 e\u{301}te\u{301} titel:a"), @"");
    assert_snapshot!(errors("veto\n  AND AND\nsummit"), @"");
}

#[test]
fn limits_are_errors() {
    let message = |source: &str| Query::parse(source).unwrap_err().to_string();
    assert_snapshot!(message(&"a ".repeat(LENGTH_MAX)), @"");
    assert_snapshot!(message(&"(".repeat(DEPTH_MAX + 1)), @"");
    assert_snapshot!(message(&format!("{}a", "NOT ".repeat(DEPTH_MAX))), @"");
    assert_snapshot!(message(&format!("a{}", " NEAR/2 b".repeat(DEPTH_MAX + 1))), @"");
    assert_snapshot!(message(&format!("\"{}\"", "a ".repeat(PHRASE_WORDS_MAX + 1))), @"");
    assert!(Query::parse(&"a ".repeat(LENGTH_MAX / 2)).is_ok());
    assert!(Query::parse(&format!("{}a{}", "(".repeat(DEPTH_MAX), ")".repeat(DEPTH_MAX))).is_ok());
    assert!(Query::parse(&format!("a{}", " NEAR/2 b".repeat(31))).is_ok());
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
        ("veto | mil*", &["a prefix this short matches very many words"]),
        ("veto mil*", &[]),
        ("mili*", &[]),
        ("veto -VETO", &["this can never match"]),
        ("title:veto -veto", &["this can never match"]),
        ("veto NEAR/5 block -block", &["this can never match"]),
        ("feed:one feed:two", &["this can never match"]),
        ("feed:one feed:ONE", &[]),
        ("veto OR -veto", &["this always matches"]),
        ("author:veto -veto", &[]),
    ] {
        assert_eq!(warnings(source), expected, "{source}");
    }
    let source = "a b | c";
    assert_snapshot!(Query::parse(source).unwrap().warnings()[0].render(source), @"");
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
