use std::cmp::Reverse;
use std::sync::LazyLock;

use hashbrown::HashMap;

use super::language::Language;
use super::words::words;

/// Small words and letters of the languages in Latin letters; the file says what they are.
const FUNCTION_WORDS: &str = include_str!("function_words.txt");

/// So many words of an item tell its language as well as all of them.
const ITEM_WORDS_MAX: usize = 80;

/// So many of a whole document, which may begin with the words of others.
const DOCUMENT_WORDS_MAX: usize = 160;

/// So many bytes are enough for the frequencies of letters in a row, which take longer than words.
const LETTERS_READ_MAX: usize = 400;

/// So many words would hold some function words if they were in a language that has them listed.
const WORDS_ENOUGH: usize = 60;

/// In fewer bytes letters in a row tell little.
const SAMPLE_ENOUGH: usize = 60;

/// Longer words are no function words, in bytes.
const FUNCTION_WORD_MAX: usize = 12;

/// What one function word of a single language counts; one that several have counts for each its part.
const WORD_SCORE: u32 = 240;

/// What a letter counts that several languages have.
const LETTER_SCORE: u32 = 120;

/// Languages whose texts are alike: which of them it is, whoever published it knows best.
const ALIKE: &[&[&str]] = &[
    &["no", "da", "sv"],
    &["hr", "sr", "bs", "sl"],
    &["cs", "sk"],
    &["es", "pt", "gl", "ca"],
    &["nl", "af"],
    &["id", "ms", "jv"],
    &["ru", "uk", "be", "bg", "mk", "sr"],
    &["hi", "mr", "ne"],
    &["ar", "fa", "ur"],
    &["tr", "az"],
];

/// In which language a text is, and by which languages' rules its words are inflected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Speech {
    /// The language, as far as it is known.
    pub language: Option<Language>,
    /// Languages that it may be in, the likeliest first; several where a text is too short to tell.
    may_be: [Option<Language>; 3],
}

impl Speech {
    /// Of texts that belong together; `given` is the tag of the language that their publisher says they are in. It is taken
    /// for what it says unless the texts are clearly in another language.
    pub fn of<'a>(texts: impl Iterator<Item = &'a str> + Clone, given: Option<&str>) -> Self {
        let (Ok(speech) | Err(speech)) = Self::judged(texts, given, ITEM_WORDS_MAX);
        speech
    }

    /// The language that all texts of a document are clearly in.
    pub fn clear<'a>(texts: impl Iterator<Item = &'a str> + Clone) -> Option<Language> {
        Self::judged(texts, None, DOCUMENT_WORDS_MAX).ok()?.language
    }

    /// What is clear, else what is likely.
    fn judged<'a>(
        texts: impl Iterator<Item = &'a str> + Clone,
        given: Option<&str>,
        words_max: usize,
    ) -> Result<Self, Self> {
        let given = given.and_then(Language::of_tag);
        let votes = Votes::count(texts.clone(), words_max);
        let heard = votes.leader();
        if let Some((language, true)) = heard {
            return Ok(Self::settled(given.filter(|given| alike(*given, language)).unwrap_or(language)));
        }
        let english = Some(Language::english());
        let heard = heard.map(|(language, _)| language);
        // A long text in Latin letters that its small words do not tell is in no language that letters in a row would tell
        // better, and they take long.
        if votes.words >= WORDS_ENOUGH && votes.latin * 2 > votes.words {
            let heard = heard.filter(|language| votes.speak_for(*language));
            return Err(Self::between([given.or(heard).or(english), heard, english]));
        }
        let sample = sample(texts);
        let guess = whatlang::detect(&sample)
            .and_then(|info| Some((Language::of_tag(info.lang().code())?, info.is_reliable(), info.script())))
            .map(|(language, sure, script)| (likelier(language, &sample), sure, script));
        // A script that one language has, or letters in a row that only one has.
        if let Some((language, true, script)) = guess {
            let own = given.filter(|given| alike(*given, language)).unwrap_or(language);
            let is_latin = script == whatlang::Script::Latin;
            if !is_latin || (heard == Some(language) && sample.len() > SAMPLE_ENOUGH) {
                return Ok(Self::settled(own));
            }
            if sample.len() > SAMPLE_ENOUGH && heard.is_none() {
                return Err(Self::between([Some(own), english, None]));
            }
        }
        let guess = guess.map(|(language, ..)| language);
        Err(match given.or(heard) {
            // Names and numbers: nothing speaks for a language.
            None if sample.is_ascii() => Self::between([english, guess, None]),
            language => Self::between([language.or(guess), heard.or(guess), english]),
        })
    }

    fn settled(language: Language) -> Self {
        Self { language: Some(language), may_be: [Some(language), None, None] }
    }

    fn between(candidates: [Option<Language>; 3]) -> Self {
        let mut may_be = [None; 3];
        let mut count = 0;
        for language in candidates.into_iter().flatten() {
            if !may_be.contains(&Some(language)) {
                may_be[count] = Some(language);
                count += 1;
            }
        }
        Self { language: may_be[0], may_be }
    }

    /// The languages by whose rules a word may be inflected; at least one, the likeliest first.
    pub fn languages(self) -> impl Iterator<Item = Language> {
        self.may_be.into_iter().flatten()
    }
}

