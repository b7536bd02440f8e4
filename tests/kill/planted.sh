#!/bin/sh
# Shows that the kill proof can fail: plants each bug of this folder in a copy of the tree, runs the proof against it, and
# demands that the judge condemns it. Takes some ten minutes. NEWSWATCH_KILLS is the number of kills, 200 by default.
set -eu
cd "$(dirname "$0")/../.."
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT INT TERM
git archive HEAD | tar -x -C "$tree"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}/planted" NEWSWATCH_KILLS="${NEWSWATCH_KILLS:-200}" RUST_BACKTRACE=0
test=crash::kills_lose_nothing_and_repeat_nothing_without_need
acquitted=0
for bug in tests/kill/*.patch; do
    name=$(basename "$bug" .patch)
    patch -s -p1 -d "$tree" <"$bug" || { echo "$name: the patch no longer fits the code: make it anew" >&2; exit 1; }
    (cd "$tree" && cargo test -q --no-run --test it) >"$tree/said" 2>&1 ||
        { tail -20 "$tree/said" >&2; echo "$name: does not compile" >&2; exit 1; }
    if (cd "$tree" && cargo test -q --test it "$test" -- --exact) >"$tree/said" 2>&1; then
        echo "$name: NOT caught in $NEWSWATCH_KILLS kills"
        acquitted=1
    elif grep -q 'breaches with seed' "$tree/said"; then
        echo "$name: caught: $(grep -o '[0-9]* breaches with seed [0-9]*' "$tree/said"), the first:" \
            "$(grep -A4 'breaches with seed' "$tree/said" | sed -n 2,4p | tr -s ' \n' ' ')"
    else
        tail -20 "$tree/said" >&2
        echo "$name: the proof itself failed" >&2
        exit 1
    fi
    patch -s -R -p1 -d "$tree" <"$bug"
done
exit $acquitted
