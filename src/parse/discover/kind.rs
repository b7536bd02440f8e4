//! What a web page that stands where a feed should be is there for: a login, consent, an error, a check for robots.
//!
//! Goes by the words of its title, its first heading and its first lines in the larger languages. Whoever reads the message
//! is told more than "not a feed"; nothing else depends on it.

use crate::parse::error::PageKind;
use crate::understand::text::html::one_line;
use crate::understand::text::html::scan::Tag;

/// Bytes of a page's text that are looked at.
const SAMPLE: usize = 4000;

/// A page that says more than so many bytes is there to be read, whatever else it says.
const SHORT: usize = 2500;

/// What is seen of a page on the way through it.
#[derive(Debug, Default)]
pub(super) struct Signs {
    password: bool,
    heading: String,
    sample: String,
    /// Bytes of text.
    length: usize,
}

impl Signs {
    pub(super) fn input(&mut self, tag: &Tag<'_>) {
        self.password |= tag.attribute("type").is_some_and(|kind| kind.trim().eq_ignore_ascii_case("password"));
    }

    pub(super) fn text(&mut self, text: &str, is_heading: bool) {
        let text = text.trim();
        self.length += text.len();
        if is_heading && self.heading.is_empty() {
            text[..text.floor_char_boundary(200)].clone_into(&mut self.heading);
        }
        if self.sample.len() < SAMPLE && !text.is_empty() {
            self.sample.push(' ');
            self.sample.push_str(&text[..text.floor_char_boundary(SAMPLE)]);
        }
    }

    pub(super) fn kind(&self, title: &str, has_feeds: bool) -> PageKind {
        let head = one_line(&format!("{title} {}", self.heading)).to_lowercase();
        let sample = one_line(&self.sample).to_lowercase();
        let short = self.length < SHORT;
        let says = |words: &[&str]| words.iter().any(|word| head.contains(word));
        let tells = |words: &[&str]| short && words.iter().any(|word| sample.contains(word));
        if says(CHECKS) || tells(CHECKS) {
            PageKind::Check
        } else if short && (is_status(&head) || says(ERRORS) || (!has_feeds && tells(FAILURES))) {
            PageKind::Error
        } else if (self.password && (!has_feeds || says(LOGINS))) || (short && says(LOGINS)) {
            PageKind::Login
        } else if !has_feeds && (says(CONSENTS) || tells(CONSENTS)) {
            PageKind::Consent
        } else {
            PageKind::Plain
        }
    }
}

/// Whether a title or heading begins or ends with a status of HTTP that is an error: `404 Not Found`, `Error 503`.
fn is_status(head: &str) -> bool {
    let is_code = |word: &str| {
        word.len() == 3 && matches!(word.as_bytes()[0], b'4' | b'5') && word.bytes().all(|b| b.is_ascii_digit())
    };
    let mut words = head.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    match (words.next(), words.next()) {
        (Some(first), _) if is_code(first) => true,
        (Some("error" | "http" | "erreur" | "fehler" | "status"), Some(second)) => is_code(second) || second == "error",
        _ => false,
    }
}

const CHECKS: &[&str] = &[
    "just a moment",
    "checking your browser",
    "checking if the site connection is secure",
    "attention required",
    "are you a robot",
    "are you human",
    "not a robot",
    "verify you are human",
    "verify that you are human",
    "security check",
    "enable javascript and cookies to continue",
    "ddos protection",
    "ddos-guard",
    "unusual traffic",
    "pardon our interruption",
    "access to this page has been denied",
    "bot verification",
    "captcha",
];

/// In a title or heading.
const ERRORS: &[&str] = &[
    "not found",
    "forbidden",
    "access denied",
    "permission denied",
    "unauthorized",
    "bad request",
    "bad gateway",
    "gateway timeout",
    "gateway time-out",
    "service unavailable",
    "temporarily unavailable",
    "internal server error",
    "server error",
    "too many requests",
    "request blocked",
    "suspended",
    "maintenance",
    "under construction",
    "domain for sale",
    "doesn't exist",
    "does not exist",
    "something went wrong",
    "an error occurred",
    "database error",
    "nicht gefunden",
    "nicht erreichbar",
    "nicht verfügbar",
    "wartungsarbeiten",
    "introuvable",
    "indisponible",
    "accès refusé",
    "no encontrad",
    "acceso denegado",
    "non trovat",
    "niet gevonden",
    "não encontrad",
    "nie znalezion",
    "hittades inte",
    "ikke funnet",
    "ikke fundet",
    "nem található",
    "nenalezen",
    "не найден",
    "не знайден",
    "bulunamadı",
    "見つかりません",
    "找不到",
];

