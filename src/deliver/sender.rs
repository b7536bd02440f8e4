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
        Ok(Self { from, schedule, time_zone })
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

    pub(super) fn time_zone(&self) -> &TimeZone {
        &self.time_zone
    }
}
