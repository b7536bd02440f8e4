"""The daemon with ten thousand feeds in which nothing is new, and a host beside them that takes connections and never answers.

`steady.py [FEEDS [SECONDS]]`; 10,000 and 300 where nothing is said. A twentieth as many feeds more are of the silent host. Tells
CPU time, memory, how late the other feeds were asked, and what the database grew by."""

import json
import pathlib
import random
import shutil
import signal
import socket
import sqlite3
import sys
import tempfile
import threading
import time

import measure

NUMBERS = [int(word) for word in sys.argv[1:] if word.isdigit()]
FEEDS = NUMBERS[0] if NUMBERS else 10_000
SECONDS = NUMBERS[1] if len(NUMBERS) > 1 else 300
WATCHES = 100
HOSTS = 200

# Every address of 127.0.0.0/8 is a host of its own.
NGINX = """
daemon off; worker_processes 1; pid {root}/pid; error_log {root}/error.log;
events {{ worker_connections 1024; }}
http {{
  log_format times '$msec $request_uri'; access_log {root}/times times; keepalive_requests 100000;
  types {{ application/rss+xml xml; }}
  client_body_temp_path {root}/body; proxy_temp_path {root}/proxy; fastcgi_temp_path {root}/fastcgi;
  uwsgi_temp_path {root}/uwsgi; scgi_temp_path {root}/scgi;
  server {{ listen 0.0.0.0:{port}; root {root}/feeds; }}
}}
"""


def silent():
    """A host that takes every connection, and lets it be."""
    server = socket.create_server(("127.1.0.1", 0), backlog=1024)
    held = []

    def hold():
        while True:
            held.append(server.accept())

    threading.Thread(target=hold, daemon=True).start()
    return server.getsockname()[1]


def spread(database):
    """Gives each feed a time of its own in the next half hour, as they have after some days."""
    connection, now, chance = sqlite3.connect(database), time.time(), random.Random(0)
    plan = [((now + 2 + chance.random() * 1800) * 1000 // 1, id) for (id,) in connection.execute("SELECT id FROM feed").fetchall()]
    connection.executemany("UPDATE feed SET next_poll = CAST(? AS INTEGER) WHERE id = ?", plan)
    connection.commit()
    connection.close()


def planned(installation):
    rows = [json.loads(line) for line in installation.run("feed", "list", "--json")[0].splitlines()]
    return {row["name"]: measure.instant(row["next_poll"]) for row in rows if row.get("next_poll")}


def asked(log):
    """When each feed was asked first, from the server's log."""
    first = {}
    for line in log.read_text().splitlines():
        at, path = line.split()
        first.setdefault(path.strip("/").removesuffix(".xml"), float(at))
    return first


def main():
    measure.program()
    nginx = measure.need("nginx", "nginx")
    measure.raise_file_limit()
    root, port = pathlib.Path(tempfile.mkdtemp(prefix="newswatch-steady-")), measure.free_port()
    server, _ = measure.serve(nginx, NGINX, root, port, FEEDS)
    try:
        run(root, port)
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(root, ignore_errors=True)


def run(root, port):
    urls = [f"http://127.0.0.{1 + index % HOSTS}:{port}/{index}.xml" for index in range(FEEDS)]
    with measure.Installation() as installation:
        installation.write(urls, WATCHES, "per_host_interval = '0s'")
        _, cold = installation.run("once", "--all", "--json")
        print(f"cold pass, {FEEDS} feeds on {HOSTS} hosts: {cold}")
        database = next(installation.directory.glob("state/newswatch/*.db"))
        spread(database)
        due = planned(installation)
        size = database.stat().st_size
        dead = [f"http://127.1.0.1:{silent()}/{index}" for index in range(FEEDS // 20)]
        installation.write(urls + dead, WATCHES, "per_host_interval = '0s'")
        (root / "times").write_text("")
        log = open(installation.directory / "log", "w")
        daemon = installation.start("run", stderr=log)
        try:
            time.sleep(SECONDS)
            used, (resident, peak, anonymous) = measure.cpu_seconds(daemon.pid), measure.memory(daemon.pid)
        finally:
            daemon.send_signal(signal.SIGTERM)
            daemon.wait()
        grown = database.stat().st_size - size
        report(due, asked(root / "times"), used, resident, peak, anonymous, grown, len(dead))


def report(due, times, used, resident, peak, anonymous, grown, dead):
    late = sorted(at - due[f"outlet-{index}"] for index, at in times.items() if f"outlet-{index}" in due)
    print(f"daemon, {SECONDS} s, {len(late)} polls of these feeds beside {dead} of a silent host: {used:.2f} s CPU ="
          f" {100 * used / SECONDS:.2f} % of one core, {resident:.0f} MiB resident ({anonymous:.0f} anonymous, {peak:.0f} at its peak)")
    if late:
        print(f"asked after it was due: median {late[len(late) // 2]:.3f} s, at most {late[-1]:.3f} s; "
              f"{sum(1 for wait in late if wait > 2)} later than 2 s")
    print(f"the database grew by {grown} bytes")


main()