/// Whether a word, in small letters, is one of the commonest of some language.
pub fn is_function_word(lower: &str) -> bool {
    LISTED.words.contains_key(lower)
}

fn alike(one: Language, other: Language) -> bool {
    one == other || ALIKE.iter().any(|group| group.contains(&one.code()) && group.contains(&other.code()))
}

/// Letters of one of the languages that are written alike and not of the others.
const TELLING: &[(&str, &str)] = &[("uk", "іїєґ"), ("mk", "ѓќѕ"), ("sr", "ђћ"), ("ru", "ыэё")];

/// Letters that Serbian and Macedonian share and the others do not have.
const WESTERN: &str = "љњџј";

/// Small words of the Slavic languages of the south that no Russian has.
const SOUTHERN: &[&str] = &["се", "са", "ще", "че", "със", "към", "су", "од", "беше"];

/// Of languages that are written alike the one whose own letters the text has, else the larger one: rows of letters take
/// Turkish for Azerbaijani and Russian for Bulgarian.
fn likelier(guess: Language, sample: &str) -> Language {
    let lower = sample.to_lowercase();
    let code = match guess.code() {
        "az" if !lower.contains('ə') => "tr",
        "ru" | "uk" | "bg" | "mk" | "sr" if lower.contains(|c| ('а'..='я').contains(&c)) => {
            let own = TELLING.iter().find(|(_, letters)| lower.contains(|c| letters.contains(c)));
            match own {
                Some((code, _)) => code,
                None if lower.contains(|c| WESTERN.contains(c)) => {
                    if guess.code() == "mk" {
                        "mk"
                    } else {
                        "sr"
                    }
                }
                None if is_southern(&lower) || matches!(guess.code(), "ru" | "uk") => return guess,
                None => "ru",
            }
        }
        _ => return guess,
    };
    Language::of_tag(code).unwrap_or(guess)
}

/// Whether a text in small Cyrillic letters has words of the south, or a hard sign as a vowel, as Bulgarian has.
fn is_southern(lower: &str) -> bool {
    let is_vowel = |(at, sign): (usize, &str)| !lower[at + sign.len()..].starts_with(['е', 'ё', 'ю', 'я']);
    lower.match_indices('ъ').any(is_vowel) || words(lower).any(|word| SOUTHERN.contains(&word.surface))
}

/// The beginning of the texts, one after the other.
fn sample<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let mut sample = String::new();
    for text in texts {
        let room = LETTERS_READ_MAX.saturating_sub(sample.len());
        sample.push_str(&text[..text.floor_char_boundary(room)]);
        sample.push(' ');
    }
    sample
}

/// What speaks for each language that has function words listed.
struct Votes {
    scores: [u32; LISTED_MAX],
    words: usize,
    /// Words in Latin letters.
    latin: usize,
}

/// More languages are not listed.
const LISTED_MAX: usize = 32;

struct Listed {
    languages: Vec<Language>,
    /// By word: the languages that have it, a bit each.
    words: HashMap<&'static str, u32>,
    /// By letter, the same.
    letters: HashMap<char, u32>,
}

