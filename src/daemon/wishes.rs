//! What the links in mails lead to: a page that asks, and what is done once its button is pressed.
//!
//! Programs that look at mail follow every link in it, so to look at a page changes nothing. What is done can be taken back on
//! the same page.

use http::request::Parts;
use http::{Method, StatusCode};
use jiff::{SignedDuration, Timestamp};

use super::Assembly;
use crate::alert::{Channel, Mute, Muted};
use crate::config::Watch;
use crate::deliver::compose::{self, Page};
use crate::deliver::{Asked, List, Who, Wish};
use crate::item::Key;
use crate::store::{MuteWish, StoreError};
use crate::web::Answer;

/// Longest form that is read. Its one field is short.
pub(super) const FORM_MAX: u64 = 4096;

/// For how long a link mutes a watch.
const MUTED_FOR: SignedDuration = SignedDuration::from_hours(48);

/// What the button of a page sends to take something back.
const BACK: &str = "back";

/// What is to be done with a wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Press {
    /// Nothing yet: the page is only looked at.
    Look,
    /// The wish is granted. A mail program that does it by itself (RFC 8058) sends what it likes, and means this.
    Grant,
    /// It is taken back.
    TakeBack,
}

/// What a recipient has of a watch or a digest.
struct Subject {
    recipient: String,
    /// As the reader knows it.
    title: String,
    what: Muted,
}

impl Assembly {
    /// What a link in a mail asks for, if it is one of ours.
    pub(super) fn asked(&self, token: &str) -> Option<Asked> {
        self.installation().asked(token)
    }

    /// The answer to somebody who follows such a link, or has pressed its button.
    pub(super) async fn wish(&self, asked: Asked, head: &Parts, form: &[u8]) -> Result<Answer, StoreError> {
        let press = match head.method {
            Method::POST if field(form, "do").is_some_and(|does| does == BACK) => Press::TakeBack,
            Method::POST => Press::Grant,
            _ => Press::Look,
        };
        let page = match asked.wish {
            Wish::Irrelevant(key) => self.irrelevant(key, press).await?,
            Wish::Mute { watch } => {
                let list = List::Watch(watch);
                self.quiet(self.subject(&list, asked.who), false, press).await?
            }
            Wish::Unsubscribe(list) => self.quiet(self.subject(&list, asked.who), true, press).await?,
        };
        match compose::page(&page) {
            Ok(html) => Ok(Answer::page(StatusCode::OK, html)),
            Err(error) => {
                tracing::error!(%error, "a page could not be made");
                Ok(Answer::new(StatusCode::INTERNAL_SERVER_ERROR, "the page could not be made\n"))
            }
        }
    }

    /// Whom a link is for, and what it is about; `None` where the config does not tell that person of it any more.
    fn subject(&self, list: &List, who: Who) -> Option<Subject> {
        let settings = self.settings();
        let recipient = |watch: &Watch| {
            let to = watch.to.iter().find(|to| self.installation().is(who, to))?;
            Some(to.clone())
        };
        match list {
            List::Watch(name) => {
                let was = |watch: &&Watch| watch.telling.was.as_deref() == Some(name);
                let named = settings.watches.iter().find(|watch| watch.name == *name);
                let watch = named.or_else(|| settings.watches.iter().find(was))?;
                let (title, what) = (watch.title.clone(), Muted::Watch(watch.name.clone()));
                Some(Subject { recipient: recipient(watch)?, title, what })
            }
            List::Digest(name) => {
                let channel = Channel::Digest(name.clone());
                let into = settings.watches.iter().filter(|watch| watch.send.contains(&channel));
                let recipient = into.into_iter().find_map(recipient)?;
                Some(Subject { recipient, title: name.clone(), what: Muted::Digest(name.clone()) })
            }
        }
    }

    /// Mutes a watch for a while, or unsubscribes from a watch or a digest.
    async fn quiet(&self, subject: Option<Subject>, for_good: bool, press: Press) -> Result<Page, StoreError> {
        let Some(subject) = subject else { return Ok(not_any_more()) };
        let now = self.clock.now();
        let in_force = self.in_force(&subject, now).await?;
        match press {
            Press::Look => Ok(match in_force {
                Some(mute) if mute.is_for_good() || !for_good => self.muted(&subject, &mute),
                _ if for_good => leave(&subject),
                _ => mute(&subject),
            }),
            Press::Grant => {
                let until = if for_good { Mute::FOR_GOOD } else { now.saturating_add(MUTED_FOR).unwrap_or(now) };
                let Subject { recipient, what, .. } = &subject;
                let (what, recipient) = (what.clone(), Some(recipient.clone()));
                let row = self.store.mute(MuteWish { what, recipient, since: now, until }).await?;
                tracing::info!(about = subject.title, for_good, "a recipient asked for silence");
                Ok(row.map_or_else(not_any_more, |row| self.muted(&subject, &row.mute)))
            }
            Press::TakeBack => {
                if let Some(mute) = in_force {
                    self.store.unmute(mute.id, now).await?;
                    tracing::info!(about = subject.title, "a recipient asked to be told again");
                }
                let heading = format!("You will be told of {} again", subject.title);
                let lines = vec![format!(
                    "Mail goes to {} from now on. What came in the meantime is not sent later.",
                    subject.recipient
                )];
                Ok(Page { heading, lines, ..Page::default() })
            }
        }
    }

