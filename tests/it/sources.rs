//! Where feeds come from: `feed add`, lists of feeds, files and commands.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::harness::feeds::{Answer, Origin};
use super::harness::items::{Entry, rss};
use super::harness::level;
use super::harness::newswatch::{Newswatch, file_url};

fn config(newswatch: &Newswatch) -> String {
    fs::read_to_string(newswatch.config()).unwrap()
}

/// A config written by hand, with a remark that has to stay.
fn by_hand(newswatch: &Newswatch) {
    newswatch.write_config(
        "# mine\n[mail] # how\nfrom = 'a@example.org'\nsmtp = 'file:mail'\nto = ['b@example.org']\n\n[fetch]\n\
         allow_private_addresses = true\nper_host_interval = '0s'\n\n[[watch]] # what\nname = 'w'\nwhen = 'veto'\n",
    );
    fs::set_permissions(newswatch.config(), fs::Permissions::from_mode(0o640)).unwrap();
}

#[test]
fn a_feed_is_added_and_the_config_stays_as_it_is() {
    let (newswatch, origin) = (Newswatch::new(), Origin::start());
    by_hand(&newswatch);
    let before = config(&newswatch);
    origin.serve("/rss", Answer::feed(rss(&[Entry::new("1", "A veto")])));
    let url = origin.url("/rss");
    let said = newswatch.run(&["feed", "add", &url, "--tag", "official"]).ok().stdout;
    assert!(said.contains("Alliance News") && said.contains(&url), "{said}");
    let after = config(&newswatch);
    assert!(after.starts_with(before.trim_end()) && after.contains("tags = [\"official\"]"), "{after}");
    assert_eq!(fs::metadata(newswatch.config()).unwrap().permissions().mode() & 0o7777, 0o640);
    assert_eq!(origin.request_count(), 1);
    assert_eq!(newswatch.once()["feeds"]["changed"], 1);

    let other = origin.url("/other");
    origin.serve("/other", Answer::feed(rss(&[])));
    newswatch
        .run(&["feed", "add", &other, "--name", "Alliance News"])
        .code(1)
        .says(&["Alliance News", "another --name"]);
    newswatch.run(&["feed", "add", &format!("{url}#again")]).code(1).says(&["known already", "Alliance News"]);
    assert_eq!(config(&newswatch), after, "a feed that is known changes nothing");
}

#[test]
fn the_feed_of_a_page_is_found() {
    let (newswatch, origin) = (Newswatch::new(), Origin::start());
    by_hand(&newswatch);
    let link = |href: &str| format!("<link rel='alternate' type='application/rss+xml' href='{href}'>");
    origin.serve("/one/feed", Answer::feed(rss(&[])));
    origin.serve("/two/feed", Answer::feed(rss(&[])));
    origin.serve("/page", Answer::html(&format!("<html><base href='/one/x'><title>Page</title>{}", link("feed"))));
    let titled = link("/two/feed").replace("<link", "<link title='News &amp;  views'");
    origin.serve("/both", Answer::html(&format!("<html>{}{titled}", link("/one/feed"))));
    newswatch.run(&["feed", "add", &origin.url("/page"), "--name", "one"]).ok();
    assert_eq!(newswatch.feed_state("one")["url"], origin.url("/one/feed"));

    origin.serve(
        "/text",
        Answer::html("<html><body><a href='/about'>Us</a> <a href='/two/feed/'>News</a></body></html>"),
    );
    origin.serve("/two/feed/", Answer::feed(rss(&[])));
    newswatch.run(&["feed", "add", &origin.url("/text"), "--name", "text"]).ok();
    assert_eq!(newswatch.feed_state("text")["url"], origin.url("/two/feed/"));

    let ran = newswatch.run(&["feed", "add", &origin.url("/both")]).code(1).says(&["2 feeds", "--all"]);
    assert_eq!(ran.stdout, format!("{}\n{}  News & views\n", origin.url("/one/feed"), origin.url("/two/feed")));
    newswatch.run(&["feed", "add", &origin.url("/both"), "--all"]).ok();
    assert_eq!(newswatch.list(&["feed", "list"]).len(), 3);
}

#[test]
fn a_page_that_names_no_feed_is_asked_for_the_usual_places() {
    let (newswatch, origin) = (Newswatch::new(), Origin::start());
    by_hand(&newswatch);
    origin.serve("/page", Answer::html("<html><title>Nothing</title>"));
    newswatch.run(&["feed", "add", &origin.url("/page")]).code(1).says(&["links to no feed", "/rss.xml"]);
    assert_eq!(origin.request_count(), 5);
    origin.serve("/rss.xml", Answer::feed(rss(&[])));
    let ran = newswatch.run(&["feed", "add", &origin.url("/page")]).code(0);
    ran.says(&["links to no feed", &origin.url("/rss.xml"), "guessed"]);
    assert!(config(&newswatch).contains(&origin.url("/rss.xml")));
}

