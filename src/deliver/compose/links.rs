//! Links by which a reader has a say in what comes. There are none where it is not known how the web page is reached.

use serde::Serialize;

use super::{Context, clean};
use crate::deliver::{List, Wish};
use crate::item::MailKind;
use crate::store::MailEntry;

/// Watches of one mail that can be muted from it.
const MUTES_MAX: usize = 5;

/// A link and what it does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Act {
    /// What it does, in words that stand alone.
    pub(super) does: String,
    pub(super) href: String,
}

impl Context<'_> {
    /// The address at which the recipient's wish is granted.
    pub(super) fn link(&self, wish: &Wish) -> Option<String> {
        let public_url = self.sender.public_url()?;
        Some(self.installation.link(public_url, self.to, wish))
    }

    /// Mutes a watch for a while; none where there are no links.
    pub(super) fn mute(&self, watch: &str, does: String) -> Option<Act> {
        let href = self.link(&Wish::Mute { watch: watch.to_owned() })?;
        Some(Act { does, href })
    }

    /// For the foot of a mail: mutes the watches that it tells of, each once, and unsubscribes from `list`.
    pub(super) fn foot<'e>(&self, watches: impl Iterator<Item = (&'e str, &'e str)>, list: Option<List>) -> Vec<Act> {
        let mut acts: Vec<Act> = Vec::new();
        for (watch, title) in watches {
            let act = self.mute(watch, format!("Mute {} for 2 days", clean::line(title, 80)));
            acts.extend(act.filter(|act| acts.len() < MUTES_MAX && !acts.contains(act)));
        }
        let href = list.and_then(|list| self.link(&Wish::Unsubscribe(list)));
        acts.extend(href.map(|href| Act { does: "Unsubscribe".to_owned(), href }));
        acts
    }

    /// Says of one item that it is not what these watches are for.
    pub(super) fn irrelevant(&self, entries: &[&MailEntry]) -> Vec<Act> {
        let one = entries.len() == 1;
        let act = |entry: &&MailEntry| {
            let title = clean::line(&entry.telling.title, 80);
            let does = if one { "Not relevant".to_owned() } else { format!("Not relevant to {title}") };
            let href = self.link(&Wish::Irrelevant(entry.telling.key))?;
            Some(Act { does, href })
        };
        entries.iter().take(MUTES_MAX).filter_map(act).collect()
    }
}

/// What the recipient of a mail can be unsubscribed from: that which `List-Id` names. Nobody is unsubscribed from mail about
/// trouble.
pub(super) fn list(kind: &MailKind, entries: &[MailEntry]) -> Option<List> {
    let watch = match kind {
        MailKind::Alert | MailKind::Together { title: Some(_) } | MailKind::QuietOver { .. } => {
            entries.first()?.telling.hit.watch.clone()
        }
        MailKind::Quiet { watch, .. } => watch.clone(),
        MailKind::Reminder(reminder) => reminder.watch.clone(),
        MailKind::Digest { name, .. } => return Some(List::Digest(name.clone())),
        // Of several watches, each is muted by itself.
        MailKind::Together { title: None }
        | MailKind::Stale { .. }
        | MailKind::FeedBroken { .. }
        | MailKind::FeedOdd { .. }
        | MailKind::FeedHealed { .. } => return None,
    };
    Some(List::Watch(watch))
}