static LISTED: LazyLock<Listed> = LazyLock::new(|| {
    let mut listed = Listed { languages: Vec::new(), words: HashMap::new(), letters: HashMap::new() };
    for line in FUNCTION_WORDS.lines().filter(|line| !line.starts_with('#')) {
        let Some((code, rest)) = line.split_once('=') else { continue };
        let (words, letters) = rest.split_once('|').unwrap_or((rest, ""));
        let Some(language) = Language::of_tag(code) else { continue };
        let bit = 1 << listed.languages.len();
        listed.languages.push(language);
        for word in words.split(' ') {
            *listed.words.entry(word).or_default() |= bit;
        }
        for letter in letters.chars() {
            *listed.letters.entry(letter).or_default() |= bit;
        }
    }
    listed
});

impl Votes {
    fn count<'a>(texts: impl Iterator<Item = &'a str>, words_max: usize) -> Self {
        let mut votes = Self { scores: [0; LISTED_MAX], words: 0, latin: 0 };
        let listed = &*LISTED;
        let mut lower = String::new();
        // An acronym is no small word (EU is no Portuguese `eu`), unless all is in capitals.
        let (mut has_small, mut in_capitals) = (false, Vec::new());
        for word in texts.flat_map(words).take(words_max) {
            votes.words += 1;
            has_small |= word.surface.starts_with(char::is_lowercase);
            votes.latin += usize::from(word.surface.chars().next().is_some_and(|c| c < '\u{250}'));
            if word.surface.is_ascii() {
                if word.surface.len() <= FUNCTION_WORD_MAX {
                    lower.clear();
                    lower.push_str(word.surface);
                    lower.make_ascii_lowercase();
                    let languages = listed.words.get(lower.as_str()).copied();
                    if word.surface.len() > 1 && word.surface.bytes().all(|byte| byte.is_ascii_uppercase()) {
                        in_capitals.push(languages);
                    } else {
                        votes.add(languages, WORD_SCORE);
                    }
                }
            } else {
                let lower = word.surface.to_lowercase();
                votes.add(listed.words.get(lower.as_str()).copied(), WORD_SCORE);
                for letter in lower.chars().filter(|c| !c.is_ascii()) {
                    votes.add(listed.letters.get(&letter).copied(), LETTER_SCORE);
                }
            }
        }
        if !has_small {
            for languages in in_capitals {
                votes.add(languages, WORD_SCORE);
            }
        }
        votes
    }

    fn add(&mut self, languages: Option<u32>, score: u32) {
        let Some(mut languages) = languages else { return };
        let share = score / languages.count_ones();
        while languages != 0 {
            self.scores[languages.trailing_zeros() as usize] += share;
            languages &= languages - 1;
        }
    }

    /// The language that most speaks for, the larger one of several, and whether nothing speaks for another.
    fn leader(&self) -> Option<(Language, bool)> {
        let (at, score) = self.scores.iter().enumerate().max_by_key(|(at, score)| (**score, Reverse(*at)))?;
        let second = self.scores.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, score)| *score).max()?;
        let language = *LISTED.languages.get(at)?;
        let clear = *score >= 2 * WORD_SCORE && *score > second + second / 2 && self.is_dense(*score);
        (*score > 0).then_some((language, clear))
    }

    /// Whether a text in that language could have as few of its small words.
    fn speak_for(&self, language: Language) -> bool {
        let listed = LISTED.languages.iter().position(|known| *known == language);
        listed.is_some_and(|at| self.is_dense(self.scores[at]))
    }

    /// Of a text in a language that is not listed, only a few words are words of others.
    fn is_dense(&self, score: u32) -> bool {
        u64::from(score) * 16 >= u64::from(WORD_SCORE) * self.words as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str, given: Option<&str>) -> Option<&'static str> {
        Speech::of([text].into_iter(), given).language.map(Language::code)
    }

    #[test]
    fn headlines_are_known_by_their_small_words_letters_and_scripts() {
        for (expected, headline) in [
            ("en", "The ministers of the alliance met for talks on the budget"),
            ("en", "Hungary vetoes aid for Ukraine amid budget row"),
            ("en", "Hungary blocks aid to Ukraine"),
            ("en", "EU leaders meet in Vilnius"),
            ("en", "Minister resigns over budget row"),
            ("en", "NATO SUMMIT OPENS IN THE HAGUE"),
            ("de", "Die Minister des Bündnisses berieten über den Haushalt"),
            ("de", "Ungarn blockiert erneut Hilfen für die Ukraine"),
            ("fr", "Les ministres de l'alliance se sont réunis à Bruxelles"),
            ("fr", "La Hongrie bloque une nouvelle aide à l'Ukraine"),
            ("es", "Los ministros de la alianza se reunieron en Bruselas"),
            ("es", "Hungría veta las nuevas sanciones contra Rusia"),
            ("it", "I ministri dell'alleanza si sono riuniti a Bruxelles per il bilancio"),
            ("pt", "Os ministros da aliança não chegaram a um acordo em Bruxelas"),
            ("nl", "De ministers van het bondgenootschap zijn het niet eens over de begroting"),
            ("sv", "Ministrarna i alliansen är inte överens om budgeten och tiden"),
            ("no", "Ministrene i alliansen er ikke enige om budsjettet, sier hun"),
            ("da", "Ministrene i alliancen er ikke blevet enige om budgettet af i dag"),
            ("fi", "Ministerit eivät päässeet sopuun budjetista, sanoo hän"),
            ("hu", "A miniszterek nem tudtak megegyezni a költségvetésről"),
            ("ro", "Miniștrii alianței nu au ajuns la un acord și pleacă"),
            ("tr", "Bakanlar bütçe konusunda bir anlaşmaya varamadı ve ayrıldı"),
            ("pl", "Ministrowie nie doszli do porozumienia w sprawie budżetu"),
            ("cs", "Ministři se nedohodli na rozpočtu, který předložila vláda"),
            ("tr", "Cumhurbaşkanı İstanbul'da konuştu. NATO'nun zirvesi temmuzda yapılacak."),
            ("ru", "Президентом подписан указ о новом составе совета"),
            ("ru", "Президент объявил войну коррупции"),
            ("bg", "Президентът се срещна с премиера"),
            ("ru", "Министры не смогли договориться о бюджете"),
            ("uk", "Міністри не змогли домовитися про бюджет, заявив її голова"),
            ("el", "Οι υπουργοί δεν συμφώνησαν για τον προϋπολογισμό"),
            ("ar", "لم يتمكن الوزراء من الاتفاق على الميزانية في بروكسل"),
            ("he", "השרים לא הצליחו להגיע להסכמה על התקציב"),
            ("ja", "外相会談が東京で行われた"),
            ("zh", "外交部长在布鲁塞尔会面讨论预算"),
            ("ko", "외무장관들이 예산에 합의하지 못했다"),
            ("th", "รัฐมนตรีไม่สามารถตกลงเรื่องงบประมาณได้"),
        ] {
            assert_eq!(code(headline, None), Some(expected), "{headline}");
        }
    }

    #[test]
    fn what_the_publisher_says_counts_unless_it_is_clearly_wrong() {
        let german = "Die Minister des Bündnisses berieten am Montag über den Haushalt und die Lage in der Ukraine";
        assert_eq!(code(german, Some("en-US")), Some("de"));
        assert_eq!(code("Budget talks", Some("de")), Some("de"));
        assert_eq!(code("Regjeringen er ikke enig, sier de på et møte i dag", Some("nb")), Some("no"));
        assert_eq!(code("Regjeringen er ikke enig, sier de på et møte i dag", Some("da-DK")), Some("da"));
        assert_eq!(code("", None), Some("en"));
        assert_eq!(code("", Some("xx")), Some("en"));
    }

    #[test]
    fn the_list_is_in_its_bounds() {
        assert!(LISTED.languages.len() <= LISTED_MAX);
        assert_eq!(LISTED.languages.len(), FUNCTION_WORDS.lines().filter(|line| !line.starts_with('#')).count());
        assert!(LISTED.words.keys().all(|word| word.len() <= FUNCTION_WORD_MAX || !word.is_ascii()));
    }
}
