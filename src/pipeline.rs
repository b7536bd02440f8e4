//! One poll, one tick.
