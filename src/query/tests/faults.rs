//! What a user is shown who has miswritten a query.

use insta::assert_snapshot;

use super::canonical;
use crate::query::{Aliases, DEPTH_MAX, LENGTH_MAX, PHRASE_WORDS_MAX, Query};

fn errors(source: &str) -> String {
    Query::parse(source).map_or_else(|errors| errors.render(source), |query| panic!("{source} was read as {query}"))
}

/// Messages and hints alone.
fn faults(source: &str) -> String {
    Query::parse(source).unwrap_err().to_string()
}

#[test]
fn what_is_missing_is_named() {
    assert_snapshot!(errors(""), @r#"
    error: the query is empty
      |
    1 |
      | ^ expected a word, a "phrase", a field such as title: or an opening bracket
    "#);
    assert_snapshot!(errors("veto AND"), @r#"
    error: something is missing after AND
      |
    1 | veto AND
      |         ^ expected a word, a "phrase", a field such as title: or an opening bracket
    "#);
    assert_snapshot!(errors("OR veto"), @r#"
    error: something is missing before this
      |
    1 | OR veto
      | ^^ expected a word, a "phrase", a field such as title: or an opening bracket
    "#);
    assert_snapshot!(errors("veto NEAR/5 )"), @r#"
    error: something is missing after the distance
      |
    1 | veto NEAR/5 )
      |             ^ expected a word, a "phrase", a field such as title: or an opening bracket

    error: this bracket closes nothing
      |
    1 | veto NEAR/5 )
      |             ^ leave it out, or open one before
    "#);
    assert_snapshot!(errors("a OR OR b"), @r#"
    error: something is missing after OR
      |
    1 | a OR OR b
      |      ^^ expected a word, a "phrase", a field such as title: or an opening bracket
    "#);
    assert_snapshot!(errors("(veto OR block"), @"
    error: this bracket is never closed
      |
    1 | (veto OR block
      | ^ close it with `)`
    ");
    assert_snapshot!(errors("veto () summit"), @r#"
    error: the bracket is empty
      |
    1 | veto () summit
      |       ^ expected a word, a "phrase", a field such as title: or an opening bracket
    "#);
    assert_snapshot!(errors("\"security assistance"), @r#"
    error: this quote is never closed
      |
    1 | "security assistance
      | ^ write "the words"
    "#);
    assert_snapshot!(errors("title: summit"), @"
    error: `title:` stands before nothing
      |
    1 | title: summit
      | ^^^^^^ write title:summit or title:(a OR b), with nothing between
    ");
    assert_snapshot!(errors("veto - summit"), @"
    error: `-` stands before nothing
      |
    1 | veto - summit
      |      ^ write -sport, with nothing between, or leave it out
    ");
}

#[test]
fn what_is_miswritten_is_corrected() {
    assert_snapshot!(errors("titel:summit"), @"
    error: there is no field `titel:`
      |
    1 | titel:summit
      | ^^^^^^ did you mean `title:`?
    ");
    assert_snapshot!(errors("veto NEAR block"), @"
    error: `NEAR` needs a distance
      |
    1 | veto NEAR block
      |      ^^^^ write NEAR/8 (words), NEAR/s (sentence) or NEAR/p (paragraph)
    ");
    assert_snapshot!(errors("veto near/5 block"), @"
    error: operators are written in capitals
      |
    1 | veto near/5 block
      |      ^^^^^^ write NEAR/5
    ");
    assert_snapshot!(errors("veto NEAR/x block W/0 summit"), @"
    error: `x` is no distance
      |
    1 | veto NEAR/x block W/0 summit
      |      ^^^^^^ write NEAR/8 (words), NEAR/s (sentence) or NEAR/p (paragraph)

    error: a distance is a number of words from 1 to 1000000
      |
    1 | veto NEAR/x block W/0 summit
      |                   ^^^ write W/8
    ");
}

#[test]
fn a_distance_says_what_it_takes() {
    assert_snapshot!(errors("(a b) NEAR/5 -c"), @"
    error: AND cannot stand inside a distance
      |
    1 | (a b) NEAR/5 -c
      | ^^^^^ write (a NEAR/8 b) AND (a NEAR/8 c)

    error: NOT cannot stand inside a distance
      |
    1 | (a b) NEAR/5 -c
      |              ^^ write NOT (a NEAR/8 b)
    ");
    assert_snapshot!(errors("feed:alliance NEAR/5 veto"), @"
    error: this has no place in a text, and so no distance
      |
    1 | feed:alliance NEAR/5 veto
      | ^^^^^^^^^^^^^ write link:… AND (a NEAR/8 b)
    ");
}

#[test]
fn what_other_languages_write_is_not_taken_for_words() {
    assert_snapshot!(errors("*tary mil*ary mil*"), @"
    error: `*` needs the letters that words begin with
      |
    1 | *tary mil*ary mil*
      | ^^^^^ write milit*

    error: a `*` stands at the end of a word
      |
    1 | *tary mil*ary mil*
      |       ^^^^^^^ write milit*
    ");
    assert_snapshot!(errors("=milit* \"a* * b\""), @r#"
    error: `=` and `*` exclude each other
      |
    1 | =milit* "a* * b"
      | ^^^^^^^ write =NATO for one spelling, or milit* for all words that begin so

    error: a `*` stands at the end of a word
      |
    1 | =milit* "a* * b"
      |         ^^^^^^^^ write "nuclear weapon*"
    "#);
    assert_snapshot!(errors("veto && !sport +war [a] b~2"), @"
    error: `&` is no operator
      |
    1 | veto && !sport +war [a] b~2
      |      ^^ write AND, or nothing

    error: `!` is no operator
      |
    1 | veto && !sport +war [a] b~2
      |         ^^^^^^ write -sport or NOT sport

    error: `+` is no operator
      |
    1 | veto && !sport +war [a] b~2
      |                ^^^^ leave it out: every word must occur

    error: brackets are round
      |
    1 | veto && !sport +war [a] b~2
      |                     ^^^ write (veto OR block)

    error: `~`, `^`, `<` and `>` have no meaning here
      |
    1 | veto && !sport +war [a] b~2
      |                         ^^^ leave them out; NEAR/8 is a distance
    ");
    assert_snapshot!(errors("https://example.org/"), @"
    error: an address is looked for with `link:`
      |
    1 | https://example.org/
      | ^^^^^^^^^^^^^^^^^^^^ write link:https://example.org/
    ");
}

#[test]
fn fields_say_what_they_take() {
    assert_snapshot!(errors("title:(a OR text:b)"), @"
    error: `text:` stands inside `title:`
      |
    1 | title:(a OR text:b)
      |             ^^^^^ write title:… AND text:…
    ");
    assert_snapshot!(errors("title(a) title:-b"), @"
    error: a field ends in a colon
      |
    1 | title(a) title:-b
      | ^^^^^ write title:( … )

    error: `title:` stands before a word or a bracket
      |
    1 | title(a) title:-b
      |          ^^^^^^^ write -title:…
    ");
    assert_snapshot!(errors("feed:all* -- …"), @r#"
    error: `feed:` knows neither `*` nor `=`
      |
    1 | feed:all* -- …
      |      ^^^^ it compares the whole name: feed:alliance, tag:"two words"

    error: `-` stands before nothing
      |
    1 | feed:all* -- …
      |            ^ write -sport, with nothing between, or leave it out

    error: there is no word in this
      |
    1 | feed:all* -- …
      |              ^ write letters or digits
    "#);
}

#[test]
fn an_accent_alone_is_no_word() {
    for query in ["\u{65d}", "\u{65d}*", "\"\u{65d}\""] {
        assert!(faults(query).contains("there is no word in this"), "{query}");
    }
}

#[test]
fn counting_says_what_it_counts() {
    for (source, expected) in [
        ("ATLEAST/3 veto", "ATLEAST/3 veto"),
        ("ATLEAST/2 (veto | \"a b\") c", "ATLEAST/2 (veto OR \"a b\") AND c"),
        ("title:(ATLEAST/2 a)", "ATLEAST/2 title:a"),
        ("ANY/2 (a, b c, 1,000)", "ANY/2 (a, b AND c, 1,000)"),
        ("title:(ANY/2 (a, b OR c, -d))", "ANY/2 (title:a, title:b OR title:c, NOT title:d)"),
        ("ANY/1 (a, a)", "a"),
        ("any atleast ANYBODY", "any AND atleast AND ANYBODY"),
    ] {
        assert_eq!(canonical(source), expected, "{source}");
    }
    for (source, expected) in [
        ("ATLEAST veto", "`ATLEAST` needs a number from 1 to 1000 (write ATLEAST/3 veto)"),
        ("ATLEAST/0 veto", "`ATLEAST` needs a number from 1 to 1000 (write ATLEAST/3 veto)"),
        ("ANY/2 a, b", "`ANY` needs its clauses in brackets (write ANY/2 (a, b, c))"),
        (
            "ANY/3 (a, b, a)",
            "at least 3 of 2 clauses can never hold (write ANY/2 (a, b, c), with commas between different clauses)",
        ),
        (
            "ATLEAST/2 feed:alliance",
            "this is never found more than once (write ATLEAST/3 veto or ATLEAST/3 (veto OR block))",
        ),
        ("ATLEAST/2 (a NEAR/2 b)", "ATLEAST counts words (write ATLEAST/3 veto or ATLEAST/3 (veto OR block))"),
        ("a NEAR/2 ATLEAST/2 b", "what counts cannot stand inside a distance (write (a NEAR/8 b) AND ATLEAST/3 a)"),
    ] {
        assert_eq!(faults(source), expected, "{source}");
    }
}

#[test]
fn faults_in_predicates_are_shown_where_they_are() {
    assert_snapshot!(errors("event(summit, within=soon) act(veto, by=@hungry, stance=deny) amount(>= much)"), @r#"
    error: `within` is a number of days or weeks up to 36500d, or any
      |
    1 | event(summit, within=soon) act(veto, by=@hungry, stance=deny) amount(>= much)
      |               ^^^^^^^^^^^ write within=90d, within=6w or within=any

    error: there is no alias `@hungry`
      |
    1 | event(summit, within=soon) act(veto, by=@hungry, stance=deny) amount(>= much)
      |                                         ^^^^^^^ did you mean @hungary?

    error: this is no sum of money
      |
    1 | event(summit, within=soon) act(veto, by=@hungry, stance=deny) amount(>= much)
      |                                                                      ^^^^^^^ write amount(>= 1bn EUR): a number, k, m, bn or tn, and the currency's three letters
    "#);
    assert_snapshot!(errors("event() act(by=@hungary) act(veto, block) act(veto, buy=@hungary, by=@un, by=@eu)"), @r#"
    error: something is missing here
      |
    1 | event() act(by=@hungary) act(veto, block) act(veto, buy=@hungary, by=@un, by=@eu)
      |       ^ write event(summit), act(veto, by=@hungary)

    error: it does not say what to look for
      |
    1 | event() act(by=@hungary) act(veto, block) act(veto, buy=@hungary, by=@un, by=@eu)
      |         ^^^^^^^^^^^^^^^^ write act(veto), or act(veto | block, by=@hungary)

    error: only the first argument has no name
      |
    1 | event() act(by=@hungary) act(veto, block) act(veto, buy=@hungary, by=@un, by=@eu)
      |                                    ^^^^^ name it, by=, on=, stance=, said-by=; or write | between alternatives

    error: there is no argument `buy`
      |
    1 | event() act(by=@hungary) act(veto, block) act(veto, buy=@hungary, by=@un, by=@eu)
      |                                                     ^^^ did you mean by=?
    "#);
    assert_snapshot!(errors("act(drop out) act(@un) act(veto, on=) event(summit,) event(summit, changed=maybe)"), @r#"
    error: two values stand side by side
      |
    1 | act(drop out) act(@un) act(veto, on=) event(summit,) event(summit, changed=maybe)
      |     ^^^^^^^^ write "drop out" for words in a row, or | between them

    error: an alias is no act and no event
      |
    1 | act(drop out) act(@un) act(veto, on=) event(summit,) event(summit, changed=maybe)
      |                   ^^^ write act(veto), or act(veto | block, by=@hungary)

    error: a value is missing here
      |
    1 | act(drop out) act(@un) act(veto, on=) event(summit,) event(summit, changed=maybe)
      |                                  ^^^ write by=@hungary, or by=@hungary | @poland

    error: something is missing here
      |
    1 | act(drop out) act(@un) act(veto, on=) event(summit,) event(summit, changed=maybe)
      |                                                    ^ write event(summit), act(veto, by=@hungary)

    error: `changed` is yes or no
      |
    1 | act(drop out) act(@un) act(veto, on=) event(summit,) event(summit, changed=maybe)
      |                                                                    ^^^^^^^^^^^^^ write changed=yes
    "#);
    assert_snapshot!(errors("author:event(summit) amount(1bn EUR USD) act(veto"), @r#"
    error: `author:` says nothing of this kind
      |
    1 | author:event(summit) amount(1bn EUR USD) act(veto
      | ^^^^^^^^^^^^^^^^^^^^ events, acts and sums are found in title: and text:

    error: this is no sum of money
      |
    1 | author:event(summit) amount(1bn EUR USD) act(veto
      |                             ^^^^^^^^^^^ write amount(>= 1bn EUR): a number, k, m, bn or tn, and the currency's three letters

    error: this bracket is never closed
      |
    1 | author:event(summit) amount(1bn EUR USD) act(veto
      |                                          ^^^^ close it with `)`
    "#);
}

#[test]
fn faults_are_underlined_under_wide_and_combining_characters() {
    assert_snapshot!(errors("停火 x\u{301}q\u{301} titel:a"), @"
    error: there is no field `titel:`
      |
    1 | 停火 x́q́ titel:a
      |         ^^^^^^ did you mean `title:`?
    ");
    assert_snapshot!(errors("veto\n  AND AND\nsummit"), @r#"
    error: something is missing after AND
      |
    2 |   AND AND
      |       ^^^ expected a word, a "phrase", a field such as title: or an opening bracket
    "#);
}

#[test]
fn limits_are_errors() {
    let message = |source: &str| Query::parse(source).unwrap_err().to_string();
    assert_snapshot!(message(&"a ".repeat(LENGTH_MAX)), @"the query has 32768 bytes, the limit is 16384 (make several watches of it)");
    assert_snapshot!(message(&"(".repeat(DEPTH_MAX + 1)), @"this nests deeper than 64 levels (make several watches of it)");
    assert_snapshot!(message(&format!("{}a", "NOT ".repeat(DEPTH_MAX))), @"this nests deeper than 64 levels (make several watches of it)");
    assert_snapshot!(message(&format!("a{}", " NEAR/2 b".repeat(DEPTH_MAX + 1))), @"this nests deeper than 64 levels (make several watches of it)");
    assert_snapshot!(message(&format!("\"{}\"", "a ".repeat(PHRASE_WORDS_MAX + 1))), @"this has more than 64 words (look for a few telling words in a row)");
    assert!(Query::parse(&"a ".repeat(LENGTH_MAX / 2)).is_ok());
    assert!(Query::parse(&format!("{}a{}", "(".repeat(DEPTH_MAX), ")".repeat(DEPTH_MAX))).is_ok());
    assert!(Query::parse(&format!("a{}", " NEAR/2 b".repeat(31))).is_ok());
}

#[test]
fn hints_lead_the_right_way() {
    for (source, expected) in [
        ("@hamas", "it is a country or a large organisation"),
        ("@ hungary", "write @hungary, with nothing between"),
        ("@\"United States\"", "write @united-states"),
        ("@finlnad", "did you mean @finland?"),
        ("=@hungary", "write @hungary"),
        ("=/F16/", "write /F16/ without it"),
        ("event(x, within=90d, within=3d)", "leave one of the two out"),
        ("act(veto, by=@hungary stance=did)", "a comma is missing before `stance`"),
        ("link:(/a/)", "knows no regular expressions"),
        ("title:ATLEAST/2 veto", "write ATLEAST/2 title:veto"),
        ("veto NEAR/ aid", "`NEAR/` needs a distance"),
        ("veto NEAR/5 (aid NOT fund)", "NOT cannot stand inside a distance"),
        ("amount (>= 1bn EUR)", "write amount(>= 1bn EUR)"),
        ("amount(> 1bn XYZ)", "there is no currency XYZ"),
        ("amount(> 1bn EUE)", "did you mean EUR?"),
    ] {
        let faults = Query::parse(source).unwrap_err();
        let said: Vec<_> =
            faults.iter().map(|fault| format!("{}: {}", fault.message, fault.hint.as_deref().unwrap_or(""))).collect();
        assert!(said.join("; ").contains(expected), "{source}: {said:?}");
    }
    assert!(Query::parse("@holland").is_ok());
    let faults = Query::parse("act(, by=@hungary)").unwrap_err();
    assert_eq!(faults.iter().next().unwrap().span, 4..4);
}

#[test]
fn aliases_and_regular_expressions_are_read_or_refused() {
    for (source, expected) in [
        ("@hungary veto", "@hungary AND veto"),
        ("title:@South_Korea NEAR/5 summit", "title:@South_Korea NEAR/5 summit"),
        ("/F-?16s?/ -/a|b/i", "/F-?16s?/ AND NOT /a|b/i"),
        ("/a\\/b c/ d", "/a\\/b c/ AND d"),
    ] {
        assert_eq!(canonical(source), expected, "{source}");
    }
    for (source, expected) in [
        ("@hungry", "there is no alias `@hungry` (did you mean @hungary?)"),
        ("@", "`@` stands before nothing (write @hungary, with nothing between)"),
        ("/F-?16", "this regular expression is never closed (write /F-?16s?/)"),
        (
            "/a/x",
            "`x` means nothing behind a regular expression (write /…/i, which ignores case; within the slashes, write \\/ for a slash)",
        ),
        ("/(a/", "this regular expression does not read: unclosed group (write /F-?16s?/, or /f-?16s?/i)"),
        (
            "/a*/",
            "this regular expression finds the empty text, which is everywhere (write + where there is a *, so that it needs at least one character)",
        ),
        (
            "/\\w{900}{900}/",
            "this regular expression takes more than 1 MiB (count fewer repetitions; (?-u:\\w) is smaller than \\w)",
        ),
    ] {
        assert_eq!(faults(source), expected, "{source}");
    }
    let mut aliases = Aliases::default();
    aliases.add("desk", ["Ann".to_owned()]);
    assert!(Query::parse_with("@desk", &aliases).is_ok());
    assert!(Query::parse("@desk").is_err());
}
