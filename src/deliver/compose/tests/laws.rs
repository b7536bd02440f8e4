//! What holds of every mail, whatever it tells.

use mail_parser::{HeaderValue, MessageParser};

use super::*;

#[test]
fn strangers_get_nothing_but_their_words_through() {
    let mut entry = veto();
    let title = format!(
        "<script>alert(1)</script>\r\nBcc: victim@example.com\r\n\r\n\u{202e}gpj.exe \u{0}{}",
        "long ".repeat(1000)
    );
    entry.item.title.clone_from(&title);
    entry.story_title = title;
    entry.item.link = Some("javascript:alert(1)".to_owned());
    entry.telling.hit.because =
        vec![because(Field::Text, "a <img src=x onerror=y> & \"b\"\r\n.\r\nMAIL FROM:<x>", &["<img"])];
    entry.telling.title = "Watch\r\nX-Evil: 1".to_owned();
    entry.telling.hit.watch = "name\r\nX-Evil: 2".to_owned();
    entry.also_in =
        vec![("\" onmouseover=alert(1) x=\"".to_owned(), Some("https://x.example/\"onclick=\"a".to_owned()))];
    let mail = Desk::new().mail(MailKind::Alert, &[entry], &[]);

    let parsed = MessageParser::default().parse(&mail.bytes).unwrap();
    assert!(parsed.bcc().is_none() && parsed.header("X-Evil").is_none());
    assert_eq!(parsed.to().unwrap().first().unwrap().address().unwrap(), "eu-desk@example.org");
    let subject = parsed.subject().unwrap();
    assert!(subject.chars().count() <= SUBJECT_LEN_MAX, "{subject}");
    assert!(!subject.chars().any(char::is_control) && !subject.contains('\u{202e}'), "{subject:?}");
    let html = parsed.body_html(0).unwrap();
    for bad in ["<script", "<img", "javascript:", "\" onmouseover", "\u{202e}", "\"onclick"] {
        assert!(!html.contains(bad), "{bad} in {html}");
    }
    assert!(html.contains("&lt;script&gt;alert(1)"), "{html}");
    assert!(html.len() < 20_000);
}

#[test]
fn every_message_is_seven_bit_with_crlf_and_short_lines() {
    let desk = Desk::new();
    let mut entry = veto();
    entry.item.title = "Ż".repeat(400);
    entry.story_title = "日本語の見出し ".repeat(40);
    entry.telling.hit.watch = "überwachung ".repeat(30);
    for mail in [
        desk.mail(MailKind::Alert, &[entry], &[]),
        desk.mail(MailKind::Digest { name: "morgens früh".to_owned(), near: Vec::new() }, &digest(), &[]),
    ] {
        assert!(mail.bytes.is_ascii());
        let text = String::from_utf8(mail.bytes).unwrap();
        assert!(!text.replace("\r\n", "").contains(['\r', '\n']), "a bare line end");
        let longest = text.split("\r\n").max_by_key(|line| line.len()).unwrap();
        assert!(longest.len() <= 200, "{longest}");
    }
}

#[test]
fn the_header_is_read_back_as_it_was_meant() {
    let thread: Vec<_> =
        (0..30).map(|n| ThreadMail { message_id: format!("m{n}@example.org"), subject: "[A] b".to_owned() }).collect();
    let mail = Desk::new().mail(MailKind::Alert, &[veto(), summit()], &thread);
    let parsed = MessageParser::default().parse(&mail.bytes).unwrap();
    assert_eq!(parsed.subject(), Some("[A] b"));
    assert_eq!(parsed.message_id(), Some(mail.message_id.as_str()));
    assert_eq!(parsed.from().unwrap().first().unwrap().name(), Some("Newswatch"));
    assert_eq!(parsed.date().unwrap().to_rfc3339(), "2026-11-24T07:30:00+01:00");
    assert_eq!(parsed.in_reply_to().as_text(), Some("m29@example.org"));
    let HeaderValue::TextList(references) = parsed.references() else { panic!("{:?}", parsed.references()) };
    assert_eq!(
        (references.len(), references[0].as_ref(), references[9].as_ref()),
        (10, "m0@example.org", "m29@example.org")
    );
    let raw = |name: &str| parsed.header_raw(name).unwrap().trim().to_owned();
    assert_eq!(raw("List-Id"), "<hungary-veto.newswatch.example.org>");
    assert_eq!(raw("X-Newswatch-Watch"), "hungary-veto, summit-dates");
    assert_eq!(raw("Auto-Submitted"), "auto-generated");
    assert_eq!(raw("X-Auto-Response-Suppress"), "All");
}

