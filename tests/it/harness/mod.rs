//! What the tests drive the program with: a web server, a mail server and an installation of the program, all scripted, all
//! on loopback, none of them sharing code with what they test.
//!
//! Nothing here waits for a length of time. Every wait is for a state, with a limit, and says what it waited for when the
//! limit is reached.

pub(crate) mod db;
pub(crate) mod feeds;
pub(crate) mod hub;
pub(crate) mod inbox;
pub(crate) mod items;
pub(crate) mod kills;
pub(crate) mod letter;
pub(crate) mod level;
mod model;
mod moods;
pub(crate) mod newswatch;
pub(crate) mod plan;
pub(crate) mod press;
pub(crate) mod proof;
pub(crate) mod running;
mod wire;

/// How long a test waits for something that takes a moment on an idle machine.
pub(crate) const PATIENCE: std::time::Duration = std::time::Duration::from_mins(1);
