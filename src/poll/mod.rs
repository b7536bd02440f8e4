//! 1. Ask the server, politely.
