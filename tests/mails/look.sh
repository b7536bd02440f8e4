#!/bin/sh
# Takes the mails of the snapshots apart, holds what they use against caniemail's table, and draws each as a phone, a tablet and
# a desk would show it, by day and by night: target/mails/NAME-WIDTH-light.png and so on. Needs node with npm, and chromium.
set -eu
cd "$(dirname "$0")/../.."
out="${CARGO_TARGET_DIR:-target}/mails"
mkdir -p "$out"
rm -f "$out"/*.html "$out"/*.png
for snapshot in tests/fixtures/snapshots/mail-*.snap; do
    awk '/^===== calendar =====$/ { on = 0 } on { print } /^===== html =====$/ { on = 1 }' "$snapshot" \
        >"$out/$(basename "$snapshot" .snap).html"
done
cp tests/mails/caniemail.mjs "$out"
test -d "$out/node_modules/caniemail" || npm install --silent --prefix "$out" caniemail@1
node "$out/caniemail.mjs" "$out"/*.html
for page in "$out"/*.html; do
    for width in 375 600 1200; do
        for light in light dark; do
            dark=$(test $light = dark && echo 1 || echo 0)
            chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --window-size=$width,${HEIGHT:-1800} \
                --blink-settings=preferredColorScheme=$((1 - dark)) --screenshot="${page%.html}-$width-$light.png" "$page" \
                >/dev/null 2>&1
        done
    done
done
echo "$(ls "$out"/*.png | wc -l) pictures in $out"
