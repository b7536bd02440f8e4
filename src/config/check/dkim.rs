use super::each;
use crate::config::finding::{Finding, Findings};
use crate::config::reference::MAIL_DKIM;
use crate::config::table::{Table, Value};
use crate::config::{DkimSettings, Env, secrets, value};

/// More keys than this are a mistake: each makes every message longer.
const KEYS_MAX: usize = 4;

/// `[[mail.dkim]]`. `from` is the sender, where it could be read.
pub(super) fn dkim(dkim: &Value<'_>, from: Option<&str>, env: &Env, out: &mut Findings) -> Option<Vec<DkimSettings>> {
    let tables = dkim.tables(&MAIL_DKIM, out)?;
    if tables.len() > KEYS_MAX {
        let message = format!("messages may be signed by {KEYS_MAX} keys, and these are {}", tables.len());
        out.push(dkim.error(message).hint("one of RSA and one of Ed25519 are enough"));
        return None;
    }
    each(tables, out, |table, out| one(&table?, from, env, out))
}

fn one(table: &Table<'_>, from: Option<&str>, env: &Env, out: &mut Findings) -> Option<DkimSettings> {
    let selector = table.required("selector", out);
    let selector = selector.and_then(|written| Some((written.checked(out, value::selector)?, written)));
    let sender = from.and_then(domain_of);
    let domain = match table.written("domain") {
        Some(written) => written.checked(out, value::domain).inspect(|domain| {
            // Receivers that follow DMARC ask whether who signs is who sends.
            if let Some(sender) = sender.as_deref().filter(|sender| !is_akin(sender, domain)) {
                let message =
                    format!("mail comes from {sender}, so a signature of {domain} says nothing about its sender");
                let hint = "take it out, or sign with the domain of `from`";
                out.push(Finding::warning(&written.place(), message).hint(hint));
            }
        }),
        // Where it is not known there is a finding about `from` already.
        None => sender,
    };
    let file = match table.written("key_file") {
        Some(file) => Some((file.checked(out, |text| value::path(text, file.base()))?, file)),
        None => None,
    };
    let (domain, (selector, written)) = (domain?, selector?);
    match secrets::dkim_key(env, &selector, file.as_ref(), out) {
        Ok(Some(key)) => Some(DkimSettings { domain, selector, key: Some(key) }),
        Ok(None) => {
            // As with a password: not an error, because whoever looks beside a service does not see its credentials.
            let message = format!("there is no key for `{selector}` here; without it nothing can be mailed");
            let hint =
                format!("give it as the systemd credential `dkim-{selector}`, or in a file that `key_file` names");
            out.push(Finding::warning(&written.place(), message).hint(hint));
            Some(DkimSettings { domain, selector, key: None })
        }
        Err(what) => {
            let place = file.as_ref().map_or(&written, |(_, file)| file);
            let hint = "make one with `openssl genpkey -algorithm ed25519 -out dkim.pem`, readable for newswatch and nobody else";
            out.push(place.error(what).hint(hint));
            None
        }
    }
}

/// The domain of a sender, `Name <user@domain>`, in ASCII.
fn domain_of(from: &str) -> Option<String> {
    let (_, domain) = from.trim_end_matches('>').rsplit_once('@')?;
    value::domain(domain).ok()
}

/// Whether one of the two is the other, or lies below it.
fn is_akin(one: &str, other: &str) -> bool {
    let below =
        |long: &str, short: &str| long.strip_suffix(short).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    below(one, other) || below(other, one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_is_akin_to_what_lies_above_it_and_below() {
        assert!(is_akin("example.org", "example.org") && is_akin("news.example.org", "example.org"));
        assert!(is_akin("example.org", "mail.example.org"));
        assert!(!is_akin("example.org", "ample.org") && !is_akin("example.org", "example.com"));
        assert_eq!(domain_of("Newswatch <a@Example.ORG>").as_deref(), Some("example.org"));
    }
}
