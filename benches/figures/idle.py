"""The daemon with 100 feeds that have nothing new: resident memory and CPU time over 60 seconds."""

import http.server
import signal
import sys
import threading
import time

import measure

FEEDS = 100
SECONDS = 60


class Farm(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = measure.feed(int(self.path.strip("/"))).encode()
        self.send_response(200)
        self.send_header("ETag", f'"{self.path}"')
        self.send_header("Content-Type", "application/rss+xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Farm)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with measure.Installation() as installation:
        urls = [f"http://127.0.0.1:{server.server_port}/{index}" for index in range(FEEDS)]
        installation.write(urls, watches=10, fetch="per_host_interval = '0s'\nper_host = 8")
        log = open(installation.directory / "log", "w")
        daemon = installation.start("run", stderr=log)
        try:
            until_read(installation, daemon)
            before, began = measure.cpu_seconds(daemon.pid), time.monotonic()
            time.sleep(SECONDS)
            used, wall = measure.cpu_seconds(daemon.pid) - before, time.monotonic() - began
            resident, peak, anonymous = measure.memory(daemon.pid)
            print(f"idle daemon, {FEEDS} feeds, {wall:.0f} s: {resident:.1f} MiB resident ({anonymous:.1f} anonymous,"
                  f" {peak:.1f} at its peak), {used:.2f} s CPU = {100 * used / wall:.3f} % of one core")
        finally:
            daemon.send_signal(signal.SIGTERM)
            daemon.wait()


def until_read(installation, daemon):
    """Waits until every feed has been read once."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        if daemon.poll() is not None:
            sys.exit("the daemon ended by itself: " + (installation.directory / "log").read_text()[-500:])
        # Not before it has a socket: without one a command opens the database itself.
        if (installation.directory / "run" / "control.sock").exists():
            if installation.json("status")["feeds"]["ok"] == FEEDS:
                return
        time.sleep(0.5)
    sys.exit("not all feeds were read within two minutes")


main()
