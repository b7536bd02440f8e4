//! newswatch: polls feeds, reads each new item, checks it against its user's watch rules, and mails what matched, once.
//!
//! This file is the map. The modules stand in the order in which one news item lives; read the folders in this order and
//! you have read the program. `ARCHITECTURE.md` tells the flow and its invariants in prose.

/// The nouns that are handed from step to step: a feed, an item, a hit, a mail.
pub mod item;

/// The time, as an argument: the system's, or a test's.
pub mod clock;

/// Randomness, as an argument: jitter from a seed, secrets from the system.
pub mod chance;

/// Programs that the config names, run within limits.
pub mod program;

/// 1. Ask the server, politely.
pub mod poll;

/// Being told by a feed's hub instead of asking: what is asked of it, and what is believed.
pub mod hub;

/// 2. Bytes to items.
pub mod parse;

/// The article on a web page: its main text in paragraphs.
pub mod article;

/// 3. Text to words, sentences and facts.
pub mod understand;

/// The language in which watches are written.
pub mod query;

/// 4. All rules against one item.
pub mod matching;

/// 5. Is this news that we have already?
pub mod story;

/// 6. Who is told what, when, and why.
pub mod alert;

/// One poll, one article, one tick: each told on a page, each with one commit.
pub mod pipeline;

/// 7. From the outbox to the inbox.
pub mod deliver;

/// The floor: everything that is remembered.
pub mod store;

/// What the user wrote, checked.
pub mod config;

/// Commands handed to a running daemon through its socket.
pub mod control;

/// The web server, for hubs that tell of news.
pub mod web;

/// What runs: tasks, signals, reload, the end.
pub mod daemon;

/// One file per command.
pub mod cli;
