"""An installation of the program with one feed that is a file, and what it says of its outbox."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
from email.utils import formatdate
from xml.sax.saxutils import escape

PROGRAM = os.path.abspath(os.environ["NEWSWATCH"])


class Failed(Exception):
    """What was seen is not what should be."""


def expect(is_so, what):
    if not is_so:
        raise Failed(what)


def until(what, look, seconds=60):
    """Repeats `look` until it finds something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.1)
    raise Failed(f"looked in vain for {what}")


class Installation:
    """A config, a state directory and a feed, in a directory that is removed at the end."""

    def __init__(self, url, to=("desk@example.org",), mail="", watch="send = 'now'", more="", environment=None):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="newswatch-servers-"))
        (self.directory / "run").mkdir()
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(self.directory), "LANG": "C.UTF-8",
            "XDG_STATE_HOME": str(self.directory / "state"), "RUNTIME_DIRECTORY": str(self.directory / "run"),
        } | (environment or {})
        recipients = ", ".join(f"'{one}'" for one in to)
        self.config = self.directory / "newswatch.toml"
        self.config.write_text(f"""[mail]
from = 'Newswatch <newswatch@example.org>'
to = [{recipients}]
smtp = '{url}'
retry = ['1s']
unheard = '1s'
{mail}
[fetch]
backlog = 'all'
every = '1s'
min_every = '1s'
[[feed]]
name = 'alliance'
url = 'file:feed.xml'
[[watch]]
name = 'veto'
when = 'veto'
repeat = 'item'
{watch}
{more}
""")
        self.publish([])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.directory, ignore_errors=True)

    def publish(self, items):
        """Puts items, each a title and a text, into the feed; the first is the oldest."""
        entries = "".join(
            f"<item><guid>{number}-{escape(title)}</guid><title>{escape(title)}</title><description>{escape(text)}</description>"
            f"<link>https://news.example.org/{number}</link><pubDate>{formatdate(time.time() - 9999 + number)}</pubDate></item>"
            for number, (title, text) in enumerate(items))
        feed = self.directory / "feed.xml"
        feed.with_suffix(".new").write_text(
            f'<?xml version="1.0"?><rss version="2.0"><channel><title>Alliance</title>{entries}</channel></rss>')
        feed.with_suffix(".new").rename(feed)

    def start(self, *arguments, **more):
        command = [PROGRAM, "--config", str(self.config), *arguments]
        return subprocess.Popen(command, env=self.environment, cwd=self.directory, stdin=subprocess.DEVNULL, **more)

    def run(self, *arguments):
        """Runs the program to its end; what it printed."""
        process = self.start(*arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        out, err = process.communicate(timeout=600)
        expect(process.returncode == 0, f"newswatch {' '.join(arguments)} ended with {process.returncode}: {err.decode()}")
        return out.decode()

    def once(self):
        return json.loads(self.run("once", "--all", "--json"))["mail"]

    def mails(self):
        """The outbox, the oldest first."""
        lines = self.run("mail", "list", "--limit", "0", "--json").splitlines()
        return [json.loads(line) for line in reversed(lines)]

    def until_sent(self, seconds=120):
        """Passes until all is sent."""
        def all_sent():
            self.once()
            return all(mail["state"] == "sent" for mail in self.mails())
        until("an outbox in which all is sent", all_sent, seconds)


def stop(process):
    """Ends a daemon as systemd does."""
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=30)