#[test]
fn a_config_with_an_error_is_not_written_to() {
    let (newswatch, origin) = (Newswatch::new(), Origin::start());
    origin.serve("/rss", Answer::feed(rss(&[])));
    newswatch.write_config("[fetch]\nevry = '1h'\n");
    newswatch.run(&["feed", "add", &origin.url("/rss")]).code(1).says(&["did you mean `every`"]);
    assert_eq!(config(&newswatch), "[fetch]\nevry = '1h'\n");
    assert_eq!(origin.request_count(), 0);
}

#[test]
fn a_list_goes_in_and_comes_out() {
    let newswatch = Newswatch::new();
    by_hand(&newswatch);
    let list = newswatch.write(
        "list.opml",
        "<opml version=\"2.0\"><body>\n<outline text=\"World\"><outline text=\"Europe\">\n\
         <outline type=\"rss\" text=\"A & B\" title=\"The A\" xmlurl=\"https://a.example/?x=1&y=2\" htmlUrl=\"https://a.example/\"/>\n\
         </outline></outline>\n<outline text=\"again\" xmlUrl=\"http://A.example/?x=1&amp;y=2\" category=\"/tech/ai\"/>\n\
         <outline text=\"page\" type=\"link\" url=\"https://p.example/\"/>\n<outline text=\"bad\" xmlUrl=\"gopher://g.example/\"/>\n\
         </body></opml>",
    );
    let list = list.to_str().unwrap();
    let ran = newswatch.run(&["feed", "import", list]).ok();
    assert!(ran.stdout.starts_with("1 feed added to"), "{}", ran.stdout);
    for said in [":5: “again” is in the list already", ":6: “page” is a link", ":7: “bad”", "gopher", "ampersands"]
    {
        assert!(ran.stderr.contains(said), "{said}: {}", ran.stderr);
    }
    let out = newswatch.run(&["feed", "export"]).ok().stdout;
    assert!(out.contains("title=\"The A\" xmlUrl=\"https://a.example/?x=1&amp;y=2\" htmlUrl=\"https://a.example/\" category=\"/tech/ai\""), "{out}");

    let other = Newswatch::new();
    by_hand(&other);
    other.run_with(&["feed", "import", "-"], out.as_bytes()).ok();
    assert_eq!(other.run(&["feed", "export"]).ok().stdout, out, "nothing is lost on the way out and in");
    let ran = other.run_with(&["feed", "import", "-"], out.as_bytes()).ok();
    assert!(ran.stdout.starts_with("no feed added; 1 known already"), "{}", ran.stdout);
    other.run_with(&["feed", "import", "-"], rss(&[]).as_bytes()).code(1).says(&["a feed", "feed add"]);
}

#[test]
fn a_list_hands_on_what_the_config_says_of_a_feed() {
    let newswatch = Newswatch::new()
        .feed_with("slow", "https://slow.example/rss", &[("every", "'2h'"), ("enabled", "false")])
        .feed_with("near", "https://near.example/rss", &[("allow_private_addresses", "true")]);
    newswatch.save();
    let ran = newswatch.run(&["feed", "export"]).ok();
    let list = ran.stdout;
    assert!(list.contains("newswatch:every=\"2h\" newswatch:enabled=\"false\""), "{list}");
    let other = Newswatch::new();
    by_hand(&other);
    other.run_with(&["feed", "import", "-"], list.as_bytes()).ok();
    assert_eq!(other.run(&["feed", "export"]).ok().stdout, list, "nothing is lost on the way out and in");
    let text = config(&other);
    assert!(text.contains("every = \"2h\"") && text.contains("enabled = false"), "{text}");

    let stranger = "<opml xmlns:newswatch=\"urn:newswatch:feed\"><body>\n<outline text=\"a\" xmlUrl=\"https://a.example/\" \
                    newswatch:allow_private_addresses=\"true\" newswatch:command=\"rm\" newswatch:every=\"3h\"/></body></opml>";
    let ran = other.run_with(&["feed", "import", "-"], stranger.as_bytes()).ok();
    assert!(ran.stderr.contains("allow_private_addresses") && ran.stderr.contains("command"), "{}", ran.stderr);
    let text = config(&other);
    assert!(text.contains("3h") && !text.contains("command") && text.matches("allow_private").count() == 1, "{text}");
}

#[test]
fn a_list_reads_no_files_and_names_none() {
    let newswatch = Newswatch::new();
    let path = newswatch.write("secret.xml", rss(&[Entry::new("1", "Secret")]));
    by_hand(&newswatch);
    let before = config(&newswatch);
    let list = format!(
        "<opml version=\"2.0\"><body>\n<outline text=\"mine\" xmlUrl=\"{0}\"/>\n<outline text=\"too\" xmlUrl=\"FILE:{1}\"/>\n\
         </body></opml>",
        file_url(&path),
        path.display()
    );
    let ran = newswatch.run_with(&["feed", "import", "-"], list.as_bytes()).ok();
    assert!(ran.stdout.starts_with("no feed added; 2 refused"), "{}", ran.stdout);
    assert!(ran.stderr.contains("-:2: “mine”") && ran.stderr.contains("feeds of the web"), "{}", ran.stderr);
    assert!(ran.stderr.contains("-:3: “too”"), "{}", ran.stderr);
    assert_eq!(config(&newswatch), before);

    newswatch.run(&["feed", "add", &file_url(&path), "--name", "mine"]).ok();
    let ran = newswatch.run(&["feed", "export"]).ok();
    assert!(ran.stderr.contains("mine: left out") && !ran.stdout.contains("file:"), "{}{}", ran.stderr, ran.stdout);
}

