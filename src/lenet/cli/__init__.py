"""The command line: verbs only. Each parses, calls one function, prints."""

from __future__ import annotations

import os
import sys

from lenet.errors import LenetError

# OpenBLAS is told before numpy loads it, here and so in every process started from here. Our
# matrices are small: its threads wait for each other, and two readers on two cores took four
# times as long. Set by the user, it stays.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def main() -> None:
    """Run `lenet`; every refusal is one clear sentence on standard error and its exit code."""
    from lenet.cli.app import app

    try:
        app()
    except LenetError as problem:
        print(f"lenet: {problem}", file=sys.stderr)
        sys.exit(problem.exit_code)
    except BrokenPipeError:  # as in `lenet read … | head -1`: nobody listens any more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)  # 128 + SIGPIPE
    except KeyboardInterrupt:
        print("lenet: stopped", file=sys.stderr)
        sys.exit(130)  # 128 + SIGINT, as a shell reports it
