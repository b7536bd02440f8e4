#!/bin/sh
# The size of the stripped binary that packages ship, and how many crates it is made of.
set -eu
cd "$(dirname "$0")/../.."
command -v cargo >/dev/null || { echo "cargo is missing: install Rust" >&2; exit 1; }
cargo build --profile dist --bin newswatch >&2
bytes=$(wc -c <"${CARGO_TARGET_DIR:-target}/dist/newswatch")
crates=$(grep -c '^\[\[package\]\]' Cargo.lock)
echo "dist binary $((bytes / 1000000)).$((bytes / 100000 % 10)) MB ($bytes bytes), $crates crates in Cargo.lock"
