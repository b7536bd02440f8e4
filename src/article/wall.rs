//! Pages that stand in the place of an article: consent, login, subscription, errors and challenges to robots.
//!
//! An article may speak of all of these, so words alone do not make a wall: a wall says little else.

/// What stands in the place of an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wall {
    /// It asks for consent to cookies first.
    Consent,
    /// It asks who the reader is.
    Login,
    /// It shows the beginning and sells the rest.
    Paywall,
    /// The page is not there, not allowed, or a challenge to robots.
    Error,
}

impl Wall {
    /// Its name in `article read --json`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Consent => "consent",
            Self::Login => "login",
            Self::Paywall => "paywall",
            Self::Error => "error",
        }
    }

    /// The reason in words.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Consent => "the page asks for consent to cookies instead of showing an article",
            Self::Login => "the page asks to log in instead of showing an article",
            Self::Paywall => "the page shows only the beginning of the article and asks to subscribe",
            Self::Error => "the page is an error or a check for robots, not an article",
        }
    }
}

/// A text of this length, in characters, is an article whatever words are in it.
pub(super) const ARTICLE_MIN: usize = 1_500;

/// A page with less of its own text than this is judged by its title alone.
const STUB_MAX: usize = 600;

const CONSENT: &[&str] = &[
    "accept all",
    "accept cookies",
    "accept and continue",
    "agree and continue",
    "alle akzeptieren",
    "all cookies",
    "before you continue",
    "cookie policy",
    "cookie settings",
    "cookies akzeptieren",
    "consent to the use",
    "consent",
    "datenschutzeinstellungen",
    "einwilligung",
    "gestionar cookies",
    "aceptar y continuar",
    "aceitar cookies",
    "accepter et continuer",
    "tout accepter",
    "accetta tutti",
    "accetta e continua",
    "alles accepteren",
    "akceptuję",
    "zgadzam się",
    "elfogadom",
    "manage options",
    "manage preferences",
    "our partners",
    "personal data",
    "privacy choices",
    "privacy settings",
    "reject all",
    "store and/or access information",
    "unsere partner",
    "use of cookies",
    "use cookies",
    "uses cookies",
    "verwenden cookies",
    "we value your privacy",
    "votre consentement",
    "we and our",
    "wir und unsere",
    "zustimmung",
    "согласие",
    "файлы cookie",
];

const LOGIN: &[&str] = &[
    "log in to continue",
    "login to continue",
    "log in to your account",
    "log in to read",
    "please log in",
    "please login",
    "please sign in",
    "sign in to continue",
    "sign in to read",
    "sign in to your account",
    "you must be logged in",
    "you need to log in",
    "create an account to continue",
    "register to continue",
    "forgot password",
    "forgot your password",
    "bitte melden sie sich an",
    "passwort vergessen",
    "einloggen",
    "connectez-vous",
    "mot de passe oublié",
    "inicia sesión",
    "contraseña olvidada",
    "iniciar sesión",
    "accedi per",
    "password dimenticata",
    "faça login",
    "esqueceu a senha",
    "esqueci minha senha",
    "zaloguj się",
    "войдите",
    "забыли пароль",
    "inloggen",
    "wachtwoord vergeten",
    "jelentkezzen be",
    "elfelejtett jelszó",
    "giriş yap",
];

const PAYWALL: &[&str] = &[
    "already a subscriber",
    "article is for subscribers",
    "become a subscriber",
    "continue reading with",
    "exclusive to subscribers",
    "for subscribers only",
    "keep reading with",
    "only available to subscribers",
    "reserved for subscribers",
    "subscribe to continue",
    "subscribe to keep reading",
    "subscribe to read",
    "subscribe to unlock",
    "subscriber-only",
    "subscribers only",
    "subscription required",
    "to continue reading",
    "to read the full",
    "to read this article",
    "unlock this article",
    "you have reached your limit",
    "free articles",
    "nur für abonnenten",
    "jetzt weiterlesen",
    "weiterlesen mit",
    "mit abo",
    "abonnieren sie",
    "article réservé",
    "réservé aux abonnés",
    "abonnez-vous pour lire",
    "para suscriptores",
    "suscríbete para",
    "exclusivo para assinantes",
    "assine para",
    "riservato agli abbonati",
    "abbonati per",
    "per continuare a leggere",
    "alleen voor abonnees",
    "tylko dla subskrybentów",
    "dla prenumeratorów",
    "только для подписчиков",
    "подписчикам",
    "csak előfizetőknek",
];