/// Anywhere in a short page.
const FAILURES: &[&str] = &[
    "error establishing a database connection",
    "there has been a critical error on this website",
    "fatal error",
    "uncaught exception",
    "stack trace",
    "traceback (most recent call last)",
    "account suspended",
    "account has been suspended",
    "you don't have permission to access",
    "you do not have permission to access",
    "the requested url was not found",
    "the page you are looking for",
    "this domain is for sale",
    "reference #",
];

const LOGINS: &[&str] = &[
    "log in",
    "login",
    "log on",
    "sign in",
    "signin",
    "single sign-on",
    "anmelden",
    "anmeldung",
    "einloggen",
    "connexion",
    "se connecter",
    "identifiez-vous",
    "iniciar sesión",
    "inicio de sesión",
    "acceso de usuarios",
    "accedi",
    "inloggen",
    "aanmelden",
    "logga in",
    "logg inn",
    "log ind",
    "zaloguj",
    "logowanie",
    "iniciar sessão",
    "entrar",
    "přihlášení",
    "přihlásit",
    "bejelentkezés",
    "войти",
    "вход",
    "увійти",
    "giriş yap",
    "ログイン",
    "登录",
    "登入",
    "로그인",
];

const CONSENTS: &[&str] = &[
    "before you continue",
    "cookie consent",
    "cookie wall",
    "your privacy choices",
    "your privacy, your choice",
    "we value your privacy",
    "we care about your privacy",
    "consent to",
    "accept all",
    "accept cookies",
    "agree and continue",
    "accept and continue",
    "zustimmen",
    "alle akzeptieren",
    "einwilligung",
    "datenschutzeinstellungen",
    "tout accepter",
    "accepter et continuer",
    "aceptar todo",
    "aceptar y continuar",
    "accetta tutt",
    "accetta e continua",
    "alles accepteren",
    "akkoord",
    "aceitar tud",
    "zaakceptuj",
    "akceptuję",
    "godkänn alla",
    "godta alle",
    "accepter alle",
    "hyväksy kaikki",
    "přijmout vše",
    "принять все",
];

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;
    use crate::parse::discover::page;

    #[test]
    fn a_page_says_what_it_is_there_for() {
        let long = "words that are there to be read ".repeat(200);
        let url = Url::parse("http://a.example/").unwrap();
        for (html, kind) in [
            ("<title>Log in – Example</title><form><input type=password></form>", PageKind::Login),
            ("<title>Example</title><form><input name=u><input TYPE=Password></form>", PageKind::Login),
            ("<title>Anmelden | Beispiel</title>", PageKind::Login),
            (
                "<title>x</title><link rel=alternate type=application/rss+xml href=f><input type=password>",
                PageKind::Plain,
            ),
            ("<title>404 Not Found</title><h1>404 Not Found</h1><hr>nginx", PageKind::Error),
            ("<title>Error 503</title>", PageKind::Error),
            ("<title>Example</title><h1>Page introuvable</h1>", PageKind::Error),
            ("<h1>Error establishing a database connection</h1>", PageKind::Error),
            ("<title>Access Denied</title><h1>Access Denied</h1>You don't have permission", PageKind::Error),
            ("<title>Just a moment...</title><p>Enable JavaScript and cookies to continue", PageKind::Check),
            ("<title>x</title>Please complete the CAPTCHA", PageKind::Check),
            ("<title>Before you continue to Example</title>", PageKind::Consent),
            ("<title>Ex</title><p>We use cookies <button>Accept all</button>", PageKind::Consent),
            ("<title>Ex</title><button>Alle akzeptieren</button>", PageKind::Consent),
            ("<title>Example news</title><p>404 people came", PageKind::Plain),
        ] {
            assert_eq!(page(html, &url).kind, kind, "{html}");
        }
        let news = format!("<title>News</title><p>{long}<button>Accept all cookies</button> <a href=/login>Log in</a>");
        assert_eq!(page(&news, &url).kind, PageKind::Plain);
        for title in ["A history of maintenance", "500 years of printing"] {
            assert_eq!(page(&format!("<title>{title}</title><p>{long}"), &url).kind, PageKind::Plain);
        }
    }
}
