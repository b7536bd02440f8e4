//! A desk, and what it is told of.

use jiff::tz::TimeZone;
use mail_parser::MessageParser;

use super::super::*;
use crate::deliver::Schedule;
use crate::item::{Because, Field, Hit, Item, ItemId, Key, StoryId, Telling};

pub(super) const NOW: &str = "2026-11-24T06:30:00Z";

pub(super) struct Desk {
    pub(super) sender: Sender,
    pub(super) installation: Installation,
    pub(super) proof: Proof,
}

impl Desk {
    pub(super) fn new() -> Self {
        let schedule = Schedule { retry: Vec::new(), unheard: jiff::SignedDuration::ZERO };
        let zone = TimeZone::get("Europe/Brussels").unwrap();
        let sender = Sender::new("Newswatch <newswatch@example.org>", schedule, zone).unwrap();
        let proof = Proof { feeds: 12, items: 431, gaps: 2, ill: Vec::new() };
        Self { sender, installation: Installation::of([7; 32]), proof }
    }

    pub(super) fn context(&self) -> Context<'_> {
        let proof = Some(&self.proof);
        Context {
            sender: &self.sender,
            installation: &self.installation,
            to: "eu-desk@example.org",
            now: NOW.parse().unwrap(),
            proof,
            whole: None,
            short: false,
        }
    }

    /// One whose mails have links by which their readers have a say.
    pub(super) fn reachable() -> Self {
        let Self { sender, installation, proof } = Self::new();
        let sender = sender.with_links(Some("https://news.example.org/newswatch".to_owned()));
        Self { sender, installation, proof }
    }

    pub(super) fn mail(&self, kind: MailKind, entries: &[MailEntry], thread: &[ThreadMail]) -> Rendered {
        let keys = entries.iter().map(|entry| entry.telling.key).collect();
        let envelope = Envelope { recipient: "eu-desk@example.org".to_owned(), kind, keys };
        mail(&self.context(), &envelope, entries, thread).unwrap()
    }

    /// The header as it is sent, and both bodies as they are read.
    pub(super) fn shown(&self, kind: MailKind, entries: &[MailEntry], thread: &[ThreadMail]) -> String {
        show(&self.mail(kind, entries, thread))
    }
}

pub(super) fn show(mail: &Rendered) -> String {
    let parsed = MessageParser::default().parse(&mail.bytes).unwrap();
    let raw = std::str::from_utf8(&mail.bytes).unwrap();
    let (header, _) = raw.split_once("\r\n\r\n").unwrap();
    let (text, html) = (parsed.body_text(0).unwrap(), parsed.body_html(0).unwrap());
    format!("{header}\n\n===== text =====\n{text}\n===== html =====\n{html}").replace('\r', "")
}

pub(super) fn because(field: Field, quote: &str, words: &[&str]) -> Because {
    let marks = words.iter().map(|word| (quote.find(word).unwrap(), quote.find(word).unwrap() + word.len())).collect();
    Because { term: "veto".to_owned(), field, quote: quote.to_owned(), marks }
}

pub(super) fn orban() -> Item {
    Item {
        title: "Orbán says Hungary will not veto the package".to_owned(),
        link: Some("https://alliance.example.net/news/2026/11/orban-veto?utm_source=rss&id=4711".to_owned()),
        published: Some("2026-11-24T06:12:00Z".parse().unwrap()),
        summary:
            "Hungary will not veto the security assistance package, Prime Minister Viktor Orbán said on Tuesday, as \
                  long as it is not made to take part. Two weeks ago he had threatened to block it at the summit."
                .to_owned(),
        ..Item::default()
    }
}

pub(super) const FIRST_SENTENCE: &str = "Hungary will not veto the security assistance package, Prime Minister Viktor Orbán said on \
                              Tuesday, as long as it is not made to take part.";

pub(super) fn entry(watch: &str, title: &str, item: Item, number: i64, story: i64, because: Vec<Because>) -> MailEntry {
    let key = Key::of(&[watch, &number.to_string()]);
    MailEntry {
        telling: Telling {
            item: ItemId(number),
            story: StoryId(story),
            recipient: "eu-desk@example.org".to_owned(),
            title: title.to_owned(),
            hit: Hit { watch: watch.to_owned(), because, facts: Vec::new() },
            key,
            edited: false,
            later: false,
        },
        story_title: item.title.clone(),
        item,
        first_seen: "2026-11-24T06:15:00Z".parse().unwrap(),
        feed: "Alliance Newsroom".to_owned(),
        also_in: Vec::new(),
    }
}

pub(super) fn veto() -> MailEntry {
    let item = orban();
    let reasons = vec![
        because(Field::Title, &item.title, &["Hungary", "veto"]),
        because(Field::Summary, FIRST_SENTENCE, &["Hungary", "veto"]),
    ];
    entry("hungary-veto", "Hungary and vetoes", item, 1, 1, reasons)
}

pub(super) fn summit() -> MailEntry {
    let reasons = vec![
        because(Field::Summary, FIRST_SENTENCE, &["package"]),
        because(Field::Summary, "Two weeks ago he had threatened to block it at the summit.", &["summit"]),
        because(Field::Feed, "Alliance Newsroom", &["Alliance"]),
    ];
    entry("summit-dates", "Summit dates", orban(), 1, 1, reasons)
}

pub(super) fn digest() -> Vec<MailEntry> {
    let mut second = veto();
    second.telling.item = ItemId(2);
    second.feed = "Brussels Ledger".to_owned();
    second.item.title = "Budapest drops threat to block aid package".to_owned();
    second.item.link = Some("https://www.ledger.example.com/eu/budapest-drops-threat".to_owned());
    second.telling.hit.because = vec![because(Field::Title, &second.item.title, &["Budapest", "block"])];
    second.item.summary = "After a fortnight of talks the government in Budapest said it would step aside and let the \
                           others go ahead."
        .to_owned();
    let mut first = veto();
    let sources =
        [("Brussels Ledger", second.item.link.clone()), ("Northgate Post", Some("https://northgate.example/a".into()))];
    first.also_in = sources.into_iter().map(|(name, link)| (name.to_owned(), link)).collect();
    let moved = Item {
        title: "Alliance summit moved to 14-15 July".to_owned(),
        link: Some("https://northgate.example/2026/11/23/summit-moved".to_owned()),
        published: Some("2026-11-23T16:40:00Z".parse().unwrap()),
        ..Item::default()
    };
    let reasons = vec![
        because(Field::Title, &moved.title, &["Alliance", "summit"]),
        because(
            Field::Text,
            "The summit of the alliance, planned for 7-8 July, will now take place on 14-15 July, the host said.",
            &["summit", "alliance"],
        ),
    ];
    let mut moved = entry("summit-dates", "Summit dates", moved, 3, 2, reasons);
    moved.feed = "Northgate Post".to_owned();
    let ferry = Item { title: "Ferry strike leaves islands without supplies".to_owned(), ..Item::default() };
    let reasons = vec![because(Field::Title, &ferry.title, &["strike"])];
    let mut ferry = entry("strikes", "Strikes & walkouts", ferry, 4, 3, reasons);
    ferry.feed = "Coast Radio".to_owned();
    vec![first, second, moved, ferry]
}
