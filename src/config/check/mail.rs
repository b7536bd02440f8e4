use std::collections::BTreeSet;

use jiff::SignedDuration;

use super::{dkim, each};
use crate::config::finding::{Finding, Findings};
use crate::config::reference::MAIL;
use crate::config::table::{Table, Value};
use crate::config::value::{self, Server, Target};
use crate::config::{Credentials, Env, Login, MailSettings, PASSWORD_WAYS, Relay, secrets};
use crate::program::{Program, program_beside};

/// `[mail]`.
pub(super) fn mail(table: &Table<'_>, env: &Env, out: &mut Findings) -> Option<MailSettings> {
    let from = table.required("from", out).and_then(|from| from.checked(out, value::mailbox));
    let to = table.value("to").and_then(|to| addresses(&to, out));
    let relay = relay(table, env, out);
    let retry = table.value("retry").and_then(|retry| retry_waits(&retry, out));
    let unheard = table.value("unheard").and_then(|unheard| unheard.quantity(out, value::duration));
    let time_zone = match table.written("time_zone") {
        Some(zone) => zone.checked(out, value::time_zone),
        None => Some(env.time_zone().clone()),
    };
    let operator = table.value("operator").and_then(|operator| addresses(&operator, out));
    let dkim = match table.written("dkim") {
        Some(dkim) => dkim::dkim(&dkim, from.as_deref(), env, out),
        None => Some(Vec::new()),
    };
    Some(MailSettings {
        from: from?,
        to: to?,
        relay: relay?,
        retry: retry?,
        unheard: unheard?,
        time_zone: time_zone?,
        operator: operator?,
        dkim: dkim?,
    })
}

/// More recipients of one watch are taken for a mistake.
const ADDRESSES_MAX: usize = 1000;

/// A list of addresses, each once.
pub(super) fn addresses(value: &Value<'_>, out: &mut Findings) -> Option<Vec<String>> {
    let list = value.list(out)?;
    if list.len() > ADDRESSES_MAX {
        let message = format!("`{}` may name {ADDRESSES_MAX} addresses and names {}", value.key(), list.len());
        out.push(value.error(message).hint("let a mailing list take the mail and pass it on"));
        return None;
    }
    let mut seen = BTreeSet::new();
    let mut addresses = each(list, out, |one, out| one.checked(out, value::address))?;
    addresses.retain(|address| seen.insert(address.clone()));
    Some(addresses)
}

fn retry_waits(value: &Value<'_>, out: &mut Findings) -> Option<Vec<SignedDuration>> {
    let list = value.list(out)?;
    if list.is_empty() {
        out.push(value.error("`retry` must name at least one wait").hint("write retry = [\"1m\", \"5m\", \"1h\"]"));
        return None;
    }
    each(list, out, |one, out| one.quantity(out, value::duration))
}

fn relay(table: &Table<'_>, env: &Env, out: &mut Findings) -> Option<Relay> {
    let password_file = table.written("password_file");
    let command = table.written("token_command");
    let token = match &command {
        Some(command) => Some(token_command(command, out)?),
        None => None,
    };
    let Some(smtp) = table.required("smtp", out) else {
        // There is nothing to use it for, but it can be wrong in itself.
        password_file.and_then(|file| file.checked(out, |text| value::path(text, file.base())));
        return None;
    };
    let target = smtp.checked(out, |text| value::target(text, smtp.base()))?;
    let unused = |out: &mut Findings, why: &str, hint: &str| {
        for value in [&password_file, &command].into_iter().flatten() {
            let message = format!("`{}` is not used: {why}", value.key());
            out.push(Finding::warning(&value.place(), message).hint(hint));
        }
    };
    let Server { host, port, dialect, tls, user } = match target {
        Target::Directory(directory) => {
            unused(out, "a directory asks for no password", "take it out");
            return Some(Relay::Directory(directory));
        }
        Target::Socket(path) => {
            unused(out, "a socket of this machine asks for no password", "take it out");
            return Some(Relay::Socket(path));
        }
        Target::Program(program) => {
            unused(out, "a program is given no password", "take it out");
            return Some(Relay::Program(program));
        }
        Target::Server(server) => server,
    };
    let Some(user) = user else {
        let hint = "write the user into `smtp`, as in \"smtps://user@mail.example.org\"";
        unused(out, "`smtp` names no user", hint);
        return Some(Relay::Smtp { host, port, dialect, tls, login: Login::None });
    };
    if let (Some(command), Some(file)) = (&command, &password_file) {
        let message = "`token_command` and `password_file` are two ways to log in";
        out.push(command.error(message).first_given(file.place()).hint("take one of the two out"));
        return None;
    }
    if let Some(command) = token {
        return Some(Relay::Smtp { host, port, dialect, tls, login: Login::Token { user, command } });
    }
    match secrets::smtp_password(env, &smtp, password_file.as_ref(), out) {
        Ok(Some(password)) => {
            Some(Relay::Smtp { host, port, dialect, tls, login: Login::With(Credentials { user, password }) })
        }
        Ok(None) => {
            // Not an error: whoever looks beside a service does not see the credential that systemd gives to it.
            let message = format!("there is no password for the user `{user}` here; without one nothing can be mailed");
            out.push(Finding::warning(&smtp.place(), message).hint(format!("give it {PASSWORD_WAYS}")));
            Some(Relay::Smtp { host, port, dialect, tls, login: Login::WithoutPassword { user } })
        }
        Err(finding) => {
            out.push(*finding);
            None
        }
    }
}

/// The program that prints a token, with its arguments.
fn token_command(command: &Value<'_>, out: &mut Findings) -> Option<Program> {
    let words = each(command.list(out)?, out, |word, out| word.checked(out, value::word))?;
    let Some((name, arguments)) = words.split_first().filter(|(name, _)| !name.is_empty()) else {
        let hint = format!("write token_command = {}", MAIL.key("token_command").map_or("[]", |key| key.example));
        out.push(command.error("there is no program in `token_command`").hint(hint));
        return None;
    };
    let directory = command.base().to_owned();
    Some(Program::new(program_beside(name, &directory), arguments.to_vec(), directory))
}
