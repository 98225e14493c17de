"""Answers a test's questions. Runs after the words that it asks them in, in the same module.

Reads a JSON string of Python per line of standard input and answers with a line of JSON: the value of its last
expression, or the error. At the end of the input, however the test ended, it calls `at_end`, if the words define it.
"""

import ast
import json
import sys
import traceback


def evaluate(code):
    """Runs the statements; gives the value of the last one if it is an expression."""
    body = ast.parse(code).body
    last = ast.Expression(body.pop().value) if body and isinstance(body[-1], ast.Expr) else None
    exec(compile(ast.Module(body, []), "snippet", "exec"), globals())
    return eval(compile(last, "snippet", "eval"), globals()) if last else None


for line in sys.stdin:
    try:
        answer = {"value": evaluate(json.loads(line))}
    except Exception:
        answer = {"error": traceback.format_exc()}
    print(json.dumps(answer, default=str), flush=True)

if "at_end" in globals():
    at_end()
