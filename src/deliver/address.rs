use lettre::Address;

/// The address as it is said to a server: ASCII, an international domain in its `xn--` form.
///
/// # Errors
/// When it is no address, or its part before the `@` needs SMTPUTF8 (RFC 6531), which few servers speak.
pub(super) fn ascii(text: &str) -> Result<Address, NotAnAddress> {
    let refused = |why| NotAnAddress { address: text.to_owned(), why };
    let address: Address = text.parse().map_err(|_| refused("no mail address"))?;
    let user = address.user();
    if !user.is_ascii() {
        return Err(refused("not ASCII before the @, which needs a server and a mailbox with SMTPUTF8"));
    }
    // A quoted part could hold what ends a command or an address.
    if user.chars().any(|c| c.is_ascii_control() || matches!(c, '<' | '>' | ' ')) {
        return Err(refused("no address that can be said in an SMTP command"));
    }
    if address.domain().is_ascii() {
        return Ok(address);
    }
    let domain = url::Host::parse(address.domain()).map_err(|_| refused("of a domain that cannot exist"))?;
    Address::new(user, domain.to_string()).map_err(|_| refused("of a domain that cannot exist"))
}

/// The text cannot be used as a mail address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{address:?} is {why}")]
pub struct NotAnAddress {
    address: String,
    why: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_become_ascii_and_local_parts_must_be() {
        assert_eq!(ascii("desk@bücher.example").unwrap().to_string(), "desk@xn--bcher-kva.example");
        assert_eq!(ascii("desk+news@example.org").unwrap().to_string(), "desk+news@example.org");
        assert!(ascii("bücher@example.org").unwrap_err().to_string().contains("SMTPUTF8"));
        for bad in ["", "desk", "a@b\r\nRCPT TO:<c@d>", "\"a\r\nb\"@example.org", "\"a>b\"@example.org", "<a@b>"] {
            assert!(ascii(bad).is_err(), "{bad:?}");
        }
    }
}
