"""`watch test` as a whole program over 2,000 items, with 100, 20,000 and 100,000 watches, and how much loading the watches takes.

Items have 450 words of a vocabulary with Zipf's frequencies; the queries are of four shapes (AND, phrase, NEAR, OR with NOT), of
words so rare that an item matches a handful of 100,000 watches. The runs of the three take turns, so that a busy machine is
busy for all of them."""

import bisect
import itertools
import random

import measure

ITEMS = 2_000
ROUNDS = 5
VOCABULARY = 500_000
RANK_MIN = 200_000
COMMON = "the of and to in that for was on with said from have will".split()


def vocabulary():
    chance = random.Random(1)
    words = dict.fromkeys(COMMON)
    while len(words) < VOCABULARY:
        syllables = chance.randint(1, 2 if len(words) < 2_000 else 4)
        word = "".join(chance.choice("bcdfghklmnprstvw") + chance.choice("aeiou") for _ in range(syllables))
        words[word + chance.choice(["", "n", "r", "st", "l", "nd", "k"])] = None
    return list(words)


def queries(words, count):
    for index in range(count):
        chance = random.Random(1_000_000 + index)
        one, two, three = (words[chance.randrange(RANK_MIN, VOCABULARY)] for _ in range(3))
        yield [f"{one} AND {two}", f'"{one} {two}"', f"{one} NEAR/8 {two}", f"({one} OR {two}) NOT {three}"][index % 4]


def config(place, words, count):
    lines = ["[mail]", "from = 'newswatch@example.org'", "to = ['desk@example.org']", "smtp = 'file:mail'"]
    for index, query in enumerate(queries(words, count)):
        lines += ["", "[[watch]]", f'name = "watch-{index}"', f"when = '{query}'", 'send = "now"']
    place.config.write_text("\n".join(lines) + "\n")


def feed(words, items):
    shares = list(itertools.accumulate(1 / rank for rank in range(1, VOCABULARY + 1)))
    parts = ["<?xml version='1.0'?>\n<rss version='2.0'><channel><title>News</title><link>https://example.org/</link>\n"]
    for item in range(items):
        chance = random.Random(item)
        word = lambda: words[bisect.bisect(shares, chance.random() * shares[-1])]
        text = " ".join(word() + (". " if at % 15 == 14 else "") for at in range(441))
        title = " ".join(word() for _ in range(9))
        parts.append(f"<item><guid>{item}</guid><title>{title}</title><link>https://example.org/{item}</link>"
                     f"<description>{text}</description></item>\n")
    return "".join(parts) + "</channel></rss>\n"


def main():
    words = vocabulary()
    with measure.Installation() as place:
        items, one = place.directory / "items.xml", place.directory / "one.xml"
        items.write_text(feed(words, ITEMS))
        one.write_text(feed(words, 1))
        runs, loads, matches = {}, {}, {}
        for turn in range(ROUNDS):
            for watches in (100, 20_000, 100_000):
                config(place, words, watches)
                output, usage = place.run("watch", "test", "--json", str(items))
                runs.setdefault(watches, []).append(usage)
                matches[watches] = output.count("\n") / ITEMS
                loads.setdefault(watches, []).append(place.run("watch", "test", "--json", str(one))[1])
    few = measure.median(runs[100])
    for watches, usages in runs.items():
        usage, load = measure.median(usages), measure.median(loads[watches])
        print(f"{watches:>7} watches: {usage.cpu / ITEMS * 1e6:>6.0f} µs CPU an item, {usage.wall / ITEMS * 1e6:>6.0f} µs wall; "
              f"{usage.cpu / few.cpu:.2f} times the CPU of 100 watches, {usage.wall / few.wall:.2f} times the wall; "
              f"{matches[watches]:.2f} matches an item; peak {usage.peak:.0f} MiB")
        print(f"        loaded, with one item: {load}")


main()
