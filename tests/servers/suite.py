"""What delivery has to do with any mail server, tried with real ones. `suite.py [NAME…]`; all of them where none is named."""

import sys
import time
import traceback

from installation import Installation, expect, stop, until
from servers import Aiosmtpd, Postfix

WORDS = ["apples", "cheese", "trains", "rain", "herring", "budget", "tunnel", "bridges", "salt", "lamps"]


def news(count):
    """Titles that tell so many different stories."""
    return [(f"{WORDS[n // 10 % 10]} number {n} meets a veto of {WORDS[n % 10]}", f"Of {WORDS[n % 7]}, {n}.") for n in range(count)]


def ids(installation):
    return [mail["message_id"] for mail in installation.mails()]


def arrived(server, to="desk"):
    """Message-IDs in the order of arrival, without brackets."""
    return [letter["Message-ID"].strip("<> ") for letter, _ in server.letters(to)]


def with_server(server, **more):
    more["environment"] = server.environment | more.get("environment", {})
    return Installation(server.url(), **more)


def an_alert_arrives_whole(server):
    with with_server(server) as newswatch:
        newswatch.publish([("Ministers veto the budget", "Four states object.")])
        expect(newswatch.once()["sent"] == 1, f"not sent: {newswatch.mails()}")
        server.settled()
        [(letter, _)] = server.letters()
        expect(letter["Subject"] == "[veto] Ministers veto the budget", letter["Subject"])
        expect(letter["Auto-Submitted"] == "auto-generated" and letter["List-Id"], "headers are missing")
        expect(arrived(server) == ids(newswatch), "another Message-ID")
        kinds = [part.get_content_type() for part in letter.walk()]
        expect(kinds == ["multipart/alternative", "text/plain", "text/html"], kinds)


def odd_text_arrives_as_it_was_meant(server):
    text = "A veto.\n.\n.. dots, and " + "naïve words – " * 90 + "🦀 without end.\nFrom here on it is a line."
    with with_server(server) as newswatch:
        newswatch.publish([("Zażółć veto „jaźń” 🦀", text)])
        newswatch.once()
        server.settled()
        [(letter, raw)] = server.letters()
        expect(letter["Subject"] == "[veto] Zażółć veto „jaźń” 🦀", letter["Subject"])
        body = letter.get_body(("plain",)).get_content()
        expect("Zażółć" in body and "jaźń" in body, body)
        expect(max(map(len, raw.split(b"\n"))) <= 999, "a line is too long")


def an_unknown_recipient_is_a_dead_letter_and_harms_nobody(server):
    with with_server(server, to=["gone@example.org", "desk@example.org"]) as newswatch:
        newswatch.publish([("Ministers veto the budget", "")])
        found = newswatch.once()
        expect((found["sent"], found["failed"]) == (1, 1), found)
        dead = [mail for mail in newswatch.mails() if mail["state"] == "dead"]
        expect(dead[0]["answer"].startswith("550 5.1.1"), dead)
        server.settled()
        expect(len(server.letters()) == 1, "not arrived")


def two_hundred_arrive_in_order_and_once(server):
    with with_server(server, to=["desk@example.org", "night@example.org"]) as newswatch:
        newswatch.publish(news(200))
        began = time.monotonic()
        found = newswatch.once()
        took = time.monotonic() - began
        expect(found["sent"] == 400, found)
        server.settled()
        for to in ["desk", "night"]:
            queued = [mail["message_id"] for mail in newswatch.mails() if mail["to"] == f"{to}@example.org"]
            came = arrived(server, to)
            expect(sorted(came) == sorted(queued), f"{to} got {len(came)} of {len(queued)}")
            # A server with a queue of its own may put them into the box in another order than it took them in.
            expect(came == queued or server.name == "postfix", f"{to} got them out of order")
        return f"400 mails in {took:.1f} s"


def what_a_server_that_is_down_held_up_arrives_later(server):
    with with_server(server) as newswatch:
        server.stop()
        newswatch.publish(news(5))
        found = newswatch.once()
        expect(found["sent"] == 0 and found["queued"] == 5, found)
        expect(all(mail["tries"] == 0 for mail in newswatch.mails()), "a server that is down costs a mail a try")
        server.start()
        newswatch.until_sent()
        server.settled()
        expect(sorted(arrived(server)) == sorted(ids(newswatch)), "not all arrived")


