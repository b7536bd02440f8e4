//! `mail list`, `mail preview`, `mail retry`, `mail drop` and `mail test`.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use serde_json::json;

use super::Desk;
use super::arguments::Since;
use super::table::{Table, json_time, plain, time};
use crate::alert::{Channel, DigestRun, Held, Material, Mutes, Near, Routes};
use crate::chance;
use crate::clock::{Clock, SystemClock};
use crate::config::{MailSettings, Settings};
use crate::control::Answer;
use crate::daemon;
use crate::deliver::compose::{self, Context};
use crate::deliver::transport::{Letter, Unrecorded};
use crate::deliver::{Installation, Ledger, Verdict, judge};
use crate::item::{Envelope, Hit, ItemId, Key, MailId, StoryId, Telling};
use crate::store::{ByHand, GivenUp, LedgerEntry, MailRow, Rendered};

/// The outbox, newest first.
pub(super) async fn list(desk: &Desk, json: bool, limit: usize) -> anyhow::Result<Answer> {
    let mails = desk.store.mails(limit).await?;
    let zone = desk.settings.time_zone();
    let mut out = String::new();
    let mut table = Table::new(&["ID", "STATE", "TO", "QUEUED", "TRIES", "NEXT", "SUBJECT", "ANSWER"]);
    for mail in mails {
        if json {
            let line = json!({
                "id": mail.id.0, "message_id": mail.message_id, "to": mail.to, "subject": mail.subject,
                "watches": mail.watches, "state": mail.state.as_str(), "tries": mail.tries, "next": json_time(mail.next),
                "answer": mail.answer, "queued": json_time(Some(mail.queued)), "sent": json_time(mail.sent),
            });
            writeln!(out, "{line}")?;
        } else {
            table.row([
                mail.id.0.to_string(),
                mail.state.as_str().to_owned(),
                mail.to,
                time(Some(mail.queued), &zone),
                mail.tries.to_string(),
                time(mail.next, &zone),
                mail.subject.unwrap_or_default(),
                mail.answer.unwrap_or_default(),
            ]);
        }
    }
    Ok(Answer { out: if json { out } else { table.render() }, ..Answer::default() })
}

/// The next digest as it would go out now, or with all that was matched since a time. Uses nothing up.
pub(super) async fn preview(
    desk: &Desk,
    digest: Option<&str>,
    since: Option<Since>,
    into_files: bool,
) -> anyhow::Result<Answer> {
    let mail = mail_settings(&desk.settings)?;
    let names: Vec<&str> = desk.settings.digests.iter().map(|digest| digest.name.as_str()).collect();
    if let Some(wanted) = digest
        && !names.contains(&wanted)
    {
        anyhow::bail!("no digest is called {wanted}; there are: {}", names.join(", "));
    }
    let sender = daemon::sender(mail, &desk.settings.web)?;
    let (now, installation) = (desk.clock.now(), installation(&desk.settings)?);
    let proof = compose::Proof::of(&desk.store.counts().await?, &desk.store.failing().await?, now);
    let mut answer = Answer::default();
    if names.is_empty() {
        writeln!(answer.err, "the config has no [[digest]]; `newswatch mail list` shows alerts")?;
    }
    for name in names.into_iter().filter(|name| digest.is_none_or(|wanted| wanted == *name)) {
        let mails = next_digest(desk, name, since).await?;
        if mails.is_empty() {
            let hint = if since.is_some() { "" } else { "; `--since 7d` shows it with what was matched in seven days" };
            writeln!(answer.err, "digest {name}: nothing waits for it{hint}")?;
        }
        for (envelope, tellings) in mails {
            let entries = desk.store.entries(tellings).await?;
            let to = envelope.recipient.as_str();
            let (sender, installation, proof) = (&sender, &installation, Some(&proof));
            let context = Context { sender, installation, to, now, proof, whole: None, short: false };
            let views = compose::views(&context, &envelope.kind, &entries, &[])?;
            let rendered = compose::mail(&context, &envelope, &entries, &[])?;
            if into_files {
                let mut stem = file_name(&format!("{name}-{}", envelope.recipient));
                while answer.files.iter().any(|(taken, _)| *taken == format!("{stem}.eml")) {
                    stem.push('_');
                }
                writeln!(answer.out, "{stem}.eml, .html, .txt: {}", plain(&views.subject))?;
                answer.files.push((format!("{stem}.eml"), String::from_utf8(rendered.bytes)?));
                answer.files.push((format!("{stem}.html"), views.html));
                answer.files.push((format!("{stem}.txt"), views.text));
            } else {
                writeln!(
                    answer.out,
                    "To: {}\nSubject: {}\n\n{}",
                    envelope.recipient,
                    plain(&views.subject),
                    views.text
                )?;
            }
        }
    }
    Ok(answer)
}

