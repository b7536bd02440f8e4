use super::*;

#[tokio::test]
async fn a_login_is_tried_with_what_the_server_offers() {
    for (offers, said) in [
        ("250-test\r\n250 AUTH LOGIN PLAIN\r\n", "AUTH PLAIN AHVzZXIAc2VjcmV0"),
        ("250-test\r\n250 auth=LOGIN\r\n", "AUTH LOGIN"),
    ] {
        let mut server = Server::with(None).await;
        server.offers = offers;
        let relay = server.relay(&clock(), |smtp| smtp.login = password());
        let outcome = offer(&server, &relay, &mut Gate::open()).await;
        assert_eq!(judge(&outcome), Verdict::Delivered);
        assert!(server.heard().contains(&said.to_owned()), "{:?}", server.heard());
    }
}

#[tokio::test]
async fn a_refused_login_holds_the_mail() {
    for act in [Act::Say("535 5.7.8 bad\r\n"), Act::Say("454 4.7.0 later\r\n"), Act::Drop, Act::Hang] {
        let mut server = Server::with(Some(("AUTH", act))).await;
        server.offers = "250-test\r\n250 AUTH PLAIN\r\n";
        let relay = server.relay(&clock(), |smtp| smtp.login = password());
        let outcome = offer(&server, &relay, &mut Gate::open()).await;
        assert_eq!((outcome.phase, judge(&outcome)), (Phase::Auth, Verdict::LaterRelay), "{act:?}");
    }
}

/// A command that counts its runs and prints `token-1`, `token-2`, …, each followed by so many letters.
fn tokens(dir: &std::path::Path, padding: usize) -> Login {
    let script =
        format!("echo >> {at}/runs; printf 'token-%d%0{padding}d\\n' $(wc -l < {at}/runs) 0", at = dir.display());
    let command = crate::program::Program::new("sh".to_owned(), vec!["-c".to_owned(), script], "/".into());
    Login::Token { user: "me@example.org".to_owned(), command }
}

fn runs(dir: &std::path::Path) -> usize {
    std::fs::read_to_string(dir.join("runs")).map_or(0, |runs| runs.lines().count())
}

/// What is said for the token that the command prints in its run of this number.
fn said_for(run: usize) -> String {
    use base64::prelude::{BASE64_STANDARD, Engine as _};
    let words = BASE64_STANDARD.encode(format!("user=me@example.org\x01auth=Bearer token-{run}0\x01\x01"));
    format!("AUTH XOAUTH2 {words}")
}

const XOAUTH2: &str = "250-test\r\n250 AUTH PLAIN XOAUTH2\r\n";

#[tokio::test]
async fn a_token_is_asked_for_once_and_again_when_it_has_expired() {
    let dir = tempfile::tempdir().unwrap();
    let mut server = Server::with(None).await;
    server.offers = XOAUTH2;
    let clock = clock();
    let relay = server.relay(&clock, |smtp| smtp.login = tokens(dir.path(), 1));
    assert_eq!(runs(dir.path()), 0, "nobody has asked for a login yet");
    for _ in 0..2 {
        assert_eq!(judge(&offer(&server, &relay, &mut Gate::open()).await), Verdict::Delivered);
        // A connection of its own for each letter.
        clock.advance(jiff::SignedDuration::from_mins(5));
    }
    assert_eq!((runs(dir.path()), count(&server.heard(), &said_for(1))), (1, 2));
    // Now the server refuses the first token, as a challenge (Google) or at once (Microsoft).
    for (number, refusal) in [(1, "535 5.7.3 expired\r\n"), (2, "334 eyJzdGF0dXMiOiI0MDEifQ==\r\n")] {
        let said: &'static str = said_for(number).leak();
        server.fault = Some((said, Act::Say(refusal)));
        server.heard.lock().unwrap().clear();
        if refusal.starts_with("334") {
            // What the client answers to the challenge is no command; the server refuses then.
            server.after_challenge = Some("535 5.7.8 not accepted\r\n");
        }
        clock.advance(jiff::SignedDuration::from_mins(5));
        assert_eq!(judge(&offer(&server, &relay, &mut Gate::open()).await), Verdict::Delivered, "{refusal}");
        assert_eq!(runs(dir.path()), number + 1);
        assert_eq!(count(&server.heard(), &said_for(number + 1)), 1, "{:?}", server.heard());
    }
}

#[tokio::test]
async fn a_fresh_token_that_is_refused_is_not_asked_for_again_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let mut server = Server::with(Some(("AUTH", Act::Say("535 5.7.3 no\r\n")))).await;
    server.offers = XOAUTH2;
    let relay = server.relay(&clock(), |smtp| smtp.login = tokens(dir.path(), 1));
    let outcome = offer(&server, &relay, &mut Gate::open()).await;
    assert_eq!((outcome.phase, judge(&outcome), runs(dir.path())), (Phase::Auth, Verdict::LaterRelay, 1));
    // The next try asks for another one.
    offer(&server, &relay, &mut Gate::open()).await;
    assert_eq!(runs(dir.path()), 2);
}

#[tokio::test]
async fn a_long_token_goes_in_a_line_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let mut server = Server::with(Some(("AUTH", Act::Say("334 \r\n")))).await;
    server.offers = XOAUTH2;
    server.after_challenge = Some("235 2.7.0 welcome\r\n");
    let relay = server.relay(&clock(), |smtp| smtp.login = tokens(dir.path(), 3000));
    assert_eq!(judge(&offer(&server, &relay, &mut Gate::open()).await), Verdict::Delivered);
    let heard = server.heard();
    let at = heard.iter().position(|line| line == "AUTH XOAUTH2").unwrap();
    assert!(heard[at + 1].len() > 4000, "{heard:?}");
}

#[tokio::test]
async fn without_a_token_nothing_is_said_and_the_reason_is() {
    let mut server = Server::with(None).await;
    server.offers = XOAUTH2;
    for (script, why) in [
        ("echo 'log in first' >&2; exit 2", "ended with status 2: log in first"),
        ("echo a token", "has to print a token"),
        ("yes", "said more than"),
    ] {
        let command = crate::program::Program::new("sh".into(), vec!["-c".into(), script.into()], "/".into());
        let login = Login::Token { user: "me".to_owned(), command };
        let relay = server.relay(&clock(), |smtp| smtp.login = login);
        let outcome = offer(&server, &relay, &mut Gate::open()).await;
        assert_eq!((outcome.phase, judge(&outcome)), (Phase::Auth, Verdict::LaterRelay));
        assert!(outcome.answer().contains(why), "{}", outcome.answer());
    }
    assert_eq!(count(&server.heard(), "AUTH"), 0);
    server.offers = "250-test\r\n250 AUTH PLAIN\r\n";
    let dir = tempfile::tempdir().unwrap();
    let relay = server.relay(&clock(), |smtp| smtp.login = tokens(dir.path(), 1));
    let outcome = offer(&server, &relay, &mut Gate::open()).await;
    assert!(outcome.answer().contains("no AUTH XOAUTH2"), "{}", outcome.answer());
    assert_eq!(runs(dir.path()), 0, "a token that nobody wants");
}
