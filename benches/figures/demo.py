"""The time from starting the demo until it shows its first mail."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time

import measure

ROUNDS = 3


def first_mail():
    with tempfile.TemporaryDirectory() as home:
        environment = {"PATH": os.environ["PATH"], "HOME": home, "LANG": "C.UTF-8"}
        began = time.monotonic()
        demo = subprocess.Popen([measure.program(), "demo"], env=environment, cwd=home, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        too_long = threading.Timer(60, demo.kill)
        too_long.start()
        try:
            for line in demo.stdout:
                if line.lstrip("│ ").startswith("Subject"):
                    return time.monotonic() - began
            sys.exit("the demo showed no mail within a minute")
        finally:
            too_long.cancel()
            demo.send_signal(signal.SIGINT)
            demo.stdout.read()
            demo.wait()


def main():
    times = sorted(first_mail() for _ in range(ROUNDS))
    print(f"first mail of the demo after {times[ROUNDS // 2]:.2f} s (of {ROUNDS}: {', '.join(f'{it:.2f}' for it in times)})")


main()
