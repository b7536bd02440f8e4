//! Texts that mean something: each function takes a text as typed and gives what is meant, or says what is wrong with it.

mod address;

mod civil;

mod domain;

mod duration;

mod file;

mod header;

mod name;

mod proxy;

mod size;

mod smtp;

mod source_url;

mod web;

pub(super) use address::{address, mailbox};
pub(super) use civil::{days, time_of_day, time_zone};
pub(super) use domain::{domain, selector};
pub(super) use duration::{duration, positive_duration, show_duration};
pub(super) use file::{path, sqlite};
pub(super) use header::{header_name, header_value, reveals_a_secret};
pub(super) use name::{NAME_MAX, TITLE_MAX, contact, name, tag, title, user, word};
pub(super) use proxy::proxy;
pub(super) use size::size;
pub(super) use smtp::{Server, Target, target};
pub(super) use source_url::{SourceUrl, site, source_url};
pub(super) use web::{listen, public_url};
