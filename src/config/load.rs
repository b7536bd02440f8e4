use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::ErrorKind;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::finding::{Finding, Findings, Place};
use super::locate::beside;
use super::source::{SIZE_MAX, Source};
use super::written::Written;
use super::{Env, Settings, check, secrets};

/// More files in `conf.d` are taken for a mistake.
const FILES_MAX: usize = 1000;

/// More findings help nobody.
const FINDINGS_MAX: usize = 100;

/// What a file or a piece of one holds.
type Tree<'a> = (Arc<Source>, Spanned<DeTable<'a>>);

/// What became of a config.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The settings; `None` exactly where a finding is an error.
    pub settings: Option<Settings>,
    /// Everything found, in the order of files and lines.
    pub findings: Vec<Finding>,
}

/// Reads the config at `path`, and `conf.d/*.toml` beside it in the order of their names. A relative `path` begins at the
/// current directory of `env`; findings name files as `path` does.
pub fn load(path: &Path, env: &Env) -> Loaded {
    load_with(path, env, None)
}

/// As [`load`], with `text` in the place of what the file `edited`, an absolute path, holds: what a change would come to.
pub fn load_edited(path: &Path, env: &Env, edited: &Path, text: &str) -> Loaded {
    load_with(path, env, Some((edited, text)))
}

fn load_with(path: &Path, env: &Env, edited: Option<(&Path, &str)>) -> Loaded {
    let absolute = beside(env.directory(), path);
    let mut findings = Findings::default();
    let mut sources = Vec::new();
    let mut files = Vec::new();
    let mut room = SIZE_MAX;
    let mut read = |name: &Path, absolute: PathBuf, findings: &mut Findings| {
        let instead = edited.filter(|(file, _)| *file == absolute).map(|(_, text)| text);
        match Source::read(name.display().to_string(), &absolute, files.len(), room, instead) {
            Ok(source) => {
                room -= source.text.len();
                sources.push(Arc::new(source));
            }
            Err(finding) => findings.push(*finding),
        }
        files.push(absolute);
    };
    read(path, absolute.clone(), &mut findings);
    let drop_in = absolute.with_file_name("conf.d");
    let shown = path.with_file_name("conf.d");
    match files_in(&drop_in) {
        Ok(names) => {
            for name in names {
                read(&shown.join(&name), drop_in.join(&name), &mut findings);
            }
        }
        Err(what) => {
            let source = Arc::new(Source::new(shown.display().to_string(), &drop_in, 1, ""));
            let hint = "conf.d is a directory of more files, each ending in .toml";
            findings.push(Finding::error(&Place { source, span: 0..0 }, what).hint(hint));
        }
    }
    // What an unreadable file would have held is not known, so nothing is said about what lies in the others.
    if !findings.is_empty() {
        return finish(None, findings.into_vec());
    }
    assemble(&sources, files, env)
}

/// Reads a config that lies in no file: `name` is how findings name it, `base` where its relative paths begin.
pub fn load_text(name: &str, text: &str, base: &Path, env: &Env) -> Loaded {
    let source = Source::new(name, &beside(env.directory(), base), 0, text);
    assemble(&[Arc::new(source)], Vec::new(), env)
}

/// What holds where there is no config.
///
/// # Panics
/// Never: an empty config has no errors, and a test keeps that so.
pub fn defaults(env: &Env) -> Settings {
    load_text("no config", "", env.directory(), env).settings.expect("an empty config has no errors")
}

fn assemble(sources: &[Arc<Source>], files: Vec<PathBuf>, env: &Env) -> Loaded {
    let mut syntax = Findings::default();
    let pieces: Vec<Vec<Arc<Source>>> = sources.iter().map(|source| source.pieces()).collect();
    let mut trees = Vec::new();
    for (source, pieces) in sources.iter().zip(&pieces) {
        match parse_pieces(pieces) {
            Some(read) => trees.extend(read),
            None => trees.push((Arc::clone(source), parse(source, &mut syntax))),
        }
    }
    let mut findings = Findings::default();
    let written = Written::gather(&trees, &mut findings);
    let settings = check::settings(&written, files, env, &mut findings);
    let syntax = syntax.into_vec();
    let mut findings = findings.into_vec();
    if !syntax.is_empty() {
        let lines: BTreeSet<_> = syntax.iter().map(Finding::line).collect();
        findings.retain(|finding| !is_consequence(finding, &lines));
        findings.extend(syntax);
    }
    finish(settings, findings)
}

