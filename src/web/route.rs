/// What a path leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page<'p> {
    /// A callback, by the part of its address that nobody can guess.
    Hub(&'p str),
}

/// What `path` leads to. `prefix` is the path of `public_url`, which a proxy may pass on or take off.
pub fn page<'p>(path: &'p str, prefix: &str) -> Option<Page<'p>> {
    let rest = path.strip_prefix(prefix).filter(|rest| rest.starts_with('/')).unwrap_or(path);
    match rest.strip_prefix('/')?.split('/').collect::<Vec<_>>()[..] {
        ["hub", secret] if is_secret(secret) => Some(Page::Hub(secret)),
        _ => None,
    }
}

/// 256 bits in hexadecimal; whatever else is written there need not be looked for.
fn is_secret(part: &str) -> bool {
    part.len() == 64 && part.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
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
        ] {
            assert_eq!(page(path, "/nw"), None, "{path}");
        }
    }
}
