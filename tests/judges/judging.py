"""What the judges have in common: the program, a world of their own for it, and environments for what judges."""

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
ORGSTRAP = Path(os.environ.get("ORGSTRAP_BIN", REPOSITORY / "target/debug/orgstrap")).absolute()


class Useless(Exception):
    """What makes this whole run worth nothing."""


def isolated(folder):
    """An environment that has nothing of the caller's AWS or orgstrap, but for where moto is installed."""
    kept = {"ORGSTRAP_CACHE_DIR", "ORGSTRAP_PYTHON"}
    own = {name: value for name, value in os.environ.items() if name in kept or not name.startswith(("AWS_", "ORGSTRAP_"))}
    # What is done in every region is done often enough in three.
    return own | {"ORGSTRAP_SANDBOX_HOME": str(folder / "sandbox"), "ORGSTRAP_SANDBOX_FAULTS": "regions=3"}


def installed(judge):
    """The folder of the programs of a judge's own virtual environment, which is made if need be."""
    requirements = HERE / f"requirements-{judge}.txt"
    digest = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()[:8]
    environment = REPOSITORY / "target/judges" / f"{judge}-{digest}"
    done = environment / "done"
    if not done.exists():
        print(f"installing {judge} below {environment.parent}", file=sys.stderr)
        venv.create(environment, clear=True, with_pip=True)
        subprocess.run([environment / "bin/pip", "install", "--quiet", "--no-deps", "-r", requirements], check=True)
        done.touch()
    return environment / "bin"


def output_of(command, codes, **more):
    ran = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, **more)
    if ran.returncode not in codes:
        raise Useless(f"{command[0]} ended with {ran.returncode}: {ran.stderr or ran.stdout}")
    return ran.stdout
