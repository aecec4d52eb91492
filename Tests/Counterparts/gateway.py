#!/usr/bin/env python3
"""A gateway for text messages, and a receiver of webhooks, on loopback: prints its port, then one line of JSON for each request.

It answers 200 and {"code":0}. A phone that ends with 999 gets {"code":9,"reason":"invalid"}, one with 503 that status.
"""

import http.server
import json
import sys
import threading

speaking = threading.Lock()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        status, answer = 200, {"code": 0}
        phone = str(json.loads(body).get("phone"))
        if phone.endswith("503"):
            status = 503
        elif phone.endswith("999"):
            answer = {"code": 9, "reason": "invalid"}
        line = json.dumps({
            "path": self.path, "id": self.headers.get("Idempotency-Key"), "authorization": self.headers.get("Authorization"),
            "type": self.headers.get("Content-Type"), "body": json.loads(body), "status": status,
        })
        # One write for a line: requests are answered on several threads.
        with speaking:
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
        data = json.dumps(answer, separators=(",", ":")).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *arguments):
        pass


if __name__ == "__main__":
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()
