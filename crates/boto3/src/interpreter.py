"""Answers the questions of tests, one test after the other: boto3 is loaded once.

Reads a line of JSON each, and answers with one: the value, or the error. An object begins a test: its words, and what is
around them. A string is Python to run after the words; its value is that of its last expression. Null ends the test, as
the end of the input does, however the test ended: `at_end` is called, if the words define it.
"""

import ast
import json
import os
import sys
import traceback

import boto3
import botocore.session

LOADER = boto3.Session()._session.get_component("data_loader")
# The descriptions of the services are read once for all sessions.
botocore.session.Session._register_data_loader = lambda self: self.register_component("data_loader", LOADER)

names = {}


def begin(words, arguments, environment, folder):
    """Leaves nothing of the test before."""
    for name, value in environment.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    if folder:
        os.chdir(folder)
    sys.argv[1:] = arguments
    boto3.DEFAULT_SESSION = None
    names.clear()
    exec(words, names)


def end():
    names.pop("at_end", lambda: None)()


def evaluate(code):
    """Runs the statements; gives the value of the last one if it is an expression."""
    body = ast.parse(code).body
    last = ast.Expression(body.pop().value) if body and isinstance(body[-1], ast.Expr) else None
    exec(compile(ast.Module(body, []), "snippet", "exec"), names)
    return eval(compile(last, "snippet", "eval"), names) if last else None


def answer(asked):
    if asked is None:
        return end()
    return begin(**asked) if isinstance(asked, dict) else evaluate(asked)


try:
    for line in sys.stdin:
        try:
            said = {"value": answer(json.loads(line))}
        except Exception:
            said = {"error": traceback.format_exc()}
        print(json.dumps(said, default=str), flush=True)
finally:
    end()  # nobody may be there to read an answer
