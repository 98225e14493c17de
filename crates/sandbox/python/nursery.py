"""A process that has moto loaded, and forks servers: loading takes seconds, and a fork takes none.

For tests, which start hundreds of servers. Whoever wants one is a process of its own, by which the server is known, waited for
and ended: the two are joined by a connection that ends with either.
"""

import gc
import json
import os
import random
import select
import signal
import socket
import traceback

import moto_as_aws

LENGTH = 8  # bytes


def keep(path, run):
    """Forks a server for everybody who asks at `path`, until the standard input is at its end."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    try:
        listener.listen(64)
        print("open", flush=True)
        moto_as_aws.tune()
        moto = moto_as_aws.application()
        moto_as_aws.load(moto)
        gc.freeze()  # the memory of what is loaded stays shared
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
        while True:
            ready, _, _ = select.select([listener, 0], [], [])
            if 0 in ready and not os.read(0, 1024):
                return
            if listener in ready:
                connection, _ = listener.accept()
                if os.fork() == 0:
                    listener.close()
                    lend(connection, moto, run)
                connection.close()
    finally:
        # Not of those who are forked: they end without coming here.
        os.unlink(path)


def lend(connection, moto, run):
    """Becomes the server that is asked for on a connection."""
    from moto.moto_api._internal import mock_random

    status = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        length, outputs, _, _ = socket.recv_fds(connection, LENGTH, 2)
        asked = json.loads(connection.recv(int.from_bytes(length, "big"), socket.MSG_WAITALL))
        for number, output in enumerate(outputs, 1):
            os.dup2(output, number)
            os.close(output)
        os.environ.clear()
        os.environ.update(asked["environment"])
        if asked["kept"]:
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
        # Or all would give the same ids.
        random.seed()
        mock_random.seed()
        run(asked["kept"], asked["pid"], connection.fileno(), moto)
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def borrow(path, kept):
    """Has a server forked at `path` that prints and serves as this process, and lives as long as it."""
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(path)
    asked = json.dumps({"kept": kept, "pid": os.getpid(), "environment": dict(os.environ)}).encode()
    socket.send_fds(connection, [len(asked).to_bytes(LENGTH, "big")], [1, 2])
    connection.sendall(asked)
    watched = [connection] if kept else [connection, 0]
    while True:
        ready, _, _ = select.select(watched, [], [])
        if connection in ready or not os.read(0, 1024):
            return
