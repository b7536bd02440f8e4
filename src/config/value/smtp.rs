use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;
use url::{Host, Url};

use super::file::file_url;
use crate::config::PASSWORD_WAYS;
use crate::config::TlsPolicy;
use crate::config::reference::nearest;
use crate::config::table::Fault;
use crate::deliver::transport::Dialect;
use crate::program::{Program, program_beside};

/// Where mail goes, before a password was looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::config) enum Target {
    Server(Server),
    /// A Unix socket, behind which LMTP is spoken.
    Socket(PathBuf),
    /// A program that takes mail as sendmail does.
    Program(Program),
    Directory(PathBuf),
}

/// A mail server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::config) struct Server {
    pub(in crate::config) host: String,
    pub(in crate::config) port: u16,
    pub(in crate::config) dialect: Dialect,
    pub(in crate::config) tls: TlsPolicy,
    pub(in crate::config) user: Option<String>,
}

/// RFC 5321 §4.5.4.2.
const PORT: u16 = 25;
/// RFC 8314 §7.3.
const PORT_IMPLICIT_TLS: u16 = 465;
/// What servers use; RFC 2033 §5 forbids that of SMTP and names none.
const PORT_LMTP: u16 = 24;

/// Where programs that take mail have their name for ever.
const SENDMAIL: &str = "/usr/sbin/sendmail";

/// Words of a `sendmail:` address; more are taken for a mistake.
const WORDS_MAX: usize = 16;

/// Letters of such a word.
const WORD_LEN_MAX: usize = 1000;

/// `smtp://[USER@]HOST[:PORT][?tls=required]`, `smtps://[USER@]HOST[:PORT]`, `lmtp://[USER@]HOST[:PORT][?tls=required]`,
/// `lmtp:SOCKET`, `sendmail:[PROGRAM [ARGUMENT]…]` or `file:DIR`; paths are relative to `base`.
pub(in crate::config) fn target(text: &str, base: &Path) -> Result<Target, Fault> {
    if let Some(after) = text.strip_prefix("file:") {
        return file_url(after, base).map(Target::Directory);
    }
    if let Some(after) = text.strip_prefix("sendmail:") {
        return program(after, base).map(Target::Program);
    }
    if let Some(after) = text.strip_prefix("lmtp:").filter(|after| !after.starts_with("//") || after.starts_with("///"))
    {
        return file_url(after, base).map(Target::Socket);
    }
    if let Some((at, c)) = text.char_indices().find(|(_, c)| c.is_whitespace() || c.is_control()) {
        return Err(Fault::new("an address has no spaces and no control characters").at(at..at + c.len_utf8()));
    }
    let Some((scheme, rest)) = text.split_once("://") else {
        let guess = text.trim_start_matches("smtps:").trim_start_matches("smtp:").trim_matches('/');
        let guess = match guess.rsplit_once('@') {
            Some((who, server)) => format!("{}@{server}", who.split(':').next().unwrap_or(who)),
            None if guess.is_empty() => "mail.example.org".to_owned(),
            None => guess.to_owned(),
        };
        return Err(Fault::new("this does not begin with smtp://, smtps://, lmtp:, sendmail: or file:")
            .hint(format!("write \"smtp://{guess}\"")));
    };
    let (dialect, tls) = match scheme {
        "smtp" => (Dialect::Smtp, TlsPolicy::Offered),
        "smtps" => (Dialect::Smtp, TlsPolicy::Implicit),
        "lmtp" => (Dialect::Lmtp, TlsPolicy::Offered),
        other => {
            let near = nearest(other, ["smtp", "smtps", "lmtp"]).unwrap_or("smtps");
            let fault = Fault::new(format!("mail does not go by {other}:")).at(0..scheme.len());
            return Err(fault.hint(format!("did you mean \"{near}://…\"?")));
        }
    };
    let url = Url::parse(text).map_err(|error| {
        Fault::new(format!("this is not the address of a server: {error}"))
            .hint("write \"smtps://user@mail.example.org\"")
    })?;
    if url.password().is_some() {
        return Err(Fault::new("a password does not belong in the address").hint(format!(
            "write \"{scheme}://{}@{}\", and give the password {}",
            url.username(),
            rest.rsplit_once('@').map_or(rest, |(_, server)| server),
            PASSWORD_WAYS
        )));
    }
    let host = match url.host() {
        Some(Host::Domain(name)) if !name.is_empty() => domain(name)?,
        Some(Host::Ipv4(address)) => address.to_string(),
        Some(Host::Ipv6(address)) => address.to_string(),
        _ => return Err(Fault::new("this names no server").hint(format!("write \"{scheme}://mail.example.org\""))),
    };
    if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
        return Err(Fault::new("nothing but a port and `?tls=required` may follow the server's name"));
    }
    let default = match (dialect, tls) {
        (Dialect::Lmtp, _) => PORT_LMTP,
        (Dialect::Smtp, TlsPolicy::Implicit) => PORT_IMPLICIT_TLS,
        (Dialect::Smtp, _) => PORT,
    };
    let port = url.port().unwrap_or(default);
    if port == 0 {
        return Err(Fault::new("there is no port 0").hint("write 25, 465 or 587, or leave it out"));
    }
    if dialect == Dialect::Lmtp && port == PORT {
        let fault = Fault::new("LMTP is never spoken at port 25, which is that of SMTP (RFC 2033)");
        return Err(fault.hint("write smtp://, or the port of the LMTP server"));
    }
    Ok(Target::Server(Server { host, port, dialect, tls: with_query(&url, tls)?, user: user(&url)? }))
}

