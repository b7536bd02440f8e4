"""Feeds from nginx on loopback and a hundred watches: a cold pass, and a warm one in which all is unchanged.

`farm.py [FEEDS [ROUNDS]]`; a thousand and three where nothing is said. With `--peers`, sfeed_update and newsboat read the same
feeds in the same run, each where it is installed."""

import json
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile
import time

import measure

NUMBERS = [int(word) for word in sys.argv[1:] if word.isdigit()]
FEEDS = NUMBERS[0] if NUMBERS else 1_000
ROUNDS = NUMBERS[1] if len(NUMBERS) > 1 else 3
WATCHES = 100

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


def main():
    measure.program()
    nginx = measure.need("nginx", "nginx")
    measure.raise_file_limit()
    root, port = pathlib.Path(tempfile.mkdtemp(prefix="newswatch-farm-")), measure.free_port()
    server, size = measure.serve(nginx, CONFIG, root, port, FEEDS)
    print(f"{FEEDS} feeds, {size / FEEDS / 1000:.1f} kB and 30 items each, {WATCHES} watches")
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
        if "--peers" in sys.argv:
            for name, peer in (("sfeed_update", sfeed), ("newsboat", newsboat)):
                compare(name, peer, port)
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(root, ignore_errors=True)


def installation_pass(installation, passes):
    output, usage = installation.run("once", "--all", "--json")
    passes.append(usage)
    return json.loads(output)


def timed(command, environment):
    """Runs a command with all that it starts to its end; what they used together."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return measure.Usage(cpu, after.ru_maxrss / 1024, time.monotonic() - began)


def sfeed(tool, home, port):
    feeds = "".join(f"feed 'outlet-{index}' 'http://127.0.0.1:{port}/{index}.xml'\n" for index in range(FEEDS))
    config = f"maxjobs=16\nsfeedpath='{home}/feeds'\nfeeds() {{\n{feeds}}}\n"
    (home / "sfeedrc").write_text(config)
    return [tool, str(home / "sfeedrc")], home / "feeds"


def newsboat(tool, home, port):
    (home / "urls").write_text("".join(f"http://127.0.0.1:{port}/{index}.xml\n" for index in range(FEEDS)))
    (home / "config").write_text("reload-threads 16\n")
    command = [tool, "-q", "-x", "reload", "-u", str(home / "urls"), "-C", str(home / "config"), "-c", str(home / "cache.db")]
    return command, home / "cache.db"


def compare(name, peer, port):
    """The same feeds read by another program: cold, and again."""
    tool = shutil.which(name)
    if tool is None:
        print(f"{name}: not installed, so not measured")
        return
    cold, warm = [], []
    for _ in range(ROUNDS):
        home = pathlib.Path(tempfile.mkdtemp(prefix="newswatch-peer-"))
        try:
            command, result = peer(tool, home, port)
            environment = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8"}
            cold.append(timed(command, environment))
            if not result.exists():
                print(f"{name}: read nothing, so not measured")
                return
            warm.append(timed(command, environment))
        finally:
            shutil.rmtree(home, ignore_errors=True)
    print(f"{name}, cold: {measure.median(cold)}")
    print(f"{name}, warm: {measure.median(warm)}")


main()
