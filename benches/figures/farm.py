"""A thousand feeds from nginx on loopback and a hundred watches: a cold pass, and a warm one in which all is unchanged."""

import json
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import measure

FEEDS = 1_000
WATCHES = 100
ROUNDS = 3

CONFIG = """
daemon off; worker_processes 1; pid {root}/pid; error_log {root}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; keepalive_requests 100000; types {{ application/rss+xml xml; }}
  client_body_temp_path {root}/body; proxy_temp_path {root}/proxy; fastcgi_temp_path {root}/fastcgi;
  uwsgi_temp_path {root}/uwsgi; scgi_temp_path {root}/scgi;
  server {{ listen 127.0.0.1:{port}; root {root}/feeds; }}
}}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def serve(nginx, root, port):
    (root / "feeds").mkdir()
    size = 0
    for index in range(FEEDS):
        text = measure.feed(index)
        size += len(text)
        (root / "feeds" / f"{index}.xml").write_text(text)
    (root / "nginx.conf").write_text(CONFIG.format(root=root, port=port))
    # Its workers may not be root's, and must be able to read.
    root.chmod(0o755)
    server = subprocess.Popen([nginx, "-c", str(root / "nginx.conf"), "-p", str(root)])
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                print(f"{FEEDS} feeds, {size / FEEDS / 1000:.1f} kB and 30 items each, {WATCHES} watches")
                return server
        time.sleep(0.1)
    server.terminate()
    sys.exit(f"nginx does not answer; see {root}/error.log")


def main():
    measure.program()
    nginx = measure.need("nginx", "nginx")
    measure.raise_file_limit()
    root, port = pathlib.Path(tempfile.mkdtemp(prefix="newswatch-farm-")), free_port()
    server = serve(nginx, root, port)
    try:
        cold, warm = [], []
        for _ in range(ROUNDS):
            with measure.Installation() as installation:
                urls = [f"http://127.0.0.1:{port}/{index}.xml" for index in range(FEEDS)]
                installation.write(urls, WATCHES, "per_host = 64\nper_host_interval = '0s'")
                for passes, counted in ((cold, "changed"), (warm, "unchanged")):
                    counts = installation_pass(installation, passes)
                    if counts["feeds"][counted] != FEEDS:
                        sys.exit(f"not a {counted} pass: {counts}")
        print(f"cold pass: {measure.median(cold)}")
        print(f"warm pass: {measure.median(warm)}")
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(root, ignore_errors=True)


def installation_pass(installation, passes):
    output, usage = installation.run("once", "--all", "--json")
    passes.append(usage)
    return json.loads(output)


main()
