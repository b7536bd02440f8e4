//! What commands say of what they were given: each message names the thing and the way out, and none misleads.

use std::fs;

use super::super::harness::feeds::{Answer, Origin};
use super::super::harness::items::{Entry, rss};
use super::super::harness::newswatch::Newswatch;

#[test]
fn an_input_that_is_no_file_is_told_by_what_it_looks_like() {
    let newswatch = Newswatch::new();
    for (input, said) in [
        ("ftp://news.example/a", &["ftp://news.example/a", "not fetched by ftp:", "http://"][..]),
        ("feed://news.example/a", &["write https://news.example/a"]),
        ("feed:https://news.example/a", &["write https://news.example/a"]),
        ("news.example/feed.xml", &["no file news.example/feed.xml", "write https://news.example/feed.xml"]),
        ("nowhere.xml", &["cannot open", "nowhere.xml", "No such file"]),
    ] {
        let ran = newswatch.run(&["feed", "read", input]).code(1).says(said);
        assert!(!ran.stderr.contains("os error"), "{}", ran.stderr);
    }
    newswatch.run(&["item", "explain", "abc"]).code(2).says(&["abc", "item list"]);
    let newswatch = newswatch.set("fetch", "allow_private_addresses", "false");
    let ran = newswatch.run(&["feed", "read", "http://127.0.0.1:9/"]).code(1);
    assert!(
        ran.stderr.contains("127.0.0.1 is not a public address") && ran.stderr.contains("[fetch]"),
        "{}",
        ran.stderr
    );
}

