//! What publishers call the parts of a page: names of classes and the words of lines that are no part of an article.

use std::sync::LazyLock;

use regex::Regex;

use super::tree::Node;

/// Attributes that name a part for the page's own styles, scripts and tests.
const NAMING: [&str; 6] = ["class", "id", "data-component", "data-module", "data-testid", "data-type"];

/// Beginnings of class names that tell what an element has or is filed under, not what it is.
const FILED: [&str; 16] = [
    "has-",
    "no-",
    "not-",
    "with-",
    "without-",
    "is-",
    "category-",
    "tag-",
    "tags-",
    "format-",
    "type-",
    "status-",
    "author-",
    "section-",
    "topic-",
    "channel-",
];

/// Elements that are no part of the text.
pub(super) const ASIDE: [&str; 16] = [
    "aside",
    "dialog",
    "dir",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "head",
    "input",
    "label",
    "math",
    "menu",
    "nav",
    "option",
    "search",
];

/// Roles (WAI-ARIA 1.2) of parts that are not the text.
pub(super) const ROLES: [&str; 12] = [
    "alertdialog",
    "banner",
    "complementary",
    "contentinfo",
    "dialog",
    "form",
    "menu",
    "menubar",
    "navigation",
    "search",
    "tablist",
    "toolbar",
];

/// Names of what readers say about an article.
pub(super) const COMMENTS: [&str; 10] = [
    "commentaires",
    "commentlist",
    "comment",
    "comments",
    "commenti",
    "comentarios",
    "disqus",
    "kommentare",
    "replies",
    "respond",
];

/// Names of pictures, films and sound, whose texts are captions as long as they are short.
pub(super) const MEDIA: [&str; 21] = [
    "audio",
    "carousel",
    "embed",
    "figure",
    "gallery",
    "illustration",
    "image",
    "images",
    "img",
    "media",
    "photo",
    "photos",
    "picture",
    "player",
    "poster",
    "slider",
    "slideshow",
    "thumb",
    "thumbnail",
    "video",
    "videos",
];

/// Names of what invites to share; of embedded posts too.
pub(super) const SOCIAL: [&str; 3] = ["share", "sharing", "social"];

/// Names of parts that are no part of the text.
pub(super) const APART: &[&str] = &[
    "addthis",
    "addtoany",
    "ads",
    "adsense",
    "advert",
    "advertisement",
    "advertisements",
    "aehnliche",
    "anzeige",
    "abonnement",
    "articlemeta",
    "authorbio",
    "bio",
    "biography",
    "bookmark",
    "breadcrumb",
    "breadcrumbs",
    "byline",
    "bylines",
    "caption",
    "captions",
    "comentarios",
    "comment",
    "commentaires",
    "commenti",
    "commentlist",
    "comments",
    "compartilhar",
    "compartilhe",
    "compartir",
    "condividi",
    "consent",
    "cookie",
    "cookies",
    "copyright",
    "correlati",
    "credit",
    "credits",
    "dateline",
    "datetime",
    "dfp",
    "disclaimer",
    "disqus",
    "entrymeta",
    "follow",
    "followus",
    "footer",
    "gdpr",
    "gpt",
    "hidden",
    "jetpack",
    "jp",
    "komentarze",
    "kommentar",
    "kommentare",
    "login",
    "masthead",
    "menu",
    "metadata",
    "modal",
    "morefrom",
    "mostread",
    "nav",
    "navbar",
    "navigation",
    "newsletter",
    "newsletters",
    "outbrain",
    "overlay",
    "pager",
    "pagination",
    "partager",
    "photocredit",
    "pingback",
    "poll",
    "polls",
    "popular",
    "popup",
    "postmeta",
    "powiazane",
    "print",
    "profile",
    "promo",
    "promos",
    "promoted",
    "promotion",
    "pubdate",
    "publicidad",
    "publicite",
    "quiz",
    "rating",
    "ratings",
    "reacties",
    "readmore",
    "recirc",
    "recirculation",
    "reclame",
    "recommendation",
    "recommendations",
    "recommended",
    "reklama",
    "related",
    "relacionadas",
    "relacionados",
    "replies",
    "reply",
    "respond",
    "share",
    "sharebar",
    "sharedaddy",
    "shares",
    "sharethis",
    "sharetools",
    "sharing",
    "sidebar",
    "signup",
    "skip",
    "social",
    "sponsor",
    "sponsored",
    "sponsors",
    "subscribe",
    "subscription",
    "survey",
    "taboola",
    "tagcloud",
    "taglist",
    "taglines",
    "tags",
    "teaser",
    "teasers",
    "teilen",
    "timestamp",
    "toc",
    "toolbar",
    "tooltip",
    "trackback",
    "trending",
    "verwandt",
    "vote",
    "votes",
    "werbung",
    "widget",
    "widgets",
];

/// Of these names even a paragraph or a stretch of one is apart.
pub(super) const SMALL: [&str; 7] = ["byline", "caption", "credit", "newsletter", "promo", "related", "share"];

/// Names of the text itself.
pub(super) const TEXT: [&str; 13] = [
    "article",
    "articlebody",
    "blog",
    "body",
    "content",
    "copy",
    "entry",
    "hentry",
    "main",
    "news",
    "post",
    "prose",
    "story",
];