/// A tree of each piece of a file; `None` where these together may be another thing than the whole: it has a fault, or more in
/// a later piece than elements of lists that are written so all over the file.
fn parse_pieces(pieces: &[Arc<Source>]) -> Option<Vec<Tree<'_>>> {
    if pieces.len() < 2 {
        return None;
    }
    let mut trees: Vec<Tree<'_>> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let (tree, errors) = DeTable::parse_recoverable(&piece.text);
        if !errors.is_empty() {
            return None;
        }
        piece.hide(secrets::places(tree.get_ref()));
        trees.push((Arc::clone(piece), tree));
    }
    let is_list = |(piece, _): &Tree<'_>, value: &Spanned<DeValue<'_>>| {
        let has_header = |element: &Spanned<DeValue<'_>>| piece.text[element.span().start..].starts_with("[[");
        value.get_ref().as_array().is_some_and(|elements| !elements.is_empty() && elements.iter().all(has_header))
    };
    let (first, later) = trees.split_first()?;
    let add_up = later.iter().all(|tree| {
        tree.1.get_ref().iter().all(|(key, value)| {
            let known = first.1.get_ref().get(key.get_ref().as_ref());
            is_list(tree, value) && known.is_none_or(|known| is_list(first, known))
        })
    });
    add_up.then_some(trees)
}

fn parse<'a>(source: &'a Arc<Source>, syntax: &mut Findings) -> Spanned<DeTable<'a>> {
    let (tree, errors) = DeTable::parse_recoverable(&source.text);
    source.hide(secrets::places(tree.get_ref()));
    for (nth, error) in errors.iter().enumerate() {
        if syntax.is_hopeless() {
            break;
        }
        let span = error.span().unwrap_or(source.text.len()..source.text.len());
        let place = Place { source: Arc::clone(source), span: span.clone() };
        let typed = source.text.get(span).unwrap_or_default();
        syntax.push(if error.message() == "duplicate key" {
            let finding = Finding::error(&place, format!("`{typed}` is given twice")).hint("take one of the two out");
            // To look through the whole tree pays for those that will be shown.
            let first = || {
                let end = place.span.start;
                earlier(tree.get_ref(), typed, end).or_else(|| earlier_header(&source.text[..end], typed))
            };
            match (nth < FINDINGS_MAX).then(first).flatten() {
                Some(span) => finding.first_given(Place { source: Arc::clone(source), span }),
                None => finding,
            }
        } else if let Some(message) = error.message().strip_suffix(", expected literal string") {
            Finding::error(&place, message).hint(format!("write {}", super::table::toml_text(typed)))
        } else {
            Finding::error(&place, error.message())
        });
    }
    tree
}

/// Where a key is written the last time before `end`. `typed` is the key as written; keys in quotes are not found.
fn earlier(table: &DeTable<'_>, typed: &str, end: usize) -> Option<Range<usize>> {
    let below = |value: &DeValue<'_>| match value {
        DeValue::Table(table) => earlier(table, typed, end),
        DeValue::Array(list) => {
            let tables = list.iter().filter_map(|value| value.get_ref().as_table());
            tables.filter_map(|table| earlier(table, typed, end)).max_by_key(|span| span.start)
        }
        _ => None,
    };
    let here = |(key, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
        let key: &Spanned<Cow<'_, str>> = key;
        let itself = (key.get_ref() == typed && key.span().start < end).then(|| key.span());
        itself.into_iter().chain(below(value.get_ref())).max_by_key(|span| span.start)
    };
    table.iter().filter_map(here).max_by_key(|span| span.start)
}

/// Where a table of that name is begun. The tree keeps only the last header of a table.
fn earlier_header(text: &str, name: &str) -> Option<Range<usize>> {
    let header = format!("[{name}]");
    let begins = |at: &usize| text[..*at].rsplit('\n').next().is_some_and(|line| line.trim().is_empty());
    let at = text.match_indices(&header).map(|(at, _)| at).find(begins)?;
    Some(at + 1..at + 1 + name.len())
}

/// What a syntax error may have caused: anything on its line, and what is said to be missing or unknown. In which file it
/// is does not matter for the latter, because a half-written file may lack what another one needs.
fn is_consequence(finding: &Finding, syntax: &BTreeSet<(usize, usize)>) -> bool {
    finding.tentative || syntax.contains(&finding.line())
}

fn finish(settings: Option<Settings>, mut findings: Vec<Finding>) -> Loaded {
    findings.sort_by_key(Finding::order);
    let has_error = findings.iter().any(Finding::is_error);
    if findings.len() > FINDINGS_MAX {
        // Errors are the ones to see first.
        findings.sort_by_key(|finding| finding.severity);
        let more = findings[FINDINGS_MAX].severity;
        findings.truncate(FINDINGS_MAX);
        findings.sort_by_key(Finding::order);
        findings.extend(findings.last().map(|last| last.and_more(more)));
    }
    Loaded { settings: settings.filter(|_| !has_error), findings }
}

