//! Which words are one, in which language: what a word of a query finds, however a text writes it.

use newswatch::item::Item;
use newswatch::matching::{Matcher, Rule, Subject};
use newswatch::query::Query;

fn finds(query: &str, item: &Item) -> bool {
    let query = Query::parse(query).unwrap_or_else(|errors| panic!("{}", errors.render(query)));
    let matcher = Matcher::new(vec![Rule::new("watch", query)]);
    !matcher.hits(&Subject { item, feed: "", tags: &[] }).is_empty()
}

fn text(text: &str) -> Item {
    Item { text: text.to_owned(), ..Item::default() }
}

fn said_to_be(language: &str, words: &str) -> Item {
    Item { language: Some(language.to_owned()), ..text(words) }
}

#[track_caller]
fn check(cases: &[(&str, &str, bool)]) {
    let wrong: Vec<_> =
        cases.iter().filter(|(query, words, expected)| finds(query, &text(words)) != *expected).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn inflections_are_those_of_the_items_language() {
    let wrong: Vec<_> = [
        ("de", "Regierung", "Die Regierungen haben sich nicht auf ein Ziel geeinigt"),
        ("de", "Haus", "Viele Häuser sind nach dem Sturm ohne Strom"),
        ("de", "Kämpfer", "Die Kämpfern gelieferte Hilfe wurde von der Union bezahlt"),
        ("fr", "sanction", "Les sanctions contre la Russie sont prolongées par le Conseil"),
        ("fr", "européen", "Les dirigeants européens se sont réunis pour parler de l'aide"),
        ("es", "sanción", "Las sanciones contra Rusia no se levantan por ahora"),
        ("es", "gobierno", "Los gobiernos de la región no están de acuerdo con el plan"),
        ("it", "sanzione", "Le sanzioni contro la Russia sono state prorogate dal Consiglio"),
        ("pt", "sanção", "As sanções contra a Rússia não foram levantadas pelo governo"),
        ("nl", "regering", "De regeringen van het bondgenootschap zijn het niet eens"),
        ("sv", "regering", "Regeringarna i alliansen är inte överens om budgeten för nästa år"),
        ("no", "regjering", "Regjeringene i alliansen er ikke enige om hva som skal skje nå"),
        ("da", "regering", "Regeringerne i alliancen er ikke blevet enige om budgettet af i dag"),
        ("fi", "hallitus", "Hallituksen mukaan budjetti on valmis, mutta siitä ei ole sovittu"),
        ("hu", "kormány", "A kormányok nem tudtak megegyezni az új költségvetésről"),
        ("ro", "guvern", "Guvernele din regiune nu au ajuns la un acord și pleacă"),
        ("ru", "санкция", "Страны продлили санкции против компании на полгода"),
        ("uk", "санкція", "Країни продовжили санкції проти компанії, заявив її голова"),
        ("pl", "sankcja", "Kraje przedłużyły sankcje, ponieważ nie doszło do porozumienia"),
        ("cs", "sankce", "Země prodloužily platnost sankcí, protože se nedohodly"),
        ("tr", "bakan", "Bakanlar bütçe konusunda bir anlaşmaya varamadı ve ayrıldı"),
        ("el", "κύρωση", "Οι κυρώσεις παρατείνονται για έξι μήνες"),
        ("ar", "حكومة", "قالت الحكومة إن الاتفاق لم يوقع بعد"),
    ]
    .into_iter()
    .filter(|(language, query, words)| {
        let and_language = format!("{query} lang:{language}");
        !(finds(query, &text(words))
            && finds(&and_language, &text(words))
            && finds(query, &said_to_be(language, words)))
    })
    .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn a_word_in_its_very_form_is_found_in_any_language() {
    for language in ["en", "de", "fi", "ja", "xx"] {
        assert!(finds("sanciones", &said_to_be(language, "sanciones")), "{language}");
        assert!(finds("Orban", &said_to_be(language, "ORBÁN")), "{language}");
    }
    // English rules are no German ones.
    let german = "Die Minister haben sich nicht auf ein Ziel geeinigt, und das Wetting ist aus";
    assert!(!finds("wet", &text(german)));
    assert!(finds("wetting", &text(german)));
}

#[test]
fn what_the_feed_says_of_the_language_counts_where_the_text_does_not_contradict() {
    assert!(finds("lang:de", &said_to_be("de-AT", "Budget 2027")));
    assert!(finds("lang:no", &said_to_be("nb", "Budsjett")));
    assert!(!finds("lang:en", &said_to_be("fr", "Budget 2027")));
    let german = "Die Minister haben sich nicht auf den Haushalt geeinigt, sagte ein Sprecher der Regierung";
    assert!(finds("lang:de", &said_to_be("en-US", german)));
    assert!(!finds("lang:en", &said_to_be("en-US", german)));
    assert!(finds("lang:(fr OR de)", &text(german)));
    assert!(finds("minister -lang:en", &text(german)));
}

#[test]
fn letters_that_readers_take_for_one() {
    check(&[
        ("strasse", "Die Straße", true),
        ("Straße", "STRASSE", true),
        ("oresund", "Øresund", true),
        ("lodz", "Łódź", true),
        ("aeon", "Æon", true),
        ("dokovic", "Đoković", true),
        ("istanbul", "İSTANBUL", true),
        ("ISTANBUL", "istanbul", true),
        ("diyarbakir", "DİYARBAKIR", true),
        ("diyarbakır", "Diyarbakir", true),
        ("orbán", "Orba\u{301}n", true),
        ("Orba\u{301}n", "Orbán", true),
        ("nato", "ＮＡＴＯ", true),
        ("finance", "ﬁnance", true),
        ("veto", "ve\u{AD}to ve\u{200B}to", true),
        ("veto", "\u{200F}veto\u{200E}", true),
        ("ガス", "ｶﾞｽ", true),
        ("한국", "\u{1112}\u{1161}\u{11AB}\u{1100}\u{116E}\u{11A8}", true),
        ("العربية", "العَرَبِيّة", true),
        ("ёлка", "елка", true),
        ("=Orbán", "Orba\u{301}n", true),
        ("=Orbán", "Orban", false),
        ("1999", "١٩٩٩", true),
    ]);
}

#[test]
fn possessives_hyphens_acronyms_and_numbers() {
    check(&[
        ("hungary", "Hungary's veto, Hungary’s veto", true),
        ("\"hungary veto\"", "Hungary’s veto", true),
        ("ally", "the allies' veto", true),
        ("hungary's", "Hungary vetoes", true),
        ("un", "the U.N. votes", true),
        ("U.N.", "the UN votes", true),
        ("U.S.A.", "the USA leaves", true),
        ("usa", "the U.S.A.", true),
        ("1000", "1,000 men, 1\u{A0}000 men", true),
        ("1,000", "1000 men", true),
        ("10.5", "10.5 million", true),
        ("10.5", "105 million", false),
        ("covid-19", "COVID19", true),
        ("f16", "an F-16", true),
        ("rapist", "the rapist", true),
        ("therapist", "the rapist", false),
        ("cannot", "they can not", false),
    ]);
    for query in ["cease-fire", "ceasefire", "\"cease fire\"", "\"cease-fire\"", "CEASE\u{2011}FIRE"] {
        for words in ["a cease-fire holds", "a ceasefire holds", "a cease fire holds", "A CEASE\u{AD}FIRE"] {
            assert!(finds(query, &text(words)), "{query} in {words}");
        }
        assert!(!finds(query, &text("fire, and no cease")), "{query}");
    }
    check(&[
        ("ceasefire", "They cease. Fire broke out", false),
        ("ceasefire", "cease\nfire", false),
        ("\"a ceasefire holds\"", "a cease fire holds", true),
        ("\"a cease fire holds\"", "a ceasefire holds", true),
        ("\"the cease fire talks\"", "the cease-fire talks", true),
        ("ceasefire NEAR/1 holds", "a cease fire holds", true),
        ("a BEFORE/1 ceasefire", "a cease fire holds", true),
        ("a NEAR/2 holds", "a cease fire holds", false),
        ("=ceasefire", "a cease fire", false),
        ("ceasef*", "a cease fire", false),
        ("ATLEAST/2 ceasefire", "a cease fire and a cease-fire", true),
    ]);
}

#[test]
fn scripts_without_spaces() {
    check(&[
        ("停火", "双方同意停火协议", true),
        ("停", "双方同意停火协议", true),
        ("火停", "双方同意停火协议", false),
        ("\"同意停火\"", "双方同意停火协议", true),
        ("停火 NEAR/2 协议", "停火协议", true),
        ("東京", "外相会談が東京で行われた", true),
        ("ภาษา", "ภาษาไทย", true),
        ("ខ្មែរ", "ភាសាខ្មែរ", true),
        ("정부", "정부는 휴전에", true),
        ("veto", "🙂veto🇪🇺", true),
    ]);
}

#[test]
fn turkish_endings_behind_an_apostrophe_belong_to_no_word() {
    check(&[
        ("istanbul", "İstanbul'da konuştu", true),
        ("nato", "NATO’nun zirvesi", true),
        ("@turkey", "Türkiye'nin kararı", true),
        ("hawai", "in Hawai'i", false),
    ]);
}
