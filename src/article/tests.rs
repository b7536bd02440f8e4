//! Pages of the kinds that publishers make, read as articles or told for what they are.

use proptest::prelude::*;

use super::*;

const BODY: &str = "<p>Ministers from nine countries met on Tuesday in Valletta, and after a long night, they agreed on \
    a common line for the summit that begins next week.</p><p>Hungary had said that it would block the package, but its \
    delegation left the room before the vote, according to two diplomats who were present.</p><h2>What comes next</h2>\
    <p>The heads of government will have the last word, and several of them have already asked for changes to the text, \
    which is forty pages long.</p>";

fn page(head: &str, before: &str, after: &str) -> String {
    format!(
        "<html><head><title>Nine agree on a common line - The Example</title>{head}</head><body><nav><a href=/>Home</a> \
         <a href=/world>World</a></nav>{before}<article><h1>Nine agree on a common line</h1>{BODY}{after}</article>\
         <footer>All rights reserved</footer></body></html>"
    )
}

#[test]
fn the_text_is_found_and_its_paragraphs_survive() {
    let article = from_html(&page("", "", ""));
    assert_eq!(article.wall, None);
    assert_eq!(article.title, "Nine agree on a common line");
    let paragraphs: Vec<&str> = article.text.split("\n\n").collect();
    assert_eq!(paragraphs.len(), 4, "{}", article.text);
    assert!(paragraphs[0].starts_with("Ministers from nine") && paragraphs[0].ends_with("begins next week."));
    assert_eq!(paragraphs[2], "What comes next");
}

#[test]
fn paragraphs_are_found_where_no_element_says_so() {
    let plain = from_html(&page("", "", "")).text;
    let bare = BODY.replace("</h2>", "\n\n").replace("<h2>", "").replace("</p>", "\n\n").replace("<p>", "");
    let written = format!("<html><title>Nine agree</title><pre>Nine agree\n\n{bare}</pre>");
    assert_eq!(from_html(&written).text, plain);
    let shadow = format!("<news-page><template shadowrootmode=open><h1>Nine agree</h1>{BODY}</template></news-page>");
    assert_eq!(from_html(&shadow).text, plain);
    assert_eq!(from_html(&shadow.replace(" shadowrootmode=open", "")).text, "");
}

#[test]
fn what_stands_around_it_is_cut() {
    let plain = from_html(&page("", "", "")).text;
    for (before, after) in [
        ("<ul><li><a href=a>One headline of another day</a><li><a href=b>And one more of them</a></ul>", ""),
        ("", "<ul><li><a href=a>One headline of another day</a><li><a href=b>And one more of them</a></ul>"),
        ("", "<figure><img src=a><figcaption>The ministers on Tuesday</figcaption></figure>"),
        ("", "<p>Photo: A. Desk</p><p>Advertisement</p>"),
        ("", "<div class='share-bar'>Share on <a href=a>this</a> and <a href=b>that</a></div>"),
        ("", "<p>Sign up for our <a href=a>newsletter</a> and get the news in your inbox.</p>"),
        ("", "<p>Lire aussi : <a href=a>Le veto, mode d’emploi</a></p>"),
        ("", "<h3>Related articles</h3><p><a href=a>One headline of another day</a></p>"),
        ("", "<div id=comments><p>I think that this is a very good idea, and everybody should do it, too.</p></div>"),
        ("<div class=sidebar><p>A teaser that is long enough to be a paragraph of its own, with words.</p></div>", ""),
        ("", "<amp-ad width=300>Buy this and that, it is the best there is, says everybody.</amp-ad>"),
        ("", "<amp-list src=a><p>A headline of another day, which is long enough to be a text.</p></amp-list>"),
        (
            "",
            "<newsletter-signup><p>A word from the editors, who write to you every day of the week.</p></newsletter-signup>",
        ),
        ("", "<p style='display: none'>Words that no reader of this page will ever see, however long they are.</p>"),
    ] {
        assert_eq!(from_html(&page("", before, after)).text, plain, "{before} {after}");
    }
}

