use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::SignedDuration;

use super::{Names, Reported, each};
use crate::config::finding::{Finding, Findings};
use crate::config::reference::{FEED, FETCH};
use crate::config::table::{Fault, Table, Value};
use crate::config::value::{self, SourceUrl};
use crate::config::written::Written;
use crate::config::{Credentials, Feed, FetchSettings, authorities, secrets};
use crate::program::{Program, program_beside};

/// What a feed's own `every` may go down to where `min_every` is longer.
const OWN_EVERY_MIN: SignedDuration = SignedDuration::from_mins(5);

/// `[[feed]]`; `fetch` is `None` where that table has an error.
pub(super) fn feeds(written: &Written<'_>, fetch: Option<&FetchSettings>, out: &mut Findings) -> Option<Vec<Feed>> {
    // It is known although something else in [fetch] is wrong.
    let min_every = written.table_or_absent(&FETCH).value("min_every").and_then(|value| value.as_text());
    let min_every = min_every.and_then(|text| value::positive_duration(text).ok());
    let allow = written.table_or_absent(&FETCH).value("allow_commands");
    let known = Known { fetch, min_every, allow_commands: allow.is_some_and(|allow| allow.as_bool() == Some(true)) };
    let mut names = Names::default();
    each(written.list(&FEED), out, |table, out| {
        let name = names.next(table, out);
        feed(table, name, &known, out)
    })
}

/// What the feeds' own keys are held against.
struct Known<'a> {
    fetch: Option<&'a FetchSettings>,
    min_every: Option<SignedDuration>,
    allow_commands: bool,
}

fn feed(table: &Table<'_>, name: Option<String>, known: &Known<'_>, out: &mut Findings) -> Option<Feed> {
    let fetch = known.fetch;
    let source = source(table, known.allow_commands, out);
    let every = match table.written("every") {
        Some(every) => own_every(&every, known.min_every, out),
        None => fetch.map(|fetch| fetch.every),
    };
    let adaptive = match table.written("adaptive") {
        Some(adaptive) => adaptive.boolean(out),
        None => fetch.map(|fetch| fetch.adaptive),
    };
    let own_pace = table.written("every").is_some();
    let title = optional(table, "title", out, value::title);
    let site = optional(table, "site", out, value::site);
    let tags = table.value("tags").and_then(|tags| tags_of(&tags, out));
    let enabled = table.value("enabled").and_then(|enabled| enabled.boolean(out));
    let headers = table.value("headers").and_then(|headers| headers_of(&headers, out));
    let login = login(table, out);
    let private = match table.written("allow_private_addresses") {
        Some(allow) => allow.boolean(out),
        None => fetch.map(|fetch| fetch.allow_private_addresses),
    };
    let proxy = match table.written("proxy") {
        Some(proxy) => super::proxy(&proxy, out),
        None => fetch.map(|fetch| fetch.proxy.clone()),
    };
    let trusted = match table.written("ca_file") {
        Some(file) => authorities::of_file(&file, out).map(Some),
        None => Some(None),
    };
    let full_text = match table.written("full_text") {
        Some(full) => full.boolean(out),
        None => fetch.map(|fetch| fetch.full_text),
    };
    let time_zone = match table.written("time_zone") {
        Some(zone) => zone.checked(out, value::time_zone).map(Some),
        None => Some(None),
    };
    let (value, source, program) = source?;
    let credentials = only_one(table, &value, &source, login.ok()?, headers.as_ref(), out).ok()?;
    Some(Feed {
        name: name?,
        url: source.url,
        program,
        title: title.ok()?,
        site: site.ok()?,
        every: every?,
        adaptive: adaptive? && !own_pace,
        tags: tags?,
        enabled: enabled?,
        headers: headers?,
        credentials,
        full_text: full_text?,
        time_zone: time_zone?,
        allow_private_addresses: private?,
        proxy: proxy?,
        authorities: trusted?,
    })
}

/// Where it comes from: an address, or a program.
fn source<'a>(
    table: &Table<'a>,
    allow_commands: bool,
    out: &mut Findings,
) -> Option<(Value<'a>, SourceUrl, Option<Program>)> {
    let Some(command) = table.written("command") else {
        let url = table.required("url", out)?;
        let source = url.checked(out, |text| value::source_url(text, url.base()))?;
        return Some((url, source, None));
    };
    if let Some(url) = table.written("url") {
        out.push(command.error("this feed has a `url` too").first_given(url.place()).hint("take one of the two out"));
        return None;
    }
    let words = each(command.list(out)?, out, |word, out| word.checked(out, value::word))?;
    let Some((name, arguments)) = words.split_first().filter(|(name, _)| !name.is_empty()) else {
        let hint = format!("write command = {}", FEED.key("command").map_or("[]", |key| key.example));
        out.push(command.error("there is no program in `command`").hint(hint));
        return None;
    };
    if !allow_commands {
        let message = "commands are not allowed in this config, so this feed cannot be read";
        out.push(command.error(message).hint(
            "write allow_commands = true into [fetch], if nobody but you and those you trust can write these files",
        ));
        return None;
    }
    let directory = command.base().to_owned();
    let program = Program::new(program_beside(name, &directory), arguments.to_vec(), directory);
    // It is known by what is written, wherever the config lies.
    let known_by = Program::new(name.clone(), arguments.to_vec(), PathBuf::new());
    Some((command, SourceUrl { url: known_by.url(), credentials: None }, Some(program)))
}

