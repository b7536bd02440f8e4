/// What a path leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page<'p> {
    /// A callback, by the part of its address that nobody can guess.
    Hub(&'p str),
    /// What a link in a mail asks for, signed.
    Mail(&'p str),
}

/// What `path` leads to. `prefix` is the path of `public_url`, which a proxy may pass on or take off.
pub fn page<'p>(path: &'p str, prefix: &str) -> Option<Page<'p>> {
    let rest = path.strip_prefix(prefix).filter(|rest| rest.starts_with('/')).unwrap_or(path);
    match rest.strip_prefix('/')?.split('/').collect::<Vec<_>>()[..] {
        ["hub", secret] if is_secret(secret) => Some(Page::Hub(secret)),
        ["mail", token] if is_token(token) => Some(Page::Mail(token)),
        _ => None,
    }
}

/// 256 bits in hexadecimal; whatever else is written there need not be looked for.
fn is_secret(part: &str) -> bool {
    part.len() == 64 && part.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// Letters of base64 as addresses have them, and no more than anybody signs.
fn is_token(part: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (32..=1500).contains(&part.len()) && part.bytes().all(is_letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_may_pass_the_prefix_on_or_take_it_off() {
        let secret = "0123456789abcdef".repeat(4);
        for (path, prefix) in [("/nw", "/nw"), ("", "/nw"), ("", ""), ("/a/b", "/a/b")] {
            let path = format!("{path}/hub/{secret}");
            assert_eq!(page(&path, prefix), Some(Page::Hub(&secret)), "{path} {prefix}");
            let path = path.replace("/hub/", "/mail/");
            assert_eq!(page(&path, prefix), Some(Page::Mail(&secret)), "{path} {prefix}");
        }
    }

    #[test]
    fn anything_else_leads_nowhere() {
        let secret = "0123456789abcdef".repeat(4);
        for path in [
            "",
            "/",
            "/hub",
            "/hub/",
            "*",
            &format!("/hub/{secret}/"),
            &format!("/hub/{}", secret.to_uppercase()),
            &format!("/hub/{}", &secret[1..]),
            &format!("//hub/{secret}"),
            &format!("/nwx/hub/{secret}"),
            &format!("/other/{secret}"),
            "/hub/../../etc/passwd",
            "/mail/short",
            &format!("/mail/{secret}/x"),
            &format!("/mail/{secret}="),
            &format!("/mail/{}", "a".repeat(1501)),
        ] {
            assert_eq!(page(path, "/nw"), None, "{path}");
        }
    }
}
