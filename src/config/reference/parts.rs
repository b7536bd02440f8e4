//! Tables that stand in lists, and the one of the web server.

use super::{IfAbsent, Section, key};

/// `[[mail.dkim]]`.
pub(in crate::config) const MAIL_DKIM: Section = Section {
    header: "[[mail.dkim]]",
    doc: "A key by which messages are signed (DKIM), where the mail server does not do it. Two are usual: one of RSA, one of Ed25519.",
    keys: &[
        key(
            "selector",
            IfAbsent::Required,
            r#""news""#,
            "Under which the public key is found in the DNS: `SELECTOR._domainkey.DOMAIN`.",
        ),
        key("domain", IfAbsent::Words("that of `from`"), r#""example.org""#, "The domain that vouches for messages."),
        key(
            "key_file",
            IfAbsent::Words("none; then it is the systemd credential `dkim-SELECTOR`, which comes first in any case"),
            r#""dkim.pem""#,
            "A file that holds the private key in PEM: of RSA, 2048 bits or more, or of Ed25519.",
        ),
    ],
};

/// `[[watch.score]]`, or a table in the list `score`.
pub(in crate::config) const WATCH_SCORE: Section = Section {
    header: "[[watch.score]]",
    doc: "Queries that weigh the same in a score.",
    keys: &[
        key(
            "any",
            IfAbsent::Required,
            r#"['"hybrid attack"', "sabotage"]"#,
            "Queries; each that matches adds the weight, once.",
        ),
        key("weight", IfAbsent::Required, "60", "What each adds; a negative number takes away."),
        key("max", IfAbsent::Words("no limit"), "120", "All of them together count for no more than this, either way."),
    ],
};

/// `[[watch.test]]`.
pub(in crate::config) const WATCH_TEST: Section = Section {
    header: "[[watch.test]]",
    doc: "An item that the watch has to match, or must not. `newswatch check` tries it, and a reload with one that fails is \
          refused.",
    keys: &[
        key("text", IfAbsent::Words("empty"), r#""Hungary vetoes the package""#, "Its text."),
        key("title", IfAbsent::Words("empty"), r#""A veto""#, "Its headline."),
        key("link", IfAbsent::Words("none"), r#""https://news.example.org/1""#, "Its address, for `link:`."),
        key(
            "feed",
            IfAbsent::Words("none"),
            r#""alliance""#,
            "The feed that it comes from, for `feed:`, and for `tag:` with the tags of that feed.",
        ),
        key(
            "at",
            IfAbsent::Words("none"),
            r#""2024-06-13T12:00:00Z""#,
            "When it was published; a day, or a day and a time, of UTC \
            where no offset is given.",
        ),
        key("match", IfAbsent::Value("true"), "true", "Whether the watch has to match it."),
        key(
            "stance",
            IfAbsent::Words("whatever it is"),
            r#""denied""#,
            "Where the act stands that it is about: \"did\", \"announced\", \"denied\", \"withdrawn\", \"possible\" or \"called-for\".",
        ),
        key(
            "statements",
            IfAbsent::Words("whatever they are"),
            r#"[{ actor = "Hungary", act = "veto", stance = "denied" }]"#,
            "Statements that have to be understood, as `newswatch extract` gives them; what is not written does not matter.",
        ),
        key(
            "events",
            IfAbsent::Words("whatever they are"),
            r#"[{ event = "summit", start = "2024-07-09", end = "2024-07-11" }]"#,
            "Events that have to be understood, likewise.",
        ),
    ],
};

/// `[web]`.
pub(in crate::config) const WEB: Section = Section {
    header: "[web]",
    doc: "The web server, for hubs that tell of news (WebSub) and for links in mails. Without it feeds are polled only, and mails have \
          no links by which their readers unsubscribe.",
    keys: &[
        key(
            "listen",
            IfAbsent::Words("nowhere"),
            r#""127.0.0.1:8090""#,
            "An address of this machine and a port. It speaks plain HTTP: let a web server with a certificate pass on to it.",
        ),
        key(
            "public_url",
            IfAbsent::Words("none; then no hub is asked to tell, and mails have no such links"),
            r#""https://news.example.org/newswatch""#,
            "The address that leads to `listen` from outside. Feeds that name a hub are then told of by it, and polled six times \
             as rarely while that works. Mails get links to unsubscribe, to mute a watch for two days, and to call an item not \
             relevant: signed, each for one reader, and confirmed by a button.",
        ),
    ],
};

/// `[[digest]]`.
pub(in crate::config) const DIGEST: Section = Section {
    header: "[[digest]]",
    doc: "One mail with all that was found since the last one.",
    keys: &[
        key("name", IfAbsent::Required, r#""morning""#, "Its name, for `send`; not \"now\"."),
        key("at", IfAbsent::Required, r#"["07:30"]"#, "When it is sent."),
        key(
            "days",
            IfAbsent::Value(r#""mon-sun""#),
            r#""mon-fri""#,
            "On which days: ranges and single days, with commas between.",
        ),
        key(
            "time_zone",
            IfAbsent::Words("that of `[mail]`"),
            r#""Europe/Brussels""#,
            "Whose time `at` and `days` are.",
        ),
        key(
            "empty",
            IfAbsent::Value(r#""skip""#),
            r#""skip""#,
            "Whether it is sent when it holds nothing: \"skip\" or \"send\".",
        ),
    ],
};
