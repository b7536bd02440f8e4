use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::Spanned;
use toml::de::DeTable;

use super::finding::{Finding, Place, Severity};
use super::locate::beside;
use super::source::Source;
use super::written::Written;
use super::{Env, Settings, check, secrets};

/// More files in `conf.d` are taken for a mistake.
const FILES_MAX: usize = 1000;

/// More findings help nobody.
const FINDINGS_MAX: usize = 100;

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
    let absolute = beside(env.directory(), path);
    let mut findings = Vec::new();
    let mut sources = Vec::new();
    let mut files = Vec::new();
    let mut read = |name: &Path, absolute: PathBuf, findings: &mut Vec<Finding>| {
        match Source::read(name.display().to_string(), &absolute, files.len()) {
            Ok(source) => sources.push(Arc::new(source)),
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
        return finish(None, findings);
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
    let mut syntax = Vec::new();
    let trees: Vec<_> = sources.iter().map(|source| (Arc::clone(source), parse(source, &mut syntax))).collect();
    let mut findings = Vec::new();
    let written = Written::gather(&trees, &mut findings);
    let settings = check::settings(&written, files, env, &mut findings);
    findings.retain(|finding| !is_consequence(finding, &syntax));
    findings.extend(syntax);
    finish(settings, findings)
}

fn parse<'a>(source: &'a Arc<Source>, syntax: &mut Vec<Finding>) -> Spanned<DeTable<'a>> {
    let (tree, errors) = DeTable::parse_recoverable(&source.text);
    source.hide(secrets::places(tree.get_ref()));
    for error in errors.iter().take(FINDINGS_MAX) {
        let span = error.span().unwrap_or(source.text.len()..source.text.len());
        let place = Place { source: Arc::clone(source), span: span.clone() };
        let message = error.message();
        syntax.push(match message.strip_suffix(", expected literal string") {
            Some(message) => {
                let typed = source.text.get(span).unwrap_or_default();
                Finding::error(&place, message).hint(format!("write {}", super::table::toml_text(typed)))
            }
            None => Finding::error(&place, message),
        });
    }
    tree
}

/// What a syntax error may have caused: anything on its line, and what is said to be missing or unknown in its file.
fn is_consequence(finding: &Finding, syntax: &[Finding]) -> bool {
    let line = finding.line_and_column().0;
    let in_file = |error: &&Finding| error.order().0 == finding.order().0;
    syntax.iter().filter(in_file).any(|error| finding.tentative || error.line_and_column().0 == line)
        || (finding.tentative && finding.span == (0..0) && !syntax.is_empty())
}

fn finish(settings: Option<Settings>, mut findings: Vec<Finding>) -> Loaded {
    findings.sort_by_key(Finding::order);
    let has_error = findings.iter().any(Finding::is_error);
    if findings.len() > FINDINGS_MAX {
        // Errors are the ones to see first.
        findings.sort_by_key(|finding| finding.severity);
        let left = findings.len() - FINDINGS_MAX;
        let hides_error = findings[FINDINGS_MAX].severity == Severity::Error;
        findings.truncate(FINDINGS_MAX);
        findings.sort_by_key(Finding::order);
        findings.extend(findings.last().map(|last| last.and_more(left, hides_error)));
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
