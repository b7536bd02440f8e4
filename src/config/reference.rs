//! Every table and key of the config, declared once: its name, its default, what it means.
//!
//! The reader knows a key only from here and takes its default from here; the starter config is held against it by a test.

mod parts;

use std::sync::LazyLock;

use hashbrown::HashMap;
use toml::Spanned;
use toml::de::DeValue;

pub(super) use parts::{DIGEST, MAIL_DKIM, WATCH_SCORE, WATCH_TEST, WEB};

/// A table of the config.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Section {
    /// As it is written: `[mail]`, `[[feed]]`.
    pub header: &'static str,
    /// What it is for.
    pub doc: &'static str,
    /// Its keys, in the order in which they are explained.
    pub keys: &'static [Key],
}

/// A key of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// As it is written.
    pub name: &'static str,
    /// What holds where it is not written.
    pub default: IfAbsent,
    /// A value that could be written, in TOML.
    pub example: &'static str,
    /// What it means.
    pub doc: &'static str,
}

/// What holds where a key is not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IfAbsent {
    /// It must be written.
    Required,
    /// This value, in TOML.
    Value(&'static str),
    /// What these words say.
    Words(&'static str),
}

impl Section {
    /// The name without brackets.
    pub fn name(&self) -> &'static str {
        self.header.trim_matches(['[', ']'])
    }

    /// Whether it is a list, `[[…]]`.
    pub fn is_list(&self) -> bool {
        self.header.starts_with("[[")
    }

    /// The key of that name.
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}

/// All tables, in the order in which they are explained.
pub const SECTIONS: &[Section] =
    &[MAIL, MAIL_DKIM, STORE, STORE_KEEP, FETCH, WEB, FEED, WATCHES, WATCH, WATCH_SCORE, WATCH_TEST, DIGEST];

const fn key(name: &'static str, default: IfAbsent, example: &'static str, doc: &'static str) -> Key {
    Key { name, default, example, doc }
}

