//! SIGHUP, or a caller of the control socket: build all that can fail, then swap.

use std::sync::Arc;

use super::assemble::{Assembly, DaemonError, TESTS};
use super::{notify, wiring};
use crate::config::{self, Env, Finding, Settings};
use crate::item::FeedMemory;
use crate::pipeline::Generation;

/// Reads the config again. A bad one is refused with its errors in the log, and everything stays as it was;
/// why is told. One reload at a time.
pub(super) async fn reload(daemon: &Arc<Assembly>) -> Result<(), String> {
    notify::reloading();
    let done = match read(daemon) {
        Ok(settings) => match apply(daemon, settings).await {
            Ok(()) => {
                daemon.trouble.clear("reload");
                daemon.trouble.clear(TESTS);
                tracing::info!("the new config is in force");
                Ok(())
            }
            Err(error) => {
                daemon.trouble.fault("reload", &error);
                Err(error.to_string())
            }
        },
        Err(refusal) => {
            daemon.trouble.note("reload", refusal.clone());
            Err(refusal)
        }
    };
    notify::ready();
    done
}

/// The new config, checked; or why it is refused.
fn read(daemon: &Assembly) -> Result<Settings, String> {
    let old = daemon.settings();
    let Some(file) = &old.file else {
        return Err("this daemon runs on a built-in config; there is nothing to read again".to_owned());
    };
    let loaded = config::load(file, &Env::from_process());
    let Some(new) = loaded.settings else {
        let errors: Vec<Finding> = loaded.findings.into_iter().filter(Finding::is_error).collect();
        return Err(refused(&errors));
    };
    if new.store.database != old.store.database || new.store.ledger != old.store.ledger {
        return Err("the new config was refused, the old one stays: a changed [store] needs a restart".to_owned());
    }
    let failed = new.failed_tests();
    if !failed.is_empty() {
        return Err(refused(&failed));
    }
    Ok(new)
}

/// Names the first fault in the first line, which is all that `status` shows.
fn refused(findings: &[Finding]) -> String {
    let first = findings.first().map(Finding::summary).unwrap_or_default();
    let all: Vec<String> = findings.iter().map(|finding| finding.render(false)).collect();
    format!("the new config was refused, the old one stays: {first}; `newswatch check` shows it\n{}", all.join("\n"))
}

impl Assembly {
    /// Puts a checked config into force, as a reload does; a simulation calls it without a file.
    pub async fn renew(&self, settings: Settings) -> Result<(), DaemonError> {
        apply(self, settings).await
    }
}

async fn apply(daemon: &Assembly, settings: Settings) -> Result<(), DaemonError> {
    // All that can fail without touching anything comes first.
    let deliverer = daemon.build_deliverer(&settings)?;
    let door = daemon.build_door(&settings)?;
    for feed in &settings.feeds {
        wiring::target(feed)?;
    }
    let old = daemon.pipeline.generation().number;
    let (memories, generation) = match declare(daemon, old + 1, &settings).await {
        Ok(declared) => declared,
        Err(error) => {
            // Even a declaration that failed may have been heard; polls would wait for the new config for ever.
            let taken_back = daemon.store.declare_generation(old).await;
            daemon.pipeline.keep();
            taken_back?;
            return Err(error);
        }
    };
    daemon.pipeline.poller().set_limits(wiring::limits(&settings.fetch));
    daemon.pipeline.replace(generation);
    daemon.set_settings(Arc::new(settings));
    daemon.take_on(deliverer);
    daemon.open_door(door);
    daemon.fill_roster(memories);
    daemon.wake.hubs.notify_one();
    daemon.wake.poller.notify_one();
    daemon.wake.articles.notify_one();
    daemon.wake.ticker.notify_one();
    daemon.wake.deliverer.notify_one();
    Ok(())
}

/// From here on what was matched under the old config is matched again before it is committed. Whatever fails, the old
/// config must be declared again.
async fn declare(
    daemon: &Assembly,
    number: u64,
    settings: &Settings,
) -> Result<(Vec<FeedMemory>, Generation), DaemonError> {
    daemon.store.declare_generation(number).await?;
    let memories = daemon.store.enlist(settings.identities()).await?;
    daemon.store.listen(settings.silences(), daemon.clock.now()).await?;
    let before = daemon.pipeline.generation();
    let generation = wiring::generation(number, settings, &memories, Some(&before.matcher))?;
    Ok((memories, generation))
}
