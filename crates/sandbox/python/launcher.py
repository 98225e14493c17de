"""Serves moto for orgstrap: one process, on a loopback port of its own choosing.

With --kept FILE it outlives the command that started it: it locks FILE for as
long as it lives, and writes there who and where it is.

Without, it prints the same JSON on its standard output, and ends as soon as its
standard input is closed, which the kernel does even when its owner is killed.

With --nursery SOCKET it serves nothing itself, but has moto loaded, and forks a
server for everybody who is started with --from SOCKET: see nursery.py. Such a
server can found another nursery, of its own world as it is by then.
"""

import argparse
import datetime
import fcntl
import importlib.metadata
import io
import json
import os
import secrets
import signal
import socket
import sys
import threading
import traceback

# Isolated as it runs, Python does not look beside the program.
sys.path.insert(0, os.path.dirname(__file__))

import moto_as_aws
import nursery


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kept", metavar="FILE")
    parser.add_argument("--nursery", metavar="SOCKET")
    parser.add_argument("--from", metavar="SOCKET", dest="from_nursery")
    options = parser.parse_args()
    if options.kept:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # the terminal may close
    if options.nursery:
        listener = nursery.listen(options.nursery)
        print("open", flush=True)
        nursery.keep(listener, World(moto_as_aws.loaded()), run)
    elif options.from_nursery:
        nursery.borrow(options.from_nursery, options.kept)
    else:
        run(options.kept, os.getpid(), None if options.kept else 0)


def run(kept, pid, owner, world=None, found=None):
    """Serves a world, or a new one, as the process `pid`, until the descriptor `owner`, if any, is at its end.

    `found` opens a nursery of the world, and gives where; only who came from one has it.
    """
    announcements = lock(kept) if kept else sys.stdout
    if owner is not None:
        threading.Thread(target=end_with, args=(owner,), daemon=True).start()

    # Bound before the slow imports, and never let go: nobody can take the port
    # between choosing it and serving on it.
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    port = listener.getsockname()[1]
    os.environ["MOTO_PORT"] = str(port)
    moto_as_aws.tune()

    nonce = secrets.token_hex(16)
    announcement = {
        "endpoint": f"http://127.0.0.1:{port}",
        "port": port,
        "pid": pid,
        "started": datetime.datetime.now(datetime.timezone.utc).isoformat(),
        "version": importlib.metadata.version("moto"),
        "nonce": nonce,
    }
    print(json.dumps(announcement), file=announcements, flush=True)
    if not kept:
        # The owner reads one line; what moto prints later must not meet a closed pipe.
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    serve(listener, nonce, world or World(moto_as_aws.application()), found)


def lock(path):
    """Opens a file, empty, under a lock that the kernel frees when this process ends."""
    file = open(path, "a")
    fcntl.flock(file, fcntl.LOCK_EX)
    file.truncate(0)
    return file


def end_with(owner):
    """Ends this process at the end of a descriptor."""
    while os.read(owner, 1024):
        pass
    os._exit(0)


class World:
    """moto with all that is in it, and what the front remembers about that."""

    def __init__(self, moto):
        self.moto, self.memory = moto, Memory()


class Memory:
    """What the front remembers about this world. It is here because it has to be as old as the world."""

    def __init__(self):
        self.lock, self.values = threading.Lock(), {}

    def answer(self, body):
        """Answers a question in JSON: {"op": "get" | "put", "key", "value"}, with what was there before."""
        question = json.loads(body)
        key = question["key"]
        with self.lock:
            known = self.values.get(key)
            if question["op"] == "put":
                self.values[key] = question["value"]
        return json.dumps({"value": known}).encode()

    def clear(self):
        with self.lock:
            self.values.clear()


def failure(error):
    """What to answer when moto fails. SDKs repeat a 500 many times, but not a 501."""
    missing = isinstance(error, NotImplementedError)
    status = "501 Not Implemented" if missing else "500 Internal Server Error"
    kind = "NotImplemented" if missing else "InternalFailure"
    body = {"__type": kind, "message": f"moto failed: {type(error).__name__}: {error}"}
    headers = [("Content-Type", "application/json"), ("x-amzn-ErrorType", kind)]
    return status, headers, json.dumps(body).encode()


def serve(listener, nonce, world, found):
    from moto.moto_server.werkzeug_app import MotoRequestHandler
    from werkzeug.serving import make_server

    identity = json.dumps({"nonce": nonce}).encode()

    def application(environ, start_response):
        # Answered here, so that a server whose port was taken over is told apart.
        if environ["PATH_INFO"] == "/orgstrap/identity":
            start_response("200 OK", [("Content-Type", "application/json")])
            return [identity]
        if environ["PATH_INFO"] == "/orgstrap/memory":
            start_response("200 OK", [("Content-Type", "application/json")])
            return [world.memory.answer(environ["wsgi.input"].read())]
        if environ["PATH_INFO"] == "/orgstrap/account":
            answer = moto_as_aws.change_account(environ["wsgi.input"].read())
            start_response("200 OK", [("Content-Type", "application/json")])
            return [answer]
        if environ["PATH_INFO"] == "/orgstrap/nursery" and found:
            socket = found().encode()
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [socket]
        if environ["PATH_INFO"] == "/moto-api/reset":
            world.memory.clear()
        return world.moto(environ, start_response)

    class Handler(MotoRequestHandler):
        """Keeps connections open, which Werkzeug's own handler never does.

        It closes because it cannot know whether a request was read to its end.
        Here the whole request is read before the application sees it, and the
        whole response is collected, so that its length is known.
        """

        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        # Silent connections end, but only after the 90 seconds for which the SDK's
        # pool keeps an idle one: the client shall be the one that closes.
        timeout = 120

        def run_wsgi(self):
            environ = self.make_environ()
            if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
                body = environ["wsgi.input"].read()
                self.close_connection = True  # trailers, if any, stay unread
            else:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            environ["wsgi.input"] = io.BytesIO(body)

            try:
                status, headers, payload = answer(environ)
            except Exception as error:
                self.server.log("error", "%s", traceback.format_exc())
                status, headers, payload = failure(error)

            code, _, reason = status.partition(" ")
            self.send_response(int(code), reason)
            has_length = False
            for name, value in headers:
                has_length |= name.lower() == "content-length"
                self.send_header(name, value)
            if self.close_connection:
                self.send_header("Connection", "close")
            if self.command == "HEAD" or code in ("204", "304"):
                payload = b""
            elif not has_length:
                self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        def log_request(self, *_):
            """Says nothing: a line for each call would fill the disk."""

    def answer(environ):
        """Runs the application and collects its response."""
        start = []
        written = []

        def start_response(status, headers, exc_info=None):
            start[:] = [status, headers]
            return written.append

        chunks = application(environ, start_response)
        try:
            written.extend(chunks)
        finally:
            if hasattr(chunks, "close"):
                chunks.close()
        status, headers = start
        return status, headers, b"".join(written)

    server = make_server(
        "127.0.0.1",
        0,
        application,
        threaded=True,
        request_handler=Handler,
        fd=listener.fileno(),
    )
    server.serve_forever()


if __name__ == "__main__":
    main()
