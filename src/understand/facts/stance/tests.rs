use proptest::prelude::*;

use super::*;

/// `actor act stance` of each statement about an act.
fn told(text: &str, acts: &[&str]) -> Vec<String> {
    let acts: Vec<String> = acts.iter().map(|act| (*act).to_owned()).collect();
    let names = vec![("Hungary".to_owned(), vec!["Szijjártó".to_owned()])];
    let wanted = Wanted::new(&acts, &names);
    let show = |it: &Statement| format!("{} {} {}", it.actor, it.act, it.stance.as_str());
    in_order(&Tokens::new(text), &wanted).iter().map(show).collect()
}

fn chain(text: &str) -> String {
    in_order(&Tokens::new(text), &Wanted::default())[0].chain.clone()
}

#[test]
fn the_chain_of_words_decides() {
    for (text, expected) in [
        ("Orbán drops veto threat", "Hungary veto withdrawn"),
        ("Poland refused to lift its veto.", "Poland veto did"),
        ("Hungary did not rule out a veto.", "Hungary veto possible"),
        ("Malta was urged by its allies to ratify the pact.", "Malta ratify called-for"),
        ("Unlike Slovakia, Hungary vetoed the text.", "Hungary veto did"),
        ("Szijjártó said his country would not veto it.", "Hungary veto denied"),
        ("Turkey blocked by Greece", "Greece block did"),
        ("The veto power of Russia was debated.", ""),
        ("Taiwan, keen to cut its surplus, vowed to ratify the pact.", "Taiwan ratify announced"),
        ("Hungary, granted a waiver, will veto it.", "Hungary veto announced"),
        (
            "Malta and Chad, both of them small, said they would boycott it.",
            "Malta boycott announced, Chad boycott announced",
        ),
        ("Chad and Malta abstained rather than use their vetoes.", "Chad veto denied, Malta veto denied"),
        ("The governor ordered two envoys expelled.", "governor expel did"),
        ("Pretoria orders withdrawal of South African troops", "South Africa withdraw announced"),
        ("London urged withdrawal of South African troops.", "South Africa withdraw called-for"),
        ("MPs voted to demand that Oman recall its envoy.", "Oman recall called-for"),
        ("Kyiv said no treaty would be signed.", "Ukraine sign denied"),
        ("Peru's Congress passed a bill banning imports.", "Peru ban did"),
        ("Officials suspect Iran is preparing to attack.", "Iran attack possible"),
        ("All bases in Chad are to be closed by the end of 2025.", " close announced"),
        ("A smuggler was extradited from Cyprus.", "Cyprus extradite did"),
    ] {
        assert_eq!(told(text, &[]).join(", "), expected, "{text}");
    }
}

#[test]
fn who_acts_is_found_where_nobody_is_named() {
    for (text, expected) in [
        ("A man was arrested in Peru.", "Peru arrest did"),
        ("A man was attacked in Peru.", " attack did"),
        ("Expelled from Chad last year, the reporter now lives in Oslo.", "Chad expel did"),
        ("They called for the release of two men from Tunisian custody.", "Tunisia release called-for"),
        (
            "Migrants will be arrested and deported, the Greek minister warned.",
            "Greece arrest announced, Greece deport announced",
        ),
        ("Kenyan troops have been deployed.", "Kenya deploy did"),
        ("The journalist's arrest was condemned.", " arrest did"),
        ("The Czech president urged lawmakers to ratify it.", "Czechia ratify called-for"),
        ("The attack, blamed on Mali, was condemned.", "Mali attack possible"),
        ("Oman ordered the expulsion of two envoys.", "Oman expel announced"),
    ] {
        assert_eq!(told(text, &[]).join(", "), expected, "{text}");
    }
}

#[test]
fn clauses_are_found_in_any_order() {
    for (text, expected) in [
        ("Only then will Japan sign the deal.", "Japan sign announced"),
        ("There is no question of Malta withdrawing from it.", "Malta withdraw denied"),
        ("Oslo sees no reason to recognise it.", "Norway recognise denied"),
        ("Malta was asked whether it would join.", "Malta join possible"),
        ("Officials would not say if Malta would join.", "Malta join possible"),
        ("Chad reversed an order suspending it.", "Chad suspend withdrawn"),
        ("Iran denied being behind the attack.", "Iran attack denied"),
        ("Iran was behind the attack.", "Iran attack did"),
        ("Blocking the deal would be wrong, Malta's envoy said.", " block possible"),
        ("Rail workers went on strike across the country.", "Rail workers strike did"),
        ("Chad withdrew its peacekeeping force.", "Chad withdraw did"),
        ("Norway recognised the state, and Peru nationalised the mine.", "Norway recognise did, Peru nationalise did"),
        ("Malta will not exercise its right of veto.", "Malta veto denied"),
        ("Ghana put the accord with Togo on ice.", "Ghana suspend did"),
        ("Togo confirmed the arrest of two men.", "Togo arrest did"),
        ("Having left the pact, Chad is looking for friends.", "Chad withdraw did"),
        ("The crossing would stay shut, Peru said.", ""),
    ] {
        assert_eq!(told(text, &[]).join(", "), expected, "{text}");
    }
}

#[test]
fn a_chain_is_shown_from_the_act_outwards() {
    assert_eq!(chain("Orbán drops veto threat"), "veto ← threat[commit] ← drops[take back] = withdrawn");
    assert_eq!(chain("Poland ruled out a veto."), "veto ← ruled[refuse] = denied");
}

