//! Signatures of the sender's domain, verified by a reader of them that shares nothing with the signer.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ED25519, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use newswatch::item::Key;
use regex::Regex;

use super::super::harness::feeds::{Answer, Origin};
use super::super::harness::inbox::Inbox;
use super::super::harness::items::{Entry, rss};
use super::super::harness::newswatch::Newswatch;
use super::{one_veto, watching};

const BOTH: &str = "[{ selector = 'rsa', key_file = 'rsa.pem' }, { selector = 'ed', key_file = 'ed25519.pem' }]";

/// A fixture of `tests/fixtures/dkim`.
fn fixture(name: &str) -> Vec<u8> {
    fs::read(format!("{}/tests/fixtures/dkim/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// An installation whose config has both keys beside it.
fn with_keys(newswatch: Newswatch) -> Newswatch {
    for (name, key) in [("rsa.pem", "rsa.key.pem"), ("ed25519.pem", "ed25519.key.pem")] {
        let path = newswatch.write(name, fixture(key));
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    newswatch
}

/// Why a message is not what was signed; the domain, selector and signed headers of each signature otherwise.
fn verified(raw: &[u8]) -> Result<Vec<(String, String, Vec<String>)>, String> {
    let text = std::str::from_utf8(raw).map_err(|error| error.to_string())?;
    let (head, body) = text.split_once("\r\n\r\n").ok_or("no body")?;
    let head = Regex::new(r"\r\n([ \t])").unwrap().replace_all(head, "$1");
    let blanks = Regex::new(r"[ \t]+").unwrap();
    let relaxed = |line: &str| {
        let (name, value) = line.split_once(':').unwrap();
        format!("{}:{}", name.trim().to_lowercase(), blanks.replace_all(value.trim(), " "))
    };
    let body = Regex::new(r"[ \t]+(\r\n|$)").unwrap().replace_all(body, "$1");
    let body = blanks.replace_all(&body, " ");
    let body = format!("{}\r\n", Regex::new(r"(\r\n)+$").unwrap().replace(&body, ""));
    let lines: Vec<&str> = head.split("\r\n").collect();
    let (signatures, others): (Vec<&str>, Vec<&str>) =
        lines.into_iter().partition(|line| line.to_lowercase().starts_with("dkim-signature:"));
    let unsigned = Regex::new(r"\bb=[^;]*$").unwrap();
    let mut found = Vec::new();
    for signature in signatures {
        let (_, value) = signature.split_once(':').unwrap();
        let tags: BTreeMap<&str, String> = value
            .split(';')
            .map(|tag| tag.split_once('=').ok_or(format!("no tag: {tag:?}")))
            .map(|tag| tag.map(|(name, value)| (name.trim(), value.split_whitespace().collect())))
            .collect::<Result<_, String>>()?;
        if (tags["v"].as_str(), tags["c"].as_str()) != ("1", "relaxed/relaxed") {
            return Err(format!("an unknown form: {tags:?}"));
        }
        if tags["bh"] != BASE64_STANDARD.encode(digest(&SHA256, body.as_bytes())) {
            return Err("another body".to_owned());
        }
        let mut left = others.clone();
        let mut said = String::new();
        let names: Vec<String> = tags["h"].split(':').map(str::to_lowercase).collect();
        for name in &names {
            let is_it = |line: &&str| line.to_lowercase().starts_with(&format!("{name}:"));
            if let Some(at) = left.iter().rposition(is_it) {
                said += &(relaxed(left.remove(at)) + "\r\n");
            }
        }
        said += unsigned.replace(&relaxed(signature), "b=").trim_end();
        let bytes = BASE64_STANDARD.decode(&tags["b"]).map_err(|error| error.to_string())?;
        let is_good = match tags["a"].as_str() {
            "rsa-sha256" => UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, fixture("rsa.public.der"))
                .verify(said.as_bytes(), &bytes)
                .is_ok(),
            "ed25519-sha256" => UnparsedPublicKey::new(&ED25519, fixture("ed25519.public"))
                .verify(digest(&SHA256, said.as_bytes()).as_ref(), &bytes)
                .is_ok(),
            other => return Err(format!("an unknown algorithm: {other}")),
        };
        if !is_good {
            return Err(format!("no signature by {} of {said:?}", tags["a"]));
        }
        found.push((tags["d"].clone(), tags["s"].clone(), names));
    }
    Ok(found)
}

/// One with all that is hard on white space and line ends.
fn entry(n: usize) -> Entry {
    let words: Vec<String> =
        (0..24).map(|word| Key::of(&[&format!("{n} {word}")]).to_string()[..7].to_owned()).collect();
    let blanks = " \t".repeat(n % 7);
    let summary =
        format!("„Jaźń” {}{blanks}  {}.\n.\n..dots{}", words[..8].join(" "), words[8..].join("  "), "\n".repeat(n % 4));
    Entry::new(&words[0], &format!("{}{blanks} veto {}", "é".repeat(n * 2), words[16..].join(" "))).summary(&summary)
}

#[test]
fn d24_messages_are_signed_by_each_key_and_any_change_shows() {
    let (origin, inbox) = (Origin::start(), Inbox::start());
    let entries: Vec<Entry> = (0..60).map(entry).collect();
    origin.serve("/a.xml", Answer::feed(rss(&entries)));
    let newswatch = with_keys(watching(&origin, &inbox)).set("mail", "dkim", BOTH);
    let newswatch =
        newswatch.set("web", "listen", "'127.0.0.1:1'").set("web", "public_url", "'https://news.example.org'");
    // However the items make stories, each of these gets a mail.
    let to: Vec<String> = (0..40).map(|n| format!("'r{}@example.org'", "x".repeat(n))).collect();
    newswatch.set("mail", "to", &format!("[{}]", to.join(", "))).once();
    let offers = inbox.offers();
    assert!(offers.len() >= 40, "{}", offers.len());
    for offer in &offers {
        let signed = verified(&offer.raw).unwrap();
        let by: Vec<_> = signed.iter().map(|(domain, selector, _)| (domain.as_str(), selector.as_str())).collect();
        assert_eq!(by, [("example.org", "rsa"), ("example.org", "ed")]);
        for name in ["from", "to", "subject", "date", "message-id", "content-type", "list-id"] {
            assert!(signed[0].2.iter().any(|signed| signed == name), "{name} is not signed: {:?}", signed[0].2);
        }
        // RFC 8058 §4.
        for name in ["list-unsubscribe", "list-unsubscribe-post"] {
            assert!(signed.iter().all(|(_, _, names)| names.iter().any(|signed| signed == name)), "{name}");
        }
    }
    let text = String::from_utf8(offers[0].raw.clone()).unwrap();
    for (from, into) in [
        ("\r\nSubject: ", "\r\nSubject: not "),
        ("To: r", "To: t"),
        ("veto", "vote"),
        ("List-Unsubscribe: <https://news", "List-Unsubscribe: <https://evil"),
        ("\r\nMIME-Version", "\r\nReply-To: thief@example.org\r\nMIME-Version"),
        ("\r\nMIME-Version", "\r\nSubject: another\r\nMIME-Version"),
    ] {
        assert!(text.contains(from), "{from}");
        assert!(verified(text.replacen(from, into, 1).as_bytes()).is_err(), "{into:?} was not seen");
    }
    // What relays do on the way is no change.
    let folded = text.replacen("Subject: ", "Subject:\r\n  ", 1).replacen(
        "\r\nAuto-Submitted",
        "\r\nX-Relay: a\r\nAuto-Submitted",
        1,
    );
    assert!(verified(folded.as_bytes()).is_ok());
    assert!(verified(format!("Received: by relay\r\n{text}\r\n\r\n").as_bytes()).is_ok());
}

#[test]
fn a_key_that_cannot_be_used_is_explained_and_one_that_is_absent_keeps_mail_from_being_sent() {
    let (origin, inbox) = (one_veto(), Inbox::start());
    let newswatch = with_keys(watching(&origin, &inbox));
    newswatch.write("weak.pem", fixture("small-rsa.key.pem"));
    for (keys, says) in [
        ("[{ selector = 'a', key_file = 'weak.pem' }]", "neither of RSA with 2048 bits"),
        ("[{ selector = 'a', key_file = 'newswatch.toml' }]", "no private key"),
        ("[{ selector = 'a', key_file = 'nowhere.pem' }]", "does not exist"),
        ("[{ selector = 'a b', key_file = 'rsa.pem' }]", "a selector is a name"),
        ("[{ key_file = 'rsa.pem' }]", "selector"),
        ("[{ selector = 'a', key = 'rsa.pem' }]", "[[mail.dkim]] has no key `key`"),
        ("'rsa.pem'", "a list of tables"),
    ] {
        let newswatch = Newswatch::new().mail(&inbox).watch("veto", "veto").set("mail", "dkim", keys);
        let newswatch = with_keys(newswatch);
        newswatch.write("weak.pem", fixture("small-rsa.key.pem"));
        newswatch.run(&["check"]).code(1).says(&[says]);
    }
    let newswatch = newswatch.set("mail", "dkim", "[{ selector = 'a', domain = 'elsewhere.example' }]");
    newswatch.run(&["check"]).ok().says(&["there is no key for `a` here", "says nothing about its sender"]);
    newswatch.run(&["once"]).code(1).says(&["there is no key for the selector a", "dkim-a"]);
    // As systemd hands it over.
    newswatch.write("credentials/dkim-a", fixture("rsa.key.pem"));
    let directory = newswatch.path("credentials");
    let newswatch = newswatch.environment("CREDENTIALS_DIRECTORY", &directory.display().to_string());
    newswatch.once();
    let offers = inbox.offers();
    let signed = verified(&offers[0].raw).unwrap();
    assert_eq!((offers.len(), signed[0].0.as_str(), signed[0].1.as_str()), (1, "elsewhere.example", "a"));
}

#[test]
fn without_a_key_nothing_is_signed() {
    let (origin, inbox) = (one_veto(), Inbox::start());
    watching(&origin, &inbox).once();
    assert_eq!(inbox.only_letter().header("DKIM-Signature"), None);
}