/// Names of parts that are told by several words in a row, joined with hyphens.
static APART_IN_A_ROW: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?:^|-)(?:read-?(?:more|next|also)|more-(?:from|on|stories|news|articles|links)|most-?(?:read|viewed|popular|shared)|see-also|also-read|you-may|author-?(?:bio|info|box|card|meta|profile|name|desc\w*|image|details)|about-author|post-?(?:meta|info|tags|nav\w*|footer|date|author|share)|entry-?(?:meta|footer|utility|tags|info)|article-?(?:meta|footer|tags|info|date|timestamp|share|tools|header|byline)|up-?next|pull-?quote|jump-?(?:link|to)|sign-?up|log-?in|inline-?(?:ad|promo|related|video)|screen-?reader|sr-only|visually-?hidden|wp-caption|prev(?:ious)?-?next|next-?prev|below-article|after-?(?:post|content|article|entry)|trc|rc-widget)(?:$|-)",
    )
});

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
        r"(?i)^\W*(?:read more|read also|also read|read next|related(?: story| article| stories| coverage| reading| video)?|see also|see more|more from|watch(?: now| the video| live| below)?|don['’]?t miss|must read|recommended|photos?|image(?: credits?| source| courtesy)?|picture|credits?|photo(?:graph)?s? (?:by|credit|courtesy)|getty images|follow (?:us|me|him|her|@)|sign up (?:for|to)|subscribe (?:to|for|now)|click here (?:to|for)|join (?:our|us)|download (?:our|the)|like us|copyright|©|all rights reserved|filed under|tagged|posted in|tags?|topics|published|updated|last updated|leggi anche|leia (?:também|mais)|veja também|lesen sie auch|lire aussi|à lire aussi|lea también|lees ook|czytaj (?:też|także)|читайте также|читайте|смотрите также|фото|foto|baca juga|関連記事)\b\s*([:：—–|-]?)",
    )
});

/// How lines end that tell where a picture came from.
static CREDIT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?i)\((?:photo|image|picture|foto|getty|ap|afp|reuters)\b[^)]*\)$|(?:getty images|shutterstock|afp/getty|/ ?reuters|/ap)\W*$",
    )
});

/// Headings of what comes behind an article.
static BEHIND: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:comments?|leave a (?:comment|reply)|\d+ comments?|(?:more )?related(?: \w+)?|you (?:may|might) also (?:like|enjoy)(?: this)?|more (?:from|on|stories|news)\b.*|recommended(?: for you)?|(?:most|самые) (?:popular|read|популярные)\b.*|trending(?: now)?|top stories|partner news|about the authors?|отзывы|комментарии|читайте также|похожие\b.*|kommentare|mehr zum thema|das könnte .*|ähnliche .*|commentaires|à lire aussi|sur le même sujet|comentarios|comentários|noticias relacionadas|notícias relacionadas|commenti|articoli correlati|potrebbe interessarti.*|reacties|gerelateerd\b.*|komentarze|powiązane\b.*|hozzászólások|kapcsolódó\b.*|関連記事|コメント|관련기사|相关\S*)\W*$",
    )
});

/// `None` cannot happen with the patterns here; a test holds it.
fn pattern(text: &str) -> Option<Regex> {
    Regex::new(text).ok()
}

fn found(pattern: &LazyLock<Option<Regex>>, text: &str) -> bool {
    pattern.as_ref().is_some_and(|pattern| pattern.is_match(text))
}

/// The words of an element's names, in lower case.
pub(super) fn names(node: &Node<'_>) -> Vec<String> {
    let mut words = Vec::new();
    let Some(tag) = node.tag else { return words };
    for naming in NAMING {
        if !tag.whole.contains(naming) {
            continue;
        }
        let Some(value) = node.attribute(naming) else { continue };
        for name in value.split_ascii_whitespace() {
            let filed = |start: &&str| name.get(..start.len()).is_some_and(|first| first.eq_ignore_ascii_case(start));
            if naming != "class" || !FILED.iter().any(filed) {
                split_words(name, &mut words);
            }
        }
    }
    words
}

/// Cuts `postBody_mainText2` into `post`, `body`, `main`, `text`, `2`.
fn split_words(name: &str, words: &mut Vec<String>) {
    let bytes = name.as_bytes();
    let mut start = 0;
    for at in 0..=bytes.len() {
        let kind = |at: usize| bytes.get(at).map(|byte| (byte.is_ascii_alphabetic(), byte.is_ascii_digit()));
        let here = kind(at);
        let inside = matches!(here, Some((true, _) | (_, true)));
        let upper = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_uppercase);
        let lower = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_lowercase);
        let breaks = at > start
            && (!inside || kind(at - 1) != here || (upper(at) && (lower(at - 1) || (upper(at - 1) && lower(at + 1)))));
        if breaks && let Some(word) = name.get(start..at) {
            words.push(word.to_ascii_lowercase());
            start = at;
        }
        if !inside {
            start = at + 1;
        }
    }
}

/// Whether one of an element's names is in a list.
pub(super) fn is_called(names: &[String], list: &[&str]) -> bool {
    names.iter().any(|name| list.contains(&name.as_str()))
}

/// Whether an element's names say in several words that it is apart.
pub(super) fn is_apart_in_a_row(names: &[String]) -> bool {
    !names.is_empty() && found(&APART_IN_A_ROW, &names.join("-"))
}

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

/// Whether a line is the heading of what comes behind an article.
pub(super) fn is_behind(text: &str) -> bool {
    found(&BEHIND, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_sound() {
        for pattern in [&APART_IN_A_ROW, &PLEA, &LEAD, &CREDIT, &BEHIND] {
            assert!(pattern.is_some());
        }
    }

    #[test]
    fn names_are_cut_into_words() {
        let mut words = Vec::new();
        split_words("postBody_mainText2 HTMLPage", &mut words);
        assert_eq!(words.join(" "), "post body main text 2 html page");
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