/// The names of the files to read; none where there is no such directory.
fn files_in(directory: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) if error.kind() == ErrorKind::NotADirectory => {
            // The main file may itself lie where no directory is, which is said of it and not of this.
            return if directory.exists() { Err("this is not a directory".to_owned()) } else { Ok(Vec::new()) };
        }
        Err(error) => return Err(format!("the directory cannot be read: {error}")),
    };
    let mut names = Vec::new();
    for entry in entries {
        let name = PathBuf::from(entry.map_err(|error| format!("the directory cannot be read: {error}"))?.file_name());
        // Editors leave hidden files.
        let is_hidden = name.as_os_str().as_encoded_bytes().starts_with(b".");
        if !is_hidden && name.extension() == Some(OsStr::new("toml")) {
            names.push(name);
        }
        if names.len() > FILES_MAX {
            return Err(format!("there are more than {FILES_MAX} files in this directory"));
        }
    }
    names.sort_unstable();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loaded(text: &str) -> Loaded {
        load_text("a.toml", text, Path::new("/"), &Env::empty("/"))
    }

    /// A config of very many watches, and what stands before and behind them.
    fn long(before: &str, behind: &str) -> String {
        let watch = |number: usize| format!("[[watch]]\nname = 'w{number}'\nwhen = 'veto'\nsend = 'now'\n\n");
        let mail = "[mail]\nfrom = 'a@example.org'\nto = ['b@example.org']\nsmtp = 'file:mail'\n\n";
        format!("{before}{mail}\n{}{behind}", (0..2000).map(watch).collect::<String>())
    }

    fn line_of(text: &str, what: &str) -> usize {
        text[..text.find(what).unwrap()].matches('\n').count() + 1
    }

    #[test]
    fn a_long_config_is_read_piece_by_piece_and_told_of_as_one() {
        let text = long("", "");
        let pieces = Source::new("a.toml", Path::new("/"), 0, &*text).pieces();
        assert!(pieces.len() > 2 && parse_pieces(&pieces).is_some());
        let settings = loaded(&text).settings.unwrap();
        let names = settings.watches.iter().map(|watch| watch.name.clone());
        assert!(names.eq((0..2000).map(|number| format!("w{number}"))));

        let odd = text.replace("'w1900'\nwhen = 'veto'", "'w7'\nwhen = 'veto OR'");
        let found: Vec<Finding> = loaded(&odd).findings.into_iter().filter(Finding::is_error).collect();
        let told: Vec<String> = found.iter().map(Finding::to_string).collect();
        let line = line_of(&odd, "'w7'\nwhen = 'veto OR'");
        assert!(told[0].starts_with(&format!("a.toml:{line}:8: error")), "{told:?}");
        assert!(told[0].ends_with(&format!("first at a.toml:{}:8", line_of(&odd, "'w7'"))), "{told:?}");
        assert!(told[1].starts_with(&format!("a.toml:{}:", line + 1)), "{told:?}");
        assert_eq!(&odd[found[0].span.clone()], "'w7'");
        assert!(found[0].render(false).contains(&format!("{line} | name = 'w7'")), "{}", found[0].render(false));
    }

    #[test]
    fn what_is_wrong_in_pieces_is_told_of_the_whole() {
        for (before, behind) in [
            ("", "[mail]\nfrom = 'c@example.org'\n"),
            ("watch = []\n", ""),
            ("", "[[watch]]\nname = 'last'\nwhen = veto\nsend = 'now'\n"),
            ("[web]\nlisten = '''\n", ""),
        ] {
            let text = long(before, behind);
            let mut syntax = Findings::default();
            let source = Arc::new(Source::new("a.toml", Path::new("/"), 0, &*text));
            parse(&source, &mut syntax);
            let (whole, told) = (syntax.into_vec(), loaded(&text));
            assert!(told.settings.is_none(), "{before}{behind}");
            // Of very many only the first are shown.
            let first = whole[0].to_string();
            assert!(told.findings.iter().any(|other| other.to_string() == first), "{first}");
        }
        let lists = "[[feed]]\nname = 'f'\nurl = 'https://example.org/'\n[[digest]]\nname = 'd'\nat = ['07:30']\n";
        let settings = loaded(&long("", lists)).settings.unwrap();
        assert_eq!((settings.feeds.len(), settings.watches.len(), settings.digests.len()), (1, 2000, 1));
    }
}
