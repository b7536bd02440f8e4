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
