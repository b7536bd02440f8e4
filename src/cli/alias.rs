//! `alias list` and `alias show`: which names `@…` stands for in a query.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::json;

use super::explain::Paper;
use super::table::{Table, plain};
use crate::control::Answer;
use crate::matching::fold_name;
use crate::query::Aliases;
use crate::understand::facts::{known_name, names_meant};

/// An alias, by whichever of its keys.
struct Shown<'a> {
    keys: Vec<&'a str>,
    names: &'a [String],
    /// `[aliases]` has made it or added to it.
    is_own: bool,
}

/// Every alias that a query can name.
pub(super) fn list(config: Option<&Path>, json: bool) -> anyhow::Result<Answer> {
    let aliases = super::check::settings_or_defaults(config)?.aliases;
    let mut table = Table::new(&["ALIAS", "FROM", "NAMES"]);
    let mut out = String::new();
    for shown in gathered(&aliases) {
        if json {
            writeln!(out, "{}", shown.json())?;
        } else {
            table.row([shown.called(), shown.from().to_owned(), shown.names.join(", ")]);
        }
    }
    Ok(answer(if json { out } else { table.render() }))
}

/// What one alias stands for, or of which aliases something is a name.
pub(super) fn show(config: Option<&Path>, asked: &str, json: bool) -> anyhow::Result<Answer> {
    let aliases = super::check::settings_or_defaults(config)?.aliases;
    let alias = asked.trim().trim_start_matches('@');
    let key = Aliases::key(alias);
    let all = gathered(&aliases);
    let Some(shown) = all.iter().find(|shown| shown.keys.contains(&key.as_str())) else {
        return of_name(&all, &aliases, alias).map(answer);
    };
    let meant = shown.meant();
    if json {
        return Ok(answer(format!("{}\n", shown.json())));
    }
    let paper = Paper::stdout();
    let mut out = format!("{} ({})\n", paper.bold(&plain(&shown.called())), shown.from());
    for name in shown.names {
        writeln!(out, "  {}", plain(name))?;
    }
    if !meant.is_empty() {
        let head = "as `by=`, `on=` and `said-by=` of act(…) also:";
        out.push_str(&paper.wrapped(0, head, &meant.join(", ")));
    }
    Ok(answer(out))
}

fn answer(out: String) -> Answer {
    Answer { out, ..Answer::default() }
}

/// An answer to whoever asks for a name rather than an alias.
fn of_name(all: &[Shown<'_>], aliases: &Aliases, asked: &str) -> anyhow::Result<String> {
    let has = |shown: &&Shown<'_>| shown.names.iter().any(|name| fold_name(name) == fold_name(asked));
    let whose: Vec<String> = all.iter().filter(has).map(Shown::called).collect();
    if whose.is_empty() {
        let meant = aliases.nearest(asked).map(|near| format!("did you mean @{near}? ")).unwrap_or_default();
        anyhow::bail!("there is no alias @{asked}; {meant}`newswatch alias list` shows them all");
    }
    Ok(format!("{asked} is a name of {}\n", whose.join(" and of ")))
}

/// The aliases in the order of the alphabet, those that stand for the same as one.
fn gathered(aliases: &Aliases) -> Vec<Shown<'_>> {
    let mut all: Vec<Shown<'_>> = Vec::new();
    for (key, names) in aliases.listed() {
        let is_own = aliases.is_own(key);
        match all.iter_mut().find(|shown| shown.names == names && !is_own && !shown.is_own) {
            Some(same) => same.keys.push(key),
            None => all.push(Shown { keys: vec![key], names, is_own }),
        }
    }
    for shown in &mut all {
        shown.keys.sort_unstable_by_key(|key| key.len());
    }
    all.sort_by(|one, other| one.keys.cmp(&other.keys));
    all
}

impl Shown<'_> {
    fn called(&self) -> String {
        self.keys.iter().map(|key| format!("@{key}")).collect::<Vec<_>>().join(", ")
    }

    fn from(&self) -> &'static str {
        if self.is_own { "[aliases]" } else { "built in" }
    }

    /// Names that mean the same where somebody acts, beside those that a text is searched for.
    fn meant(&self) -> Vec<String> {
        let Some(whose) = self.names.first().and_then(|name| known_name(name)) else { return Vec::new() };
        let is_listed = |name: &String| self.names.iter().any(|known| fold_name(known) == fold_name(name));
        names_meant(whose).into_iter().filter(|name| !is_listed(name)).collect()
    }

    fn json(&self) -> String {
        json!({"alias": self.keys[0], "keys": self.keys, "own": self.is_own, "names": self.names, "acts_as": self.meant()})
            .to_string()
    }
}
