"""Gives each test a moto of its own: a fork of this process, which has loaded what takes seconds to load.

A line `new` is answered with the endpoint and process of a new one; `end PID` ends one. The end of the input ends all.
"""

import importlib.util
import json
import os
import secrets
import signal
import socket
import sys
import threading

SERVICES = "acm ec2 ecr ecs elbv2 iam kms logs organizations route53 s3 secretsmanager sts".split()

spec = importlib.util.spec_from_file_location("launcher", sys.argv[1])
launcher = importlib.util.module_from_spec(spec)
spec.loader.exec_module(launcher)
for name, value in launcher.TUNING.items():
    os.environ.setdefault(name, value)


def load():
    from moto.backends import get_backend
    from moto.moto_server.werkzeug_app import create_backend_app

    for service in SERVICES:
        create_backend_app(service)
    get_backend("iam")["123456789012"]["aws"]  # which reads AWS's own policies


def end_with(owner):
    os.read(owner, 1)
    os._exit(0)


def serve(owner):
    threading.Thread(target=end_with, args=(owner,), daemon=True).start()
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    port = listener.getsockname()[1]
    os.environ["MOTO_PORT"] = str(port)
    print(json.dumps({"endpoint": f"http://127.0.0.1:{port}", "pid": os.getpid()}), flush=True)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nothing, stream)
    launcher.serve(listener, secrets.token_hex(16))


load()
# Nobody writes to it: it is at its end when this process is, however that ended.
owner, of_this = os.pipe()
for line in iter(sys.stdin.readline, ""):
    word, *rest = line.split()
    if word == "end":
        os.kill(int(rest[0]), signal.SIGKILL)
        os.waitpid(int(rest[0]), 0)
    elif os.fork() == 0:
        os.close(of_this)
        serve(owner)
