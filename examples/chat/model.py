#!/usr/bin/env python3
"""A stand-in for a language model: asks for two tools, then says what they answered.

usage: model.py [PORT-FILE]     listens on a free port of 127.0.0.1 and writes its number
"""

import http.server
import json
import os
import sys
import threading


def complete(request):
    answers = [message["text"] for message in request["messages"] if message["role"] == "tool"]
    if answers:
        return {"text": "I found: " + "; ".join(answers)}
    return {"calls": [{"id": "1", "tool": "weather", "arguments": {"city": "Oslo"}},
                      {"id": "2", "tool": "local_time", "arguments": {"city": "Oslo"}}]}


class Model(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        is_known = self.headers["Authorization"] == "Bearer secret"
        answer = json.dumps(complete(request)) if is_known else "who are you?"
        self.send_response(200 if is_known else 401)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer.encode())

    def log_message(self, *_):
        pass


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Model)
    path = sys.argv[1] if len(sys.argv) > 1 else "port"
    with open(path + ".new", "w") as file:
        file.write(str(server.server_port))
    os.rename(path + ".new", path)
    lifetime = threading.Timer(600, lambda: os._exit(0))
    lifetime.daemon = True
    lifetime.start()
    server.serve_forever()


if __name__ == "__main__":
    main()
