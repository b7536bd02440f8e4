//! A config or a database in a bad way: each with a message that says what, where, and what to do.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::harness::db;
use crate::harness::feeds::{Answer, Origin};
use crate::harness::inbox::Inbox;
use crate::harness::items::{Entry, rss};
use crate::harness::newswatch::Newswatch;

/// Commands that read the config first.
const READERS: [&[&str]; 4] = [&["check"], &["once"], &["run"], &["feed", "list"]];

#[test]
fn a_config_that_is_missing() {
    let newswatch = Newswatch::new().without_config();
    for command in READERS {
        newswatch.run(command).code(1).says(&[newswatch.config().to_str().unwrap()]);
    }
    newswatch.run(&["once"]).code(1).says(&["newswatch init"]);
}

#[test]
fn a_config_that_cannot_be_read() {
    let newswatch = Newswatch::new().without_config();
    fs::create_dir(newswatch.config()).unwrap();
    for command in READERS {
        newswatch.run(command).code(1).says(&[newswatch.config().to_str().unwrap(), "directory"]);
    }
}

#[test]
fn a_config_that_is_not_utf_8() {
    let newswatch = Newswatch::new();
    newswatch.write_config(b"[mail]\nfrom = 'caf\xe9@example.org'\n");
    for command in READERS {
        newswatch.run(command).code(1).says(&[&format!("{}:2:", newswatch.config().display()), "UTF-8"]);
    }
}

#[test]
fn a_config_that_is_half_written() {
    let newswatch = Newswatch::new();
    newswatch.write_config("[mail]\nfrom = 'Newswatch <newswatch@exam");
    for command in READERS {
        newswatch.run(command).code(1).says(&[&format!("{}:2:", newswatch.config().display())]);
    }
    assert!(!newswatch.database().exists(), "nothing is opened before the config is sound");
}

#[test]
fn a_config_of_nonsense() {
    let newswatch = Newswatch::new();
    for nonsense in [
        &b"\x00\x01\x02\xff"[..],
        b"mail = 3\n",
        b"[fetch]\nevery = 'soon'\n",
        b"[fetch]\nevery = '0s'\n",
        b"[fetch]\nmax_size = '8 elephants'\n",
        b"[[feed]]\nname = 'a'\n",
        b"[[watch]]\nname = 'a'\nwhen = 'x'\nsend = 'nowhere'\n",
        b"[mail]\nfrom = 'nobody'\nsmtp = 'ftp://example.org'\n",
        b"[[digest]]\nname = 'now'\nat = ['25:00']\n",
        b"[store]\nurl = 'mysql://example.org/'\n",
    ] {
        newswatch.write_config(nonsense);
        newswatch.run(&["check"]).code(1).says(&["newswatch.toml"]);
    }
    newswatch.write_config([b"a".repeat(200_000).as_slice(), b" = [".repeat(100_000).as_slice()].concat());
    newswatch.run(&["check"]).code(1);
}

#[test]
fn a_database_from_a_newer_version() {
    let newswatch = Newswatch::new();
    newswatch.once();
    db::set_version(&newswatch.database(), 9999);
    for command in [&["once"][..], &["run"], &["item", "list"]] {
        newswatch.run(command).code(1).says(&[newswatch.database().to_str().unwrap(), "newer", "9999"]);
    }
}

#[test]
fn a_file_that_is_no_database() {
    let newswatch = Newswatch::new();
    let garbage = b"This is not the database that you are looking for.\n".repeat(100);
    newswatch.write("state/newswatch/newswatch.db", &garbage);
    for command in [&["once"][..], &["run"], &["item", "list"]] {
        newswatch.run(command).code(1).says(&[newswatch.database().to_str().unwrap(), "not a"]);
    }
    assert_eq!(fs::read(newswatch.database()).unwrap(), garbage, "the file stays as it was");
}

#[test]
fn a_directory_in_place_of_the_database() {
    let newswatch = Newswatch::new();
    fs::create_dir_all(newswatch.database()).unwrap();
    newswatch.run(&["once"]).code(1).says(&[newswatch.database().to_str().unwrap()]);
}

#[test]
fn a_file_in_place_of_the_state_directory() {
    let newswatch = Newswatch::new();
    newswatch.write("state/newswatch", "in the way");
    newswatch.run(&["once"]).code(1).says(&[newswatch.state().to_str().unwrap()]);
}

