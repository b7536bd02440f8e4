use jiff::tz::TimeZone;
use lettre::message::Mailbox;

use super::Schedule;
use super::address::{self, NotAnAddress};

/// From whom mail comes, and when it is tried.
#[derive(Debug, Clone)]
pub struct Sender {
    from: Mailbox,
    schedule: Schedule,
    time_zone: TimeZone,
    /// Where links in mails lead to; none are made where this is not known.
    public_url: Option<String>,
}

impl Sender {
    /// `from` is `Name <address>` or an address; times in mails are shown in `time_zone`.
    ///
    /// # Errors
    /// When `from` holds no address that can be used.
    pub fn new(from: &str, schedule: Schedule, time_zone: TimeZone) -> Result<Self, NotAnAddress> {
        let from = match from.parse::<Mailbox>() {
            Ok(mailbox) => Mailbox::new(mailbox.name, address::ascii(mailbox.email.as_ref())?),
            // Says what is wrong with it.
            Err(_) => Mailbox::new(None, address::ascii(from)?),
        };
        Ok(Self { from, schedule, time_zone, public_url: None })
    }

    /// Mails have links by which their readers can unsubscribe, below this address.
    #[must_use]
    pub fn with_links(self, public_url: Option<String>) -> Self {
        Self { public_url, ..self }
    }

    /// The envelope's sender.
    pub fn address(&self) -> &str {
        self.from.email.as_ref()
    }

    /// The domain of the sender, on the right of every `Message-ID`.
    pub fn domain(&self) -> &str {
        self.from.email.domain()
    }

    pub(super) fn from(&self) -> &Mailbox {
        &self.from
    }

    pub(super) fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    pub(super) fn public_url(&self) -> Option<&str> {
        self.public_url.as_deref()
    }

    pub(super) fn time_zone(&self) -> &TimeZone {
        &self.time_zone
    }
}