#[test]
fn any_verb_can_be_asked_for() {
    assert_eq!(told("Chad vowed to democratise the army.", &["democratize"]), ["Chad democratize announced"]);
    assert_eq!(told("Chad phased out the subsidy.", &["phase out"]), ["Chad phase out did"]);
    assert_eq!(told("Chad pressed for the relocation of the base.", &["relocate"]).len(), 1);
}

#[test]
fn a_noun_that_is_mostly_something_else_needs_a_word_before_it() {
    for (text, count) in [
        ("The court imposed a fine on the bank.", 1),
        ("The watchdog threatened a record fine.", 1),
        ("The regulator fined the bank.", 1),
        ("It was fine.", 0),
        ("A fine line parts them.", 0),
        ("The weather is fine in Malta.", 0),
    ] {
        assert_eq!(told(text, &["fine"]).len(), count, "{text}");
    }
}

#[test]
fn the_group_of_an_act_is_not_its_actor() {
    assert_eq!(told("The sanctions package was discussed.", &[]), [" sanction possible"]);
    assert_eq!(told("Hungary's veto threat looms.", &[]).len(), 1);
}

#[test]
fn a_leader_is_known_with_a_title() {
    for (text, expected) in [
        ("Prime Minister Viktor Orbán vetoed the aid.", "Prime Minister Viktor Orbán"),
        ("French President Emmanuel Macron vetoed the aid.", "French President Emmanuel Macron"),
        ("On Monday Prime Minister Keir Starmer vetoed the aid.", "Prime Minister Keir Starmer"),
        ("Orbán vetoed the aid.", "Orbán"),
    ] {
        let found = statements(&Tokens::new(text), Language::English, &Wanted::default());
        assert_eq!(found[0].actor_text, expected, "{text}");
    }
}

#[test]
fn a_condition_is_the_whole_clause_and_no_more() {
    let condition = |text: &str| in_order(&Tokens::new(text), &Wanted::default())[0].condition.clone();
    for (text, expected) in [
        ("Malta will join if the tax, which banks pay, is cut, its envoy said.", "if the tax, which banks pay, is cut"),
        ("Unless it is paid, Malta will veto the deal.", "Unless it is paid"),
        ("Should the vote fail, Malta will withdraw from the pact.", "Should the vote fail"),
    ] {
        assert_eq!(condition(text).as_deref(), Some(expected));
    }
    assert_eq!(condition("Malta vetoed the deal."), None);
}

#[test]
fn a_condition_may_be_told_by_its_order_alone() {
    for text in ["China will retaliate should the talks fail.", "Should the talks fail, China will retaliate."] {
        let made = in_order(&Tokens::new(text), &Wanted::default());
        let condition = made[0].condition.as_deref().unwrap_or_default().to_lowercase();
        assert_eq!((made.len(), condition.as_str()), (1, "should the talks fail"), "{text}");
    }
}

#[test]
fn who_says_so_and_about_what_are_kept() {
    let found = in_order(&Tokens::new("Greece said Malta would veto the deal."), &Wanted::default());
    assert_eq!(found[0].said_by.as_deref(), Some("Greece"));
    assert_eq!(found[0].object.as_deref(), Some("deal"));
    assert_eq!(found[0].actor, "Malta");
}

#[test]
fn what_an_act_is_about_may_stand_behind_a_preposition() {
    for (text, act, object) in [
        ("Poland withdrew from the treaty.", "withdraw", Some("treaty")),
        ("Chad withdraws from the WHO.", "withdraw", Some("WHO")),
        ("Malta agreed to the deal.", "agree", Some("deal")),
        ("Malta objected to the deal.", "object", Some("deal")),
        ("Malta voted for the law.", "vote", Some("law")),
        ("Malta invests in a factory.", "invest", Some("factory")),
        ("Malta negotiated with Russia.", "negotiate", Some("Russia")),
        ("Malta agreed in Brussels.", "agree", None),
        ("Malta withdrew on Monday.", "withdraw", None),
    ] {
        let found = in_order(&Tokens::new(text), &Wanted::new(&[act.to_owned()], &[]));
        let objects: Vec<Option<&str>> =
            found.iter().filter(|found| found.act == act).map(|found| found.object.as_deref()).collect();
        assert_eq!(objects, [object], "{text}");
    }
}

/// Texts that look like news enough to go deep.
fn texts() -> impl Strategy<Value = String> {
    let words = proptest::sample::select(
        &[
            "Hungary",
            "Greece's",
            "veto",
            "vetoes",
            "will",
            "not",
            "to",
            "drop",
            "its",
            "threat",
            ",",
            "if",
            "which",
            "and",
            "said",
            "that",
            "the",
            "by",
            "of",
            "refused",
            "was",
            "urged",
            "strike",
            "'s",
            "(",
            ")",
            "\"",
            "?",
            ".",
            "it",
            "no",
            "unless",
            "blocking",
            "has",
            "been",
            "É",
            "\u{300}",
            "we'll",
            "can’t",
            "10-member",
            "-led",
            "U.S.",
            "or",
            "without",
            "before",
            "who",
            "should",
            "did",
            "nor",
            "both",
            "called",
            "off",
            "on",
            "for",
            "ruled",
            "out",
        ][..],
    );
    proptest::collection::vec(words, 0..60).prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn any_text_is_read_without_a_panic_and_spans_lie_in_it(text in prop_oneof![texts(), "\\PC{0,120}"]) {
        let wanted = Wanted::new(&["said".to_owned(), "call off".to_owned(), "é".to_owned()], &[]);
        for found in in_order(&Tokens::new(&text), &wanted) {
            prop_assert!(text.get(found.span.clone()).is_some_and(|span| !span.is_empty()));
            prop_assert!(!found.act.is_empty());
        }
    }
}
