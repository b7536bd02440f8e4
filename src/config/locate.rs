use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use super::Env;
use super::value::sqlite;

/// Why no config was found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Nobody named a config, and there is none in the usual places.
    #[error(
        "there is no config: looked for {}; `newswatch init` writes one, and `--config FILE` or $NEWSWATCH_CONFIG names one",
        list(.looked)
    )]
    NoConfig {
        /// The places, in order.
        looked: Vec<PathBuf>,
    },
}

fn list(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}

/// The config file to read: `explicit` (from `--config`), else `$NEWSWATCH_CONFIG`, else the first that exists of
/// `./newswatch.toml`, `$XDG_CONFIG_HOME/newswatch/newswatch.toml` and `/etc/newswatch/newswatch.toml`.
///
/// A file that was named is not looked for: [`super::load`] says what is wrong with it. One that exists but cannot be
/// looked at is taken, so that the reader hears of it and no other config is used in its stead.
///
/// # Errors
/// Where none was named and none is there.
pub fn locate(explicit: Option<&Path>, env: &Env) -> Result<PathBuf, ConfigError> {
    if let Some(named) = explicit {
        return Ok(named.to_owned());
    }
    if let Some(named) = env.get("NEWSWATCH_CONFIG") {
        return Ok(PathBuf::from(named));
    }
    let mut looked = vec![PathBuf::from("newswatch.toml")];
    looked.extend(home(env, "XDG_CONFIG_HOME", ".config").map(|home| home.join("newswatch/newswatch.toml")));
    looked.push(env.system("etc").join("newswatch/newswatch.toml"));
    let is_there = |path: &PathBuf| match env.directory().join(path).symlink_metadata() {
        Ok(_) => true,
        Err(error) => !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory),
    };
    match looked.iter().position(is_there) {
        Some(found) => Ok(looked.swap_remove(found)),
        None => Err(ConfigError::NoConfig { looked }),
    }
}

/// The state directory: `$STATE_DIRECTORY` (the first, where systemd gives several), else `/var/lib/newswatch` when the
/// config lies under `/etc`, else `$XDG_STATE_HOME/newswatch`. A process without a home is a service too.
pub(super) fn state_directory(config: Option<&Path>, env: &Env) -> PathBuf {
    let service = || env.system("var/lib").join("newswatch");
    if let Some(given) = first(env, "STATE_DIRECTORY") {
        return given;
    }
    if lies_under_etc(config, env) {
        return service();
    }
    home(env, "XDG_STATE_HOME", ".local/state").map_or_else(service, |home| home.join("newswatch"))
}

/// The control socket: in `$RUNTIME_DIRECTORY`, else in `/run/newswatch` when the config lies under `/etc`, else beside
/// the database.
pub(super) fn control_socket(config: Option<&Path>, database: &Path, env: &Env) -> PathBuf {
    let directory = if let Some(given) = first(env, "RUNTIME_DIRECTORY") {
        given
    } else if lies_under_etc(config, env) {
        env.system("run").join("newswatch")
    } else {
        database.parent().unwrap_or(Path::new("/")).to_owned()
    };
    directory.join("control.sock")
}

/// What is still known of a daemon whose config cannot be read now.
#[derive(Debug)]
pub struct Unread {
    /// The config.
    pub config: PathBuf,
    /// The database that the file still seems to name, else the usual one.
    pub database: PathBuf,
    /// The control socket of whoever has that.
    pub socket: PathBuf,
}

/// Where the daemon of a config that cannot be read listens; `None` where there is no config at all.
pub fn unread(config: Option<&Path>, env: &Env) -> Option<Unread> {
    let config = locate(config, env).ok()?;
    let state = state_directory(Some(&config), env);
    let text = std::fs::read_to_string(env.directory().join(&config)).unwrap_or_default();
    let database = named_database(&text).and_then(|url| sqlite(url, &state).ok());
    let database = database.unwrap_or_else(|| state.join("newswatch.db"));
    let socket = control_socket(Some(&config), &database, env);
    Some(Unread { config: env.directory().join(config), database, socket })
}

/// The `url` of `[store]` in a text that may be no TOML any more.
fn named_database(text: &str) -> Option<&str> {
    let mut lines = text.lines().map(str::trim).skip_while(|line| *line != "[store]").skip(1);
    let value = lines.by_ref().take_while(|line| !line.starts_with('[')).find_map(|line| {
        let value = line.strip_prefix("url")?.trim_start().strip_prefix('=')?.trim_start();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        value[1..].split(quote).next()
    });
    value.filter(|value| !value.contains('\\'))
}

