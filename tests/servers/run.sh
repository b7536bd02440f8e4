#!/bin/sh
# The delivery suite against real mail servers: Debian's Postfix, and aiosmtpd with TLS and AUTH; then the matrix of faults
# with Postfix's smtp-sink as the judge. Installs what is missing, which takes root, and talks to loopback only. NEWSWATCH
# names the program; without it the debug build of this tree is made and taken.
set -eu
cd "$(dirname "$0")/../.."
# A package that starts a service would listen on port 25; nothing here needs that.
if ! command -v smtp-sink >/dev/null || ! test -x /usr/sbin/postfix; then
    printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d && chmod +x /usr/sbin/policy-rc.d
    apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends postfix openssl python3-venv
    rm -f /usr/sbin/policy-rc.d
fi
target="${CARGO_TARGET_DIR:-target}"
venv="$target/servers-venv"
test -x "$venv/bin/python" || python3 -m venv "$venv"
"$venv/bin/python" -c 'import aiosmtpd' 2>/dev/null || "$venv/bin/pip" install -q 'aiosmtpd>=1.4,<2'
if test -z "${NEWSWATCH:-}"; then
    cargo build -q
    NEWSWATCH="$target/debug/newswatch"
fi
export NEWSWATCH
"$venv/bin/python" tests/servers/suite.py "$@"
"$venv/bin/python" tests/servers/sink.py
