//! The web server: small, and strict with whoever calls.
//!
//! It reads requests within limits, asks `Pages` what to answer, and knows nothing of what that is. It is reachable for
//! strangers as soon as a proxy passes calls on, so a request costs little until a page is there for it.

mod door;

mod route;

mod server;

pub use door::Door;
pub use route::{Page, page};
pub use server::{Admitted, Answer, Pages, serve};
