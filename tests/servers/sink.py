"""The matrix of faults with Postfix's smtp-sink in the place of our own fake: what is left of a mail after one try, and that it
arrives once the fault is over."""

import shutil
import subprocess
import sys
import tempfile

from installation import Failed, Installation, expect
from servers import free_port, until_open

SOFT, HARD, CUT, CLOSED = "-r", "-f", "-q", "-Q"
NAMES = {SOFT: "4xx", HARD: "5xx", CUT: "cut", CLOSED: "421 and closed"}

# It waits, and no try is counted: the trouble is the server's. Or one is counted; or nobody knows; or it is given up.
HELD, WAITS, UNHEARD, DEAD = ("waiting", 0), ("waiting", 1), ("unheard", 1), ("dead", 1)

MATRIX = [
    ("CONNECT", {SOFT: HELD, HARD: HELD, CUT: HELD, CLOSED: HELD}),
    ("EHLO", {SOFT: HELD, HARD: HELD, CUT: HELD, CLOSED: HELD}),
    ("MAIL", {SOFT: HELD, HARD: HELD, CUT: HELD, CLOSED: HELD}),
    ("RCPT", {SOFT: WAITS, HARD: DEAD, CUT: WAITS, CLOSED: WAITS}),
    ("DATA", {SOFT: WAITS, HARD: DEAD, CUT: WAITS, CLOSED: WAITS}),
    (".", {SOFT: WAITS, HARD: DEAD, CUT: UNHEARD, CLOSED: WAITS}),
]


class Sink:
    def __init__(self, port, *options):
        self.directory = tempfile.mkdtemp(prefix="newswatch-sink-")
        shutil.chown(self.directory, "nobody")
        command = ["smtp-sink", "-c", "-u", "nobody", "-R", self.directory, "-d", "%M.", *options, f"127.0.0.1:{port}", "100"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        until_open(port)

    def end(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)


def one(phase, fault, expected):
    port = free_port()
    with Installation(f"smtp://127.0.0.1:{port}", mail="") as newswatch:
        newswatch.config.write_text(newswatch.config.read_text().replace("['1s']", "['1h']").replace("unheard = '1s'", "unheard = '1h'"))
        newswatch.publish([("Ministers veto the budget", "Four states object.")])
        sink = Sink(port, fault, phase)
        try:
            newswatch.once()
        finally:
            sink.end()
        [mail] = newswatch.mails()
        found = (mail["state"], mail["tries"])
        expect(found == expected, f"{found}, not {expected}: {mail['answer']}")
        sink = Sink(port)
        try:
            newswatch.run("mail", "retry", str(mail["id"]))
            newswatch.once()
        finally:
            sink.end()
        [after] = newswatch.mails()
        expect(after["state"] == "sent", f"not sent once the fault was over: {after}")
        expect(mail["message_id"] in (None, after["message_id"]), "another Message-ID")


def main():
    failed = passed = 0
    for phase, cases in MATRIX:
        for fault, expected in cases.items():
            try:
                one(phase, fault, expected)
                passed += 1
            except Failed as why:
                failed += 1
                print(f"smtp-sink: {NAMES[fault]} at {phase}: FAILED: {why}")
    print(f"smtp-sink: {passed} passed, {failed} failed")
    sys.exit(failed > 0)


main()
