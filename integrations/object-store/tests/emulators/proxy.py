"""A proxy before an emulator that makes a share of all requests fail: proxy.py LISTEN UPSTREAM SHARE

A failure is a 503, a 429, a closed connection, an answer that is lost, or a hang of three seconds. GET /__counts
returns how often each happened, and GET /__uploads what the store has of the event files: the time of each answer to a
PUT, the object's path, and the last step in it.
"""
import http.client
import json
import random
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

listen, upstream, share = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
chance = random.Random(1)
counts, uploads, lock = {}, [], threading.Lock()


def last_step(records):
    """Returns the step of the last event in an event file."""
    at = end = 0
    while end < len(records):
        at, end = end, end + int.from_bytes(records[end:end + 8], "little") + 16
    # An event begins with the wall time, which has nine bytes, and the step, unless that is 0.
    field, *varint = records[at + 21:end]
    step = shift = 0
    for byte in varint if field == 0x10 else []:
        step |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    return step


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def count(self, what):
        with lock:
            counts[what] = counts.get(what, 0) + 1

    def answer(self, status, headers, body):
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in ("connection", "transfer-encoding", "content-length"):
                self.send_header(name, value)
        length = dict((n.lower(), v) for n, v in headers).get("content-length", "0") if self.command == "HEAD" else len(body)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def handle_any(self):
        if self.path == "/__counts":
            return self.answer(200, [], json.dumps(counts).encode())
        if self.path == "/__uploads":
            return self.answer(200, [], json.dumps(uploads).encode())
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with lock:
            fault = chance.choice(["503", "429", "closed", "lost", "hang"]) if chance.random() < share else None
        self.count(f"{self.command} {fault or 'passed on'}")
        if fault in ("503", "429"):
            return self.answer(int(fault), [("Retry-After", "1")], b"<Error><Code>SlowDown</Code></Error>")
        if fault == "hang":
            time.sleep(3)
        if fault == "closed":
            self.close_connection = True
            return
        to = http.client.HTTPConnection("127.0.0.1", upstream)
        to.request(self.command, self.path, body, dict(self.headers))
        found = to.getresponse()
        content = found.read()
        if self.command == "PUT" and "tfevents" in self.path and found.status < 300:
            uploads.append((time.time(), self.path, last_step(body)))
        if fault == "lost":
            self.close_connection = True
            return
        self.answer(found.status, found.getheaders(), content)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_any

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", listen), Handler).serve_forever()
