"""A submission server by aiosmtpd: STARTTLS, AUTH, a limit on sizes, and a maildir for each recipient that it knows.

`submission.py DIRECTORY PORT SIZE`"""

import asyncio
import itertools
import os
import pathlib
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

DIRECTORY, PORT, SIZE = pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
KNOWN = {"desk@example.org", "night@example.org"}
COUNT = itertools.count()


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address not in KNOWN:
            return "550 5.1.1 nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 recipient ok"

    async def handle_DATA(self, server, session, envelope):
        for address in envelope.rcpt_tos:
            box = DIRECTORY / "mail" / address.split("@")[0]
            for name in ["tmp", "new", "cur"]:
                (box / name).mkdir(parents=True, exist_ok=True)
            name = f"{os.getpid()}.{next(COUNT)}"
            with open(box / "tmp" / name, "wb") as file:
                file.write(envelope.original_content)
                file.flush()
                os.fsync(file.fileno())
            (box / "tmp" / name).rename(box / "new" / name)
        return "250 2.0.0 taken"


def authenticate(server, session, envelope, mechanism, data):
    return AuthResult(success=(data.login, data.password) == (b"watcher", b"open sesame"), handled=False)


async def main():
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(DIRECTORY / "cert.pem", DIRECTORY / "key.pem")

    def session():
        return SMTP(Handler(), tls_context=context, require_starttls=True, auth_required=True, authenticator=authenticate,
                    data_size_limit=SIZE, hostname="inbox.example.org", ident="ESMTP")

    server = await asyncio.get_running_loop().create_server(session, "127.0.0.1", PORT)
    await server.serve_forever()


asyncio.run(main())
