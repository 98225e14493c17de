"""A process that has moto loaded, and forks servers: loading takes seconds, and a fork takes none.

For tests, which start hundreds of servers. Whoever wants one is a process of its own, by which the server is known, waited for
and ended: the two are joined by a connection that ends with either.

A server can found a nursery of its own world, so that what many tests begin with is made once.
"""

import gc
import json
import os
import random
import select
import signal
import socket
import traceback

LENGTH = 8  # bytes


def listen(path):
    """Opens the socket of a nursery. Who asks before it is kept, waits."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(64)
    return listener


def keep(listener, world, run):
    """Forks a server of this world for everybody who asks, until the standard input is at its end."""
    path = listener.getsockname()
    try:
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
                    lend(connection, f"{path}-{os.getpid()}", world, run)
                connection.close()
    finally:
        # Not of those who are forked: they end without coming here.
        os.unlink(path)


def found(path, world, run):
    """Opens a nursery of a world that is served, as it is now, and gives where. No other call may be under way in it.

    It is a process of its own, with this thread alone, and lasts as long as the nursery that its server came from.
    """
    listener = listen(path)
    if os.fork() == 0:
        try:
            # The rest is the server's: its lock, its port, its owner, its clients.
            own = listener.fileno()
            os.closerange(3, own)
            os.closerange(own + 1, os.sysconf("SC_OPEN_MAX"))
            keep(listener, world, run)
        finally:
            os._exit(0)
    listener.close()
    return path


def lend(connection, path, world, run):
    """Becomes the server that is asked for on a connection. The nursery of what its world comes to is at `path`."""
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
        run(asked["kept"], asked["pid"], connection.fileno(), world, lambda: found(path, world, run))
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