#[test]
fn an_input_that_is_no_page_is_told_for_what_it_is() {
    let newswatch = Newswatch::new();
    let feed = rss(&[Entry::new("a", "Ministers veto the budget")]);
    for (name, bytes, said) in [
        ("empty", &b" \n"[..], "there is nothing in it"),
        ("packed", b"\x1f\x8b\x08\x00", "zcat"),
        ("feed", feed.as_bytes(), "this is a feed (rss 2.0)"),
        ("image", b"\x89PNG\r\n\x1a\n0000", "this is a PNG image"),
        (
            "moved",
            b"<title>x</title><meta http-equiv=refresh content='0; url=https://a.example/b'>",
            "on to https://a.example/b",
        ),
    ] {
        let file = newswatch.write(name, bytes);
        let said_of = |command: &str| newswatch.run(&[command, "read", file.to_str().unwrap()]);
        said_of("article").code(1).says(&[name, said]);
        if ["empty", "packed"].contains(&name) {
            said_of("feed").code(1).says(&[name, said]);
        }
    }
    for (json, said) in [
        (r#"{"zebra": 1, "code": 2, "error": "x"}"#, "JSON with “code”, “error”, “zebra”, without the version"),
        (r#"{"version": "1.0", "title": "x"}"#, "JSON whose version is “1.0”"),
    ] {
        newswatch.run_bare(&["feed", "read", "-"], json.as_bytes()).code(1).says(&[said]);
    }
    let untitled = "<rss version='2.0'><channel><item><link>http://a.example/1</link></item></channel></rss>";
    let ran = newswatch.run_bare(&["feed", "read", "-"], untitled.as_bytes()).ok();
    assert!(ran.stdout.contains("(without a title)"), "{}", ran.stdout);
}

#[test]
fn one_input_that_cannot_be_read_does_not_keep_the_others_from_being_tested() {
    let newswatch = Newswatch::new().watch("veto", "veto");
    let file = newswatch.write("in.xml", rss(&[Entry::new("a", "Ministers veto the budget")]));
    let ran = newswatch.run(&["watch", "test", "nowhere.xml", file.to_str().unwrap()]).code(1);
    assert!(ran.stderr.contains("nowhere.xml") && ran.stdout.contains("veto matches"), "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn the_name_of_a_feed_goes_before_a_directory_and_is_guessed_where_it_is_mistyped() {
    let origin = Origin::start();
    origin.serve("/a.xml", Answer::feed(rss(&[Entry::new("a", "Ministers veto the budget")])));
    let newswatch = Newswatch::new().feed("alliance", &origin.url("/a.xml"));
    fs::create_dir(newswatch.path("home/alliance")).unwrap();
    assert!(newswatch.run(&["feed", "read", "alliance"]).ok().stdout.contains("Ministers veto the budget"));
    newswatch.run(&["feed", "read", "Alliance"]).code(1).says(&["no feed Alliance", "did you mean alliance?"]);
}

#[test]
fn an_answer_that_breaks_off_is_read_up_to_there() {
    let origin = Origin::start();
    let feed = rss(&[Entry::new("a", "Ministers veto the budget"), Entry::new("b", "Final of the cup")]);
    let cut = feed.find("Final").unwrap();
    origin.serve("/a.xml", Answer::feed(feed).cut_after(cut));
    let newswatch = Newswatch::new();
    let ran = newswatch.run(&["feed", "read", "--json", &origin.url("/a.xml")]).ok();
    let read = ran.one_json();
    assert_eq!(read["items"].as_array().map(Vec::len), Some(1), "{read}");
    assert!(read["repairs"][0].as_str().unwrap().starts_with("the answer broke off before its end"), "{read}");
}

#[test]
fn a_feed_is_taken_out_and_its_items_stay() {
    let origin = Origin::start();
    origin.serve("/a.xml", Answer::feed(rss(&[Entry::new("a", "Ministers veto the budget")])));
    let newswatch = Newswatch::new().feed("alliance", &origin.url("/a.xml")).watch("veto", "veto");
    newswatch.once();
    newswatch.write_config(fs::read(newswatch.config()).unwrap());
    newswatch.run(&["feed", "remove", "alliace"]).code(1).says(&["alliace", "did you mean alliance?"]);
    let ran = newswatch.run(&["feed", "remove", "alliance"]).ok();
    assert!(ran.stdout.contains("alliance taken out of") && ran.stdout.contains("its items stay"), "{}", ran.stdout);
    let config = fs::read_to_string(newswatch.config()).unwrap();
    assert!(!config.contains("alliance") && config.contains("veto"), "{config}");
    assert!(newswatch.run(&["feed", "list", "--json"]).ok().stdout.is_empty());
    assert_eq!(newswatch.list(&["item", "list"]).len(), 1);
}

#[test]
fn a_list_that_is_taken_a_second_time_is_summed_up() {
    let newswatch = Newswatch::new();
    newswatch.save();
    newswatch.write_config(fs::read(newswatch.config()).unwrap());
    let outlines: String =
        (0..30).map(|n| format!("<outline xmlUrl='https://{n}.example/f'/>\n")).collect::<Vec<_>>().concat();
    let list = newswatch.write("list.opml", format!("<opml version='2.0'><body>{outlines}</body></opml>"));
    let import = || newswatch.run(&["feed", "import", list.to_str().unwrap()]).ok();
    assert!(import().stdout.starts_with("30 feeds added to "));
    let again = import();
    assert_eq!((again.stdout.as_str(), again.stderr.as_str()), ("no feed added; 30 known already\n", ""));
    let few =
        newswatch.write("few.opml", "<opml version='2.0'><body><outline xmlUrl='https://1.example/f'/></body></opml>");
    let ran = newswatch.run(&["feed", "import", few.to_str().unwrap()]).ok();
    assert!(ran.stderr.contains("“https://1.example/f” is known already"), "{}", ran.stderr);
}

#[test]
fn an_article_that_was_given_up_is_told_with_why() {
    let origin = Origin::start();
    let mut entry = Entry::new("a", "Ministers veto the budget");
    entry.link = origin.url("/a.html");
    origin.serve("/a.xml", Answer::feed(rss(&[entry])));
    origin.serve(
        "/a.html",
        Answer::html("<title>404 Not Found</title><h1>404 Not Found</h1><p>It may have been moved.</p>"),
    );
    let newswatch =
        Newswatch::new().feed_with("alliance", &origin.url("/a.xml"), &[("full_text", "true")]).watch("veto", "veto");
    newswatch.once();
    newswatch.once();
    let why = "the page is an error or a check for robots";
    let shown = newswatch.run(&["feed", "show", "alliance"]).ok().stdout;
    assert!(shown.contains("the articles of 1 item") && shown.contains(why), "{shown}");
    let id = newswatch.list(&["item", "list"])[0]["id"].to_string();
    let told = newswatch.run(&["item", "explain", &id]).ok().stdout;
    assert!(told.contains("its article was given up") && told.contains(why), "{told}");
}

#[test]
fn the_manual_shows_no_option_that_help_hides() {
    let manual = Newswatch::new().run(&["man"]).ok().stdout;
    assert!(!manual.contains("paper") && manual.contains("newswatch init"), "{manual}");
}