/// A program and its arguments, with spaces between; `%20` is a space inside of one. There is no shell.
fn program(after: &str, base: &Path) -> Result<Program, Fault> {
    let mut words = Vec::new();
    for word in after.split([' ', '\t']).filter(|word| !word.is_empty()) {
        let Ok(word) = percent_decode_str(word).decode_utf8() else {
            return Err(Fault::new("what is given to a program is not UTF-8"));
        };
        if word.contains(char::is_control) {
            return Err(Fault::new("no program is given control characters here"));
        }
        if word.chars().count() > WORD_LEN_MAX || words.len() == WORDS_MAX {
            return Err(Fault::new(format!(
                "a program is given {WORDS_MAX} words at most here, of {WORD_LEN_MAX} letters at most"
            ))
            .hint("put what it needs into a config of its own, or into a small script"));
        }
        words.push(word.into_owned());
    }
    // The recipient is told to it already; with this it would also read the message for others.
    if words.iter().skip(1).any(|word| word == "-t") {
        return Err(Fault::new("`-t` would have it look for recipients in the message; it is told the recipient")
            .hint("take `-t` out"));
    }
    let name = if words.is_empty() { SENDMAIL.to_owned() } else { program_beside(&words.remove(0), base) };
    Ok(Program::new(name, words, base.to_owned()))
}

/// A name in ASCII. The URL parser leaves the host of an unknown scheme as it is.
fn domain(name: &str) -> Result<String, Fault> {
    let fault =
        || Fault::new(format!("`{name}` is not the name of a server")).hint("write a name such as mail.example.org");
    let decoded = percent_decode_str(name).decode_utf8().map_err(|_| fault())?;
    match Host::parse(&decoded) {
        Ok(Host::Domain(name)) if !name.is_empty() => Ok(name),
        Ok(Host::Ipv4(address)) => Ok(address.to_string()),
        _ => Err(fault()),
    }
}

fn with_query(url: &Url, tls: TlsPolicy) -> Result<TlsPolicy, Fault> {
    match (url.query(), tls) {
        (None, tls) => Ok(tls),
        (Some("tls=required"), TlsPolicy::Implicit) => Ok(TlsPolicy::Implicit),
        (Some("tls=required"), _) => Ok(TlsPolicy::Required),
        (Some(other), _) => {
            Err(Fault::new(format!("`?{other}` is not understood")).hint("`?tls=required` insists on STARTTLS"))
        }
    }
}