#[test]
fn a_disk_that_is_read_only() {
    let newswatch = Newswatch::new();
    newswatch.once();
    let Some(_locked) = ReadOnly::make(&newswatch.state()) else {
        return;
    };
    for command in [&["once"][..], &["run"]] {
        newswatch.run(command).code(1).says(&[newswatch.state().to_str().unwrap()]);
    }
}

#[test]
fn a_disk_that_is_full_loses_nothing() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    let entries: Vec<_> = (0..200)
        .map(|index| Entry::new(&format!("n{index}"), &format!("Note {index}")).summary(&"words ".repeat(500)))
        .collect();
    let newswatch = Newswatch::new().mail(&inbox).feed("alliance", &origin.url("/a.xml")).watch("veto", "veto");
    let Some(disk) = SmallDisk::mount(&newswatch.state()) else {
        return;
    };
    origin.serve("/a.xml", Answer::feed(rss(&[Entry::new("first", "Ministers meet")])).header("ETag", "\"1\""));
    newswatch.once();
    disk.fill();
    let entries = [&[Entry::new("budget", "Ministers veto the budget")], entries.as_slice()].concat();
    origin.serve("/a.xml", Answer::feed(rss(&entries)).header("ETag", "\"2\""));
    newswatch.run(&["once", "--all"]).code(1).says(&[newswatch.database().to_str().unwrap(), "full"]);
    assert!(inbox.offers().is_empty());
    disk.free();
    assert_eq!(newswatch.once()["mail"]["sent"], 1);
    assert_eq!(inbox.only_letter().subject, "[veto] Ministers veto the budget");
    let asked: Vec<_> = origin.requests("/a.xml").iter().map(|request| request.text("if-none-match")).collect();
    // Where not even the database opens on a full disk, the feed is not asked in vain.
    assert_eq!(asked[0], "");
    assert!(asked.len() > 1 && asked[1..].iter().all(|etag| etag == "\"1\""), "stored without its items: {asked:?}");
    assert_eq!(db::integrity(&newswatch.database()), "ok");
}

/// A directory that nobody may write to, root included, until this goes out of scope.
struct ReadOnly {
    path: PathBuf,
    mounted: bool,
}

impl ReadOnly {
    /// By permissions where they bind us; for root, who is not bound by them, by a read-only mount of the directory on
    /// itself. `None`, and a word on stderr, where neither works.
    fn make(path: &Path) -> Option<Self> {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(path, fs::Permissions::from_mode(0o555)).unwrap();
        let writable = || fs::write(path.join("probe"), "").is_ok();
        if !writable() {
            return Some(Self { path: path.to_owned(), mounted: false });
        }
        fs::remove_file(path.join("probe")).unwrap();
        let text = path.to_str().unwrap();
        if run("mount", &["--bind", text, text]) {
            let made = Self { path: path.to_owned(), mounted: true };
            if run("mount", &["-o", "remount,ro,bind", text]) && !writable() {
                return Some(made);
            }
        }
        skipped("no directory can be made read-only here");
        None
    }
}

impl Drop for ReadOnly {
    fn drop(&mut self) {
        use std::os::unix::fs::PermissionsExt as _;
        if self.mounted {
            run("umount", &["-l", self.path.to_str().unwrap()]);
        }
        let _ = fs::set_permissions(&self.path, fs::Permissions::from_mode(0o755));
    }
}

/// A disk of a few megabytes.
struct SmallDisk {
    path: PathBuf,
}

impl SmallDisk {
    /// `None`, and a word on stderr, where we may not mount anything.
    fn mount(path: &Path) -> Option<Self> {
        fs::create_dir_all(path).unwrap();
        if run("mount", &["-t", "tmpfs", "-o", "size=4m", "tmpfs", path.to_str().unwrap()]) {
            return Some(Self { path: path.to_owned() });
        }
        skipped("a disk of a few megabytes cannot be mounted here (it takes root)");
        None
    }

    /// Leaves no byte free.
    fn fill(&self) {
        use std::io::Write as _;
        let mut file = fs::File::create(self.path.join("filler")).unwrap();
        for size in [65_536, 4_096, 1] {
            let block = vec![b'x'; size];
            while file.write_all(&block).is_ok() {}
        }
    }

    fn free(&self) {
        fs::remove_file(self.path.join("filler")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        run("umount", &["-l", self.path.to_str().unwrap()]);
    }
}

fn run(program: &str, arguments: &[&str]) -> bool {
    Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success())
}

fn skipped(why: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "skipped: {why}");
}
