"""What it costs a pass to see which watches an item nearly matches: `once` over 1,500 items of 42 KB feeds, with 60, 100 and
2,000 watches, whose near misses no digest lists and then one does. Medians of three, the runs of both in turns."""

import sqlite3

import measure

FEEDS = 50
ROUNDS = 3
DIGEST = "[[digest]]\nname = 'morning'\nat = ['07:30']\n[[watch]]\nname = 'none'\nwhen = 'nosuchword'\nsend = 'morning'\n"


def near_misses(installation):
    connection = sqlite3.connect(next(installation.directory.glob("state/newswatch/*.db")))
    count = connection.execute("SELECT count(*) FROM near_miss").fetchone()[0]
    connection.close()
    return count


def one(watches, more):
    with measure.Installation() as installation:
        urls = []
        for index in range(FEEDS):
            path = installation.directory / f"{index}.xml"
            path.write_text(measure.feed(index))
            urls.append(f"file:{path}")
        installation.write(urls, watches, "backlog = 'all'")
        # A mail for each match would cost more than all else.
        text = installation.config.read_text().replace("send = 'now'", "send = 'now'\nwait = '1d'")
        installation.config.write_text(text + more)
        output, usage = installation.run("once", "--all", "--json")
        return usage, near_misses(installation)


def main():
    measure.program()
    items = FEEDS * 30
    for watches in (60, 100, 2_000):
        runs = {"": [], DIGEST: []}
        for _ in range(ROUNDS):
            for more, usages in runs.items():
                usage, kept = one(watches, more)
                usages.append(usage)
        without, with_near = measure.median(runs[""]), measure.median(runs[DIGEST])
        print(f"{watches:>6} watches: {without.cpu / items * 1e6:.0f} µs CPU an item, {with_near.cpu / items * 1e6:.0f} with near misses, "
              f"of which {kept} are kept; peak {without.peak:.0f} and {with_near.peak:.0f} MiB")


main()
