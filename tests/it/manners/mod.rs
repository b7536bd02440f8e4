//! How newswatch behaves towards the servers of others: one scripted server for each case, the real program, and assertions
//! on what was asked and on what is remembered.
//!
//! A test is named after the number of its case, and its doc comment is the case's row in `docs/manners.md`: what the server
//! does, what newswatch does, on what ground, and, where something else could have been expected, why not that. `table` holds
//! the document to these comments.

mod conditions;
mod freshness;
mod guard;
mod hints;
mod hubs;
mod hygiene;
mod identity;
mod limits;
mod redirects;
mod stage;
mod table;
mod tls;
mod told;
mod transport;
mod way;
mod world;
