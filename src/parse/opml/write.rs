use std::collections::HashMap;
use std::fmt::Write as _;

use super::{OWN, Subscription, path_of};

/// Writes OPML 2.0. The first tag of a feed is its folder; the others are its categories, and where a name cannot stand in
/// a list of categories the feed is listed in that folder too.
pub fn write(title: &str, feeds: &[Subscription]) -> String {
    let mut tree = Tree::default();
    for (number, feed) in feeds.iter().enumerate() {
        let paths: Vec<_> = feed.tags.iter().map(|tag| path_of(tag)).collect();
        let mut paths = paths.iter().filter(|path| !path.is_empty());
        let home = tree.folder(paths.next().map_or(&[], Vec::as_slice));
        let mut categories = Vec::new();
        let mut elsewhere = Vec::new();
        for path in paths {
            match category(path) {
                Some(category) => categories.push(category),
                None => elsewhere.push(tree.folder(path)),
            }
        }
        tree.put(home, Child::Feed { number, categories: categories.join(",") });
        for folder in elsewhere {
            tree.put(folder, Child::Feed { number, categories: String::new() });
        }
    }
    let has_settings = feeds.iter().any(|feed| !feed.settings.is_empty());
    let namespace = if has_settings { " xmlns:newswatch=\"urn:newswatch:feed\"" } else { "" };
    let mut out =
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opml version=\"2.0\"{namespace}>\n  <head>\n    <title>");
    escape(title, &mut out);
    out.push_str("</title>\n  </head>\n  <body>\n");
    tree.show(0, 2, feeds, &mut out);
    out.push_str("  </body>\n</opml>\n");
    out
}

/// A path as a category, which is a word or begins with a slash (OPML 2.0, "What is the category attribute?"). `None` where
/// a name has a mark that means something there.
fn category(path: &[String]) -> Option<String> {
    if path.iter().any(|name| name.contains([',', '/', '\\'])) {
        return None;
    }
    match path {
        [name] => Some(name.clone()),
        _ => Some(path.iter().fold(String::new(), |category, name| category + "/" + name)),
    }
}

/// Folders by number; the first is the list itself.
struct Tree {
    folders: Vec<Folder>,
}

#[derive(Default)]
struct Folder {
    name: String,
    children: Vec<Child>,
    by_name: HashMap<String, usize>,
}

enum Child {
    Folder(usize),
    Feed { number: usize, categories: String },
}

impl Default for Tree {
    fn default() -> Self {
        Self { folders: vec![Folder::default()] }
    }
}

impl Tree {
    /// The folder at `path`, made where it is not there.
    fn folder(&mut self, path: &[String]) -> usize {
        path.iter().fold(0, |at, name| {
            if let Some(known) = self.folders[at].by_name.get(name) {
                return *known;
            }
            let made = self.folders.len();
            self.folders.push(Folder { name: name.clone(), ..Folder::default() });
            self.folders[at].by_name.insert(name.clone(), made);
            self.put(at, Child::Folder(made));
            made
        })
    }

    fn put(&mut self, folder: usize, child: Child) {
        self.folders[folder].children.push(child);
    }

    fn show(&self, folder: usize, depth: usize, feeds: &[Subscription], out: &mut String) {
        for child in &self.folders[folder].children {
            let _ = write!(out, "{:1$}", "", 2 * depth);
            match child {
                Child::Folder(inner) => {
                    out.push_str("<outline");
                    attribute("text", &self.folders[*inner].name, out);
                    out.push_str(">\n");
                    self.show(*inner, depth + 1, feeds, out);
                    let _ = writeln!(out, "{:1$}</outline>", "", 2 * depth);
                }
                Child::Feed { number, categories } => {
                    let feed = &feeds[*number];
                    out.push_str("<outline type=\"rss\"");
                    attribute("text", &feed.name, out);
                    // Some readers show nothing but the title.
                    attribute("title", feed.title.as_deref().unwrap_or(&feed.name), out);
                    attribute("xmlUrl", &feed.url, out);
                    if let Some(site) = &feed.site {
                        attribute("htmlUrl", site, out);
                    }
                    if !categories.is_empty() {
                        attribute("category", categories, out);
                    }
                    for (key, value) in &feed.settings {
                        attribute(&format!("{OWN}{key}"), value, out);
                    }
                    out.push_str("/>\n");
                }
            }
        }
    }
}

fn attribute(name: &str, value: &str, out: &mut String) {
    let _ = write!(out, " {name}=\"");
    escape(value, out);
    out.push('"');
}

/// Text as XML writes it; characters that XML 1.0 §2.2 has no place for are left out.
fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => {}
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
}
