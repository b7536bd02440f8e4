use super::Language;

/// Shorter stems are of words that are no verbs.
const STEM_MIN: usize = 3;

/// Forms of a verb that the rules of its language do not lead back to its infinitive: German `droht` and `gedroht` have no stem
/// of `drohen`. Nothing where the word does not end as an infinitive does.
pub fn finite_forms(infinitive: &str, language: Language) -> Vec<String> {
    let base = |end: &str| infinitive.strip_suffix(end).filter(|base| base.chars().count() >= STEM_MIN);
    match language.code() {
        // A capital is a noun's.
        "de" if infinitive.starts_with(char::is_lowercase) => {
            let of_liquid = |end| base(end).map(|_| &infinitive[..infinitive.len() - 1]);
            let base = of_liquid("ern").or_else(|| of_liquid("eln")).or_else(|| base("en"));
            base.map_or_else(Vec::new, |base| vec![format!("{base}t"), format!("ge{base}t")])
        }
        "pl" => base("ować").or_else(|| base("owac")).map_or_else(Vec::new, |base| vec![format!("{base}uje")]),
        "fr" => base("re")
            .filter(|base| base.ends_with('d'))
            .map_or_else(Vec::new, |base| ["", "ent", "u"].map(|end| [base, end].concat()).to_vec()),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{fold, stems};
    use super::*;

    #[test]
    fn a_verb_is_found_in_the_present_and_as_a_participle() {
        let mut failed = Vec::new();
        for (language, infinitive, forms) in [
            ("de", "drohen", &["droht", "drohte", "drohten", "gedroht"][..]),
            ("de", "warnen", &["warnt", "gewarnt", "warnte"]),
            ("de", "fordern", &["fordert", "gefordert", "forderten"]),
            ("de", "handeln", &["handelt", "gehandelt"]),
            ("de", "verhängen", &["verhängt", "verhängte"]),
            ("de", "beschließen", &["beschließt", "beschliesst"]),
            ("de", "kaufen", &["kauft", "gekauft"]),
            ("pl", "blokować", &["blokuje", "blokują"]),
            ("fr", "vendre", &["vend", "vendent", "vendu"]),
        ] {
            let language = Language::of_tag(language).unwrap();
            let known: Vec<String> = std::iter::once(infinitive.to_owned())
                .chain(finite_forms(infinitive, language))
                .flat_map(|form| {
                    let folded = fold(&form);
                    let own = stems(&form, &folded, language).unwrap();
                    own.iter().map(str::to_owned).collect::<Vec<_>>()
                })
                .collect();
            for form in forms {
                let folded = fold(form);
                let own = stems(form, &folded, language).unwrap();
                if !own.iter().any(|stem| known.iter().any(|known| known == stem)) {
                    failed.push(format!("{infinitive} {form}"));
                }
            }
        }
        assert_eq!(failed, [""; 0]);
        let german = Language::of_tag("de").unwrap();
        for noun in ["Truppen", "den", "Veto", "ein"] {
            assert_eq!(finite_forms(noun, german), [""; 0], "{noun}");
        }
    }
}
