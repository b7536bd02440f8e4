//! `completions` and `man`: both made from the one definition of the command line.

use std::io::Write;

use clap::CommandFactory;
use clap_complete::Shell;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::Arguments;

/// Completions for a shell, on stdout.
pub(super) fn completions(shell: Shell) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "newswatch", &mut script);
    std::io::stdout().write_all(&script)?;
    Ok(())
}

/// The manual page, on stdout: every command with its options on one page.
pub(super) fn man() -> anyhow::Result<()> {
    let mut command = Arguments::command();
    command.build();
    let mut page = Vec::new();
    let man = Man::new(command.clone());
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    commands(&command, &mut page)?;
    closing().to_writer(&mut page)?;
    std::io::stdout().write_all(&page)?;
    Ok(())
}

fn commands(root: &clap::Command, page: &mut Vec<u8>) -> anyhow::Result<()> {
    let mut roff = Roff::new();
    roff.control("SH", ["COMMANDS"]);
    for command in root.get_subcommands() {
        let mut leaves = vec![command];
        if command.has_subcommands() {
            leaves = command.get_subcommands().collect();
        }
        for leaf in leaves {
            describe(leaf, &mut roff);
        }
    }
    roff.to_writer(page)?;
    Ok(())
}

fn describe(command: &clap::Command, roff: &mut Roff) {
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name()).to_owned();
    roff.control("SS", [name.trim_start_matches("newswatch ")]);
    if let Some(about) = command.get_about() {
        roff.text([roman(format!("{about}."))]);
    }
    let own = |argument: &&clap::Arg| {
        !argument.is_hide_set() && !matches!(argument.get_id().as_str(), "help" | "version" | "config")
    };
    for argument in command.get_arguments().filter(own) {
        roff.control("TP", []);
        let label = match argument.get_long() {
            Some(long) => format!("--{long}"),
            None => {
                argument.get_value_names().and_then(|names| names.first()).map(ToString::to_string).unwrap_or_default()
            }
        };
        roff.text([bold(label)]);
        roff.text([roman(argument.get_help().map(ToString::to_string).unwrap_or_default())]);
    }
}

/// What clap does not know: the exit statuses, the files, the environment.
fn closing() -> Roff {
    let mut roff = Roff::new();
    let mut section = |title: &str, rows: &[(&str, &str)]| {
        roff.control("SH", [title]);
        for (term, text) in rows {
            roff.control("TP", []);
            roff.text([bold(*term)]);
            roff.text([roman(*text)]);
        }
    };
    section(
        "EXIT STATUS",
        &[
            ("0", "Done; also when nothing matched, or when a feed failed."),
            ("1", "It failed; one line on stderr says why and what to do."),
            ("2", "The command line was not understood."),
            ("75", "Another process holds the database."),
        ],
    );
    section(
        "SIGNALS",
        &[
            ("SIGTERM, SIGINT", "End in good order, within ten seconds."),
            ("SIGHUP", "Read the config again; a bad one is refused and the old one stays."),
        ],
    );
    section(
        "FILES",
        &[
            (
                "newswatch.toml",
                "The config; conf.d/*.toml beside it is read too, in name order. `newswatch init` writes one in which every key is explained.",
            ),
            (
                "newswatch.db",
                "The state, in the state directory: $STATE_DIRECTORY, else /var/lib/newswatch when the config lies under /etc, else $XDG_STATE_HOME/newswatch. All configs outside /etc share that last one unless [store] url says otherwise.",
            ),
            (
                "newswatch.ledger, newswatch.secret",
                "What was sent, and the secret from which mails get their identity; beside the database unless [store] ledger says otherwise.",
            ),
            (
                "control.sock",
                "How commands reach the running daemon: in $RUNTIME_DIRECTORY, else in /run/newswatch when the config lies under /etc, else beside the database; control-NAME.sock there, after the database NAME.db, where the daemon of another database has it.",
            ),
        ],
    );
    section(
        "ENVIRONMENT",
        &[
            ("NEWSWATCH_CONFIG", "The config, where --config is not given."),
            (
                "NEWSWATCH_SMTP_PASSWORD",
                "The password for the mail server, where no systemd credential smtp-password is given.",
            ),
            (
                "NEWSWATCH_LOG",
                "What is logged: error, warn, info (the default of run), debug, or directives such as newswatch::poll=debug.",
            ),
            (
                "http_proxy, https_proxy, all_proxy, no_proxy",
                "The proxies that servers are asked through, and the servers that are asked without one; proxy in the config goes before.",
            ),
            ("NO_COLOR", "No colour, whatever the terminal can do."),
        ],
    );
    roff
}
