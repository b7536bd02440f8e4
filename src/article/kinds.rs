//! Pages as the systems and the papers of the world make them: all of the article, and none of what stands around it.

use super::from_html;

/// Words that stand in every text below, once in each paragraph, so that none of them can go missing unseen.
const MARK: &str = "Valletta";

/// Words that stand in everything around an article.
const NOISE: &str = "Zugabe";

/// Asserts that all paragraphs with the mark are found, and nothing with the word of what stands around.
#[track_caller]
fn reads(kind: &str, html: &str, paragraphs: usize) {
    let text = from_html(html).text;
    assert_eq!(text.matches(MARK).count(), paragraphs, "{kind}: {text}");
    assert!(!text.contains(NOISE), "{kind}: {text}");
}

const ENGLISH: [&str; 3] = [
    "Ministers from nine countries met on Tuesday in Valletta, and after a long night, they agreed on a common line for the summit.",
    "Hungary had said in Valletta that it would block the package, but its delegation left the room before the vote, two diplomats said.",
    "The heads of government will have the last word in Valletta, and several of them have already asked for changes to the text.",
];

fn paragraphs(all: &[&str]) -> String {
    format!("<p>{}</p>", all.join("</p>\n<p>"))
}

#[test]
fn blogs() {
    let body = paragraphs(&ENGLISH);
    let head = "<title>Nine agree - The Example</title><meta name=author content='Ann Example'>";
    reads(
        "WordPress",
        &format!(
            "{head}<body class='single post-template'><header class=site-header><h1 class=site-title>Zugabe Times</h1></header><div \
             id=primary class=content-area><article class='post-7 post hentry category-related'><header class=entry-header><h1 \
             class=entry-title>Nine agree</h1><div class=entry-meta>Posted on 1 July by Zugabe</div></header><div \
             class=entry-content>{body}<div class=sharedaddy><h3>Zugabe this:</h3></div><div class='yarpp'><p>Zugabe and other \
             stories that you would like to read, perhaps.</p></div></div><footer class=entry-footer>Zugabe</footer></article><section \
             class=author-box><p>Ann Example is a Zugabe who lives by the sea with two dogs and writes.</p></section><div \
             id=comments><h2>2 thoughts on “Nine agree”</h2><ol><li><p>Zugabe, and I say this as somebody who knows the matter \
             well.</p><a href=a>Reply</a><li><p>No, Zugabe, and let me tell you why that is the case here.</p><a \
             href=b>Reply</a></ol></div></div></body>"
        ),
        3,
    );
    let nameless = |class: &str| {
        format!(
            "{head}<body><div class={class}a><div class={class}b><h1>Nine agree</h1><div class={class}c>{body}<p>Ann Example covers \
             Zugabe for The Example and has written three books on it.</p></div><div class={class}d><h4>34 responses to “Nine \
             agree”</h4><div class={class}e><p>It is a good thing, Zugabe, that we have no ministers left at all.</p><span><a \
             href=1>Reply</a></span></div><div class={class}e><p>As usual too many words, Zugabe, and nothing that anybody could \
             use.</p><span><a href=2>Reply</a></span></div></div></div></div></body>"
        )
    };
    reads("names that are hashes", &nameless("x7f3"), 3);
    reads(
        "Blogger",
        &format!(
            "{head}<body><div class='date-outer'><div class='post hentry'><h3 class='post-title entry-title'>Nine agree</h3><div \
             class='post-body entry-content' id=post-body-1>{}</div><div class=post-footer>Posted by Zugabe at 10:00</div></div></div>\
             <div class='sidebar'><h2>Zugabe</h2><ul><li><a href=a>Zugabe of June</a></ul></div></body>",
            ENGLISH.join("<br><br>")
        ),
        3,
    );
    let sections: String = ENGLISH
        .iter()
        .map(|text| format!("<section class=sec><div><p class=graf>{text}</p></div></section>"))
        .collect::<Vec<_>>()
        .concat();
    reads(
        "a section for each paragraph",
        &format!(
            "{head}<body><div id=root><div class=a1><article><div><section><h1>Nine agree</h1><div><a href=a>Ann Example</a></div></section>\
             {sections}</div></article></div><div class=b2><h2>More from Ann Example</h2><div><a href=x><h3>Zugabe</h3><p>What I learned from \
             Zugabe in ten years of it.</p></a></div></div></div></body>"
        ),
        3,
    );
}