fn optional(
    table: &Table<'_>,
    key: &str,
    out: &mut Findings,
    check: fn(&str) -> Result<String, Fault>,
) -> Result<Option<String>, Reported> {
    let Some(value) = table.written(key) else { return Ok(None) };
    value.checked(out, check).map(Some).ok_or(Reported)
}

fn own_every(every: &Value<'_>, min_every: Option<SignedDuration>, out: &mut Findings) -> Option<SignedDuration> {
    let is = every.quantity(out, value::positive_duration)?;
    let least = min_every?.min(OWN_EVERY_MIN);
    if is < least {
        let (is, least) = (value::show_duration(is), value::show_duration(least));
        out.push(every.error(format!("a feed is asked every {least} at most")).hint(format!(
            "write \"{least}\" or longer, or write min_every = \"{is}\" into [fetch] if the server is your own"
        )));
        return None;
    }
    Some(is)
}

fn tags_of(tags: &Value<'_>, out: &mut Findings) -> Option<Vec<String>> {
    each(tags.list(out)?, out, |tag, out| tag.checked(out, value::tag))
}

fn headers_of(headers: &Value<'_>, out: &mut Findings) -> Option<BTreeMap<String, String>> {
    let mut checked = BTreeMap::new();
    let mut complete = true;
    for (place, typed, value) in headers.pairs(out)? {
        let name = value::header_name(typed).map_err(|fault| {
            let finding = Finding::error(&place, &fault.message);
            out.push(match &fault.hint {
                Some(hint) => finding.hint(hint),
                None => finding,
            });
        });
        let text = value.checked(out, value::header_value);
        let (Ok(name), Some(text)) = (name, text) else {
            complete = false;
            continue;
        };
        if value::reveals_a_secret(&name) {
            secrets::warn_if_others_read(&value.place(), out);
        }
        if checked.insert(name, text).is_some() {
            out.push(Finding::error(&place, format!("the header `{typed}` is given twice")).hint("take one out"));
            complete = false;
        }
    }
    complete.then_some(checked)
}

/// `user` and `password_file`, which belong together.
fn login(table: &Table<'_>, out: &mut Findings) -> Result<Option<Credentials>, Reported> {
    match (table.written("user"), table.written("password_file")) {
        (None, None) => Ok(None),
        (Some(user), Some(file)) => {
            let user = user.checked(out, value::user);
            let password = secrets::from_file(&file, out).map_err(|finding| out.push(*finding)).ok();
            let login = user.zip(password).map(|(user, password)| Credentials { user, password });
            login.map(Some).ok_or(Reported)
        }
        (Some(user), None) => {
            user.checked(out, value::user).ok_or(Reported)?;
            let finding = user.error("there is no password for this `user`").tentative();
            out.push(finding.hint("put it into a file, and name the file in `password_file`"));
            Err(Reported)
        }
        (None, Some(file)) => {
            file.checked(out, |text| value::path(text, file.base())).ok_or(Reported)?;
            let finding = file.error("there is no `user` for this password").tentative();
            out.push(finding.hint("write user = \"…\", or take `password_file` out"));
            Err(Reported)
        }
    }
}

/// The login of the address or of the keys, and not both; none where there is no server.
fn only_one(
    table: &Table<'_>,
    url: &Value<'_>,
    source: &SourceUrl,
    login: Option<Credentials>,
    headers: Option<&BTreeMap<String, String>>,
    out: &mut Findings,
) -> Result<Option<Credentials>, Reported> {
    if source.credentials.as_ref().is_some_and(|found| !found.password.is_empty()) {
        secrets::warn_if_others_read(&url.place(), out);
    }
    let user = table.written("user");
    if let (Some(_), Some(user)) = (&source.credentials, user) {
        out.push(user.error("the address names a user already").hint("take one of the two out"));
        return Err(Reported);
    }
    let credentials = login.or_else(|| source.credentials.clone());
    if credentials.is_some() && headers.is_some_and(|headers| headers.contains_key("authorization")) {
        let value = table.written("headers").unwrap_or(*url);
        out.push(value.error("there are a user and a header `Authorization`").hint("take one of the two out"));
        return Err(Reported);
    }
    if !matches!(source.url.scheme(), "http" | "https") {
        let useless = ["headers", "user", "allow_private_addresses", "proxy", "ca_file"]
            .iter()
            .find_map(|key| table.written(key));
        if let Some(value) = useless {
            let message = format!(
                "`{}` does nothing: {} without asking a server",
                value.key(),
                match source.url.scheme() {
                    "file" => "a file is read",
                    _ => "a command is run",
                }
            );
            out.push(Finding::warning(&value.place(), message).hint("take it out"));
        }
    }
    Ok(credentials)
}