/// The mails that a digest would become now.
async fn next_digest(desk: &Desk, name: &str, since: Option<Since>) -> anyhow::Result<Vec<(Envelope, Vec<Telling>)>> {
    let (routes, now) = (desk.settings.routes(), desk.clock.now());
    let mut held = match since {
        None => desk.store.held(name).await?,
        Some(since) => history(&routes, name, desk.store.matches(since.instant(now)).await?),
    };
    let mutes = Mutes::new(desk.store.mutes(now).await?.into_iter().map(|row| row.mute).collect());
    for waiting in &mut held {
        waiting.tellings.retain(|telling| routes.muted(telling, name, &mutes).is_none());
    }
    held.retain(|waiting| !waiting.tellings.is_empty());
    // Whatever the week has heard of already, a preview shows what was nearly matched.
    let week = Some(now.to_string());
    let run = DigestRun { name: name.to_owned(), slot: None, week, through: now, at: now };
    let near = desk.store.near_misses(routes.tuned_by(&run), Near::since(now)).await?;
    Ok(routes.digest(&run, Material { held, near: &near, mutes: &mutes }, &HashSet::new()))
}

/// What stored matches would have given to a digest.
fn history(routes: &Routes, digest: &str, matches: Vec<(ItemId, StoryId, Hit)>) -> Vec<Held> {
    let channel = Channel::Digest(digest.to_owned());
    let mut held: BTreeMap<&str, Vec<Telling>> = BTreeMap::new();
    for (item, story, hit) in matches {
        let Some(route) = routes.watches.get(&hit.watch).filter(|route| route.send.contains(&channel)) else {
            continue;
        };
        for recipient in &route.to {
            held.entry(recipient).or_default().push(Telling {
                item,
                story,
                recipient: recipient.clone(),
                title: route.title.clone(),
                key: Key::of(&["preview", recipient, &hit.watch, &item.0.to_string()]),
                hit: hit.clone(),
                edited: false,
                later: false,
            });
        }
    }
    held.into_iter().map(|(recipient, tellings)| Held { recipient: recipient.to_owned(), tellings }).collect()
}

/// Tries a mail again now.
pub(super) async fn retry(desk: &Desk, id: i64) -> anyhow::Result<Answer> {
    let row = in_hand(id, desk.store.revive(MailId(id), desk.clock.now()).await?, &desk.settings)?;
    (desk.wake_deliverer)();
    let when = if desk.daemon.is_some() { "is tried again now" } else { "is tried again by the next pass" };
    Ok(Answer { out: format!("{} {when}\n", called(&row)), ..Answer::default() })
}

/// Gives a mail up for good. The ledger learns of it before the outbox forgets it, so that no backup brings it back.
pub(super) async fn give_up(desk: &Desk, id: i64) -> anyhow::Result<Answer> {
    let now = desk.clock.now();
    let GivenUp { row, keys } = in_hand(id, desk.store.give_up(MailId(id), now).await?, &desk.settings)?;
    // One that was never rendered has no name under which a ledger could know it, and nobody has seen it.
    if let Some(message_id) = row.message_id.clone() {
        let ledger = match &desk.ledger {
            Some(ledger) => ledger.clone(),
            None => Ledger::open(&desk.settings.store.ledger)?,
        };
        let entry = LedgerEntry { at: now, message_id, verdict: "dropped".to_owned(), keys: keys.clone() };
        tokio::task::spawn_blocking(move || ledger.append(&entry)).await??;
    }
    desk.store.bury(row.id, keys).await?;
    Ok(Answer { out: format!("{} is given up and will not be sent\n", called(&row)), ..Answer::default() })
}

