//! 2. Bytes to items. Never panics, never asks the network.
