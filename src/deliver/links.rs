//! Addresses in mails that do something: unsubscribe, mute, say that something was not relevant.
//!
//! What such an address asks for is written in it and signed, so nothing has to be remembered of a mail for its links to work,
//! and nobody can make one but we. It names no mail address: who it is for is a keyed hash, which is compared with those whom
//! the config names.

use aws_lc_rs::{constant_time, hmac};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};

use super::Installation;
use crate::item::Key;

/// Bytes of the hash of a recipient: enough to tell those of one config apart.
const WHO_LEN: usize = 10;

/// Bytes of a signature: 128 bits, of which nobody can hit one by trying.
const SIGNATURE_LEN: usize = 16;

/// No token of ours is longer, in letters.
const TOKEN_LEN_MAX: usize = 1500;

/// Before the token, in the path of an address.
const PATH: &str = "mail";

/// What a link asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Its recipient wants no more mail of this.
    Unsubscribe(List),
    /// Its recipient wants no mail of this watch for a while.
    Mute {
        /// The watch's name.
        watch: String,
    },
    /// What was told under this key is not what the watch is for.
    Irrelevant(Key),
}

/// What somebody can be unsubscribed from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum List {
    /// A watch, by its name.
    Watch(String),
    /// A digest, by its name.
    Digest(String),
}

/// Whose wish it is, without saying who that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Who([u8; WHO_LEN]);

/// What a link says that was signed by this installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Whom it is for.
    pub who: Who,
    /// What it asks for.
    pub wish: Wish,
}

impl Installation {
    /// The address below `public_url` at which `recipient` can have the wish granted.
    pub fn link(&self, public_url: &str, recipient: &str, wish: &Wish) -> String {
        let (kind, about) = match wish {
            Wish::Unsubscribe(List::Watch(name)) => (1, name.as_bytes()),
            Wish::Unsubscribe(List::Digest(name)) => (2, name.as_bytes()),
            Wish::Mute { watch } => (3, watch.as_bytes()),
            Wish::Irrelevant(key) => (4, key.as_bytes().as_slice()),
        };
        let mut token = vec![kind];
        token.extend(self.who(recipient).0);
        token.extend(about);
        let signature = self.signature(&token);
        token.extend(signature);
        format!("{public_url}/{PATH}/{}", BASE64_URL_SAFE_NO_PAD.encode(token))
    }

    /// What the last part of such an address asks for; `None` where it is not signed by this installation.
    pub fn asked(&self, token: &str) -> Option<Asked> {
        if token.len() > TOKEN_LEN_MAX {
            return None;
        }
        let token = BASE64_URL_SAFE_NO_PAD.decode(token).ok()?;
        let (said, signature) = token.split_at_checked(token.len().checked_sub(SIGNATURE_LEN)?)?;
        constant_time::verify_slices_are_equal(&self.signature(said), signature).ok()?;
        let (kind, rest) = said.split_first()?;
        let (who, about) = rest.split_first_chunk::<WHO_LEN>()?;
        let name = || String::from_utf8(about.to_vec()).ok();
        let wish = match kind {
            1 => Wish::Unsubscribe(List::Watch(name()?)),
            2 => Wish::Unsubscribe(List::Digest(name()?)),
            3 => Wish::Mute { watch: name()? },
            4 => Wish::Irrelevant(Key::from_bytes(about)?),
            _ => return None,
        };
        Some(Asked { who: Who(*who), wish })
    }

    /// Whether it is this recipient.
    pub fn is(&self, who: Who, recipient: &str) -> bool {
        self.who(recipient) == who
    }

    fn who(&self, recipient: &str) -> Who {
        let hash = hmac::sign(self.links_key(), &[b"who ", recipient.as_bytes()].concat());
        Who(*hash.as_ref().first_chunk().expect("a hash is longer"))
    }

    fn signature(&self, said: &[u8]) -> [u8; SIGNATURE_LEN] {
        let hash = hmac::sign(self.links_key(), &[b"asks ", said].concat());
        *hash.as_ref().first_chunk().expect("a hash is longer")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "https://news.example.org/nw";

    fn wishes() -> [Wish; 4] {
        [
            Wish::Unsubscribe(List::Watch("Ungarn & Veto".into())),
            Wish::Unsubscribe(List::Digest("morning".into())),
            Wish::Mute { watch: "veto".into() },
            Wish::Irrelevant(Key::of(&["told"])),
        ]
    }

    fn token(link: &str) -> &str {
        link.strip_prefix(BASE).unwrap().strip_prefix("/mail/").unwrap()
    }

    #[test]
    fn a_link_says_what_it_was_made_for_and_to_whom() {
        let ours = Installation::of([7; 32]);
        for wish in wishes() {
            let link = ours.link(BASE, "desk@example.org", &wish);
            let asked = ours.asked(token(&link)).unwrap();
            assert_eq!(asked.wish, wish);
            assert!(ours.is(asked.who, "desk@example.org") && !ours.is(asked.who, "other@example.org"));
            assert!(token(&link).bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'), "{link}");
            assert_eq!(link, ours.link(BASE, "desk@example.org", &wish), "the same mail has the same bytes");
        }
    }

    #[test]
    fn links_never_change() {
        let link = Installation::of([7; 32]).link(BASE, "desk@example.org", &Wish::Mute { watch: "veto".into() });
        insta::assert_snapshot!(link, @"https://news.example.org/nw/mail/A8AEiBEj2Ptnjph2ZXRvZ-SunftqNutrlir-rw91bw");
    }

    #[test]
    fn what_was_changed_or_comes_from_elsewhere_is_refused() {
        let (ours, theirs) = (Installation::of([7; 32]), Installation::of([8; 32]));
        let link = ours.link(BASE, "desk@example.org", &wishes()[0]);
        let good = token(&link);
        assert!(theirs.asked(good).is_none());
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(good).unwrap();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(ours.asked(&BASE64_URL_SAFE_NO_PAD.encode(changed)).is_none(), "byte {at}");
        }
        for bad in ["", "A", "====", &good[..good.len() - 4], &good[..20], &"A".repeat(10_000), &format!("{good}AAAA")]
        {
            assert!(ours.asked(bad).is_none(), "{bad}");
        }
    }
}
