//! `mail list`, `mail preview` and `mail test`.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use anyhow::Context;
use serde_json::json;

use super::Desk;
use super::table::{Table, json_time, time};
use crate::control::Answer;

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
