//! Each bad config of `tests/fixtures/config/bad` is refused with the words beside it; each good one is read.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use jiff::SignedDuration;
use newswatch::alert::{Channel, DigestRoute};
use newswatch::config::reference::SECTIONS;
use newswatch::config::{self, Env, Finding, Loaded, Login, Relay, Settings, TlsPolicy};
use newswatch::deliver::transport::Dialect;
use proptest::prelude::*;

fn fixtures(kind: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/config").join(kind)
}

/// The surroundings that fixtures are read in: a home that does not exist, and UTC.
fn env(directory: &Path) -> Env {
    Env::empty(directory).with("HOME", "/home/somebody")
}

fn rendered(loaded: &Loaded) -> String {
    loaded.findings.iter().map(|finding| finding.render(false) + "\n").collect()
}

fn files(directory: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries.filter(|path| path.extension().is_some_and(|found| found == extension)).collect();
    files.sort();
    assert!(!files.is_empty(), "{}", directory.display());
    files
}

/// A config in a directory of its own, readable for its owner alone.
struct Place(tempfile::TempDir);

impl Place {
    fn new(config: &str) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        place.write("newswatch.toml", config);
        place
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    fn env(&self) -> Env {
        env(self.0.path())
    }

    fn load(&self) -> Loaded {
        config::load(Path::new("newswatch.toml"), &self.env())
    }

    fn settings(&self) -> Settings {
        let loaded = self.load();
        let words = rendered(&loaded);
        loaded.settings.unwrap_or_else(|| panic!("{words}"))
    }

    /// What is said, with the directory of this place as `HERE`.
    fn words(&self) -> String {
        rendered(&self.load()).replace(self.0.path().to_str().unwrap(), "HERE")
    }
}

