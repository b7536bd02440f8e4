"""A mail server that is down for hours while matches pile up, and then comes back.

`outage.py [MATCHES [HOURS]]`; 100,000 and 20 where nothing is said. The hours are accelerated: a pass tries in vain, then all that is in
the outbox is made an hour older. Up to 24 hours all must be mailed, in order, none twice; after that each recipient gets one
summary. Tells what the daemon used, and how its memory went."""

import random
import re
import signal
import socketserver
import sqlite3
import sys
import threading
import time
from email.utils import formatdate

import measure

NUMBERS = [int(word) for word in sys.argv[1:] if word.isdigit()]
MATCHES = NUMBERS[0] if NUMBERS else 100_000
HOURS = NUMBERS[1] if len(NUMBERS) > 1 else 20
RECIPIENTS = [f"desk-{number}@example.org" for number in range(10)]
ITEMS = MATCHES // len(RECIPIENTS)
PER_FEED = 1_000
STALE_AFTER = 24


class Sink(socketserver.StreamRequestHandler):
    """Takes every message, and remembers which ones for whom."""

    taken, disable_nagle_algorithm = [], True

    def handle(self):
        self.wfile.write(b"220 inbox.example.org ESMTP\r\n")
        to = None
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"RCPT":
                to = line.split(b"<")[1].split(b">")[0].decode()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                self.keep(to)
                self.wfile.write(b"250 2.0.0 taken\r\n")
            elif word == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"250 ok\r\n")

    def keep(self, to):
        ident, stories = None, None
        while (line := self.rfile.readline()) != b".\r\n":
            if ident is None and line[:11].lower() == b"message-id:":
                ident = line[11:].strip().strip(b"<>").decode()
            if stories is None and (found := re.match(rb"Subject: \[newswatch\] (\d+) stor", line)):
                stories = int(found[1])
        self.taken.append((to, ident, stories))


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address, daemon_threads = True, True


def publish(directory):
    """Feeds that are files; each item tells something else."""
    chance, urls, now = random.Random(7), [], time.time()
    for first in range(0, ITEMS, PER_FEED):
        items = []
        for number in range(first, min(first + PER_FEED, ITEMS)):
            words = [chance.choice(measure.WORDS) + format(chance.randrange(16 ** 3), "x") for _ in range(14)]
            items.append(f"<item><guid>{number}</guid><title>{' '.join(words[:5])} veto</title><description>{' '.join(words[5:])}.</description>"
                         f"<link>https://news.example.org/{number}</link><pubDate>{formatdate(now - ITEMS + number)}</pubDate></item>")
        path = directory / f"{first}.xml"
        path.write_text(f'<rss version="2.0"><channel><title>Outlet {first}</title>{"".join(items)}</channel></rss>')
        urls.append(f"file:{path}")
    return urls


def configure(installation, urls, port):
    installation.write(urls, 0)
    recipients = ", ".join(f"'{one}'" for one in RECIPIENTS)
    text = installation.config.read_text()
    text = text.replace("smtp = 'file:mail'", f"smtp = 'smtp://127.0.0.1:{port}'").replace("to = ['desk@example.org']", f"to = [{recipients}]")
    text = text.replace("[fetch]", "[fetch]\nbacklog = 'all'\nevery = '7d'")
    installation.config.write_text(text + "[[watch]]\nname = 'veto'\nwhen = 'veto'\nrepeat = 'item'\nsend = 'now'\n")


def age(database, hours):
    connection = sqlite3.connect(database)
    for column in ["queued", "next_at", "offered", "sent", "revived"]:
        connection.execute(f"UPDATE mail SET {column} = {column} - ?", (hours * 3_600_000,))
    connection.commit()
    connection.close()


def query(database, sql):
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    rows = connection.execute(sql).fetchall()
    connection.close()
    return rows


def drain(installation, port, wanted):
    """Runs the daemon with the server back until so many mails have come; what it held at each tenth of them."""
    server = Server(("127.0.0.1", port), Sink)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    log = open(installation.directory / "log", "w")
    daemon, began, held = installation.start("run", stderr=log), time.monotonic(), []
    try:
        while len(Sink.taken) < wanted:
            time.sleep(0.05)
            if len(Sink.taken) * 10 >= wanted * (len(held) + 1):
                held.append(measure.memory(daemon.pid)[2])
            if daemon.poll() is not None:
                sys.exit(f"the daemon ended: {(installation.directory / 'log').read_text()[-2000:]}")
        took = time.monotonic() - began
        # What comes too much comes soon.
        time.sleep(3)
        used, (_, peak, _) = measure.cpu_seconds(daemon.pid), measure.memory(daemon.pid)
    finally:
        daemon.send_signal(signal.SIGTERM)
        daemon.wait()
        server.shutdown()
        server.server_close()
    return took, used, peak, held


def judge(database, queued):
    """Whether all came, in order and once."""
    ids = dict(query(database, "SELECT id, message_id FROM mail"))
    for to in RECIPIENTS:
        expected = [ids.get(number) for number, recipient in queued if recipient == to]
        came = [ident for recipient, ident, _ in Sink.taken if recipient == to]
        if came != expected:
            sys.exit(f"{to}: {len(came)} came, {len(set(came))} of them different, {len(expected)} were expected; in order: {sorted(came) == sorted(expected)}")


def main():
    measure.program()
    port = measure.free_port()
    with measure.Installation() as installation:
        configure(installation, publish(installation.directory), port)
        _, used = installation.run("once", "--all", "--json")
        database = next(installation.directory.glob("state/newswatch/*.db"))
        queued = query(database, "SELECT id, recipient FROM mail ORDER BY id")
        print(f"{len(queued)} mails to {len(RECIPIENTS)} recipients queued, {database.stat().st_size >> 20} MiB: {used}")
        passes = []
        for _ in range(HOURS):
            passes.append(installation.run("once", "--json")[1])
            age(database, 1)
        tries = query(database, "SELECT max(tries) FROM mail")[0][0]
        print(f"{HOURS} hours of an hourly pass in vain, median: {measure.median(passes)}; tries counted: {tries}")
        is_stale = HOURS >= STALE_AFTER
        wanted = len(RECIPIENTS) if is_stale else len(queued)
        took, used, peak, held = drain(installation, port, wanted)
        if is_stale:
            came = sorted((to, stories) for to, _, stories in Sink.taken)
            if [to for to, _ in came] != sorted(RECIPIENTS):
                sys.exit(f"one summary for each recipient was expected: {came}")
            print(f"one summary for each of {len(came)} recipients, of {sum(stories or 0 for _, stories in came)} stories in all")
        else:
            judge(database, queued)
            print(f"{len(Sink.taken)} mails came, all in order, none twice")
        print(f"the daemon: {took:.1f} s, {wanted / took:.0f} mails a second, {used:.1f} s CPU, {peak:.0f} MiB at its peak; of its own at each tenth: "
              + ", ".join(f"{size:.0f}" for size in held) + " MiB")


main()
