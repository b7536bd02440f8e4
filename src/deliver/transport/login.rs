use std::fmt;
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::commands::Auth;
use lettre::transport::smtp::response::{Category, Code, Detail, Response, Severity};
use tokio::sync::Mutex;

use super::dialogue::Dialogue;
use super::smtp::{Step, expect, heard, refused};
use crate::deliver::verdict::{Ending, Outcome, Phase, Reply};
use crate::program::Program;

/// Challenges of one `AUTH` that are answered; `LOGIN` has two.
const CHALLENGES_MAX: usize = 3;

/// How long a command may take that prints a token; some ask a server for it.
const TOKEN_WITHIN: Duration = Duration::from_secs(30);

/// Bytes that it may print. RFC 4954 §4 lets what is said of a login be 12288 bytes long, in base64.
const TOKEN_MAX: u64 = 8192;

/// Longest command with its line end (RFC 5321 §4.5.3.1.4).
const COMMAND_MAX: usize = 512;

/// Who we are to a mail server. What proves it is never said in plain text, except to this very machine.
#[derive(Clone, PartialEq, Eq)]
pub enum Login {
    /// Nobody: it asks for no login.
    None,
    /// A user with a password.
    Password {
        /// The user's name.
        user: String,
        /// The password.
        password: String,
    },
    /// A user with a token (XOAUTH2), which a command prints.
    Token {
        /// The user's name.
        user: String,
        /// Prints the token alone. It is run when there is none yet, and when the server refuses one that it took before.
        command: Program,
    },
}

/// Secrets are not shown.
impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Password { .. } => "Password(…)",
            Self::Token { .. } => "Token(…)",
        })
    }
}

/// A token, as long as the server takes it.
#[derive(Default)]
pub(super) struct Kept(Mutex<Option<Token>>);

struct Token {
    text: String,
    /// The server took it at least once; if it refuses it now, it has expired.
    taken: bool,
}

impl Kept {
    /// The token, from the command if there is none.
    async fn get(&self, command: &Program) -> Step<String> {
        let mut kept = self.0.lock().await;
        if let Some(token) = &*kept {
            return Ok(token.text.clone());
        }
        let printed = command.run(TOKEN_MAX, TOKEN_WITHIN).await;
        let printed = printed.map_err(|error| refused(Phase::Auth, format!("there is no token: {error}")))?;
        let text = token(&printed).ok_or_else(|| {
            let name = command.name();
            refused(Phase::Auth, format!("the command {name} has to print a token and nothing else, and does not"))
        })?;
        *kept = Some(Token { text: text.to_owned(), taken: false });
        Ok(text.to_owned())
    }

    async fn taken(&self) {
        if let Some(token) = &mut *self.0.lock().await {
            token.taken = true;
        }
    }

    /// Whether the server refused a token that it had taken before. One that is refused is forgotten in either case.
    pub(super) async fn has_expired(&self, outcome: &Outcome) -> bool {
        let is_refused =
            outcome.phase == Phase::Auth && matches!(&outcome.ending, Ending::Reply(reply) if reply.code / 100 == 5);
        is_refused && self.0.lock().await.take().is_some_and(|token| token.taken)
    }
}

/// What a command printed, if it can be a token (RFC 6750 §2.1, and what else is seen).
fn token(printed: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(printed).ok()?.trim();
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())).then_some(text)
}

/// Logs in. `offers` is what the server said to `EHLO`, in capitals.
pub(super) async fn log_in(
    dialogue: &mut Dialogue,
    offers: &[String],
    login: &Login,
    kept: &Kept,
    limit: Duration,
) -> Step<()> {
    let offered = |mechanism: &str| {
        let auth = offers.iter().filter_map(|offer| offer.strip_prefix("AUTH"));
        auth.flat_map(|rest| rest.split([' ', '='])).any(|word| word == mechanism)
    };
    match login {
        Login::None => Ok(()),
        Login::Password { user, password } => {
            let mechanism = match (offered("PLAIN"), offered("LOGIN")) {
                (true, _) => Mechanism::Plain,
                (false, true) => Mechanism::Login,
                _ => return Err(refused(Phase::Auth, "the server offers neither AUTH PLAIN nor AUTH LOGIN")),
            };
            with_password(dialogue, mechanism, Credentials::new(user.clone(), password.clone()), limit).await
        }
        Login::Token { user, command } => {
            if !offered("XOAUTH2") {
                return Err(refused(Phase::Auth, "the server offers no AUTH XOAUTH2, and there is no password"));
            }
            with_token(dialogue, user, &kept.get(command).await?, limit).await?;
            kept.taken().await;
            Ok(())
        }
    }
}

async fn with_password(
    dialogue: &mut Dialogue,
    mechanism: Mechanism,
    credentials: Credentials,
    limit: Duration,
) -> Step<()> {
    let stuck = |error: lettre::transport::smtp::Error| refused(Phase::Auth, error.to_string());
    let begin = Auth::new(mechanism, credentials.clone(), None).map_err(stuck)?;
    let mut reply = heard(Phase::Auth, dialogue.command(begin, limit).await)?;
    for _ in 0..CHALLENGES_MAX {
        if reply.code != 334 {
            break;
        }
        let next = Auth::new_from_response(mechanism, credentials.clone(), &challenge(&reply)).map_err(stuck)?;
        reply = heard(Phase::Auth, dialogue.command(next, limit).await)?;
    }
    expect(Phase::Auth, 235, Ok(reply)).map(drop)
}

/// A refusal comes as a challenge that says why; only an empty answer to that brings the refusal itself.
async fn with_token(dialogue: &mut Dialogue, user: &str, token: &str, limit: Duration) -> Step<()> {
    let words = BASE64_STANDARD.encode(format!("user={user}\u{1}auth=Bearer {token}\u{1}\u{1}"));
    let whole = format!("AUTH XOAUTH2 {words}\r\n");
    let reply = if whole.len() <= COMMAND_MAX {
        dialogue.command(whole, limit).await
    } else {
        expect(Phase::Auth, 334, dialogue.command("AUTH XOAUTH2\r\n", limit).await)?;
        dialogue.command(format!("{words}\r\n"), limit).await
    };
    let mut reply = heard(Phase::Auth, reply)?;
    if reply.code == 334 {
        reply = heard(Phase::Auth, dialogue.command("\r\n", limit).await)?;
    }
    expect(Phase::Auth, 235, Ok(reply)).map(drop)
}

fn challenge(reply: &Reply) -> Response {
    let code = Code::new(Severity::PositiveIntermediate, Category::Unspecified3, Detail::Four);
    Response::new(code, reply.lines.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_stands_alone() {
        assert_eq!(token(b"ya29.a0-_~+/=\n"), Some("ya29.a0-_~+/="));
        for bad in [&b""[..], b"\n", b"one two", b"one\ntwo\n", b"\xff", "é".as_bytes(), b"a\0"] {
            assert_eq!(token(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn nothing_secret_is_shown() {
        let login = Login::Password { user: "me".to_owned(), password: "geheim".to_owned() };
        assert!(!format!("{login:?}").contains("geheim"));
    }
}