/// `[mail]`.
pub(super) const MAIL: Section = Section {
    header: "[mail]",
    doc: "How mail is sent. Without it nothing can be.",
    keys: &[
        key(
            "from",
            IfAbsent::Required,
            r#""Newswatch <newswatch@example.org>""#,
            "The sender: an address, or a name and an address in `<>`.",
        ),
        key(
            "to",
            IfAbsent::Value("[]"),
            r#"["desk@example.org"]"#,
            "Who is told of the matches of a watch that names nobody itself.",
        ),
        key(
            "smtp",
            IfAbsent::Required,
            r#""smtps://user@mail.example.org""#,
            "Where mail goes: `smtp://HOST` (port 25; STARTTLS when offered, `?tls=required` to insist), `smtps://HOST` \
             (port 465; TLS from the start), `lmtp://HOST` (port 24) or `lmtp:SOCKET` for a server that delivers at once, \
             `sendmail:PROGRAM` with arguments, if it needs any (/usr/sbin/sendmail where none is named; it is given \
             `-i -f FROM -- TO`, the message on its input, and ten minutes), or `file:DIR`, which gets one .eml each. A user \
             before an `@` logs in; the password comes from the systemd credential `smtp-password`, else \
             $NEWSWATCH_SMTP_PASSWORD, else `password_file`; or there is a `token_command`.",
        ),
        key(
            "password_file",
            IfAbsent::Words("none"),
            r#""smtp-password""#,
            "A file that holds the password of the user in `smtp`.",
        ),
        key(
            "token_command",
            IfAbsent::Words("none; the user has a password"),
            r#"["/usr/local/bin/mail-token", "--fresh"]"#,
            "A program, with its arguments, that prints the token with which the user in `smtp` logs in (XOAUTH2), and nothing \
             else. It is run when a token is needed and there is none, and again when the server refuses one that it took \
             before; it has 30 seconds.",
        ),
        key(
            "retry",
            IfAbsent::Value(r#"["1m", "2m", "5m", "10m", "15m", "30m", "1h"]"#),
            r#"["1m", "5m", "1h"]"#,
            "Waits between tries, the last one repeated; given up after 5 days, but not while the relay is out of reach.",
        ),
        key(
            "unheard",
            IfAbsent::Value(r#""15m""#),
            r#""15m""#,
            "Wait when the server's answer to a whole message was never heard.",
        ),
        key(
            "time_zone",
            IfAbsent::Words("the system's"),
            r#""Europe/Brussels""#,
            "For digests that name none, and for the times in mails.",
        ),
        key("operator", IfAbsent::Value("[]"), r#"["root@example.org"]"#, "Who hears of broken feeds."),
        key(
            "dkim",
            IfAbsent::Words("none; most mail servers sign what they pass on"),
            r#"[{ selector = "news", key_file = "dkim.pem" }]"#,
            "By what keys messages are signed: see `[[mail.dkim]]`.",
        ),
    ],
};

/// `[store]`.
pub(super) const STORE: Section = Section {
    header: "[store]",
    doc: "Where newswatch keeps what it knows. A change needs a restart.",
    keys: &[
        key(
            "url",
            IfAbsent::Value(r#""sqlite:newswatch.db""#),
            r#""sqlite:newswatch.db""#,
            "The database; a relative path begins at the state directory.",
        ),
        key(
            "ledger",
            IfAbsent::Words("beside the database"),
            r#""/mnt/other-disk/newswatch.ledger""#,
            "The list of what was sent, which lets a restored backup send nothing twice; best kept on another disk.",
        ),
    ],
};

/// `[store.keep]`.
pub(super) const STORE_KEEP: Section = Section {
    header: "[store.keep]",
    doc: "How long things are kept.",
    keys: &[key("items", IfAbsent::Value(r#""400d""#), r#""400d""#, "Items, after they were last seen in their feed.")],
};

/// `[fetch]`.
pub(super) const FETCH: Section = Section {
    header: "[fetch]",
    doc: "How feeds are asked: defaults for every feed, and limits for all of them.",
    keys: &[
        key(
            "every",
            IfAbsent::Value(r#""60m""#),
            r#""60m""#,
            "How often a feed is asked; what its server says can only make it longer.",
        ),
        key(
            "backlog",
            IfAbsent::Value(r#""2d""#),
            r#""2d""#,
            "On the first look at a feed, items older than this or undated raise no alert; \"0\" for none at all, \"all\" \
             for every one.",
        ),
        key(
            "min_every",
            IfAbsent::Value(r#""15m""#),
            r#""15m""#,
            "No `every` may be shorter, but a feed's own may go down to 5m.",
        ),
        key("timeout", IfAbsent::Value(r#""30s""#), r#""30s""#, "For one whole exchange with a server."),
        key("max_size", IfAbsent::Value(r#""8MiB""#), r#""8MiB""#, "No feed may be larger, after decompression."),
        key("per_host", IfAbsent::Value("1"), "1", "Requests at a time to one host."),
        key("per_host_interval", IfAbsent::Value(r#""2s""#), r#""2s""#, "Between two requests to one host."),
        key("concurrency", IfAbsent::Value("64"), "64", "Requests at a time to all hosts."),
        key(
            "contact",
            IfAbsent::Words("none"),
            r#""https://example.org/bot""#,
            "Where a server's owner can reach you; goes into User-Agent.",
        ),
        key(
            "adaptive",
            IfAbsent::Value("true"),
            "false",
            "Whether a feed is asked less often, but no less than six times as rarely, while its news come slowly.",
        ),
        key(
            "alert_after",
            IfAbsent::Value(r#""24h""#),
            r#""24h""#,
            "The operator hears of a feed that has failed for so long, and again when it works.",
        ),
        key(
            "full_text",
            IfAbsent::Value("false"),
            "false",
            "Whether the article behind each new item is fetched and matched too. The item waits for it, 15 minutes at most; \
             robots.txt is obeyed.",
        ),
        key(
            "allow_private_addresses",
            IfAbsent::Value("false"),
            "false",
            "Loopback, private, link-local and metadata addresses are refused otherwise.",
        ),
        key(
            "proxy",
            IfAbsent::Words("what the environment says: `https_proxy`, `http_proxy`, `all_proxy`, `no_proxy`"),
            r#""http://proxy.example.org:3128""#,
            "Who asks servers in our place: http, https, socks5 or socks5h, or \"none\". It looks their names up, so it has to \
             keep us from addresses inside by itself.",
        ),
        key(
            "allow_commands",
            IfAbsent::Value("false"),
            "false",
            "Whether a feed may be a `command`. Whoever can write these files can then run programs as newswatch.",
        ),
    ],
};

/// `[[feed]]`.
pub(super) const FEED: Section = Section {
    header: "[[feed]]",
    doc: "A feed to follow; as many as you like.",
    keys: &[
        key("name", IfAbsent::Required, r#""alliance""#, "Its name, for `feed:` in queries."),
        key(
            "url",
            IfAbsent::Words("none; then there is a `command`"),
            r#""https://news.example.org/rss.xml""#,
            "http, https, or file: with a path; a relative one begins beside this file.",
        ),
        key(
            "command",
            IfAbsent::Words("none; then there is a `url`"),
            r#"["/usr/local/bin/my-feed", "--all"]"#,
            "A program whose output is the feed, with its arguments; needs `allow_commands` in `[fetch]`. There is no shell; \
             it runs beside this file, with PATH, HOME, USER, LANG, TZ and TMPDIR alone, and is ended with all that it started \
             at `timeout` or `max_size`.",
        ),
        key("title", IfAbsent::Words("none"), r#""The Alliance""#, "What the feed calls itself; for `feed export`."),
        key(
            "site",
            IfAbsent::Words("none"),
            r#""https://news.example.org/""#,
            "The page that it belongs to; for `feed export`.",
        ),
        key("every", IfAbsent::Words("`every` of `[fetch]`"), r#""15m""#, "How often it is asked."),
        key(
            "adaptive",
            IfAbsent::Words("that of `[fetch]`"),
            "false",
            "Whether it is asked less often while its news come slowly; with an `every` of its own it never is.",
        ),
        key(
            "tags",
            IfAbsent::Value("[]"),
            r#"["official"]"#,
            "For `tag:` in queries; `a/b` lies below `a`, as in folders.",
        ),
        key("enabled", IfAbsent::Value("true"), "true", "false: it is not asked, and what it brought is kept."),
        key(
            "headers",
            IfAbsent::Value("{}"),
            r#"{ X-Api-Key = "…" }"#,
            "Sent with each request to this feed's own server, and to no other.",
        ),
        key("user", IfAbsent::Words("none"), r#""reader""#, "Who we are to its server (HTTP Basic authentication)."),
        key(
            "password_file",
            IfAbsent::Words("none"),
            r#""alliance-password""#,
            "A file that holds the password of `user`.",
        ),
        key(
            "full_text",
            IfAbsent::Words("that of `[fetch]`"),
            "true",
            "Whether the article behind each of its new items is fetched and matched too.",
        ),
        key(
            "time_zone",
            IfAbsent::Words("UTC"),
            r#""Europe/Brussels""#,
            "Whose days its texts mean by today and Friday, where the dates of its items do not say how far they are from UTC.",
        ),
        key(
            "allow_private_addresses",
            IfAbsent::Words("that of `[fetch]`"),
            "false",
            "Whether its server may have a loopback or private address.",
        ),
        key("proxy", IfAbsent::Words("that of `[fetch]`"), r#""none""#, "Who asks its server in our place."),
        key(
            "ca_file",
            IfAbsent::Words("none"),
            r#""/etc/ssl/our-ca.pem""#,
            "Certificates of authorities, in PEM, that may sign its server's besides those that the system trusts.",
        ),
    ],
};

/// `[watches]`.
pub(super) const WATCHES: Section = Section {
    header: "[watches]",
    doc: "What holds for all watches.",
    keys: &[key("exclude", IfAbsent::Words("none"), "'sport'", "A query; no watch matches where this does.")],
};

/// `[[watch]]`.
pub(super) const WATCH: Section = Section {
    header: "[[watch]]",
    doc: "Something to look for in every item; as many as you like.",
    keys: &[
        key("name", IfAbsent::Required, r#""hungary-veto""#, "Its name; what was told is remembered under it."),
        key(
            "title",
            IfAbsent::Words("its name"),
            r#""Hungary and vetoes""#,
            "What the subject of its mails begins with.",
        ),
        key(
            "when",
            IfAbsent::Words("none; then there is a `score`"),
            "'veto NEAR/8 (hungary | budapest)'",
            "What it looks for, in the query language.",
        ),
        key(
            "score",
            IfAbsent::Words("none; then there is a `when`"),
            r#"[{ any = ['"hybrid attack"', "sabotage"], weight = 60 }]"#,
            "Instead of `when`: weighted queries, which are added up.",
        ),
        key(
            "threshold",
            IfAbsent::Words("none; a `score` needs one"),
            "100",
            "It matches where its `score` comes to this.",
        ),
        key("exclude", IfAbsent::Words("none"), "'sport'", "A query; it does not match where this does."),
        key(
            "test",
            IfAbsent::Words("none"),
            r#"[{ text = "Hungary vetoes it", match = true }]"#,
            "Items that it has to match, or must not: see `[[watch.test]]`.",
        ),
        key(
            "send",
            IfAbsent::Value(r#""now""#),
            r#""now""#,
            "How its matches are told: \"now\", a digest's name, or a list of them.",
        ),
        key("to", IfAbsent::Words("`to` of `[mail]`"), r#"["eu-desk@example.org"]"#, "Who is told."),
        key("enabled", IfAbsent::Value("true"), "true", "false: it is not looked at."),
        key(
            "repeat",
            IfAbsent::Words("\"change\" where `when` holds act() or event(), else \"story\""),
            r#""story""#,
            "\"story\": the first matching item of a story is told, and later reports are listed in the next digest; \
             \"item\": every matching item is; \"change\": a fact is told when it is first known, and again when its date or \
             stance changes.",
        ),
        key(
            "remind",
            IfAbsent::Words("none"),
            r#"["14d", "1d"]"#,
            "So long before an event that it found a mail reminds of it, at 09:00 in `time_zone` of `[mail]`; days or weeks.",
        ),
        key(
            "sources",
            IfAbsent::Words("1"),
            "3",
            "A story is told only once so many different sites have told it in what the watch matches, each in words of its \
             own: copies of one text count as one, and so do the sites of one registered domain.",
        ),
        key(
            "within",
            IfAbsent::Words("\"72h\""),
            r#""6h""#,
            "The time in which `sources` must come together, by when their items were first seen; \"7d\" at most.",
        ),
        key(
            "quiet",
            IfAbsent::Words("none"),
            r#""3d""#,
            "Told is, instead of the matches, that nothing matched for so long, and once more when something does. Only time in \
             which feeds were read counts, so what is shorter than the time between two polls is told after the second of them.",
        ),
        key(
            "wait",
            IfAbsent::Value(r#""0s""#),
            r#""2m""#,
            "A match that is told at once is held for so long, so that a second source can join it.",
        ),
        key(
            "quiet_hours",
            IfAbsent::Words("none"),
            r#""22:00-07:00""#,
            "When nothing below `importance = \"high\"` is mailed at once; it goes together at their end, in `time_zone` of \
             `[mail]`.",
        ),
        key(
            "max_per_hour",
            IfAbsent::Words("no limit"),
            "10",
            "Mails at once in any hour to one recipient; what is over it goes together in one mail when the hour allows.",
        ),
        key("importance", IfAbsent::Value(r#""normal""#), r#""high""#, "\"low\", \"normal\" or \"high\"."),
        key(
            "was",
            IfAbsent::Words("none"),
            r#""hungary""#,
            "Its name before it was renamed; what was told stays told.",
        ),
    ],
};

/// The value that a key has where it is not written.
///
/// # Panics
/// When the default is no TOML, which a test rules out.
pub(super) fn default_of(key: &Key) -> Option<&'static Spanned<DeValue<'static>>> {
    static PARSED: LazyLock<HashMap<&'static str, Spanned<DeValue<'static>>>> = LazyLock::new(|| {
        let defaults = SECTIONS.iter().flat_map(|section| section.keys).filter_map(|key| match key.default {
            IfAbsent::Value(toml) => Some(toml),
            IfAbsent::Required | IfAbsent::Words(_) => None,
        });
        defaults.map(|toml| (toml, DeValue::parse(toml).expect("a default is TOML"))).collect()
    });
    match key.default {
        IfAbsent::Value(toml) => PARSED.get(toml),
        IfAbsent::Required | IfAbsent::Words(_) => None,
    }
}

/// The name among `names` that `typed` was probably meant to be.
pub fn nearest<'a>(typed: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    /// Longer ones are no slips of the finger, and comparing them would take long.
    const TYPED_MAX: usize = 64;
    /// There are some six hundred time zones.
    const NAMES_MAX: usize = 1000;
    if typed.len() > TYPED_MAX {
        return None;
    }
    let typed = typed.to_lowercase();
    let names = names.into_iter().take(NAMES_MAX);
    let close = |name: &&str| strsim::jaro_winkler(&typed, &name.to_lowercase());
    let near = |name: &&str| {
        let lower = name.to_lowercase();
        let slips = strsim::damerau_levenshtein(&typed, &lower);
        slips <= 1 + lower.chars().count().min(typed.chars().count()) / 4
    };
    names.filter(near).max_by(|a, b| close(a).total_cmp(&close(b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_is_toml_and_every_name_is_declared_once() {
        for section in SECTIONS {
            let mut names: Vec<_> = section.keys.iter().map(|key| key.name).collect();
            names.sort_unstable();
            assert!(names.is_sorted_by(|one, next| one < next), "{}: {names:?}", section.header);
            for key in section.keys {
                DeValue::parse(key.example).unwrap();
                assert!(default_of(key).is_some() == matches!(key.default, IfAbsent::Value(_)), "{}", key.name);
            }
        }
    }

    #[test]
    fn slips_of_the_finger_are_understood_and_other_words_are_not() {
        let names = ["every", "min_every", "timeout", "max_size", "to", "per_host", "per_host_interval"];
        assert_eq!(nearest("evry", names), Some("every"));
        assert_eq!(nearest("Timeuot", names), Some("timeout"));
        assert_eq!(nearest("max-size", names), Some("max_size"));
        assert_eq!(nearest("perhost", names), Some("per_host"));
        assert_eq!(nearest("colour", names), None);
        assert_eq!(nearest("", names), None);
        assert_eq!(nearest(&"every".repeat(1000), names), None);
    }
}