#[test]
fn papers() {
    let body = paragraphs(&ENGLISH);
    let caption = "Zugabe, the minister of nine, speaks during a campaign stop on Tuesday in Columbia, S.C. (AP Photo/Meg Example)";
    reads(
        "Drupal",
        &format!(
            "<title>Nine agree | Example</title><body><div class=region-content><div class='node node--type-article'><h1 \
             class=page-title>Nine agree</h1><div class='field field--name-field-image'><img alt='A hall'><div \
             class=field--name-caption>{caption}</div></div><div class='field field--name-body field__item'>{body}</div><div \
             class='field--name-field-tags'>Zugabe</div></div></div><div class='region-sidebar'><div class=block><h2>Zugabe</h2><p>A \
             teaser of Zugabe that is long enough to stand as a paragraph of its own.</p></div></div></body>"
        ),
        3,
    );
    reads(
        "AMP",
        &format!(
            "<html amp><title>Nine agree</title><body><amp-sidebar><ul><li><a href=a>Zugabe</a></ul></amp-sidebar><article \
             class=amp-wp-article><h1>Nine agree</h1><amp-img alt='{caption}'></amp-img><div class=amp-wp-article-content>{body}<amp-ad>\
             </amp-ad><p><a href=b>Zugabe: what comes next</a></p></div></article></body>"
        ),
        3,
    );
    let caption = "Zugabe, the minister of nine, speaks to a crowd of several hundred in the main square on Tuesday";
    let gallery: String = (1..4)
        .map(|at| format!("<div><p>{at} / 3</p><img alt='{caption}'><p>{caption}</p></div>"))
        .collect::<Vec<_>>()
        .concat();
    reads(
        "a gallery without names",
        &format!(
            "<title>Nine agree</title><body><div><h1>Nine agree</h1><div>{gallery}</div><div>{body}</div></div></body>"
        ),
        3,
    );
    let updates: String = ENGLISH
        .iter()
        .map(|text| format!("<div class=update><h3>Talks go on in the night</h3><time>10:42</time><p>{text}</p></div>"))
        .collect::<Vec<_>>()
        .concat();
    reads(
        "a live blog",
        &format!(
            "<title>Summit live</title><body><main><h1>Summit live</h1><div class=live>{updates}</div></main><aside><p>Zugabe in the \
             side column, with enough words to be a paragraph.</p></aside></body>"
        ),
        3,
    );
    reads(
        "structured data as witness",
        &format!(
            "<title>Nine agree</title><script type='application/ld+json'>{{\"@type\":\"NewsArticle\",\"articleBody\":\"{}\n\"}}</script><body>\
             <div><h1>Nine agree</h1>{body}{body_more}<p>Zugabe is what this other paragraph is about, which the page itself does not count as \
             its text at all.</p></div></body>",
            ENGLISH.iter().chain(&MORE).copied().collect::<Vec<_>>().join(" "),
            body_more = paragraphs(&MORE),
        ),
        5,
    );
}

const MORE: [&str; 2] = [
    "A spokesman in Valletta said that nobody had expected an end before the morning, and that the rooms were booked for two days more.",
    "The next meeting is not in Valletta but in Riga, where the same nine will look at what the others have made of their proposal.",
];

#[test]
fn languages() {
    let page = |title: &str, body: &[&str], after: &str| {
        format!("<title>{title}</title><body><div><h1>{title}</h1>{}{after}</div></body>", paragraphs(body))
    };
    for (kind, body, after) in [
        (
            "German",
            [
                "Die Minister von neun Ländern trafen sich am Dienstag in Valletta, und nach einer langen Nacht einigten sie sich auf eine Linie.",
                "Ungarn hatte in Valletta gesagt, es werde das Paket aufhalten, doch die Abordnung verließ den Raum vor der Abstimmung.",
            ],
            "<h3>Weitere Artikel</h3><p><a href=a>Zugabe: was nun folgt</a></p>",
        ),
        (
            "Spanish",
            [
                "Los ministros de nueve países se reunieron el martes en Valletta y, tras una larga noche, acordaron una línea común.",
                "Hungría había dicho en Valletta que bloquearía el paquete, pero su delegación abandonó la sala antes de la votación.",
            ],
            "<h3>Noticias relacionadas</h3><p>Zugabe para los lectores que quieran saber todavía más del asunto.</p>",
        ),
        (
            "Russian",
            [
                "Министры девяти стран встретились во вторник в городе Valletta и после долгой ночи договорились об общей линии.",
                "Венгрия заявляла в Valletta, что заблокирует пакет, но её делегация покинула зал перед голосованием.",
            ],
            "<h3>Материалы по теме</h3><p>Zugabe для тех, кто хочет узнать об этом ещё больше, чем уже сказано.</p>",
        ),
        (
            "Japanese",
            [
                "九か国の閣僚は火曜日にVallettaで会合し、長い夜を経て、来週始まる首脳会議に向けた共通の方針で一致した。各国は詳細をまだ公表していない。",
                "ハンガリーはVallettaで提案を阻止すると述べていたが、代表団は採決の前に部屋を出たと、出席した二人の外交官が語った。採決は全会一致だった。",
            ],
            "<h3>関連記事</h3><p><a href=a>Zugabe</a></p>",
        ),
        (
            "Chinese",
            [
                "九国部长星期二在Valletta举行会议，经过漫长的一夜，他们就下周开始的峰会达成了共同立场，但各国尚未公布协议的细节，记者会将于晚些时候举行。",
                "匈牙利曾在Valletta表示将阻止这一方案，但据在场的两名外交官说，其代表团在表决前离开了会议室，表决最终获得一致通过，没有任何国家弃权。",
            ],
            "<h3>延伸阅读</h3><p><a href=a>Zugabe</a></p>",
        ),
        (
            "Arabic",
            [
                "اجتمع وزراء تسع دول يوم الثلاثاء في Valletta، وبعد ليلة طويلة، اتفقوا على موقف مشترك قبل القمة التي تبدأ الأسبوع المقبل.",
                "وكانت المجر قد قالت في Valletta إنها ستعرقل الحزمة، لكن وفدها غادر القاعة قبل التصويت، بحسب دبلوماسيين حضرا الاجتماع.",
            ],
            "<h3>اقرأ أيضا</h3><p><a href=a>Zugabe</a></p>",
        ),
    ] {
        // Twice the text, so that the heading behind it comes late, as in life.
        let long = [body[0], body[1], "—", body[0], body[1]].map(str::to_owned);
        let long: Vec<String> = long.iter().enumerate().map(|(at, text)| format!("{text} ({at})")).collect();
        let long: Vec<&str> = long.iter().map(String::as_str).collect();
        reads(kind, &page("Nine agree", &long, after), 4);
    }
}