#[test]
fn walls_are_told() {
    let wall = |body: &str| from_html(body).wall;
    for (expected, body) in [
        (
            Wall::Consent,
            "<title>The Example</title><h1>We value your privacy</h1><p>We and our 842 partners store and/or access \
             information on a device, such as cookies, and process personal data.</p><button>Accept all</button>\
             <button>Reject all</button><p>You can change your privacy settings at any time.</p>",
        ),
        (
            Wall::Login,
            "<title>Sign in - The Example</title><h1>Please sign in</h1><form><input name=user><input type=password>\
             </form><p><a href=a>Forgot your password?</a></p>",
        ),
        (
            Wall::Paywall,
            "<title>Nine agree</title><article><h1>Nine agree on a line</h1><p>Ministers from nine countries met on \
             Tuesday in Valletta, and agreed on a common line.</p><div><p>Subscribe to continue reading. Already a \
             subscriber? Log in.</p></div></article>",
        ),
        (Wall::Error, "<title>404 - Page not found</title><h1>Page not found</h1><p>It may have been moved.</p>"),
        (
            Wall::Error,
            "<title>Just a moment...</title><p>Checking your browser before you access the site. Ray ID: 1</p>",
        ),
        (Wall::Error, "<title>Seite</title><p>Die Seite wurde leider nicht gefunden.</p>"),
    ] {
        assert_eq!(wall(body), Some(expected), "{body}");
    }
    // An article about any of these is an article.
    let about: String = (1..7)
        .map(|day| {
            format!(
                "<p>The page not found error, the captcha and the consent banner, which asks to accept all cookies, were the subject \
                 of a debate in parliament on day {day}, where one member, a subscriber of four papers, said that she had to log in \
                 to continue, and that nobody reads the privacy settings. The debate, which is the third of its kind, went on \
                 until midnight and ended without a vote, as the chair had announced it in the morning.</p>"
            )
        })
        .collect::<Vec<_>>()
        .concat();
    assert_eq!(wall(&page("", "", &about)), None);
}

/// What pages ask before they show anything, by language: the title, the text, and two buttons.
const CONSENTS: [[&str; 5]; 8] = [
    [
        "de",
        "Wir brauchen Ihre Zustimmung",
        "Wir und unsere Partner verwenden Cookies, um personenbezogene Daten zu verarbeiten.",
        "Alle akzeptieren",
        "Einstellungen",
    ],
    [
        "es",
        "Tu privacidad es importante",
        "Nosotros y nuestros socios almacenamos o accedemos a información en un dispositivo.",
        "Aceptar y cerrar",
        "Rechazar",
    ],
    [
        "fr",
        "Votre vie privée nous importe",
        "Avec votre accord, nos partenaires et nous utilisons des cookies pour stocker des informations.",
        "Accepter et fermer",
        "Continuer sans accepter",
    ],
    [
        "hu",
        "Fontos számunkra az Ön magánélete",
        "Mi és partnereink információkat, például sütiket tárolunk egy eszközön.",
        "Elfogadom",
        "Beállítások",
    ],
    [
        "it",
        "Il rispetto della tua privacy è la nostra priorità",
        "Noi e i nostri fornitori archiviamo informazioni su un dispositivo.",
        "Accetta tutto",
        "Rifiuta",
    ],
    [
        "nl",
        "Wij waarderen uw privacy",
        "Wij en onze partners slaan informatie op een apparaat op en openen deze.",
        "Alles accepteren",
        "Weigeren",
    ],
    [
        "pl",
        "Szanujemy Twoją prywatność",
        "My i nasi partnerzy przechowujemy informacje na urządzeniu, takie jak pliki cookie.",
        "Zaakceptuj wszystko",
        "Ustawienia",
    ],
    [
        "pt",
        "A sua privacidade",
        "Nós e os nossos parceiros armazenamos informações num dispositivo, como cookies.",
        "Aceitar e fechar",
        "Configurar",
    ],
];

