use std::borrow::Cow;
use std::sync::LazyLock;

use frostem::{Algorithm, Stemmer};

/// Longer words are no words that anybody inflects.
const LETTERS_MAX: usize = 40;

static ENGLISH: LazyLock<Stemmer> = LazyLock::new(|| Stemmer::new(Algorithm::English));

/// What all inflections of an English word have in common: `veto`, `vetoes` and `vetoed` have one stem, and so have `freeze`
/// and `frozen`. A word with anything but plain letters and apostrophes in it is its own stem.
///
/// `folded` has gone through [`super::fold`]. Stems compare; they are not words, and they are not stored.
pub fn stem(folded: &str) -> Cow<'_, str> {
    if folded.len() > LETTERS_MAX || !folded.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'\'') {
        return Cow::Borrowed(folded);
    }
    match IRREGULAR.binary_search_by_key(&folded, |(form, _)| form) {
        Ok(row) => ENGLISH.stem(IRREGULAR[row].1),
        Err(_) => ENGLISH.stem(folded),
    }
}

/// Forms that no rule of suffixes leads back to their word, sorted. Forms that are as often another word are left out:
/// `left`, `saw`, `found`, `rose`, `felt`, `lay`, `bore`, `wound`.
const IRREGULAR: &[(&str, &str)] = &[
    ("analyses", "analysis"),
    ("arisen", "arise"),
    ("arose", "arise"),
    ("ate", "eat"),
    ("beaten", "beat"),
    ("became", "become"),
    ("began", "begin"),
    ("begun", "begin"),
    ("bled", "bleed"),
    ("blew", "blow"),
    ("blown", "blow"),
    ("bought", "buy"),
    ("broadcasted", "broadcast"),
    ("broke", "break"),
    ("broken", "break"),
    ("brought", "bring"),
    ("built", "build"),
    ("burnt", "burn"),
    ("came", "come"),
    ("caught", "catch"),
    ("children", "child"),
    ("chose", "choose"),
    ("chosen", "choose"),
    ("clung", "cling"),
    ("crises", "crisis"),
    ("dealt", "deal"),
    ("diagnoses", "diagnosis"),
    ("did", "do"),
    ("done", "do"),
    ("drank", "drink"),
    ("drawn", "draw"),
    ("drew", "draw"),
    ("driven", "drive"),
    ("drove", "drive"),
    ("eaten", "eat"),
    ("fallen", "fall"),
    ("fed", "feed"),
    ("fell", "fall"),
    ("fled", "flee"),
    ("flew", "fly"),
    ("flown", "fly"),
    ("forbade", "forbid"),
    ("forbidden", "forbid"),
    ("forgave", "forgive"),
    ("forgiven", "forgive"),
    ("forgot", "forget"),
    ("forgotten", "forget"),
    ("fought", "fight"),
    ("froze", "freeze"),
    ("frozen", "freeze"),
    ("gave", "give"),
    ("given", "give"),
    ("goes", "go"),
    ("gone", "go"),
    ("grew", "grow"),
    ("grown", "grow"),
    ("held", "hold"),
    ("hid", "hide"),
    ("hidden", "hide"),
    ("hypotheses", "hypothesis"),
    ("kept", "keep"),
    ("knew", "know"),
    ("known", "know"),
    ("led", "lead"),
    ("lent", "lend"),
    ("lost", "lose"),
    ("made", "make"),
    ("meant", "mean"),
    ("men", "man"),
    ("met", "meet"),
    ("mice", "mouse"),
    ("misled", "mislead"),
    ("mistaken", "mistake"),
    ("overcame", "overcome"),
    ("oversaw", "oversee"),
    ("overseen", "oversee"),
    ("overthrew", "overthrow"),
    ("overthrown", "overthrow"),
    ("paid", "pay"),
    ("parentheses", "parenthesis"),
    ("partook", "partake"),
    ("proven", "prove"),
    ("ran", "run"),
    ("rang", "ring"),
    ("rebuilt", "rebuild"),
    ("resold", "resell"),
    ("retaken", "retake"),
    ("rethought", "rethink"),
    ("retook", "retake"),
    ("rewritten", "rewrite"),
    ("rewrote", "rewrite"),
    ("ridden", "ride"),
    ("risen", "rise"),
    ("said", "say"),
    ("sang", "sing"),
    ("sank", "sink"),
    ("sent", "send"),
    ("shaken", "shake"),
    ("shook", "shake"),
    ("shot", "shoot"),
    ("shown", "show"),
    ("shrank", "shrink"),
    ("shrunk", "shrink"),
    ("slain", "slay"),
    ("slept", "sleep"),
    ("slid", "slide"),
    ("slung", "sling"),
    ("sold", "sell"),
    ("sought", "seek"),
    ("sped", "speed"),
    ("spent", "spend"),
    ("spoke", "speak"),
    ("spoken", "speak"),
    ("sprang", "spring"),
    ("sprung", "spring"),
    ("stole", "steal"),
    ("stolen", "steal"),
    ("stood", "stand"),
    ("stricken", "strike"),
    ("strove", "strive"),
    ("struck", "strike"),
    ("stuck", "stick"),
    ("stung", "sting"),
    ("sung", "sing"),
    ("sunk", "sink"),
    ("swam", "swim"),
    ("swept", "sweep"),
    ("swore", "swear"),
    ("sworn", "swear"),
    ("swum", "swim"),
    ("swung", "swing"),
    ("taken", "take"),
    ("taught", "teach"),
    ("theses", "thesis"),
    ("thieves", "thief"),
    ("thought", "think"),
    ("threw", "throw"),
    ("thrown", "throw"),
    ("told", "tell"),
    ("took", "take"),
    ("torn", "tear"),
    ("undertaken", "undertake"),
    ("undertook", "undertake"),
    ("underwent", "undergo"),
    ("undid", "undo"),
    ("undone", "undo"),
    ("upheld", "uphold"),
    ("went", "go"),
    ("wept", "weep"),
    ("withdrawn", "withdraw"),
    ("withdrew", "withdraw"),
    ("withheld", "withhold"),
    ("withstood", "withstand"),
    ("wives", "wife"),
    ("wolves", "wolf"),
    ("women", "woman"),
    ("won", "win"),
    ("wore", "wear"),
    ("woven", "weave"),
    ("written", "write"),
    ("wrote", "write"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inflections_share_a_stem() {
        for family in [
            &["veto", "vetoes", "vetoed", "vetoing"][..],
            &["block", "blocks", "blocked", "blocking"],
            &["summit", "summits"],
            &["freeze", "freezes", "froze", "frozen", "freezing"],
            &["withdraw", "withdrew", "withdrawn", "withdrawing"],
            &["crisis", "crises"],
            &["ceasefire", "ceasefires"],
            &["ally", "allies", "allied"],
            &["meet", "met", "meeting"],
        ] {
            for form in family {
                assert_eq!(stem(form), stem(family[0]), "{form}");
            }
        }
    }

    #[test]
    fn other_words_do_not() {
        for (one, other) in [("hungary", "hungry"), ("police", "policy"), ("nato", "nation"), ("leave", "left")] {
            assert_ne!(stem(one), stem(other), "{one} {other}");
        }
        assert_eq!(stem("f16s"), "f16s");
        assert_eq!(stem("停"), "停");
    }

    #[test]
    fn the_table_is_sorted_without_repeats() {
        assert!(IRREGULAR.is_sorted_by(|(one, _), (next, _)| one < next));
    }
}
