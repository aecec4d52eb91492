#!/usr/bin/env python3
"""A department's webhook receiver on loopback: prints its port, verifies every request (Standard Webhooks), decodes its events
(CloudEvents) and writes each to a file, one line of JSON for an event.

Its only argument is a JSON object: `port` (0 for a free one), `store` (the file of events), `secret` (the file of the signing key, read when
the first event comes), and how it behaves: `refuse` and `slow` are the shares of requests that are answered with 500 and late, `hang` answers
nothing but OPTIONS, `seed` makes chance repeatable.
"""

import http.server
import json
import os
import random
import socketserver
import sys
import threading
import time

from cloudevents.core.bindings.http import HTTPMessage, from_http_event
from cloudevents.core.formats.json import JSONFormat
from standardwebhooks import Webhook

manner = json.loads(sys.argv[1])
chance = random.Random(manner.get("seed", 1))
store = open(manner["store"], "a", buffering=1)
writing = threading.Lock()


def events(headers, body):
    """The events of a request, as dictionaries of their attributes."""
    if headers.get("content-type", "").startswith("application/cloudevents-batch+json"):
        decoded = [JSONFormat().read(None, json.dumps(one)) for one in json.loads(body)]
    else:
        decoded = [from_http_event(HTTPMessage({k: v for k, v in headers.items()}, body))]
    return [one.get_attributes() | {"data": one.get_data()} for one in decoded]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # What the kernel gathers for a full packet would wait for an acknowledgement that comes late.
    wbufsize = -1

    def answer(self, status, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_OPTIONS(self):
        self.answer(200, WebHook_Allowed_Origin=self.headers.get("WebHook-Request-Origin", "none"))

    def do_POST(self):
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        if len(body) < length:
            # Whoever sent it was killed in the middle.
            self.close_connection = True
            return
        if manner.get("hang"):
            time.sleep(3600)
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            with open(manner["secret"]) as file:
                Webhook(file.read().strip()).verify(body, headers)
            found = events(headers, body)
        except Exception as error:
            sys.stdout.write("wrong: %r\n" % error)
            sys.stdout.flush()
            return self.answer(400)
        with writing:
            draw = chance.random()
        if draw < manner.get("refuse", 0):
            return self.answer(500)
        if draw > 1 - manner.get("slow", 0):
            time.sleep(0.2)
        with writing:
            for one in found:
                store.write(json.dumps({
                    "id": one["id"], "subject": one.get("subject"), "type": one["type"], "sequence": int(one.get("sequence", 0)),
                    "position": int(one.get("position", 0)), "data": one["data"],
                }) + "\n")
        self.answer(204)

    def log_message(self, *arguments):
        pass


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 256


server = Server(("127.0.0.1", manner.get("port", 0)), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