/// A page that is a feed to nobody and an article to nobody is called the same wherever it stands.
#[track_caller]
fn stands_in_the_way(html: &str, expected: Wall) {
    assert_eq!(from_html(html).wall, Some(expected), "{html}");
    let url = Url::parse("https://news.example/a").unwrap();
    let read = parse::feed(html.as_bytes(), None, &url, jiff::Timestamp::UNIX_EPOCH);
    let Err(parse::ParseError::Html { page }) = read else { panic!("{read:?}") };
    let kinds: &[parse::PageKind] = match expected {
        Wall::Consent => &[parse::PageKind::Consent],
        Wall::Error => &[parse::PageKind::Error, parse::PageKind::Check],
        Wall::Login | Wall::Paywall => &[parse::PageKind::Login],
    };
    assert!(kinds.contains(&page.kind), "{html}: {page}");
}

#[test]
fn walls_are_told_in_many_languages() {
    for [language, title, text, yes, no] in CONSENTS {
        stands_in_the_way(
            &format!(
                "<html lang={language}><title>{title}</title><h1>{title}</h1><p>{text}</p><button>{yes}</button><button>{no}</button>"
            ),
            Wall::Consent,
        );
    }
    for (title, heading, text) in [
        ("Maintenance", "We will be back soon", "Our site is undergoing maintenance at the moment."),
        ("The Example", "Wartungsarbeiten", "Die Seite ist gleich wieder da."),
        ("Access Denied", "Access Denied", "You don't have permission to access this page on this server."),
        (
            "Attention Required! | Cloudflare",
            "Sorry, you have been blocked",
            "This site uses a service to protect itself from attacks.",
        ),
        ("Seite nicht gefunden", "Seite nicht gefunden", "Die von Ihnen gesuchte Seite existiert leider nicht mehr."),
        ("Nie znaleziono strony", "Nie znaleziono strony", "Strona, której szukasz, nie istnieje."),
        ("Страница не найдена", "Страница не найдена", "К сожалению, такой страницы не существует."),
        ("The Example", "Error 503", "Backend fetch failed."),
        ("Loop | Loop News", "Oops!", "We can’t seem to find the page you’re looking for.</p><p>Error code: 404"),
    ] {
        stands_in_the_way(&format!("<title>{title}</title><h1>{heading}</h1><p>{text}</p>"), Wall::Error);
    }
}

#[test]
fn a_question_for_consent_is_known_in_any_language() {
    for text in [
        "Εμείς και οι 842 συνεργάτες μας αποθηκεύουμε ή/και έχουμε πρόσβαση σε πληροφορίες σε μια συσκευή, όπως cookies, και \
         επεξεργαζόμαστε προσωπικά δεδομένα.",
        "Noi și cei 842 parteneri ai noștri stocăm și/sau accesăm informații pe un dispozitiv, precum cookie-urile, și \
         prelucrăm date cu caracter personal.",
        "Biz ve 842 ortağımız, çerezler gibi bilgileri bir cihazda saklıyor ve/veya bunlara erişiyoruz ve bu bilgileri işliyoruz.",
        "Používáme cookies, abychom vám zajistili co nejlepší zážitek, a zpracováváme osobní údaje našich čtenářů.",
        "Mes ir mūsu 95 partneri saugome slapukus jūsų įrenginyje ir juos naudojame, kad galėtume rodyti skelbimus visiems.",
    ] {
        let page = |more: &str| format!("<title>Site</title><h2>Site</h2><p>{text}</p>{more}");
        assert_eq!(from_html(&page("<button>OK</button>")).wall, Some(Wall::Consent), "{text}");
        // The same beside news is no wall.
        assert_eq!(from_html(&page(&format!("<button>OK</button><article>{BODY}</article>"))).wall, None, "{text}");
    }
    let paid = from_html(
        "<title>記事</title><p>政府は二十七日、新しい法案を国会に提出した。</p><p>この記事は有料会員限定です。残り1234文字</p>",
    );
    assert_eq!(paid.wall, Some(Wall::Paywall));
}

