//! What the tests drive the program with.