def a_server_killed_in_the_middle_loses_nothing(server):
    with with_server(server) as newswatch:
        newswatch.publish(news(150))
        daemon = newswatch.start("run", stderr=open(newswatch.directory / "log", "w"))
        try:
            for wanted in [20, 60]:
                until(f"{wanted} mails", lambda: len(server.letters()) >= wanted)
                server.kill()
                server.start()
            until("an outbox in which all is sent", lambda: all(mail["state"] == "sent" for mail in newswatch.mails()), 180)
        finally:
            stop(daemon)
        server.settled()
        came, texts = arrived(server), {}
        expect(set(came) == set(ids(newswatch)), f"{len(set(came))} of {len(ids(newswatch))} arrived")
        for letter, _ in server.letters():
            body = "".join(part.get_content() for part in letter.walk() if not part.is_multipart())
            expect(texts.setdefault(letter["Message-ID"], body) == body, "a copy differs")
        return f"{len(came) - len(set(came))} copies, where the answer was lost"


def a_mail_that_is_too_big_comes_shorter(server):
    digest = "[[digest]]\nname = 'morning'\nat = ['03:00']\ndays = 'sun'"
    with with_server(server, watch="send = 'morning'", more=digest) as newswatch:
        newswatch.publish([(title, "A veto of much. " * 20) for title, _ in news(60)])
        newswatch.once()
        server.stop()
        server.limit(40_000)
        server.start()
        try:
            newswatch.run("once", "--flush")
            newswatch.until_sent()
            server.settled()
            [(letter, raw)] = server.letters()
            expect(len(raw) < 40_000 and letter.get_content_type() == "text/plain", f"{len(raw)} bytes")
        finally:
            server.stop()
            server.limit(200_000)
            server.start()


def a_wrong_password_holds_mail_and_kills_none(server):
    with with_server(server, environment={"NEWSWATCH_SMTP_PASSWORD": "open barley"}) as newswatch:
        newswatch.publish(news(2))
        newswatch.once()
        mails = newswatch.mails()
        expect(all((mail["state"], mail["tries"]) == ("waiting", 0) for mail in mails), mails)
        expect(any("535" in (mail["answer"] or "") for mail in mails), mails)
        newswatch.environment |= server.environment
        newswatch.until_sent()
        server.settled()
        expect(len(server.letters()) == 2, "not arrived")


def a_certificate_that_nobody_vouches_for_is_refused(server):
    more = {"SSL_CERT_FILE": "/nonexistent", "NEWSWATCH_SMTP_PASSWORD": "open sesame"}
    with with_server(server, environment=more) as newswatch:
        newswatch.publish(news(1))
        newswatch.once()
        [mail] = newswatch.mails()
        expect((mail["state"], mail["tries"]) == ("waiting", 0) and "TLS" in mail["answer"], mail)
        expect(not server.letters(), "sent all the same")


ALL = [
    an_alert_arrives_whole,
    odd_text_arrives_as_it_was_meant,
    an_unknown_recipient_is_a_dead_letter_and_harms_nobody,
    two_hundred_arrive_in_order_and_once,
    what_a_server_that_is_down_held_up_arrives_later,
    a_server_killed_in_the_middle_loses_nothing,
    a_mail_that_is_too_big_comes_shorter,
    a_certificate_that_nobody_vouches_for_is_refused,
]
SECURED = [a_wrong_password_holds_mail_and_kills_none]


def main():
    passed = failed = 0
    for kind in [Postfix, Aiosmtpd]:
        if sys.argv[1:] and kind.name not in sys.argv[1:]:
            continue
        server = kind()
        server.start()
        try:
            for case in ALL + (SECURED if server.secured else []):
                server.forget()
                try:
                    said = case(server)
                    passed += 1
                    print(f"{server.name}: {case.__name__.replace('_', ' ')}: ok{f' ({said})' if said else ''}", flush=True)
                except Exception:
                    failed += 1
                    print(f"{server.name}: {case.__name__.replace('_', ' ')}: FAILED", flush=True)
                    traceback.print_exc()
        finally:
            server.stop()
            server.remove()
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


main()
