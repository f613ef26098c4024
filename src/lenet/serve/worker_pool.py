"""Worker processes behind a bounded queue.

A full queue refuses at once; a task whose client has gone is not started; a worker that exceeds the
timeout is killed, and a dead one is replaced.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import multiprocessing
import os
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import anyio

from lenet.errors import InputError, LenetError
from lenet.serve.config import ServiceConfig
from lenet.serve.errors import BusyError, RequestTimeoutError
from lenet.serve.worker_main import DONE, REFUSED, serve_tasks

START_SECONDS = 120.0  # for a worker to load, also on a busy machine
END_SECONDS = 1.0  # for a worker to end by itself
PAUSE_SECONDS = 1.0  # between checks of an idle worker, and before a failed start is repeated
STOP_SECONDS = 5.0  # for the pool to end
FULL_SECONDS = 0.01  # between looks of a request that has begun at a full queue


class WorkerDiedError(LenetError):
    """A worker process has ended."""


class WorkerTimeoutError(WorkerDiedError, RequestTimeoutError):
    """A worker was killed because it exceeded the timeout."""


class WorkerProcess:
    """A worker process and the pipe to it; all methods but `kill` block."""

    def __init__(self, config: ServiceConfig) -> None:
        known = config.weights, config.max_pixels, config.worker_memory  # and no token
        context = multiprocessing.get_context("spawn")  # the service has threads
        self._pipe, others = context.Pipe()
        self._process = context.Process(
            target=serve_tasks, args=(others, *known), name="lenet-worker", daemon=True
        )
        try:
            self._process.start()
        finally:
            others.close()  # so that the pipe ends with the worker

    def wait_until_ready(self) -> None:
        """Wait until it has read the known digit; WorkerDiedError if it cannot."""
        if not self._pipe.poll(START_SECONDS):
            raise WorkerDiedError(f"a worker did not start within {START_SECONDS:.0f} s")
        answer = self._receive()
        if answer != DONE:
            raise WorkerDiedError(f"a worker cannot start: {answer[1:].decode()}")

    def run(self, call: tuple[str, tuple[Any, ...]], seconds: float) -> bytes:
        """The document that answers a task, given by its name and arguments.

        Raises InputError as the worker did, LenetError for a bug in the worker, WorkerTimeoutError
        if it had to be killed, WorkerDiedError if it died.
        """
        try:
            self._pipe.send(call)
            if not self._pipe.poll(seconds):
                self.kill()
                raise WorkerTimeoutError(f"not answered within {seconds:g} s; send less at once")
        except OSError as problem:
            raise WorkerDiedError("the worker died during this request; try again") from problem
        answer = self._receive()
        if answer[:1] == DONE:
            return answer[1:]
        text = answer[1:].decode()
        raise InputError(text) if answer[:1] == REFUSED else LenetError(f"internal error ({text})")

    def check_alive(self) -> None:
        if not self._process.is_alive():
            raise WorkerDiedError("an idle worker died")

    def kill(self) -> None:
        """End it now; whoever waits for its answer gets a WorkerDiedError."""
        with contextlib.suppress(ValueError):  # it has ended meanwhile
            self._process.kill()

    def end(self) -> None:
        """Close the pipe, which ends an idle worker; kill a busy one."""
        self._pipe.close()
        self._process.join(END_SECONDS)
        self.kill()
        self._process.join()
        self._process.close()

    def _receive(self) -> bytes:
        try:
            return self._pipe.recv_bytes()
        except (EOFError, OSError) as problem:
            raise WorkerDiedError("the worker died during this request; try again") from problem


@dataclass
class Task:
    """A task for a worker, and the future of its answer."""

    call: tuple[str, tuple[Any, ...]]  # pickled when it is sent: a copy of the request's body
    reply: asyncio.Future[bytes]
    started: bool = False

    def answer(self, document: bytes) -> None:
        if not self.reply.done():  # unless the client has gone
            self.reply.set_result(document)

    def fail(self, problem: LenetError) -> None:
        if not self.reply.done():
            self.reply.set_exception(problem)


class WorkerPool:
    """Worker processes, each fed by a thread.

    Not by a coroutine: refusing an overload keeps the event loop busy, and workers would idle until
    it comes round to them.

    report : called with a message when a worker does not start, dies or is killed
    """

    def __init__(self, config: ServiceConfig, report: Callable[[str], None]) -> None:
        self._config, self._report = config, report
        self._tasks: queue.Queue[Task | None] = queue.Queue(config.queue_size)
        self._alive: set[WorkerProcess] = set()
        self._ready: set[WorkerProcess] = set()  # these have read the known digit
        self._threads: list[threading.Thread] = []
        self._stopping = False
        self.trouble = "the workers are starting"  # why none is ready

    def start(self) -> None:
        loop = asyncio.get_running_loop()
        # More would take a worker's address space: 40 MiB each, whether they work or not.
        os.environ["OPENBLAS_NUM_THREADS"] = "1"
        for _ in range(self._config.workers):
            thread = threading.Thread(target=self._run, args=(loop,), name="worker", daemon=True)
            self._threads.append(thread)
            thread.start()
        atexit.register(self._kill)  # also when the service ends in an error

    @property
    def ready(self) -> int:
        """The number of workers that can read."""
        return len(self._ready)

    @property
    def queued(self) -> int:
        """The number of tasks that no worker has started."""
        return self._tasks.qsize()

    def check_room(self) -> None:
        """Refuse, before a body is received, what could only be refused after it."""
        if self._tasks.full():
            raise BusyError(f"{self._config.queue_size} requests are waiting already; try again")

    async def ask(self, name: str, *arguments: Any) -> bytes:
        """A worker's JSON document; raises as `ask_each`."""
        (document,) = await self.ask_each(name, [arguments])
        return document

    async def ask_each(self, name: str, many: Sequence[tuple[Any, ...]]) -> list[bytes]:
        """The workers' JSON documents for some tasks, all within one timeout.

        They queue one after the other: a request with a hundred images waits a hundred times, and
        others have their turns between.

        Raises InputError as the worker did, BusyError if the queue is full or no worker was free in
        time, RequestTimeoutError if the workers exceeded the timeout.
        """
        documents: list[bytes] = []
        seconds = self._config.timeout
        try:
            with anyio.fail_after(seconds):
                for arguments in many:
                    if not documents:
                        self.check_room()
                    task = Task((name, arguments), asyncio.get_running_loop().create_future())
                    while self._tasks.full():
                        await asyncio.sleep(FULL_SECONDS)
                    self._tasks.put_nowait(task)
                    documents.append(await task.reply)
        except TimeoutError:
            if documents or task.started:
                words = f"not answered within {seconds:g} s; send less at once"
                raise RequestTimeoutError(words) from None
            raise BusyError(f"no worker was free within {seconds:g} s; try again") from None
        return documents

    async def stop(self) -> None:
        """Kill all workers and refuse what is still queued."""
        self._stopping = True
        with contextlib.suppress(queue.Empty):
            while True:
                if task := self._tasks.get_nowait():
                    task.fail(BusyError("the service is stopping; ask another one"))
        for _ in self._threads[: self._config.queue_size]:
            self._tasks.put_nowait(None)  # wakes an idle one
        self._kill()
        until = time.monotonic() + STOP_SECONDS
        while any(thread.is_alive() for thread in self._threads) and time.monotonic() < until:
            await asyncio.sleep(0.01)

    def _kill(self) -> None:
        for process in list(self._alive):
            process.kill()

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        """Run one worker after another, as long as the service runs."""
        while not self._stopping:
            try:
                process = WorkerProcess(self._config)
            except OSError as problem:
                self._failed(f"a worker cannot be started ({problem})")
                time.sleep(PAUSE_SECONDS)
                continue
            self._alive.add(process)
            try:
                process.wait_until_ready()
                self._ready.add(process)
                while not self._stopping:
                    self._run_next(process, loop)
            except WorkerDiedError as problem:
                self._failed(str(problem))
                if process not in self._ready:
                    time.sleep(0 if self._stopping else PAUSE_SECONDS)
            finally:
                self._ready.discard(process)
                self._alive.discard(process)
                process.end()

    def _run_next(self, process: WorkerProcess, loop: asyncio.AbstractEventLoop) -> None:
        """Run the next task in this process; raises WorkerDiedError."""
        try:
            task = self._tasks.get(timeout=PAUSE_SECONDS)
        except queue.Empty:
            return process.check_alive()
        if task is None or task.reply.done():
            return None
        task.started = True
        try:
            document = process.run(task.call, self._config.timeout)
        except LenetError as problem:
            loop.call_soon_threadsafe(task.fail, problem)
            if isinstance(problem, WorkerDiedError):
                raise
        else:
            loop.call_soon_threadsafe(task.answer, document)

    def _failed(self, message: str) -> None:
        if not self._stopping:
            self.trouble = message
            self._report(message)
