"""The command line. Each command parses its options, calls one function and prints."""

from __future__ import annotations

import atexit
import errno
import gc
import os
import sys
from io import TextIOWrapper

from lenet.errors import InputError, LenetError

# Set before numpy loads OpenBLAS, and inherited by every process started from here. Our matrices
# are small: OpenBLAS's threads wait for each other, and two readers on two cores took four times
# as long. A value set by the user stays.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def main() -> None:
    """Run `lenet`; an error is one message on standard error and an exit code."""
    # What is imported is no garbage: looking through it took a quarter of a short command's time.
    gc.set_threshold(50_000)
    atexit.register(gc.freeze)  # else the interpreter looks through everything as it ends
    from lenet.cli.app import app

    for stream in (sys.stdout, sys.stderr):  # names may hold bytes that are no text
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except LenetError as problem:
        _tell(str(problem))
        sys.exit(problem.exit_code)
    except BrokenPipeError:  # as in `lenet read … | head -1`: the pipe is closed
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)  # 128 + SIGPIPE
    except OSError as problem:  # the system refuses a name or a place; most are caught where used
        named = f"{problem.filename}: " if problem.filename else ""
        _tell(f"{named}{problem.strerror or problem}")
        sys.exit(InputError.exit_code if problem.errno == errno.ENAMETOOLONG else 1)
    except KeyboardInterrupt:
        print("lenet: stopped", file=sys.stderr)
        sys.exit(130)  # 128 + SIGINT, as a shell reports it


def _tell(problem: str) -> None:
    from lenet.files import printable

    print("lenet:", printable(problem, kept="\n"), file=sys.stderr)
