//! Civil time.
