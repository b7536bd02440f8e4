//! The one test binary: the real program, real HTTP and SMTP on loopback, a real database.

#![allow(clippy::unwrap_used, reason = "in a test a failed assumption is a failed test")]

mod articles;
mod backtest;
mod changes;
mod cli;
mod config;
mod crash;
mod delivery;
mod demo;
mod digests;
mod documents;
mod explaining;
mod facts;
mod feeds;
mod fulltext;
mod harness;
mod hubs;
mod manners;
mod parse;
mod query;
mod reload;
mod reminders;
mod scores;
mod silences;
mod sources;
mod statements;
mod store;
mod stories;
mod telling;
mod tidy;
mod wishes;
mod words;
mod year;