/// `UPDATE=1 cargo test --test it config` writes the expected words anew; the difference is to be read before it is kept.
#[test]
fn each_bad_config_is_refused_with_the_words_beside_it() {
    let update = std::env::var_os("UPDATE").is_some();
    let mut wrong = Vec::new();
    for path in files(&fixtures("bad"), "toml") {
        let name = path.file_name().unwrap();
        let text = fs::read_to_string(&path).unwrap();
        let loaded = config::load_text(name.to_str().unwrap(), &text, &fixtures("bad"), &env(&fixtures("bad")));
        assert_eq!(loaded.settings.is_none(), loaded.findings.iter().any(Finding::is_error));
        let is_warned_of = name.to_str().unwrap().starts_with("warning");
        assert_eq!(loaded.settings.is_some(), is_warned_of, "{}", path.display());
        let said = rendered(&loaded).replace(fixtures("bad").to_str().unwrap(), "HERE");
        let expected = path.with_extension("stderr");
        if update {
            fs::write(&expected, &said).unwrap();
        } else if fs::read_to_string(&expected).unwrap_or_default() != said {
            wrong.push(format!("{}:\n{said}", expected.display()));
        }
    }
    let without_config: Vec<_> =
        files(&fixtures("bad"), "stderr").into_iter().filter(|path| !path.with_extension("toml").exists()).collect();
    assert_eq!(without_config, Vec::<PathBuf>::new(), "words without a config");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_finding_begins_with_its_file_line_and_column() {
    for path in files(&fixtures("bad"), "toml") {
        let loaded = config::load(&path, &env(&fixtures("bad")));
        for finding in &loaded.findings {
            let (line, column) = finding.line_and_column();
            let head = format!("{}:{line}:{column}: {}: ", path.display(), finding.severity);
            assert!(finding.render(false).starts_with(&head), "{head}\n{}", finding.render(false));
            assert!(finding.render(true).contains('\u{1b}'));
        }
    }
}

#[test]
fn each_good_config_is_read_without_a_word() {
    for path in files(&fixtures("good"), "toml") {
        let place = Place::new(&fs::read_to_string(&path).unwrap());
        place.write("secrets/feed", "hunter2");
        assert_eq!(place.words(), "", "{}", path.display());
        place.settings();
    }
}

#[test]
fn the_starter_config_can_be_used_and_shows_every_key() {
    let place = Place::new(config::STARTER);
    assert_eq!(place.words(), "");
    let settings = place.settings();
    assert_eq!(settings.mail.unwrap().relay, Relay::Directory(place.0.path().join("mail")));

    let mut section = "";
    let mut shown = Vec::new();
    for line in config::STARTER.lines() {
        let line = line.strip_prefix("# ").unwrap_or(line);
        if line.starts_with('[') {
            section = line;
        } else if let Some((key, value)) = line.split_once(" = ") {
            shown.push((section, key, value));
        }
    }
    for declared in SECTIONS {
        for key in declared.keys {
            let found =
                shown.iter().find(|(section, name, _)| section.starts_with(declared.header) && *name == key.name);
            let Some((_, _, value)) = found else { panic!("the starter lacks `{}` of {}", key.name, declared.header) };
            if let config::reference::IfAbsent::Value(default) = key.default {
                let ours = ["to", "tags", "headers", "send", "days"].contains(&key.name);
                assert!(ours || value.starts_with(default), "the starter shows {value} for {}", key.name);
            }
        }
    }
}

#[test]
fn every_declared_key_is_read_and_refuses_nonsense() {
    for section in SECTIONS {
        // What belongs to a watch stands below one, all on the first line.
        let above = if section.header.starts_with("[[watch.") { "watch = [{" } else { section.header };
        let (above, below) = match section.name().strip_prefix("watch.") {
            Some(list) => (format!("{above} {list} = [{{"), "}] }]\n"),
            None => (above.to_owned(), ""),
        };
        for key in section.keys {
            let text = format!("{above}\n{} = 1979-05-27\n{below}", key.name);
            let loaded = config::load_text("a.toml", &text, Path::new("/"), &env(Path::new("/")));
            let words = rendered(&loaded);
            assert!(
                words.contains(&format!("a.toml:2:{}: error: `{}`", key.name.len() + 4, key.name)),
                "{text}{words}"
            );
        }
    }
}

#[test]
fn defaults_are_those_of_the_reference() {
    let settings = config::defaults(&env(Path::new("/work")));
    assert_eq!(settings.file, None);
    assert!(settings.mail.is_none());
    assert_eq!(settings.state_dir, Path::new("/home/somebody/.local/state/newswatch"));
    assert_eq!(settings.store.database, settings.state_dir.join("newswatch.db"));
    assert_eq!(settings.store.ledger, settings.state_dir.join("newswatch.ledger"));
    assert_eq!(settings.control_socket, settings.state_dir.join("control.sock"));
    assert_eq!(settings.store.keep_items, SignedDuration::from_hours(400 * 24));
    assert_eq!(settings.fetch.every, SignedDuration::from_mins(60));
    assert_eq!(settings.fetch.backlog, Some(SignedDuration::from_hours(48)));
    assert_eq!(settings.fetch.max_size, 8 << 20);
    assert_eq!((settings.fetch.per_host, settings.fetch.concurrency), (1, 64));
}

#[test]
fn what_is_typed_is_what_is_meant() {
    let text = fs::read_to_string(fixtures("good/everything.toml")).unwrap();
    let place = Place::new(&text);
    place.write("secrets/feed", "hunter2\n");
    let settings = place.settings();
    let here = place.0.path();

    let mail = settings.mail.as_ref().unwrap();
    assert_eq!(mail.from, "\"Newswatch\" <newswatch@example.org>");
    assert_eq!(
        mail.relay,
        Relay::Smtp {
            host: "mail.example.org".into(),
            port: 587,
            dialect: Dialect::Smtp,
            tls: TlsPolicy::Required,
            login: Login::None
        }
    );
    assert_eq!(mail.retry, [1, 5].map(SignedDuration::from_mins));
    assert_eq!(mail.time_zone.iana_name(), Some("Europe/Brussels"));

    let [alliance, local, off] = &settings.feeds[..] else { panic!("{:?}", settings.feeds) };
    assert_eq!(alliance.every, SignedDuration::from_mins(15));
    assert_eq!(alliance.headers["x-api-key"], "abc");
    let credentials = alliance.credentials.as_ref().unwrap();
    assert_eq!((credentials.user.as_str(), credentials.password.as_str()), ("reader", "hunter2"));
    assert!(!format!("{settings:?}").contains("hunter2"));
    assert_eq!(local.url.as_str(), format!("file://{}/feed.xml", here.display()));
    assert_eq!(local.every, settings.fetch.every);
    assert!(!off.enabled && off.allow_private_addresses);
    assert_eq!(off.url.as_str(), "https://news.example.org/off.xml");
    assert_eq!(off.credentials.as_ref().unwrap().user, "me");

    let routes = settings.routes();
    assert_eq!(routes.watches.keys().collect::<Vec<_>>(), ["hungary-veto", "hybrid-attack", "plain"]);
    let veto = &routes.watches["hungary-veto"];
    assert_eq!(veto.title, "Hungary and vetoes");
    assert_eq!(veto.to, ["eu-desk@example.org"]);
    assert_eq!(veto.send, [Channel::Now, Channel::Digest("morning".into())]);
    assert_eq!(routes.watches["plain"].to, ["desk@example.org"]);
    let to = vec!["desk@example.org".to_owned(), "eu-desk@example.org".to_owned()];
    assert_eq!(routes.digests["morning"], DigestRoute { to, send_empty: true });
    assert_eq!(routes.operator, ["root@example.org"]);
    let rules = settings.rules();
    let names: Vec<&str> = rules.iter().map(|rule| rule.name.as_str()).collect();
    assert_eq!(names, ["hungary-veto", "plain", "hybrid-attack"]);
    let queries: Vec<String> = rules.iter().map(|rule| rule.query.to_string()).collect();
    assert_eq!(queries[1], "ceasefire AND NOT obituary");
    assert!(queries[2].starts_with("score 100 (\"hybrid attack\", \"grey zone\": weight 60; "), "{}", queries[2]);
    assert!(queries[2].ends_with("weight -80) AND NOT obituary AND NOT title:review"), "{}", queries[2]);
    assert_eq!(settings.failed_tests().len(), 0);

    let [morning] = &settings.digests[..] else { panic!("{:?}", settings.digests) };
    assert_eq!(morning.at, [jiff::civil::time(7, 30, 0, 0), jiff::civil::time(18, 0, 0, 0)]);
    assert!(!morning.days.contains(jiff::civil::Weekday::Sunday));
    assert_eq!(morning.time_zone.iana_name(), Some("America/New_York"));
}

const MAIL: &str = "[mail]\nfrom = 'n@example.org'\nto = ['a@example.org']\n";
const FEED: &str = "[[feed]]\nname = 'f'\nurl = 'https://news.example.org/'\n";
const WATCH: &str = "[[watch]]\nname = 'w'\nwhen = 'veto'\n";

#[test]
fn conf_d_is_read_in_the_order_of_its_names() {
    let place = Place::new(&format!("{MAIL}smtp = 'file:mail'\n{FEED}"));
    place.write("conf.d/20-more.toml", "[[feed]]\nname = 'second'\nurl = 'file:b.xml'\n[store.keep]\nitems = '1d'\n");
    place.write(
        "conf.d/10-first.toml",
        format!("[[feed]]\nname = 'first'\nurl = 'file:../a.xml'\n{WATCH}[store]\nledger = 'sent'\n"),
    );
    place.write("conf.d/README", "this is no config");
    place.write("conf.d/.hidden.toml", "neither is this");
    let settings = place.settings();
    let here = place.0.path();
    assert_eq!(settings.feeds.iter().map(|feed| feed.name.as_str()).collect::<Vec<_>>(), ["f", "first", "second"]);
    assert_eq!(settings.feeds[1].url.as_str(), format!("file://{}/a.xml", here.display()));
    assert_eq!(settings.feeds[2].url.as_str(), format!("file://{}/conf.d/b.xml", here.display()));
    assert_eq!(settings.store.ledger, here.join("conf.d/sent"));
    assert_eq!(
        settings.files,
        ["newswatch.toml", "conf.d/10-first.toml", "conf.d/20-more.toml"].map(|name| here.join(name))
    );
    assert_eq!(settings.file, Some(here.join("newswatch.toml")));
}

#[test]
fn a_table_or_a_name_given_twice_names_both_places() {
    let place = Place::new(&format!("{MAIL}smtp = 'file:mail'\n{FEED}{WATCH}"));
    place.write("conf.d/more.toml", format!("{FEED}\n[mail]\nfrom = 'n@example.org'\n"));
    insta::assert_snapshot!(place.words(), @r#"
    conf.d/more.toml:2:8: error: two entries of [[feed]] have the name `f`, first at newswatch.toml:6:8
      |
    2 | name = 'f'
      |        ^^^
      |
     ::: newswatch.toml:6:8
      |
    6 | name = 'f'
      |        --- first given here
      |
      = help: give each a name of its own
    conf.d/more.toml:5:1: error: [mail] is given twice, first at newswatch.toml:1:1
      |
    5 | [mail]
      | ^^^^^^
      |
     ::: newswatch.toml:1:1
      |
    1 | [mail]
      | ------ first given here
      |
      = help: write all of its keys in one place
    "#);
}

#[test]
fn files_that_cannot_be_read_are_named() {
    let mut words = Vec::new();
    let place = Place::new("");
    fs::remove_file(place.0.path().join("newswatch.toml")).unwrap();
    words.push(place.words());
    fs::create_dir(place.0.path().join("newswatch.toml")).unwrap();
    words.push(place.words());

    let place = Place::new("");
    place.write("newswatch.toml", b"[mail]\n# caf\xe9\nfrom = 'x'\n");
    words.push(place.words());
    place.write("newswatch.toml", vec![b'#'; (32 << 20) + 1]);
    words.push(place.words());

    let place = Place::new(&format!("{MAIL}smtp = 'file:mail'\n{FEED}{WATCH}"));
    place.write("conf.d", "no directory");
    words.push(place.words());
    fs::remove_file(place.0.path().join("conf.d")).unwrap();
    fs::create_dir_all(place.0.path().join("conf.d/a.toml")).unwrap();
    words.push(place.words());
    insta::assert_snapshot!(words.concat(), @r#"
    newswatch.toml:1:1: error: there is no such file
     = help: `newswatch init` writes a starter config, and `--config FILE` names another file
    newswatch.toml:1:1: error: this is a directory, not a config file
     = help: name the file in it, which is usually `newswatch.toml`
    newswatch.toml:2:6: error: the byte 0xe9 is not UTF-8
      |
    2 | # caf�
      |      ^
      |
      = help: save the file in the encoding UTF-8
    newswatch.toml:1:1: error: a config may have 32 MiB, and this is more
     = help: is this the right file? Its size counts together with that of the files in conf.d
    conf.d:1:1: error: this is not a directory
     = help: conf.d is a directory of more files, each ending in .toml
    conf.d/a.toml:1:1: error: this is a directory, not a config file
     = help: name the file in it, which is usually `newswatch.toml`
    "#);
}

#[test]
fn the_mail_password_is_looked_for_in_three_places() {
    let text = format!("{MAIL}smtp = 'smtps://me%40home@mail.example.org'\npassword_file = 'pw'\n{FEED}{WATCH}");
    let place = Place::new(&text);
    let password = |env: &Env| {
        let loaded = config::load(Path::new("newswatch.toml"), env);
        let words = rendered(&loaded);
        let Relay::Smtp { login: Login::With(credentials), port, .. } =
            loaded.settings.ok_or(words)?.mail.unwrap().relay
        else {
            panic!("no login")
        };
        assert_eq!(port, 465);
        assert_eq!(credentials.user, "me@home");
        Ok::<_, String>(credentials.password)
    };
    let env = place.env();
    let missing = password(&env).unwrap_err();
    assert!(missing.contains("password file") && missing.contains("does not exist"), "{missing}");
    place.write("pw", "from the file\n");
    assert_eq!(password(&env).as_deref(), Ok("from the file"));
    let env = env.with("NEWSWATCH_SMTP_PASSWORD", "from the variable");
    assert_eq!(password(&env).as_deref(), Ok("from the variable"));
    let env = env.with("CREDENTIALS_DIRECTORY", place.0.path());
    assert_eq!(password(&env).as_deref(), Ok("from the variable"), "no such credential");
    place.write("smtp-password", "from systemd");
    assert_eq!(password(&env).as_deref(), Ok("from systemd"));
    place.write("smtp-password", "");
    assert!(password(&env).unwrap_err().contains("is empty"));
}

#[test]
fn secrets_that_others_can_read_are_warned_of() {
    let place = Place::new(&format!(
        "{MAIL}smtp = 'smtp://me@mail.example.org'\npassword_file = 'pw'\n{FEED}headers = {{ Authorization = 'Bearer abc' }}\n{WATCH}"
    ));
    place.write("pw", "secret");
    assert_eq!(place.words(), "");
    for name in ["newswatch.toml", "pw"] {
        fs::set_permissions(place.0.path().join(name), fs::Permissions::from_mode(0o644)).unwrap();
    }
    insta::assert_snapshot!(place.words(), @r#"
    newswatch.toml:5:17: warning: everybody on this machine can read HERE/pw
      |
    5 | password_file = 'pw'
      |                 ^^^^
      |
      = help: chmod 600 HERE/pw
    newswatch.toml:9:29: warning: this is a secret, and others can read the file (its mode is 0644)
      |
    9 | headers = { Authorization = '**********' }
      |                             ^^^^^^^^^^^^
      |
      = help: chmod 600 newswatch.toml
    "#);
    assert!(place.load().settings.is_some());
}

#[test]
fn no_finding_shows_a_secret() {
    let place = Place::new(&format!(
        "{MAIL}smtp = 'smtp://me:hunter2@mail.example.org'\npassword = 'hunter2'\n{FEED}headers = {{ Host = 'hunter2', a = '\\thunter2' }}\n\
         [[feed]]\nname = 'f'\nurl = 'ftp://me:hunter2@a.org'\nheaders = {{ B = 5, Authorization = \"hunter2\\n\" }}\n"
    ));
    let words = place.words();
    assert!(words.contains("*******") && !words.contains("hunter2"), "{words}");
}

#[test]
fn a_flood_of_mistakes_is_cut() {
    let place = Place::new(&"x = 'y\n".repeat(10_000));
    let loaded = place.load();
    assert!(loaded.settings.is_none());
    assert_eq!(loaded.findings.len(), 101);
    assert!(loaded.findings[100].message.contains("there is more"));
}

/// What the config lets pass as an address, the mail room can read.
fn lettre_reads(text: &str) {
    let config = format!("[mail]\nsmtp = 'file:m'\nfrom = {text}\n");
    let loaded = config::load_text("a.toml", &config, Path::new("/"), &env(Path::new("/")));
    if let Some(settings) = loaded.settings {
        let from = settings.mail.unwrap().from;
        let read = from.parse::<lettre::message::Mailbox>();
        assert!(read.is_ok(), "{from}: {read:?}");
    }
}

proptest! {
    #[test]
    fn senders_that_pass_can_be_sent(name in "[ -~äß]{0,12}", local in "[a-z.+'!-]{1,8}", domain in "[a-zü.-]{1,12}") {
        lettre_reads(&format!("'''{name} <{local}@{domain}>'''"));
        lettre_reads(&format!("'''\"{name}\" <{local}@{domain}>'''"));
        lettre_reads(&format!("'''{local}@{domain}'''"));
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC*") {
        check_anything(&text);
    }

    #[test]
    fn no_damage_to_a_config_makes_it_panic(at in 0..4000usize, length in 0..40usize, put in "(\\PC|\n){0,6}") {
        let mut text = include_str!("../fixtures/config/good/everything.toml").to_owned();
        let from = text.floor_char_boundary(at);
        let to = text.floor_char_boundary(from + length);
        text.replace_range(from..to, &put);
        check_anything(&text);
    }
}

fn check_anything(text: &str) {
    let loaded = config::load_text("a.toml", text, Path::new("/"), &env(Path::new("/")));
    assert_eq!(loaded.settings.is_none(), loaded.findings.iter().any(Finding::is_error), "{}", rendered(&loaded));
}

#[test]
fn an_alias_takes_over_the_names_of_others() {
    let place =
        Place::new("[aliases]\nvisegrad = [\"@hungary\", \"@mine\", \"Slovakia\"]\nmine = [\"@poland\", \"Sejm\"]\n");
    let aliases = place.settings().aliases;
    let names = aliases.names("visegrad").unwrap();
    for name in ["Hungary", "Hungarian", "Budapest", "Poland", "Warsaw", "Sejm", "Slovakia"] {
        assert!(names.iter().any(|known| known == name), "{name}: {names:?}");
    }
    assert!(names.iter().all(|name| !name.starts_with('@')), "{names:?}");
}

#[test]
fn an_alias_is_one_with_or_without_its_accents_also_where_another_takes_it_over() {
    let place = Place::new("[aliases]\n\"länder\" = [\"@hungary\"]\nall = [\"@lander\", \"Slovakia\"]\n");
    let aliases = place.settings().aliases;
    assert!(aliases.names("all").unwrap().iter().any(|name| name == "Budapest"));
    let place = Place::new("[aliases]\n\"länder\" = [\"@all\"]\nall = [\"@Lander\"]\n");
    assert!(rendered(&place.load()).contains("takes over its own names"), "{}", rendered(&place.load()));
}

/// Each would take minutes if an alias cost more than what it stands for.
#[test]
fn chains_of_aliases_are_as_dear_as_they_are_long() {
    let chain = |length: usize, own: &str| -> String {
        let link = |at: usize| {
            let own = if own.is_empty() { String::new() } else { format!(", \"{own} {at}\"") };
            format!("a{at} = [\"@a{}\"{own}]\n", at + 1)
        };
        let links = (0..length).map(link).collect::<Vec<_>>().concat();
        format!("[aliases]\n{links}a{length} = [\"@hungary\", \"Fidesz\"]\n")
    };
    let place = Place::new(&chain(20_000, ""));
    let names = place.settings().aliases.names("a0").unwrap();
    assert!(names.iter().any(|name| name == "Budapest") && names.iter().any(|name| name == "Fidesz"), "{names:?}");

    let place = Place::new(&chain(300, "Name"));
    assert!(place.settings().aliases.names("a0").unwrap().iter().any(|name| name == "Name 299"));
    let place = Place::new(&chain(20_000, "Name"));
    assert!(rendered(&place.load()).contains("come to more than 1000000"), "{}", rendered(&place.load()));

    let round = chain(20_000, "").replace("@hungary", "@a0");
    let found = Place::new(&round).load().findings.len();
    assert!(found > 0, "all of them take over their own names");
}
