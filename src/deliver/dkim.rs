//! Signatures of the sender's domain (DKIM, RFC 6376), by RSA or Ed25519 (RFC 8463).
//!
//! A message is signed once, with its bytes, and the signature is kept with them.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::digest;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{Ed25519KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use jiff::Timestamp;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;

/// Headers that are signed where they are there: all that a reader or a mail program goes by.
const SIGNED: [&str; 15] = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "List-Id",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "Auto-Submitted",
    "X-Newswatch-Watch",
];

/// Headers of which nobody may add another one on the way without breaking the signature (RFC 6376 §8.15).
const NO_MORE_OF: [&str; 7] = ["From", "To", "Cc", "Reply-To", "Subject", "Date", "Content-Type"];

/// Letters of base64 on one line of the header.
const LINE_LEN: usize = 70;

/// A private key.
#[derive(Clone)]
pub struct DkimKey(Arc<Kind>);

enum Kind {
    Rsa(RsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// Two keys are one if they were read at one time.
impl PartialEq for DkimKey {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// The key is not shown.
impl fmt::Debug for DkimKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DkimKey({})", self.algorithm())
    }
}

/// Why something is no key to sign with: the end of a sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotAKey(&'static str);

impl DkimKey {
    /// A key in PEM: of RSA, in PKCS #8 or PKCS #1, or of Ed25519, in PKCS #8.
    ///
    /// # Errors
    /// When it is none of these, or a key of RSA of less than 2048 bits, which receivers do not heed.
    pub fn from_pem(pem: &[u8]) -> Result<Self, NotAKey> {
        let der = PrivateKeyDer::from_pem_slice(pem).map_err(|_| NotAKey("holds no private key in PEM"))?;
        let rsa = |key: Result<RsaKeyPair, _>| key.ok().filter(|key| key.public_modulus_len() >= 256).map(Kind::Rsa);
        let kind = match &der {
            PrivateKeyDer::Pkcs8(der) => {
                let bytes = der.secret_pkcs8_der();
                let ed25519 = Ed25519KeyPair::from_pkcs8_maybe_unchecked(bytes).ok().map(Kind::Ed25519);
                ed25519.or_else(|| rsa(RsaKeyPair::from_pkcs8(bytes)))
            }
            PrivateKeyDer::Pkcs1(der) => rsa(RsaKeyPair::from_der(der.secret_pkcs1_der())),
            _ => None,
        };
        let kind = kind.ok_or(NotAKey("holds a key that is neither of RSA with 2048 bits or more nor of Ed25519"))?;
        Ok(Self(Arc::new(kind)))
    }

    /// As `a=` writes it.
    fn algorithm(&self) -> &'static str {
        match &*self.0 {
            Kind::Rsa(_) => "rsa-sha256",
            Kind::Ed25519(_) => "ed25519-sha256",
        }
    }

    /// The signature of what is to be signed; of Ed25519, that of its hash (RFC 8463 §3).
    fn sign(&self, said: &[u8]) -> Option<Vec<u8>> {
        match &*self.0 {
            Kind::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                // This padding needs no randomness.
                key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), said, &mut signature).ok()?;
                Some(signature)
            }
            Kind::Ed25519(key) => Some(key.sign(sha256(said).as_ref()).as_ref().to_vec()),
        }
    }
}

/// By whom messages are signed.
#[derive(Debug, Clone, PartialEq)]
pub struct Dkim {
    /// The domain that vouches for them.
    pub domain: String,
    /// Under which its public key is found in the DNS: `SELECTOR._domainkey.DOMAIN`.
    pub selector: String,
    /// The private key.
    pub key: DkimKey,
}

impl Dkim {
    /// The header that signs `message`, with its line end, to be put before it; `None` where there is no signing. Both the header
    /// and the body are compared in their relaxed form (RFC 6376 §3.4).
    pub(super) fn sign(&self, message: &[u8], at: Timestamp) -> Option<Vec<u8>> {
        let (header, body) = split(message);
        let fields = fields(header);
        let names = names(&fields);
        let mut value = format!(
            "v=1; a={}; c=relaxed/relaxed; t={};\r\n d={};\r\n s={};\r\n h={};\r\n bh={};\r\n b=",
            self.key.algorithm(),
            at.as_second(),
            self.domain,
            self.selector,
            folded_names(&names),
            BASE64_STANDARD.encode(sha256(&relaxed_body(body))),
        );
        let mut said = Vec::new();
        let mut left: Vec<&(String, &[u8])> = fields.iter().collect();
        for name in &names {
            // Of several, the last one is signed first (RFC 6376 §5.4.2); of one that is not there, nothing.
            if let Some(place) = left.iter().rposition(|(known, _)| known.eq_ignore_ascii_case(name)) {
                let (name, value) = left.remove(place);
                said.extend(relaxed_field(name, value));
                said.extend(b"\r\n");
            }
        }
        said.extend(relaxed_field("DKIM-Signature", value.as_bytes()));
        let signature = BASE64_STANDARD.encode(self.key.sign(&said)?);
        // Letters of base64, so the lines are cut between characters.
        let lines: Vec<&str> =
            signature.as_bytes().chunks(LINE_LEN).filter_map(|line| str::from_utf8(line).ok()).collect();
        value.push_str(&lines.join("\r\n "));
        Some(format!("DKIM-Signature: {value}\r\n").into_bytes())
    }
}

fn sha256(bytes: &[u8]) -> digest::Digest {
    digest::digest(&digest::SHA256, bytes)
}

/// The header with the line end of its last line, and the body.
fn split(message: &[u8]) -> (&[u8], &[u8]) {
    match message.windows(4).position(|four| four == b"\r\n\r\n") {
        Some(at) => (&message[..at + 2], &message[at + 4..]),
        None => (message, b""),
    }
}

