//! The bytes of a mail: made once, and made again only where a server took nothing of them because of their size.

use super::compose::{self, ComposeError, Context, Proof};
use super::{DeliverError, Deliverer, Delivery, is_alert};
use crate::item::{MailKind, MailState};
use crate::store::{Lease, Rendered};

/// Why there is no mail to send.
enum Unwritable {
    /// It has nothing left to tell.
    Nothing,
    /// It cannot be written.
    Failed(ComposeError),
}

impl Deliverer {
    /// The bytes of a mail: those of an earlier try, or new ones that are kept from now on. `Err` where there are none, and
    /// the mail is settled.
    pub(super) async fn render(&self, lease: &Lease) -> Result<Result<Rendered, Delivery>, DeliverError> {
        if let Some(rendered) = &lease.rendered {
            return Ok(Ok(rendered.clone()));
        }
        match self.compose(lease, false).await? {
            Ok(rendered) => {
                self.store.rendered(lease, rendered.clone()).await?;
                Ok(Ok(rendered))
            }
            Err(Unwritable::Nothing) => self.drop_mail(lease).await.map(Err),
            Err(Unwritable::Failed(error)) => {
                let answer = format!("could not be written: {}", chain(&error));
                self.bury(lease, answer).await.map(Err)
            }
        }
    }

    /// A mail as it would be written now.
    async fn compose(&self, lease: &Lease, short: bool) -> Result<Result<Rendered, Unwritable>, DeliverError> {
        let envelope = &lease.envelope;
        let entries = self.store.entries(lease.tellings.clone()).await?;
        let must_tell = is_alert(&envelope.kind) || !lease.tellings.is_empty();
        if envelope.keys.is_empty() || must_tell && entries.is_empty() {
            return Ok(Err(Unwritable::Nothing));
        }
        let thread = match (&envelope.kind, lease.tellings.first()) {
            (MailKind::Alert, Some(first)) => self.store.thread(&envelope.recipient, first.story, lease.id).await?,
            _ => Vec::new(),
        };
        let now = self.clock.now();
        let proof = match envelope.kind {
            MailKind::Digest { .. } => Some(Proof::of(&self.store.counts().await?, &self.store.failing().await?, now)),
            _ => None,
        };
        let (sender, installation) = (&self.sender, &self.installation);
        let to = envelope.recipient.as_str();
        let context =
            Context { sender, installation, to, now, proof: proof.as_ref(), whole: lease.whole.as_ref(), short };
        Ok(compose::mail(&context, envelope, &entries, &thread).map_err(Unwritable::Failed))
    }

    /// A shorter version of a mail that was refused as too big. `None` where there is none, or where somebody may have a copy of
    /// the long one.
    pub(super) async fn shorter(&self, lease: &Lease, long: &Rendered) -> Result<Option<Rendered>, DeliverError> {
        if long.short || lease.state == MailState::Unheard {
            return Ok(None);
        }
        let Ok(short) = self.compose(lease, true).await? else { return Ok(None) };
        if short.bytes.len() >= long.bytes.len() {
            return Ok(None);
        }
        self.store.rendered(lease, short.clone()).await?;
        Ok(Some(short))
    }
}

fn chain(error: &ComposeError) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}