const ERROR: &[&str] = &[
    "404",
    "access denied",
    "access to this page has been denied",
    "are you a robot",
    "are you human",
    "attention required",
    "bad gateway",
    "captcha",
    "checking your browser",
    "ddos protection",
    "enable cookies",
    "enable javascript",
    "error 403",
    "error 404",
    "error 500",
    "error 503",
    "forbidden",
    "gateway timeout",
    "internal server error",
    "just a moment",
    "no longer available",
    "not a robot",
    "page cannot be found",
    "page can't be found",
    "page doesn't exist",
    "page not found",
    "page you requested",
    "page you were looking for",
    "page isn't available",
    "pardon our interruption",
    "ray id",
    "request blocked",
    "security check",
    "service unavailable",
    "site is under maintenance",
    "temporarily unavailable",
    "too many requests",
    "unusual traffic",
    "verify you are",
    "verifying you are human",
    "we can't find",
    "we couldn't find",
    "you have been blocked",
    "your browser",
    "javascript is disabled",
    "unavailable for legal reasons",
    "not available in your region",
    "nicht gefunden",
    "zugriff verweigert",
    "page introuvable",
    "page non trouvée",
    "accès refusé",
    "página no encontrada",
    "acceso denegado",
    "página não encontrada",
    "acesso negado",
    "pagina non trovata",
    "accesso negato",
    "pagina niet gevonden",
    "nie znaleziono",
    "strona nie istnieje",
    "страница не найдена",
    "доступ запрещен",
    "доступ запрещён",
    "az oldal nem található",
    "sayfa bulunamadı",
    "ページが見つかりません",
    "找不到",
    "찾을 수 없습니다",
];

/// What is looked at to tell a wall from an article.
pub(super) struct Look<'a> {
    /// The page's title and headline.
    pub(super) title: &'a str,
    /// All text of the page that is shown.
    pub(super) shown: &'a str,
    /// The article's text as it was found.
    pub(super) text: &'a str,
    /// Whether it has a field for a password.
    pub(super) password: bool,
    /// Whether it says that not everybody may read it.
    pub(super) paid: bool,
}

/// How much of the page's beginning is looked at, in bytes.
const SHOWN_MAX: usize = 20_000;

/// Whether a page is a wall, and which.
pub(super) fn recognise(look: &Look<'_>) -> Option<Wall> {
    let length = look.text.chars().count();
    if length >= ARTICLE_MIN {
        return None;
    }
    let end = (0..=SHOWN_MAX.min(look.shown.len())).rev().find(|&end| look.shown.is_char_boundary(end)).unwrap_or(0);
    let shown = even(&look.shown[..end]);
    let text = even(look.text);
    let title = even(look.title);
    let all = shown.chars().count();
    let said = |words: &[&str], text: &str| words.iter().filter(|word| has_word(text, word)).count();
    // What is in the article's own place weighs; the rest of a page may invite to anything.
    let only = if length < STUB_MAX && all < 2 * ARTICLE_MIN { &shown } else { &text };
    if said(CONSENT, &text) >= 3 || (length < STUB_MAX && all < 2 * ARTICLE_MIN && said(CONSENT, only) >= 3) {
        return Some(Wall::Consent);
    }
    if length < STUB_MAX
        && (said(ERROR, &title) > 0 && title.chars().count() < 80 || (all < ARTICLE_MIN && said(ERROR, &shown) > 0))
    {
        return Some(Wall::Error);
    }
    if said(PAYWALL, &shown) > 0 && (length < STUB_MAX || look.paid || said(PAYWALL, &text) > 0) {
        return Some(Wall::Paywall);
    }
    if look.paid && length < STUB_MAX {
        return Some(Wall::Paywall);
    }
    let asks = said(LOGIN, only);
    (length < STUB_MAX && (asks > 1 || (asks > 0 && length < 300) || (look.password && length < 300)))
        .then_some(Wall::Login)
}

/// In lower case, apostrophes straight.
fn even(text: &str) -> String {
    text.to_lowercase().replace('’', "'")
}

/// Whether words stand in a text, not within longer ones.
fn has_word(text: &str, words: &str) -> bool {
    text.match_indices(words).any(|(at, _)| {
        let alone = |c: Option<char>| c.is_none_or(|c| !c.is_ascii_alphanumeric());
        alone(text[..at].chars().next_back()) && alone(text[at + words.len()..].chars().next())
    })
}