fn user(url: &Url) -> Result<Option<String>, Fault> {
    if url.username().is_empty() {
        return Ok(None);
    }
    let user = percent_decode_str(url.username()).decode_utf8().ok().filter(|user| !user.contains(char::is_control));
    match user {
        Some(user) => Ok(Some(user.into_owned())),
        None => Err(Fault::new("the user's name is not UTF-8 without control characters")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Target, Fault> {
        target(text, Path::new("/etc/newswatch"))
    }

    fn server(host: &str, port: u16, tls: TlsPolicy, user: Option<&str>) -> Target {
        let dialect = Dialect::Smtp;
        Target::Server(Server { host: host.to_owned(), port, dialect, tls, user: user.map(str::to_owned) })
    }

    #[test]
    fn servers_and_directories() {
        use TlsPolicy::{Implicit, Offered, Required};
        assert_eq!(read("smtp://mail.example.org"), Ok(server("mail.example.org", 25, Offered, None)));
        assert_eq!(read("smtp://mail.example.org:587/"), Ok(server("mail.example.org", 587, Offered, None)));
        assert_eq!(read("smtp://127.0.0.1:2525?tls=required"), Ok(server("127.0.0.1", 2525, Required, None)));
        assert_eq!(read("smtps://me%40x@[::1]"), Ok(server("::1", 465, Implicit, Some("me@x"))));
        assert_eq!(
            read("smtps://me@MÜNCHEN.de?tls=required"),
            Ok(server("xn--mnchen-3ya.de", 465, Implicit, Some("me")))
        );
        assert_eq!(read("file:mail"), Ok(Target::Directory(PathBuf::from("/etc/newswatch/mail"))));
    }

    #[test]
    fn other_ways_than_smtp() {
        let lmtp = |host: &str, port, tls| {
            let (host, user) = (host.to_owned(), None);
            Ok(Target::Server(Server { host, port, dialect: Dialect::Lmtp, tls, user }))
        };
        assert_eq!(read("lmtp://mail.example.org"), lmtp("mail.example.org", 24, TlsPolicy::Offered));
        assert_eq!(read("lmtp://[::1]:2400?tls=required"), lmtp("::1", 2400, TlsPolicy::Required));
        for text in ["lmtp:/run/dovecot/lmtp", "lmtp:///run/dovecot/lmtp"] {
            assert_eq!(read(text), Ok(Target::Socket("/run/dovecot/lmtp".into())));
        }
        let program = |name: &str, words: &[&str]| {
            let words = words.iter().map(|&word| word.to_owned()).collect();
            Ok(Target::Program(Program::new(name.to_owned(), words, "/etc/newswatch".into())))
        };
        assert_eq!(read("sendmail:"), program("/usr/sbin/sendmail", &[]));
        assert_eq!(read("sendmail:/usr/lib/sendmail"), program("/usr/lib/sendmail", &[]));
        assert_eq!(read("sendmail:msmtp -a  my%20work"), program("msmtp", &["-a", "my work"]));
        assert_eq!(read("sendmail:./send"), program("/etc/newswatch/send", &[]));
    }

    #[test]
    fn mistakes_are_explained() {
        for (text, word) in [
            ("", "does not begin"),
            ("mail.example.org", "does not begin"),
            ("mail.example.org:25", "does not begin"),
            ("smpt://x", "does not go by smpt:"),
            ("https://x", "does not go by https:"),
            ("smtp://", "names no server"),
            ("smtp://x:0", "no port 0"),
            ("smtp://x:99999", "not the address"),
            ("smtp://x/y", "nothing but a port"),
            ("smtp://x?tls=no", "not understood"),
            ("smtp://me:you@x", "a password does not belong"),
            ("smtp://a b", "no spaces"),
            ("smtp://x\r\ny", "no spaces"),
            ("smtp://%00@x", "control characters"),
            ("smtp://a%20b", "not the name of a server"),
            ("file:", "empty"),
            ("lmtp://x:25", "never spoken at port 25"),
            ("lmtp://x/run/lmtp", "nothing but a port"),
            ("lmpt://x", "does not go by lmpt:"),
            ("lmtp:", "empty"),
            ("sendmail:a -t", "look for recipients"),
            ("sendmail:a b\nc", "control characters"),
            ("sendmail:a %00", "control characters"),
            ("sendmail:a b c d e f g h i j k l m n o p q", "16 words at most"),
        ] {
            let fault = read(text).unwrap_err();
            assert!(fault.message.contains(word), "{text:?}: {}", fault.message);
        }
        assert_eq!(
            read("mail.example.org:25").unwrap_err().hint.as_deref(),
            Some("write \"smtp://mail.example.org:25\"")
        );
        let hint = read("smtps://me:hunter2@x:1").unwrap_err().hint.unwrap();
        assert!(
            hint.contains("smtps://me@x:1") && !hint.contains("hunter2") && hint.contains("smtp-password"),
            "{hint}"
        );
    }
}
