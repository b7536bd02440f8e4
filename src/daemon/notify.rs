//! What systemd is told; nothing at all where there is no systemd.

use sd_notify::NotifyState;

/// Ready to serve.
pub(super) fn ready() {
    tell(&[NotifyState::Ready]);
}

/// A reload begins; [`ready`] ends it (systemd.service(5), `Type=notify-reload`, asks for the monotonic time with it).
pub(super) fn reloading() {
    let mut states = vec![NotifyState::Reloading];
    states.extend(NotifyState::monotonic_usec_now().ok());
    tell(&states);
}

/// The end has begun.
pub(super) fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// All tasks turn round.
pub(super) fn watchdog() {
    tell(&[NotifyState::Watchdog]);
}

/// One line for `systemctl status`.
pub(super) fn status(line: &str) {
    tell(&[NotifyState::Status(line)]);
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "systemd was not told");
    }
}