/// `path` beside `base`, without `.` and `..` so that it can be compared and shown. Symbolic links are not followed.
pub(super) fn beside(base: &Path, path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for component in base.join(path).components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                clean.pop();
            }
            _ => clean.push(component),
        }
    }
    clean
}

fn lies_under_etc(config: Option<&Path>, env: &Env) -> bool {
    config.is_some_and(|config| beside(env.directory(), config).starts_with(env.system("etc")))
}

/// systemd separates several directories with colons.
fn first(env: &Env, name: &str) -> Option<PathBuf> {
    let value = env.get(name)?;
    std::env::split_paths(value).find(|path| path.is_absolute())
}

fn home(env: &Env, variable: &str, below_home: &str) -> Option<PathBuf> {
    env.absolute(variable).or_else(|| Some(env.absolute("HOME")?.join(below_home)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_config_that_exists_is_used() {
        let place = tempfile::tempdir().unwrap();
        let at = |path: &str| {
            let path = place.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, "").unwrap();
            path
        };
        let env = Env::empty(place.path().join("here")).with_root(place.path()).with("HOME", place.path().join("home"));

        let ConfigError::NoConfig { looked } = locate(None, &env).unwrap_err();
        assert_eq!(looked.len(), 3);
        assert!(ConfigError::NoConfig { looked }.to_string().contains("newswatch init"));

        let etc = at("etc/newswatch/newswatch.toml");
        assert_eq!(locate(None, &env).unwrap(), etc);
        let home = at("home/.config/newswatch/newswatch.toml");
        assert_eq!(locate(None, &env).unwrap(), home);
        let xdg = at("xdg/newswatch/newswatch.toml");
        let env = env.with("XDG_CONFIG_HOME", place.path().join("xdg"));
        assert_eq!(locate(None, &env).unwrap(), xdg);
        at("here/newswatch.toml");
        assert_eq!(locate(None, &env).unwrap(), Path::new("newswatch.toml"));
        let env = env.with("NEWSWATCH_CONFIG", "/named");
        assert_eq!(locate(None, &env).unwrap(), Path::new("/named"));
        assert_eq!(locate(Some(Path::new("other")), &env).unwrap(), Path::new("other"));
    }

    #[test]
    fn the_database_is_found_in_a_broken_file() {
        for (text, expected) in [
            ("[store]\nurl = \"sqlite:/data/n.db\"\n[fetch\n", Some("sqlite:/data/n.db")),
            ("[fetch\n[store]\n# where\nurl = 'sqlite:n.db' # here", Some("sqlite:n.db")),
            ("[store.keep]\nurl = 'sqlite:n.db'", None),
            ("[store]\n[[feed]]\nurl = 'https://example.org'", None),
            ("", None),
        ] {
            assert_eq!(named_database(text), expected, "{text}");
        }
    }

    #[test]
    fn state_and_socket_follow_the_config() {
        let env = Env::empty("/home/me/news").with("HOME", "/home/me");
        let own = Some(Path::new("/home/me/news/newswatch.toml"));
        let etc = Some(Path::new("/etc/newswatch/newswatch.toml"));
        let database = Path::new("/data/newswatch.db");
        assert_eq!(state_directory(own, &env), Path::new("/home/me/.local/state/newswatch"));
        assert_eq!(state_directory(etc, &env), Path::new("/var/lib/newswatch"));
        assert_eq!(state_directory(Some(Path::new("../../../etc/n.toml")), &env), Path::new("/var/lib/newswatch"));
        assert_eq!(control_socket(own, database, &env), Path::new("/data/control.sock"));
        assert_eq!(control_socket(etc, database, &env), Path::new("/run/newswatch/control.sock"));

        let relative = env.clone().with("XDG_STATE_HOME", "state");
        assert_eq!(
            state_directory(own, &relative),
            Path::new("/home/me/.local/state/newswatch"),
            "XDG paths are absolute"
        );
        let service = env.with("STATE_DIRECTORY", "/var/lib/private/a:/b").with("RUNTIME_DIRECTORY", "/run/a");
        assert_eq!(state_directory(own, &service), Path::new("/var/lib/private/a"));
        assert_eq!(control_socket(own, database, &service), Path::new("/run/a/control.sock"));
        assert_eq!(state_directory(own, &Env::empty("/")), Path::new("/var/lib/newswatch"), "no home");
    }
}
