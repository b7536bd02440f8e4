//! What the lines say that are no part of an article, in many languages.

use std::sync::LazyLock;

use regex::Regex;

use super::vocabulary::{found, pattern};

/// Lines that are never a part of the text, in many languages.
static LINES: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let mut lines: Vec<&str> = include_str!("lines.txt").lines().filter(|line| !line.is_empty()).collect();
    lines.sort_unstable();
    lines
});

/// What invites to subscribe, follow, share, buy, or names its owner.
static PLEA: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?i)newsletter|\binbox\b|sign up (?:for|to|here|now)|subscribe (?:to|for|now|here|today)|\bfollow (?:us|me|him|her|them|@\w+|\w+ on (?:twitter|facebook|instagram))|(?:like|join|find) us on|on twitter\b.*\bfacebook|share (?:this|it) (?:story|article|post|with|on)|download (?:our|the) (?:free )?app|click here (?:to|for)|have a (?:news )?tip|send (?:us )?(?:a )?(?:news )?tips|support our journalism|become a member|all rights reserved|free trial|first month|for as little as|issues for|terms of (?:use|service)|privacy policy|подпис(?:ывайтесь|аться|ка)|abonnez-vous|inscrivez-vous|suscríbete|suscribirse|síguenos|assine|inscreva-se|siga-nos|iscriviti|seguici|abonneer|zapisz się|zasubskrybuj|iratkozz fel|berlangganan|メールマガジン|購読|フォロー",
    )
});

/// How lines begin that lead elsewhere or tell where a picture came from.
static LEAD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?i)^\W*(?:read more|read also|also read|read next|related(?: story| article| stories| coverage| reading| video)?|see also|see more|more from|watch(?: now| the video| live| below)?|don['’]?t miss|must read|recommended|photos?|image(?: credits?| source| courtesy)?|picture|credits?|photo(?:graph)?s? (?:by|credit|courtesy)|getty images|follow (?:us|me|him|her|@)|sign up (?:for|to)|subscribe (?:to|for|now)|click here (?:to|for)|join (?:our|us)|download (?:our|the)|like us|copyright|©|all rights reserved|filed under|tagged|posted in|tags?|topics|published|updated|last updated|leggi anche|leia (?:também|mais)|veja também|lesen sie auch|lire aussi|à lire aussi|lea también|lees ook|czytaj (?:też|także)|читайте также|читайте|смотрите также|фото|foto|baca juga|関連記事|bildquelle|siehe auch|mehr dazu|mehr zum thema|voir aussi|ver también|le puede interesar|vedi anche|bekijk ook|lees meer|läs också|läs mer|les også|læs også|lue myös|čtěte také|citește și|διαβάστε επίσης|читати також|اقرأ أيضا|اقرأ أيضًا|延伸阅读|延伸閱讀|相关阅读|관련 기사)\b\s*([:：—–|-]?)",
    )
});

/// How lines end that tell where a picture came from.
static CREDIT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?i)\((?:photo|image|picture|foto|getty|ap|afp|reuters)\b[^)]*\)$|(?:getty images|shutterstock|afp/getty|/ ?reuters|/ap)\W*$",
    )
});

/// Headings of what readers say about an article, wherever they stand: no article speaks so.
static THREAD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:(?:\d+|one|two|three|no) (?:thoughts?|responses?|replies|reactions?|comments?) (?:on|to)\b.*|\d+ (?:comments?|responses?|replies|kommentare?|commentaires?|comentarios?|comentários?|commenti|reacties|komentarz\w*|комментари\w*|yorum|hozzászólás|kommentarer?|komentar|コメント|条评论|則評論)|(?:leave|post|add|write) (?:a|your) (?:comment|reply|response)|(?:the )?comments are (?:now )?closed|schreiben? sie einen kommentar|kommentar (?:schreiben|verfassen|hinterlassen)|laisser un commentaire|deja (?:un comentario|una respuesta)|deixe (?:um|seu) comentário|lascia un commento|dodaj komentarz|добавить комментарий|оставить комментарий|コメントを残す|发表评论|發表評論)\W*$",
    )
});

/// Lines that were written for machines: addresses, times, and counters of a gallery.
static MACHINE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(r"(?i)^(?:(?:https?://|www\.)\S+|\d{4}-\d\d-\d\d[T ][\d:.+Z-]+|\d+ ?(?:/|of|von|sur|de|di|из) ?\d+)$")
});

/// Where a picture came from, set into its caption.
static AGENCY_PHOTO: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"\((?:AP|AFP|EPA|Reuters|REUTERS|Getty|dpa|TASS|Xinhua)\b[^()]{0,30}(?:Photo|photo|Image|Foto|file)[^()]*\)|\((?:Photo|Foto|Image|Bild)\b[^()]*\)$",
    )
});

/// What follows a name where its bearer is presented.
static BIOGRAPHY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"^ (?:is|was|has|covers|covered|writes|works|joined|reports|serves|lives|ist|arbeitet|schreibt|est|es|is een|werkt|schrijft|jest|è|é|er|är) ",
    )
});

