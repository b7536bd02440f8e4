use std::io::Write;
use std::sync::Arc;

use anyhow::Context;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{Demo, Message, Showcase, serve};
use crate::clock::{Clock, SystemClock};
use crate::config::{self, Env, Settings};
use crate::daemon::{self, Seams};

/// The real daemon on the demo's config, until Ctrl-C or, with `once`, for one pass.
pub(in crate::cli) fn demo(once: bool) -> anyhow::Result<()> {
    super::super::run::log_to_stderr("warn");
    super::super::run::runtime()?.block_on(async {
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let Demo { config, config_file, directory, mails, showcase } = serve(clock, &tasks, &stop).await?;
        let settings = settings(&config, &directory)?;
        let mut out = anstream::stdout();
        writeln!(out, "Three sample feeds, {} watches and a mail server, all on loopback.", settings.watches.len())?;
        writeln!(out, "Database and mails lie in {}; from another terminal, try:", directory.display())?;
        writeln!(out, "  newswatch --config {} status\n", config_file.display())?;

        let shown = tasks.spawn(show(mails, showcase));
        let seams = Seams::real()?;
        if once {
            let pass = daemon::once(settings, seams, true, true).await?;
            writeln!(out, "{}", super::super::run::in_words(&pass))?;
        } else {
            daemon::run(settings, seams, CancellationToken::new()).await?;
        }
        stop.cancel();
        tasks.close();
        tasks.wait().await;
        let shown = shown.await??;
        writeln!(
            anstream::stdout(),
            "\n{} shown; they are kept in {}",
            super::super::check::count(shown, "mail"),
            directory.display()
        )?;
        Ok(())
    })
}

fn settings(config: &str, directory: &std::path::Path) -> anyhow::Result<Settings> {
    let env = Env::empty(directory).with("STATE_DIRECTORY", directory).with("RUNTIME_DIRECTORY", directory);
    let loaded = config::load_text("demo.toml", config, directory, &env);
    loaded.settings.with_context(|| {
        let findings: Vec<String> = loaded.findings.iter().map(|finding| finding.render(false)).collect();
        format!("the demo's own config is broken:\n{}", findings.join("\n"))
    })
}

/// Shows mails as they come, until there can be no more.
async fn show(mut mails: mpsc::Receiver<Message>, mut showcase: Showcase) -> anyhow::Result<usize> {
    while let Some(message) = mails.recv().await {
        showcase.show(&message, &mut anstream::stdout())?;
    }
    Ok(showcase.shown())
}