    async fn in_force(&self, subject: &Subject, now: Timestamp) -> Result<Option<Mute>, StoreError> {
        let is_it = |mute: &Mute| mute.recipient.as_deref() == Some(&*subject.recipient) && mute.what == subject.what;
        Ok(self.store.mutes(now).await?.into_iter().map(|row| row.mute).find(is_it))
    }

    /// The page that says what is in force.
    fn muted(&self, subject: &Subject, mute: &Mute) -> Page {
        let Subject { recipient, title, .. } = subject;
        let zone = self.settings().time_zone();
        let (heading, button) = if mute.is_for_good() {
            (format!("You are unsubscribed from {title}"), "Subscribe again")
        } else {
            let until = mute.until.to_zoned_datetime(zone).strftime("%A %-d %B, %H:%M %Z");
            (format!("{title} is muted until {until}"), "Unmute")
        };
        let lines = vec![format!("No mail of it goes to {recipient}. Nobody else's mail changes.")];
        Page { heading, lines, button: button.to_owned(), does: BACK, back: true, ..Page::default() }
    }

    /// Records that something was not relevant.
    async fn irrelevant(&self, key: Key, press: Press) -> Result<Page, StoreError> {
        let Some(told) = self.store.told_once(key).await? else { return Ok(forgotten()) };
        let marked = match press {
            Press::Look => told.irrelevant,
            Press::Grant => {
                self.store.call_irrelevant(key, Some(self.clock.now())).await?;
                tracing::info!(watch = told.watch, "a recipient called something not relevant");
                true
            }
            Press::TakeBack => {
                self.store.call_irrelevant(key, None).await?;
                false
            }
        };
        let counts =
            "It counts for the precision of the watch, which newswatch watch list shows. Nobody's mail changes.";
        Ok(if marked {
            Page {
                heading: format!("Noted: not relevant to {}", told.title),
                about: told.headline,
                lines: vec![counts.to_owned()],
                button: "It was relevant after all".to_owned(),
                does: BACK,
                back: true,
            }
        } else {
            Page {
                heading: format!("Not relevant to {}?", told.title),
                about: told.headline,
                lines: vec![counts.to_owned()],
                button: "Not relevant".to_owned(),
                does: "yes",
                back: false,
            }
        })
    }
}

fn leave(Subject { recipient, title, what }: &Subject) -> Page {
    let rest = match what {
        Muted::Digest(_) => "Alerts that you are sent at once still come.",
        _ => "What else you are told of still comes.",
    };
    Page {
        heading: format!("Unsubscribe from {title}?"),
        lines: vec![format!("No more mail of it will go to {recipient}. {rest} Nobody else's mail changes.")],
        button: "Unsubscribe".to_owned(),
        does: "yes",
        ..Page::default()
    }
}

fn mute(Subject { recipient, title, .. }: &Subject) -> Page {
    Page {
        heading: format!("Mute {title} for 2 days?"),
        lines: vec![
            format!("For two days from now no mail of it will go to {recipient}. Nobody else's mail changes."),
            "What it finds in that time is not sent later either.".to_owned(),
        ],
        button: "Mute for 2 days".to_owned(),
        does: "yes",
        ..Page::default()
    }
}

fn not_any_more() -> Page {
    Page {
        heading: "There is nothing to do".to_owned(),
        lines: vec!["The address that this link was sent to is not told of this any more.".to_owned()],
        ..Page::default()
    }
}

fn forgotten() -> Page {
    Page {
        heading: "There is nothing to do".to_owned(),
        lines: vec![
            "The mail that this link comes from was not sent, or is so old that nothing is known of it.".to_owned(),
        ],
        ..Page::default()
    }
}

/// A field of a form as browsers send it.
fn field<'f>(form: &'f [u8], name: &str) -> Option<std::borrow::Cow<'f, str>> {
    url::form_urlencoded::parse(form).find(|(key, _)| key == name).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_for_its_one_field() {
        assert_eq!(field(b"a=b&do=back", "do").as_deref(), Some(BACK));
        assert_eq!(field(b"List-Unsubscribe=One-Click", "do"), None);
        assert_eq!(field(b"\xff\xfe=%%&&do", "do").as_deref(), Some(""));
    }
}