#[test]
fn the_same_is_rendered_to_the_same_bytes() {
    let desk = Desk::new();
    let one = desk.mail(MailKind::Alert, &[veto(), summit()], &[]);
    assert_eq!(one, desk.mail(MailKind::Alert, &[veto(), summit()], &[]));
}

#[test]
fn a_digest_of_thousands_is_cut_and_says_so() {
    let entries: Vec<_> = (0..3000)
        .map(|n| {
            let mut entry = veto();
            (entry.telling.item, entry.telling.story) = (ItemId(n), StoryId(n));
            entry.item.title = format!("Story number {n}");
            entry
        })
        .collect();
    let desk = Desk::new();
    let kind = morning(Vec::new());
    let views = views(&desk.context(), &kind, &entries, &[]).unwrap();
    assert_eq!(views.subject, "[morning] 3000 stories");
    assert!(views.html.len() <= HTML_LEN_MAX && views.html.len() > HTML_LEN_MAX * 8 / 10, "{}", views.html.len());
    let shown = views.html.matches("<h3").count();
    assert!(views.html.contains(&format!("And {} more", 3000 - shown)));
    assert!(views.text.contains(&format!("And {} more", 3000 - shown)));
    assert!(
        views.text.contains(&format!("Story number {}\n", shown - 1))
            && !views.text.contains(&format!("Story number {shown}\n"))
    );
}

#[test]
fn html_brings_nothing_from_elsewhere_and_is_marked_up_for_all_readers() {
    let desk = Desk::new();
    let views = views(&desk.context(), &morning(Vec::new()), &digest(), &[]).unwrap();
    for bad in ["src=", "url(", "@import", "<link", "<script", "<img", "http-equiv"] {
        assert!(!views.html.contains(bad), "{bad}");
    }
    for must in
        ["<html lang=\"en\"", "<title>[morning] 3 stories</title>", "content=\"light dark\"", "prefers-color-scheme"]
    {
        assert!(views.html.contains(must), "{must}");
    }
}

#[test]
fn only_whom_a_mail_is_for_can_be_unsubscribed_by_it() {
    let header = |desk: &Desk, kind: MailKind, entries: &[MailEntry], name: &str| {
        let mail = desk.mail(kind, entries, &[]);
        let parsed = MessageParser::default().parse(&mail.bytes).unwrap();
        parsed.header_raw(name).map(|value| value.trim().to_owned())
    };
    let (plain, reachable) = (Desk::new(), Desk::reachable());
    assert_eq!(header(&plain, MailKind::Alert, &[veto()], "List-Unsubscribe"), None);
    let address = header(&reachable, MailKind::Alert, &[veto(), summit()], "List-Unsubscribe").unwrap();
    let token =
        address.strip_prefix("<https://news.example.org/newswatch/mail/").and_then(|rest| rest.strip_suffix('>'));
    let asked = reachable.installation.asked(token.unwrap()).unwrap();
    assert_eq!(asked.wish, Wish::Unsubscribe(List::Watch("hungary-veto".to_owned())));
    assert!(reachable.installation.is(asked.who, "eu-desk@example.org"));
    let post = header(&reachable, MailKind::Alert, &[veto()], "List-Unsubscribe-Post");
    assert_eq!(post.as_deref(), Some("List-Unsubscribe=One-Click"));
    // One click is for https alone, and mail about trouble cannot be had to stop.
    let sender = Desk::new().sender.with_links(Some("http://10.0.0.1:8090".to_owned()));
    let inside = Desk { sender, ..Desk::new() };
    assert!(header(&inside, MailKind::Alert, &[veto()], "List-Unsubscribe").is_some());
    assert_eq!(header(&inside, MailKind::Alert, &[veto()], "List-Unsubscribe-Post"), None);
    let healed = MailKind::FeedHealed { feed: "a".into(), url: "https://a.example/".into() };
    assert_eq!(header(&reachable, healed, &[veto()], "List-Unsubscribe"), None);
    assert_eq!(header(&reachable, MailKind::Together { title: None }, &[veto(), summit()], "List-Unsubscribe"), None);
}

#[test]
fn a_page_shows_what_strangers_wrote_as_text() {
    let shown = page(&Page {
        heading: "Not relevant to <b>Vetoes</b>?".to_owned(),
        about: "</p><script>alert(1)</script>".to_owned(),
        lines: vec!["Nobody's mail changes.".to_owned()],
        button: "Not relevant".to_owned(),
        does: "yes",
        back: false,
    });
    let shown = shown.unwrap();
    assert!(!shown.contains("<script") && !shown.contains("<b>"), "{shown}");
    assert!(shown.contains("Not relevant to &lt;b&gt;Vetoes&lt;/b&gt;?"), "{shown}");
}
