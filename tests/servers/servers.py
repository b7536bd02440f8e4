"""Real mail servers, on loopback, each in a directory of its own."""

import email
import email.policy
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from installation import expect, until

HERE = pathlib.Path(__file__).resolve().parent


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until_open(port):
    def is_open():
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0
    until(f"somebody to listen on port {port}", is_open, 20)


class Server:
    """What the suite needs of a server."""

    # Whether it wants a user and a password over TLS.
    secured = False

    def __init__(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="newswatch-server-"))
        self.directory.chmod(0o755)
        self.port = free_port()
        self.environment = {}

    def url(self):
        return f"smtp://127.0.0.1:{self.port}"

    def letters(self, to="desk"):
        """All that has arrived for a recipient, in the order of arrival: the message and its bytes."""
        found = sorted(self.directory.glob(f"mail/{to}/new/*"), key=lambda path: (path.stat().st_mtime_ns, path.name))
        read = [path.read_bytes() for path in found]
        return [(email.message_from_bytes(raw, policy=email.policy.default), raw) for raw in read]

    def forget(self):
        for path in self.directory.glob("mail/*/new/*"):
            path.unlink()

    def remove(self):
        shutil.rmtree(self.directory, ignore_errors=True)


class Postfix(Server):
    """Debian's Postfix, delivering into maildirs. Its master has to be root."""

    name = "postfix"

    MAIN = """compatibility_level = 3.6
queue_directory = {root}/queue
data_directory = {root}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {root}/log
maillog_file_prefixes = {root}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = inbox.example.org
mydestination =
mynetworks = 127.0.0.0/8
virtual_mailbox_domains = example.org
virtual_mailbox_base = {root}/mail
virtual_mailbox_maps = inline:{{ desk@example.org=desk/ night@example.org=night/ }}
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions = reject_unlisted_recipient, permit_mynetworks, reject
message_size_limit = {size}
smtpd_tls_security_level = may
smtpd_tls_chain_files = {root}/key.pem, {root}/cert.pem
"""

    MASTER = """127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
tlsmgr unix - - n 1000? 1 tlsmgr
virtual unix - n n - - virtual
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""

    def __init__(self):
        super().__init__()
        for name in ["etc", "queue", "data", "mail"]:
            (self.directory / name).mkdir()
        os.chown(self.directory / "mail", 65534, 65534)
        shutil.chown(self.directory / "data", "postfix")
        certificate(self.directory)
        self.environment = {"SSL_CERT_FILE": str(self.directory / "cert.pem")}
        self.limit(200_000)

    def limit(self, size):
        """The largest message that it takes from now on."""
        (self.directory / "etc/main.cf").write_text(self.MAIN.format(root=self.directory, size=size))
        (self.directory / "etc/master.cf").write_text(self.MASTER.format(port=self.port))

    def control(self, word):
        return subprocess.run(["/usr/sbin/postfix", "-c", str(self.directory / "etc"), word], capture_output=True, text=True)

    def start(self):
        started = self.control("start")
        expect(started.returncode == 0, f"postfix does not start: {started.stderr}")
        until_open(self.port)

    def stop(self):
        self.control("stop")

    def kill(self):
        """Its master and all that it has started, in the middle of whatever they do."""
        self.control("abort")

    def settled(self):
        """Waits until what was taken has been put into the maildirs."""
        queues = [self.directory / "queue" / name for name in ["maildrop", "incoming", "active", "deferred"]]
        until("an empty queue", lambda: not any(path.is_file() for queue in queues for path in queue.rglob("*")), 60)


class Aiosmtpd(Server):
    """aiosmtpd, with STARTTLS and AUTH, which it insists on."""

    name = "aiosmtpd"
    secured = True

    def __init__(self):
        super().__init__()
        (self.directory / "mail").mkdir()
        certificate(self.directory)
        self.environment = {"SSL_CERT_FILE": str(self.directory / "cert.pem"), "NEWSWATCH_SMTP_PASSWORD": "open sesame"}
        self.size, self.process = 200_000, None

    def url(self):
        return f"smtp://watcher@127.0.0.1:{self.port}?tls=required"

    def limit(self, size):
        self.size = size

    def start(self):
        command = [sys.executable, str(HERE / "submission.py"), str(self.directory), str(self.port), str(self.size)]
        self.process = subprocess.Popen(command)
        until_open(self.port)

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def settled(self):
        time.sleep(0.2)


def certificate(directory):
    """A key and a certificate for 127.0.0.1 that nobody trusts who is not told to."""
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE",
         "-addext", "extendedKeyUsage=serverAuth", "-keyout", str(directory / "key.pem"), "-out", str(directory / "cert.pem")],
        capture_output=True, text=True)
    expect(made.returncode == 0, made.stderr)