#[test]
fn what_stands_between_headline_and_text_is_part_of_it() {
    let page = |header: &str| {
        let header = format!("<header><h1>Nine agree</h1>{header}</header>");
        from_html(&format!("<title>Nine agree</title><article>{header}<div class=body>{BODY}</div></article>")).text
    };
    let plain = page("");
    let lead = "The summit ends without agreement; leaders meet again on 14 January in Vilnius.";
    assert_eq!(page(&format!("<p class=standfirst>{lead}</p><p>By A. Desk</p>")), format!("{lead}\n\n{plain}"));
    assert_eq!(page("<p>By A. Desk, our correspondent in Valletta and in Brussels</p>"), plain);
}

#[test]
fn blank_lines_end_a_paragraph_where_lines_are_shown_as_typed() {
    let [first, second] = [
        "Ministers from nine countries met on Tuesday in Valletta,",
        "Hungary had said that it would block the package.",
    ];
    let text =
        from_html(&format!("<article><h1>Nine</h1>{BODY}<pre>{first}\nthey said.\n\n{second}</pre></article>")).text;
    assert!(text.ends_with(&format!("\n\n{first} they said.\n\n{second}")), "{text}");
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn short_news_of_errors_and_consent_are_articles() {
    for (title, text) in [
        (
            "Ministry website down after attack",
            [
                "The website of the ministry was down on Friday, and visitors saw the message “Error 503 Service Unavailable”, officials said.",
                "The ministry blamed a group from abroad, and said that no data had been stolen.",
                "It hopes to bring the pages back by Monday, a spokesman said.",
            ],
        ),
        (
            "Cloudflare outage hits banks",
            [
                "An outage hit the websites of banks on Friday, and many customers were asked to “verify you are human” again and again.",
                "The company said that the fault had been found, and that a fix was being rolled out.",
                "Shares of the company fell by 3 percent.",
            ],
        ),
        (
            "Access denied: reporters kept out of summit",
            [
                "Reporters were kept out of the summit of leaders in Brussels on Friday, the union of journalists said.",
                "It called on the Council to let them in, and to explain itself.",
                "The Council did not answer a request for comment.",
            ],
        ),
        (
            "Court orders Meta to ask for consent to cookies",
            [
                "A court in Berlin ordered Meta on Friday to ask for consent to cookies before it shows personalised ads in Germany.",
                "The company said that it would appeal.",
                "We value your privacy, a spokesman for the company said, and we process personal data only with consent.",
            ],
        ),
        (
            "404 people missing after flood",
            [
                "404 people were missing after a flood in the south of the country, the rescue service said on Friday.",
                "Roads were not found passable, and helicopters were sent.",
                "It rained on.",
            ],
        ),
        (
            "Page not found: the missing manuscript of a poet",
            [
                "A page of the manuscript was not found in the archive of the poet on Friday, the librarian of the city said, after a search.",
                "Access denied, the sign on the door of the archive read, as reporters tried to look for the page.",
                "The search goes on.",
            ],
        ),
        (
            "Hackers log in with stolen cookies",
            [
                "Hackers used stolen cookies to log in to the accounts of officials, and accepted all consent forms, the ministry said.",
                "The ministry asked all staff to sign in again and to change the password they use for the page.",
                "Error 404 pages were shown to many users, who were asked to subscribe to a service, to continue reading their mail.",
            ],
        ),
        (
            "Just a moment of silence for victims",
            [
                "The city kept just a moment of silence for the victims of the flood on Friday, as bells rang across the country.",
                "The mayor laid a wreath at the bridge where the water had been highest.",
                "Schools stay closed on Monday.",
            ],
        ),
        (
            "Forbidden City reopens",
            [
                "The Forbidden City in Beijing reopened on Friday after repairs that had taken two years, the museum said.",
                "Maintenance of the roofs goes on until spring.",
                "Tickets are sold out.",
            ],
        ),
    ] {
        for head in [
            "",
            "<meta property=og:type content=article><meta property='article:published_time' content='2026-11-27T10:00:00Z'>",
        ] {
            let html = format!(
                "<title>{title} | Loop News</title>{head}<nav><a href=/>Home</a></nav><article><h1>{title}</h1><p>{}</p></article><footer>c</footer>",
                text.join("</p><p>")
            );
            let read = from_html(&html);
            assert_eq!(read.wall, None, "{html}");
            assert!(read.text.contains(text[0]), "{}", read.text);
        }
    }
    // A page that counts what may be read for nothing shows all of it, and the count is no part of it.
    let plain = from_html(&page("", "", "")).text;
    for prompt in [
        "<p>You have 2 free articles left this month. <a href=/s>Subscribe</a></p>",
        "<p>Share on Facebook Tweet this</p>",
        "<p>Full story</p>",
    ] {
        let read = from_html(&page("", "", prompt));
        assert_eq!((read.wall, read.text.as_str()), (None, plain.as_str()), "{prompt}");
    }
}

#[test]
fn what_stands_as_a_block_is_a_paragraph_and_a_row_of_data_is_one() {
    let texts: Vec<String> = (1..5)
        .map(|day| format!("Ministers from nine countries met on day {day} in Valletta, and agreed on a common line for the summit."))
        .collect();
    let spans: String = texts
        .iter()
        .map(|text| format!("<span class=x style='color: red; Display: block'>{text}</span>"))
        .collect::<Vec<_>>()
        .concat();
    let read = from_html(&format!("<title>Nine agree</title><div role=article>{spans}</div>")).text;
    assert_eq!(read, texts.join("\n\n"));
    let rows =
        "<table><tr><th>Country</th><th>Vote</th></tr><tr><td>Hungary</td><td><b>against</b> it</td></tr></table>";
    let read = from_html(&page("", "", &format!("{rows}<p>{}</p>", texts[0]))).text;
    assert!(read.contains("\n\nCountry Vote\n\nHungary against it\n\n"), "{read}");
    // A page that is laid out as a table keeps its paragraphs.
    let layout = format!("<table><tr><td>{}<br><br>{}</td><td>{}</td></tr></table>", texts[0], texts[1], texts[2]);
    let read = from_html(&format!("<title>Nine agree</title><h1>Nine agree</h1>{layout}")).text;
    assert_eq!(read, texts[..3].join("\n\n"));
}

#[test]
fn a_page_names_its_encoding() {
    let html = page(
        "<meta charset=windows-1251>",
        "",
        "<p>Совет министров собрался во вторник, и решение было принято ночью.</p>",
    );
    let (bytes, _, _) = encoding_rs::WINDOWS_1251.encode(&html);
    let url = Url::parse("https://news.example/a").unwrap();
    assert!(read(&bytes, Some("text/html"), &url).text.contains("Совет министров собрался во вторник"));
}

#[test]
fn structured_data_serves_where_the_page_shows_nothing() {
    let html = "<title>Nine agree</title><div id=root></div><script type='application/ld+json'>{\"@type\":\"NewsArticle\",\
        \"articleBody\":\"Ministers from nine countries met on Tuesday.\"}</script>";
    assert_eq!(from_html(html).text, "Ministers from nine countries met on Tuesday.");
}

#[test]
fn time_is_in_proportion_to_length() {
    for nasty in ["<div>", "<p><b><i>", "<a href=x>y", "<li>x", "</div>", "<table><tr><td>", "<div class=a-b>x, y</p>"]
    {
        let article = from_html(&nasty.repeat(300_000 / nasty.len()));
        assert!(article.text.len() <= 2_000_000);
    }
}

proptest! {
    #[test]
    fn nothing_makes_it_panic(pieces in proptest::collection::vec("<(/?)(p|div|ul|li|a|table|td|tr|article|h1|br|b|script|title)( class=(share|main)| hidden)?>|[a-zé,. ]{0,60}|&amp;|<", 0..60)) {
        let article = from_html(&pieces.concat());
        prop_assert!(!article.text.contains("\n\n\n"));
    }
}