/// Headings of what comes behind an article.
static BEHIND: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:comments?|leave a (?:comment|reply)|\d+ comments?|(?:more )?related(?: \w+)?|you (?:may|might) also (?:like|enjoy)(?: this)?|more (?:from|on|stories|news)\b.*|recommended(?: for you)?|(?:most|самые) (?:popular|read|популярные)\b.*|trending(?: now)?|top stories|partner news|about the authors?|отзывы|комментарии|читайте также|похожие\b.*|kommentare|mehr zum thema|das könnte .*|ähnliche .*|commentaires|à lire aussi|sur le même sujet|comentarios|comentários|noticias relacionadas|notícias relacionadas|commenti|articoli correlati|potrebbe interessarti.*|reacties|gerelateerd\b.*|komentarze|powiązane\b.*|hozzászólások|kapcsolódó\b.*|関連記事|コメント|관련기사|相关\S*|mehr (?:aus|von|zu)\b.*|weitere (?:artikel|themen|meldungen)\b.*|auch interessant\b.*|meistgelesen\b.*|lesen sie auch|les plus lus|voir aussi|lo más (?:visto|leído)|te puede interesar|le puede interesar|mais lidas|veja também|leia também|i più letti|leggi anche|lees ook|meest gelezen|czytaj także|najczęściej czytane|zobacz (?:też|także)|по теме|другие новости|самое читаемое|материалы по теме|ilgili haberler|läs också|mest läst|les også|mest lest|læs også|lue myös|čtěte také|související\b.*|citește și|διαβάστε επίσης|اقرأ أيضا|مواضيع ذات صلة|קראו עוד|延伸阅读|延伸閱讀|猜你喜欢|あわせて読みたい|おすすめ記事|많이 본 뉴스|baca juga|berita terkait|tin liên quan)\W*$",
    )
});

/// Whether a line is one that is never a part of the text.
pub(super) fn is_line(text: &str) -> bool {
    if text.len() > 200 {
        return false;
    }
    let plain: String = text
        .to_lowercase()
        .chars()
        .map(|c| if c == '’' { '\'' } else { c })
        .filter(|c| c.is_alphanumeric() || c.is_whitespace() || *c == '\'')
        .collect();
    LINES.binary_search(&plain.trim()).is_ok()
}

/// How many words of a plea a text holds.
pub(super) fn pleas(text: &str) -> usize {
    PLEA.as_ref().map_or(0, |plea| plea.find_iter(text).count())
}

/// Whether a line begins as one that leads elsewhere; with `true`, whether it also sets that off as a label.
pub(super) fn leads(text: &str) -> Option<bool> {
    let found = LEAD.as_ref()?.captures(text)?;
    Some(found.get(1).is_some_and(|mark| !mark.is_empty()))
}

/// Whether a line ends as one that tells where a picture came from.
pub(super) fn is_credit(text: &str) -> bool {
    text.contains('©') || found(&CREDIT, text)
}

/// Whether a line is the heading of what readers say.
pub(super) fn is_thread(text: &str) -> bool {
    found(&THREAD, text)
}

/// Whether a line was written for machines.
pub(super) fn is_machine(text: &str) -> bool {
    found(&MACHINE, text)
}

/// Whether a text names the agency that a picture came from, as captions do.
pub(super) fn is_agency_photo(text: &str) -> bool {
    found(&AGENCY_PHOTO, text)
}

/// Whether what follows a name presents who bears it; in lower case.
pub(super) fn is_biography(rest: &str) -> bool {
    found(&BIOGRAPHY, rest)
}

/// Whether a text ends as a sentence does.
pub(super) fn is_sentence(text: &str) -> bool {
    text.trim_end_matches(['"', '”', '»', '’', ')']).ends_with(['.', '!', '?', '…', '。', '！', '？', ':'])
}

/// Words of links that invite to answer somebody.
const ANSWER: [&str; 28] = [
    "antworten",
    "balas",
    "beantwoorden",
    "reageer",
    "reply",
    "responder",
    "rispondi",
    "répondre",
    "svar",
    "svara",
    "trả lời",
    "vastaa",
    "válasz",
    "yanıtla",
    "cevapla",
    "odpovedať",
    "odpovědět",
    "odpowiedz",
    "отговор",
    "ответить",
    "відповісти",
    "απάντηση",
    "הגב",
    "رد",
    "답글",
    "回复",
    "回覆",
    "返信",
];

/// Whether a text is a link's that invites to answer.
pub(super) fn invites_to_answer(text: &str) -> bool {
    let text = text.trim().trim_matches(['↓', '→', '⤵', '(', ')', '[', ']', ' ']).to_lowercase();
    ANSWER.contains(&text.as_str())
}

/// Whether a line is the heading of what comes behind an article.
pub(super) fn is_behind(text: &str) -> bool {
    found(&BEHIND, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_sound() {
        for pattern in [&PLEA, &LEAD, &CREDIT, &BEHIND, &THREAD, &MACHINE, &AGENCY_PHOTO, &BIOGRAPHY] {
            assert!(pattern.is_some());
        }
    }

    #[test]
    fn lines_are_told_from_text() {
        for line in ["Advertisement", "Read more:", "Lire aussi :", "Читайте также", "DON’T MISS"] {
            assert!(is_line(line), "{line}");
        }
        for text in ["The advertisement was withdrawn.", "Read more books, says the minister.", ""] {
            assert!(!is_line(text), "{text}");
        }
        assert_eq!(leads("Photo: Somebody"), Some(true));
        assert_eq!(leads("Published in May, the report"), Some(false));
        assert_eq!(leads("Ministers met"), None);
        assert!(is_behind("You may also like…") && !is_behind("Related parties must tell the bank"));
        assert!(is_credit("A minister (Photo: Getty)") && !is_credit("A minister (left)"));
    }
}
