"""What the figures share: the program, an installation for it, feeds for it to read, and what a process has used."""

import datetime
import json
import os
import pathlib
import random
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]

def vocabulary():
    """Words as a language has them: a few are everywhere, most are rare."""
    chance = random.Random(1)
    syllables = [consonant + vowel for consonant in "bcdfghklmnprstvw" for vowel in "aeiou"]
    words = sorted({"".join(chance.choices(syllables, k=chance.randint(1, 4))) for _ in range(6_000)})
    chance.shuffle(words)
    return words, [1 / rank for rank in range(1, len(words) + 1)]


WORDS, WEIGHTS = vocabulary()
DAY = 86_400


def program():
    """The program to measure; ends with a word on what to do where there is none."""
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    path = pathlib.Path(os.environ.get("NEWSWATCH", target / "release" / "newswatch"))
    if not path.exists():
        sys.exit(f"{path} is not there: run `cargo build --release`, or name the program in NEWSWATCH")
    return str(path)


def need(tool, package):
    """The path of a tool; ends with a word on how to get it where it is missing."""
    path = shutil.which(tool) or shutil.which(tool, path="/usr/sbin:/sbin")
    if path is None:
        sys.exit(f"{tool} is missing, and this figure cannot be taken without it: install {package}")
    return path


def feed(index, items=30, size=42_000):
    """An RSS document of this many items and about this many bytes, the same for every run of a day. Its newest item is of
    today, the others are of days gone by."""
    chance = random.Random(index)
    today = time.time() // DAY * DAY
    parts = [f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title>Outlet {index}</title>'
             f"<link>https://outlet-{index}.example.org/</link><description>News {index}</description>\n"]
    room = size // items - 290
    for item in range(items):
        published = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(today - item * 3 * DAY))
        title = " ".join(chance.choices(WORDS, WEIGHTS, k=8)).capitalize()
        text = ""
        while len(text) < room:
            text += " ".join(chance.choices(WORDS, WEIGHTS, k=14)).capitalize() + ". "
        link = f"https://outlet-{index}.example.org/{item}"
        parts.append(f"<item><guid>{link}</guid><title>{title}</title><link>{link}</link>"
                     f"<pubDate>{published}</pubDate><description>{text}</description></item>\n")
    parts.append("</channel></rss>\n")
    return "".join(parts)


class Installation:
    """A config, a state directory and an environment of their own, in a directory that is removed at the end."""

    def __init__(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="newswatch-figure-"))
        (self.directory / "run").mkdir()
        self.config = self.directory / "newswatch.toml"
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(self.directory), "LANG": "C.UTF-8",
            "XDG_STATE_HOME": str(self.directory / "state"), "RUNTIME_DIRECTORY": str(self.directory / "run"),
        }

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.directory, ignore_errors=True)

    def write(self, urls, watches, fetch=""):
        """Writes a config with these feeds and so many watches; mail goes into a directory."""
        lines = ["[mail]", "from = 'newswatch@example.org'", "to = ['desk@example.org']", "smtp = 'file:mail'",
                 "[fetch]", "allow_private_addresses = true", fetch]
        for index, url in enumerate(urls):
            lines += ["[[feed]]", f"name = 'outlet-{index}'", f"url = '{url}'"]
        chance = random.Random(0)
        for index in range(watches):
            # Words of the middle ranks: each is in every few hundredth item.
            one, two, three = chance.sample(WORDS[300:2_000], k=3)
            query = [f"{one} {two}", f'"{one} {two}"', f"({one} OR {two}) {three}", f"{one} NEAR/8 {two}",
                     f"title:{one} OR ({two} -{three})"][index % 5]
            lines += ["[[watch]]", f"name = 'watch-{index}'", f"when = '{query}'", "send = 'now'"]
        self.config.write_text("\n".join(lines) + "\n")

    def start(self, *arguments, **more):
        """Starts the program."""
        command = [program(), "--config", str(self.config), *arguments]
        return subprocess.Popen(command, env=self.environment, cwd=self.directory, stdin=subprocess.DEVNULL, **more)

    def run(self, *arguments):
        """Runs the program to its end; what it printed, and what it used."""
        process = self.start(*arguments, stdout=subprocess.PIPE)
        began = time.monotonic()
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            sys.exit(f"newswatch {' '.join(arguments)} ended with {process.returncode}")
        return output.decode(), Usage(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, time.monotonic() - began)

    def json(self, *arguments):
        """Runs the program and reads its answer."""
        return json.loads(self.run(*arguments, "--json")[0])


class Usage:
    """CPU seconds, peak resident MiB, seconds by the wall clock."""

    def __init__(self, cpu, peak, wall):
        self.cpu, self.peak, self.wall = cpu, peak, wall

    def __str__(self):
        return f"{self.cpu:.2f} s CPU, {self.peak:.0f} MiB peak, {self.wall:.2f} s wall"


def median(usages):
    """The median of each number by itself."""
    middle = lambda key: sorted(key(usage) for usage in usages)[len(usages) // 2]
    return Usage(middle(lambda it: it.cpu), middle(lambda it: it.peak), middle(lambda it: it.wall))


def raise_file_limit():
    """As many open files as we may have: a farm of feeds needs a few hundred."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def free_port():
    """A port on loopback that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until_open(port):
    """Waits until somebody answers there; false after ten seconds."""
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.1)
    return False


def instant(text):
    """A point in time, from the form that the program prints, in seconds since 1970."""
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def cpu_seconds(pid):
    """What a running process has used, in seconds."""
    fields = open(f"/proc/{pid}/stat").read().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid):
    """What a running process holds, at its peak, and of its own, in MiB."""
    lines = dict(line.split(":", 1) for line in open(f"/proc/{pid}/status"))
    return [int(lines[key].split()[0]) / 1024 for key in ("VmRSS", "VmHWM", "RssAnon")]


def serve(nginx, config, root, port, feeds):
    """Writes so many feeds and starts nginx over them; the server, and how many bytes they are."""
    (root / "feeds").mkdir()
    size = 0
    for index in range(feeds):
        text = feed(index)
        size += len(text)
        (root / "feeds" / f"{index}.xml").write_text(text)
    (root / "nginx.conf").write_text(config.format(root=root, port=port))
    # Its workers may not be root's, and must be able to read.
    root.chmod(0o755)
    server = subprocess.Popen([nginx, "-c", str(root / "nginx.conf"), "-p", str(root)])
    if not until_open(port):
        server.terminate()
        sys.exit(f"nginx does not answer; see {root}/error.log")
    return server, size