#[test]
fn a_list_of_five_thousand_feeds_is_taken_at_once() {
    let newswatch = Newswatch::new();
    by_hand(&newswatch);
    let mut list = String::from("<opml version=\"2.0\"><body>\n");
    for number in 0..5000 {
        let _ = writeln!(
            list,
            "<outline text=\"Folder {}\"><outline type=\"rss\" text=\"News\" xmlUrl=\"https://host-{number}.example/feed.xml\"/></outline>",
            number % 50
        );
    }
    list.push_str("</body></opml>");
    let begun = level::now();
    let ran = newswatch.run_with(&["feed", "import", "-"], list.as_bytes()).ok();
    // Without optimisation, beside other tests; what grew with the square of the list would take minutes.
    assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
    assert!(ran.stdout.starts_with("5000 feeds added"), "{}", ran.stdout);
    newswatch.run(&["check"]).ok();
}

#[test]
fn a_file_is_read_again_when_it_was_half_written() {
    let whole = rss(&[Entry::new("1", "First"), Entry::new("2", "Second")]);
    let newswatch = Newswatch::new();
    let path = newswatch.write("feed.xml", "");
    let newswatch = newswatch.feed("file", &file_url(&path));
    assert_eq!(newswatch.once()["feeds"]["failed"], 1);
    assert!(newswatch.feed_state("file")["error"].as_str().unwrap().contains("empty"));
    fs::write(&path, &whole[..whole.len() * 2 / 3]).unwrap();
    newswatch.once();
    fs::write(&path, &whole).unwrap();
    newswatch.once();
    assert_eq!(newswatch.list(&["item", "list"]).len(), 2);
    assert_eq!(newswatch.once()["feeds"]["unchanged"], 1);
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    newswatch.once();
    assert!(newswatch.feed_state("file")["error"].as_str().unwrap().contains("it is a directory"));
}

#[test]
fn a_command_is_a_feed_where_the_config_allows_it() {
    let newswatch = Newswatch::new();
    newswatch.write("made.xml", rss(&[Entry::new("1", "Made here")]));
    let feed = "[[feed]]\nname = 'made'\ncommand = ['cat', 'made.xml']\n[[feed]]\nname = 'bad'\ncommand = ['sh', '-c', 'echo no luck >&2; exit 4', '--token=geheim']\n";
    newswatch.write_config(feed);
    newswatch.run(&["check"]).code(1).says(&["commands are not allowed", "allow_commands = true"]);
    newswatch.write_config(format!("[fetch]\nallow_commands = true\n{feed}"));
    newswatch.run(&["check"]).ok();
    let counts = newswatch.once();
    assert_eq!((&counts["feeds"]["changed"], &counts["feeds"]["failed"]), (&1.into(), &1.into()), "{counts}");
    assert_eq!(newswatch.list(&["item", "list"])[0]["title"], "Made here");
    let error = newswatch.feed_state("bad")["error"].as_str().unwrap().to_owned();
    assert_eq!(error, "the command sh ended with status 4: no luck");
    let shown = newswatch.feed_state("bad")["url"].as_str().unwrap().to_owned();
    assert!(shown.starts_with("command:sh+"), "{shown}");
    for command in [&["feed", "list", "--json"][..], &["feed", "list"], &["status"], &["feed", "read", "bad"]] {
        let ran = newswatch.run(command);
        assert!(!format!("{}{}", ran.stdout, ran.stderr).contains("geheim"), "{command:?}: {}", ran.stderr);
    }
    let read = newswatch.run(&["feed", "read", "made", "--json"]).ok().one_json();
    assert_eq!(read["items"][0]["title"], "Made here");
    let ran = newswatch.run(&["feed", "export"]).ok();
    assert!(ran.stderr.contains("cannot name a command") && !ran.stdout.contains("made"), "{}", ran.stderr);
}

#[test]
fn a_feed_that_is_read_by_its_name_is_asked_as_itself() {
    let origin = Origin::start();
    origin.serve("/rss", Answer::feed(rss(&[Entry::new("1", "A veto")])));
    let url = origin.url("/rss");
    let newswatch = Newswatch::new()
        .feed_with("one", &url, &[("headers", "{ X-Key = 'one' }"), ("tags", "['first']")])
        .feed_with("two", &url, &[("headers", "{ X-Key = 'two' }"), ("tags", "['second']")]);
    newswatch.save();
    newswatch.run(&["feed", "read", "two"]).ok();
    let ran = newswatch.run(&["watch", "test", "--query", "veto feed:two tag:second", "two"]).ok();
    assert!(ran.stdout.contains("A veto"), "{}", ran.stderr);
    let sent: Vec<_> =
        origin.requests("/rss").iter().map(|request| request.header("x-key").map(<[u8]>::to_vec)).collect();
    assert_eq!(sent, [Some(b"two".to_vec()), Some(b"two".to_vec())]);
}
