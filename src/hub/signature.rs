use aws_lc_rs::hmac;

/// Whether a push was signed by whoever knows `secret`: `X-Hub-Signature` (W3C WebSub §8) with SHA-256 or better, over the very
/// bytes that came. Compared in a time that tells nothing of the right one.
pub fn is_signed(header: Option<&[u8]>, secret: &str, body: &[u8]) -> bool {
    let Some((method, digits)) = header.and_then(|header| std::str::from_utf8(header).ok()?.trim().split_once('='))
    else {
        return false;
    };
    let algorithm = match method.to_ascii_lowercase().as_str() {
        "sha256" => hmac::HMAC_SHA256,
        "sha384" => hmac::HMAC_SHA384,
        "sha512" => hmac::HMAC_SHA512,
        // SHA-1 is what many hubs still sign with; it is not taken.
        _ => return false,
    };
    let Some(tag) = bytes(digits) else { return false };
    hmac::verify(&hmac::Key::new(algorithm, secret.as_bytes()), body, &tag).is_ok()
}

/// Hexadecimal digits as bytes.
fn bytes(digits: &str) -> Option<Vec<u8>> {
    if !digits.len().is_multiple_of(2) || !digits.is_ascii() {
        return None;
    }
    digits.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231 §4.3, test case 2.
    const SHA256: &str = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    const SHA384: &str =
        "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649";
    const SHA512: &str = "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554\
                          9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737";
    /// RFC 2202 §3, test case 2.
    const SHA1: &str = "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79";

    fn taken(header: &str) -> bool {
        is_signed(Some(header.as_bytes()), "Jefe", b"what do ya want for nothing?")
    }

    #[test]
    fn sha256_and_better_are_taken() {
        for (method, digits) in [("sha256", SHA256), ("SHA256", SHA256), ("sha384", SHA384), ("sha512", SHA512)] {
            assert!(taken(&format!("{method}={digits}")), "{method}");
            assert!(taken(&format!(" {method}={} ", digits.to_ascii_uppercase())), "{method}");
        }
    }

    #[test]
    fn all_else_is_not() {
        for header in [
            format!("sha1={SHA1}"),
            format!("md5={SHA256}"),
            format!("sha512={SHA256}"),
            format!("sha256={}", &SHA256[..62]),
            format!("sha256={SHA256}00"),
            format!("sha256={}", SHA256.replace('5', "6")),
            format!("sha256={}", &SHA256[..63]),
            SHA256.to_owned(),
            "sha256=".to_owned(),
            "sha256=zz".to_owned(),
            "sha256=+1".to_owned(),
            "sha256=ää".to_owned(),
            String::new(),
        ] {
            assert!(!taken(&header), "{header}");
        }
        assert!(!is_signed(None, "Jefe", b"what do ya want for nothing?"));
        assert!(!is_signed(Some(b"sha256=\xff"), "Jefe", b""));
        assert!(!is_signed(Some(format!("sha256={SHA256}").as_bytes()), "jefe", b"what do ya want for nothing?"));
    }
}