/// Name and value of each header, the value with its folds.
fn fields(header: &[u8]) -> Vec<(String, &[u8])> {
    let mut fields = Vec::new();
    let mut rest = header;
    while !rest.is_empty() {
        let ends = |at: usize| rest[at..].starts_with(b"\r\n") && !matches!(rest.get(at + 2), Some(b' ' | b'\t'));
        let end = (0..rest.len()).find(|at| ends(*at)).unwrap_or(rest.len());
        let (field, after) = rest.split_at(end);
        if let Some(colon) = field.iter().position(|byte| *byte == b':') {
            fields.push((String::from_utf8_lossy(&field[..colon]).into_owned(), &field[colon + 1..]));
        }
        rest = after.strip_prefix(b"\r\n").unwrap_or(after);
    }
    fields
}

/// Names for `h=`: those that are there, and once more those of which there may be no more.
fn names(fields: &[(String, &[u8])]) -> Vec<&'static str> {
    let count = |name: &str| fields.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name)).count();
    let there = SIGNED.iter().flat_map(|name| std::iter::repeat_n(*name, count(name)));
    there.chain(NO_MORE_OF).collect()
}

fn folded_names(names: &[&str]) -> String {
    let lines: Vec<String> = names.chunks(5).map(|some| some.join(":")).collect();
    lines.join(":\r\n  ")
}

/// RFC 6376 §3.4.2.
fn relaxed_field(name: &str, value: &[u8]) -> Vec<u8> {
    let mut line = name.trim().to_ascii_lowercase().into_bytes();
    line.push(b':');
    // A fold is white space once its line end is gone.
    let value: Vec<u8> = value.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
    let words = value.split(|byte| is_blank(*byte)).filter(|word| !word.is_empty());
    for (place, word) in words.enumerate() {
        if place > 0 {
            line.push(b' ');
        }
        line.extend(word);
    }
    line
}

/// RFC 6376 §3.4.4.
fn relaxed_body(body: &[u8]) -> Vec<u8> {
    let mut relaxed = Vec::with_capacity(body.len());
    // Line ends that count only if something follows them.
    let mut pending = 0;
    let body = body.strip_suffix(b"\r\n").unwrap_or(body);
    for line in lines(body) {
        let mut text = Vec::with_capacity(line.len());
        for byte in line {
            match (is_blank(*byte), text.last()) {
                (true, Some(b' ')) => {}
                (true, _) => text.push(b' '),
                (false, _) => text.push(*byte),
            }
        }
        if text.last() == Some(&b' ') {
            text.pop();
        }
        if text.is_empty() {
            pending += 1;
            continue;
        }
        relaxed.extend(b"\r\n".repeat(pending));
        relaxed.extend(text);
        pending = 1;
    }
    if !relaxed.is_empty() {
        relaxed.extend(b"\r\n");
    }
    relaxed
}

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        if let Some(at) = text.windows(2).position(|two| two == b"\r\n") {
            rest = Some(&text[at + 2..]);
            Some(&text[..at])
        } else {
            rest = None;
            Some(text)
        }
    })
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_relaxed_as_the_rfc_does() {
        // RFC 6376 §3.4.5.
        assert_eq!(relaxed_body(b" C \r\nD \t E\r\n\r\n\r\n"), b" C\r\nD E\r\n");
        for (body, relaxed) in [
            ("", ""),
            ("\r\n", ""),
            ("\r\n\r\n \t\r\n", ""),
            ("a", "a\r\n"),
            ("a\r\n", "a\r\n"),
            ("\r\n\r\na\r\n \r\nb \r\n\r\n", "\r\n\r\na\r\n\r\nb\r\n"),
        ] {
            assert_eq!(String::from_utf8(relaxed_body(body.as_bytes())).unwrap(), relaxed, "{body:?}");
        }
        // RFC 8463 §A.3 gives the hash of this body.
        let body = b"Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n\r\n";
        let hash = BASE64_STANDARD.encode(sha256(&relaxed_body(body)));
        assert_eq!(hash, "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=");
    }

    #[test]
    fn headers_are_relaxed_as_the_rfc_does() {
        // RFC 6376 §3.4.5.
        let fields = fields(b"A: X\r\nB : Y\t\r\n\tZ  \r\n");
        let relaxed: Vec<_> = fields.iter().map(|(name, value)| relaxed_field(name, value)).collect();
        assert_eq!(relaxed, [b"a:X".to_vec(), b"b:Y Z".to_vec()]);
    }

    #[test]
    fn what_may_not_be_added_is_signed_as_absent() {
        let header = b"From: a\r\nX-Other: b\r\nSubject: c\r\n";
        let names = names(&fields(header));
        let expected = ["From", "Subject", "From", "To", "Cc", "Reply-To", "Subject", "Date", "Content-Type"];
        assert_eq!(names, expected);
    }

    #[test]
    fn keys_that_sign_are_taken_and_others_explained() {
        let fixture = |name: &str| std::fs::read(format!("tests/fixtures/dkim/{name}")).unwrap();
        assert_eq!(DkimKey::from_pem(&fixture("rsa.key.pem")).unwrap().algorithm(), "rsa-sha256");
        assert_eq!(DkimKey::from_pem(&fixture("ed25519.key.pem")).unwrap().algorithm(), "ed25519-sha256");
        assert!(DkimKey::from_pem(b"hello").unwrap_err().to_string().contains("no private key"));
        for weak in ["small-rsa.key.pem", "p256.key.pem"] {
            assert!(DkimKey::from_pem(&fixture(weak)).unwrap_err().to_string().contains("neither"), "{weak}");
        }
    }
}