/// `mail 5 to desk@example.org ([veto] Ministers veto the budget)`.
fn called(row: &MailRow) -> String {
    let subject = row.subject.as_deref().map(|subject| format!(" ({})", plain(subject))).unwrap_or_default();
    format!("mail {} to {}{subject}", row.id.0, plain(&row.to))
}

fn in_hand<T>(id: i64, taken: ByHand<T>, settings: &Settings) -> anyhow::Result<T> {
    match taken {
        ByHand::Done(done) => Ok(done),
        ByHand::Unknown => anyhow::bail!("no mail has the number {id}; `newswatch mail list` shows the outbox"),
        ByHand::Sent(at) => {
            anyhow::bail!("mail {id} was sent at {}; there is nothing left to do", time(at, &settings.time_zone()))
        }
        ByHand::Busy => {
            anyhow::bail!("mail {id} is on its way at this moment; `newswatch mail list` will show how it ends")
        }
    }
}

/// A file's name made of the names of a digest and a recipient: it stays in its directory and is not hidden there.
fn file_name(text: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() || matches!(c, '@' | '.' | '-') { c } else { '_' };
    let name: String = text.chars().map(plain).collect();
    if name.starts_with('.') { format!("_{name}") } else { name }
}

fn mail_settings(settings: &Settings) -> anyhow::Result<&MailSettings> {
    settings.mail.as_ref().context("the config has no [mail]; `newswatch init` shows what belongs there")
}

fn installation(settings: &Settings) -> anyhow::Result<Installation> {
    let dir = settings.store.ledger.parent().unwrap_or_else(|| Path::new("/"));
    Ok(Installation::open(dir)?)
}

/// Sends a test message to the default recipients, past the outbox.
pub(super) fn test(config: Option<&Path>) -> anyhow::Result<()> {
    let settings = super::check::settings(config)?;
    let mail = mail_settings(&settings)?;
    let mut recipients: Vec<&String> = mail.to.iter().collect();
    if recipients.is_empty() {
        recipients = settings.watches.iter().flat_map(|watch| watch.to.iter()).collect();
        recipients.sort_unstable();
        recipients.dedup();
    }
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let sender = daemon::sender(mail, &settings.web)?;
    // An identity of its own: nothing of it is remembered, so nothing has to be recognised.
    let installation = Installation::of(chance::secret());
    super::run::runtime()?.block_on(async {
        crate::poll::install_tls_provider();
        let relay = daemon::relay(mail, Arc::clone(&clock))?;
        let mut refused = 0;
        for to in &recipients {
            let (sender, installation, now) = (&sender, &installation, clock.now());
            let context = Context { sender, installation, to, now, proof: None, whole: None, short: false };
            let Rendered { message_id, bytes, .. } = compose::test_message(&context)?;
            let letter = Letter { from: sender.address(), to, message_id: &message_id, bytes: &bytes };
            let outcome = relay.offer(&letter, &mut Unrecorded).await;
            if judge(&outcome) == Verdict::Delivered {
                writeln!(std::io::stdout(), "{to}: {}", plain(&outcome.answer()))?;
            } else {
                refused += 1;
                writeln!(std::io::stderr(), "{to}: {}", plain(&outcome.answer()))?;
            }
        }
        anyhow::ensure!(!recipients.is_empty(), "nobody to send to: name recipients under [mail] to");
        anyhow::ensure!(
            refused == 0,
            "{refused} of {} not taken; see [mail] smtp",
            super::check::count(recipients.len(), "message")
        );
        Ok(())
    })
}
