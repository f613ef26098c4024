"""One worker process as the service sees it: started, given a message, killed when it must be."""

from __future__ import annotations

import contextlib
import multiprocessing
from collections.abc import Callable

from lenet.errors import InputError, LenetError
from lenet.serve.errors import RequestTimeoutError
from lenet.serve.worker_main import DONE, REFUSED, serve_tasks

START_SECONDS = 120.0  # that a worker may take to load; a busy machine is slow
END_SECONDS = 1.0  # that a worker has to end by itself


class WorkerDiedError(LenetError):
    """A worker is no more."""


class WorkerTimeoutError(WorkerDiedError, RequestTimeoutError):
    """A worker was killed because it took too long."""


class WorkerProcess:
    """A worker process and the pipe to it.

    weights : what it reads with, as `Reader` takes it
    """

    def __init__(self, weights: str | None) -> None:
        context = multiprocessing.get_context("spawn")  # the service has threads
        self._connection, others = context.Pipe()
        self._process = context.Process(
            target=serve_tasks, args=(others, weights), name="lenet-worker", daemon=True
        )
        try:
            self._process.start()
        finally:
            others.close()  # so that the pipe ends when the worker does

    def wait_until_ready(self, stopping: Callable[[], bool]) -> None:
        """Until it has read the known digit right; WorkerDiedError if it has not."""
        for _ in range(int(START_SECONDS / END_SECONDS)):
            if stopping() or self._connection.poll(END_SECONDS):
                break
        else:
            raise WorkerDiedError(f"a worker did not start within {START_SECONDS:.0f} s")
        if stopping():
            return
        told = self._received()
        if told != DONE:
            raise WorkerDiedError(f"a worker cannot begin: {told[1:].decode()}")

    def do(self, message: bytes, seconds: float) -> bytes:
        """The document that answers a task.

        Raises InputError as the worker did, LenetError for a bug here, WorkerTimeoutError when
        it had to be killed, WorkerDiedError when it died.
        """
        try:
            self._connection.send_bytes(message)
            if not self._connection.poll(seconds):
                self.kill()
                raise WorkerTimeoutError(f"not answered within {seconds:g} s; send less at once")
        except OSError as problem:
            raise WorkerDiedError("the worker died while it read this; try again") from problem
        told = self._received()
        if told[:1] == DONE:
            return told[1:]
        text = told[1:].decode()
        if told[:1] == REFUSED:
            raise InputError(text)
        raise LenetError(f"a mistake in the service ({text})")

    def check_alive(self) -> None:
        if not self._process.is_alive():
            raise WorkerDiedError("a worker died while it had nothing to do")

    def kill(self) -> None:
        """End it now, whatever it does; whoever waits for its answer gets an WorkerDiedError."""
        with contextlib.suppress(ValueError):  # it has ended meanwhile
            self._process.kill()

    def end(self) -> None:
        """Close the pipe, which ends an idle worker; kill a busy one."""
        self._connection.close()
        self._process.join(END_SECONDS)
        self.kill()
        self._process.join()
        self._process.close()

    def _received(self) -> bytes:
        try:
            return self._connection.recv_bytes()
        except (EOFError, OSError) as problem:
            raise WorkerDiedError("the worker died while it read this; try again") from problem
