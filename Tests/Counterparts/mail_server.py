#!/usr/bin/env python3
"""A mail server on loopback for the tests: prints its port, then one line of JSON for each mail, read by Python's own parser.

    mail_server.py [--tls implicit|starttls|none] [--login USER:PASSWORD] [--name HOST] [--closes]

With TLS it makes a certificate for HOST, certificate.pem in the working directory. How a recipient is treated stands before the @:
greylist (451 at first), unknown (550), spam (554 for the content), full (452 for the content), drop (the connection breaks in DATA),
silent (no answer). The sender `refused@…` is refused, and with --closes the connection ends after each mail.
"""

import argparse
import asyncio
import email
import email.policy
import json
import ssl
import subprocess

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


class Mailbox:
    """Takes or refuses mails as their recipients' names say."""

    def __init__(self, closes):
        self.closes = closes
        self.seen = set()

    async def handle_MAIL(self, server, session, envelope, address, options):
        if address.startswith("refused@"):
            return f"550 5.7.1 <{address}> may not send here"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        kind = address.partition("@")[0]
        if kind == "greylist" and address not in self.seen:
            self.seen.add(address)
            return f"451 4.7.1 <{address}> greylisted"
        if kind == "unknown":
            return f"550 5.1.1 <{address}> unknown"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        kind = envelope.rcpt_tos[0].partition("@")[0]
        if kind == "spam":
            return "554 5.7.1 looks like spam"
        if kind == "full":
            return "452 4.2.2 mailbox full"
        if kind == "drop":
            server.transport.abort()
            return "250 never heard"
        if kind == "silent":
            await asyncio.sleep(3600)
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        print(
            json.dumps({
                "from": str(mail["from"]), "to": str(mail["to"]), "subject": str(mail["subject"]), "id": str(mail["message-id"]),
                "date": mail["date"].datetime.timestamp(), "text": mail.get_content(), "headers": mail.keys(),
                "defects": [str(defect) for defect in mail.defects], "login": bool(session.authenticated),
                "connection": session.peer[1], "recipient": envelope.rcpt_tos[0], "longest": max(map(len, envelope.content.split(b"\r\n"))),
            }), flush=True)
        if self.closes:
            asyncio.get_running_loop().call_later(0.05, server.transport.close)
        return "250 taken"


def certificate(host):
    kind = "IP" if host[0].isdigit() else "DNS"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=test",
         "-addext", f"subjectAltName={kind}:{host}", "-keyout", "key.pem", "-out", "certificate.pem"], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain("certificate.pem", "key.pem")
    return context


async def serve(options):
    context = None if options.tls == "none" else certificate(options.name)
    wanted = tuple(part.encode() for part in options.login.split(":")) if options.login else None

    def authenticate(server, session, envelope, mechanism, data):
        right = isinstance(data, LoginPassword) and (data.login, data.password) == wanted
        return AuthResult(success=right, handled=right)

    mailbox = Mailbox(options.closes)
    login = {"authenticator": authenticate, "auth_required": True, "auth_require_tls": options.tls == "starttls"} if wanted else {}
    starttls = {"tls_context": context, "require_starttls": True} if options.tls == "starttls" else {}

    def factory():
        return SMTP(mailbox, hostname="localhost", **login, **starttls)

    server = await asyncio.get_running_loop().create_server(
        factory, "127.0.0.1", 0, ssl=context if options.tls == "implicit" else None)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--tls", choices=["implicit", "starttls", "none"], default="none")
    parser.add_argument("--login")
    parser.add_argument("--name", default="127.0.0.1")
    parser.add_argument("--closes", action="store_true")
    asyncio.run(serve(parser.parse_args()))
