"""Worker processes behind a bounded queue. One thread here looks after each of them.

A full queue refuses at once; a task for which nobody waits any more is not begun; a worker that
takes longer than the timeout over one task is killed, and one that died is replaced.
"""

from __future__ import annotations

import asyncio
import atexit
import pickle
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lenet.errors import LenetError
from lenet.serve.config import ServiceConfig
from lenet.serve.errors import BusyError, RequestTimeoutError
from lenet.serve.worker_process import WorkerDiedError, WorkerProcess

PAUSE_SECONDS = 1.0  # before a worker that did not come up is tried again
STOP_SECONDS = 5.0  # for the threads to end


@dataclass
class Task:
    """Something for a worker to do, and who waits for it."""

    message: bytes  # the pickled name and arguments
    reply: asyncio.Future[bytes]
    begun: bool = False

    def settle(self, result: bytes | LenetError) -> None:
        """Hand the result over to the event loop, if somebody there still waits."""

        def hand_over() -> None:
            if self.reply.done():
                return
            if isinstance(result, LenetError):
                self.reply.set_exception(result)
            else:
                self.reply.set_result(result)

        self.reply.get_loop().call_soon_threadsafe(hand_over)


class WorkerPool:
    """Processes that read images.

    report : told in words of every worker that did not start, died or was killed
    """

    def __init__(self, config: ServiceConfig, report: Callable[[str], None]) -> None:
        self._config, self._report = config, report
        self._tasks: queue.Queue[Task | None] = queue.Queue(config.queue_size)
        self._living: set[WorkerProcess] = set()
        self._ready: set[WorkerProcess] = set()  # read the known digit right
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self.trouble = "the workers are starting"  # why none is ready

    def start(self) -> None:
        for number in range(self._config.workers):
            thread = threading.Thread(target=self._look_after, name=f"worker-{number}", daemon=True)
            self._threads.append(thread)
            thread.start()
        atexit.register(self.stop)  # also when the service ends in an error

    @property
    def ready(self) -> int:
        """How many workers can read."""
        return len(self._ready)

    @property
    def waiting(self) -> int:
        """Tasks that no worker has begun."""
        return self._tasks.qsize()

    def check_room(self) -> None:
        """Refuse before a body is received what could only be refused after it."""
        if self._tasks.full():
            raise self._full()

    async def ask(self, task: str, *arguments: Any) -> bytes:
        """A worker's JSON document.

        Raises InputError as the worker did, BusyError when there is no room or no worker was free
        in time, RequestTimeoutError when a worker was at it too long.
        """
        reply: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        asked = Task(pickle.dumps((task, arguments), pickle.HIGHEST_PROTOCOL), reply)
        try:
            self._tasks.put_nowait(asked)
        except queue.Full:
            raise self._full() from None
        seconds = self._config.timeout
        try:
            return await asyncio.wait_for(reply, seconds)
        except asyncio.TimeoutError:
            if asked.begun:
                raise RequestTimeoutError(
                    f"not answered within {seconds:g} s; send less at once"
                ) from None
            raise BusyError(f"no worker was free within {seconds:g} s; try again") from None

    def stop(self) -> None:
        """End all workers at once and refuse what still waits: nobody is owed an answer now."""
        self._stopping.set()
        while self.waiting:
            try:
                task = self._tasks.get_nowait()
            except queue.Empty:
                break
            if task is not None:
                task.settle(BusyError("the service is stopping; ask another one"))
        for _ in self._threads:
            try:
                self._tasks.put_nowait(None)
            except queue.Full:
                break
        for process in list(self._living):
            process.kill()
        for thread in self._threads:
            thread.join(STOP_SECONDS)
        atexit.unregister(self.stop)

    def _full(self) -> BusyError:
        return BusyError(f"{self._config.queue_size} requests wait already; try again")

    def _look_after(self) -> None:
        """One worker after another, as long as the service runs."""
        while not self._stopping.is_set():
            came_up = self._live()
            if not came_up:
                self._stopping.wait(PAUSE_SECONDS)

    def _live(self) -> bool:
        """A worker's life, from its start to its end; whether it came up at all."""
        try:
            process = WorkerProcess(self._config.weights)
        except OSError as problem:
            self._tell(f"a worker cannot be started ({problem})")
            return False
        came_up = False
        self._living.add(process)
        try:
            process.wait_until_ready(self._stopping.is_set)
            came_up = True
            self._ready.add(process)
            self._feed(process)
        except WorkerDiedError as problem:
            self._tell(str(problem))
        finally:
            self._ready.discard(process)
            self._living.discard(process)
            process.end()
        return came_up

    def _tell(self, trouble: str) -> None:
        if not self._stopping.is_set():
            self.trouble = trouble
            self._report(trouble)

    def _feed(self, process: WorkerProcess) -> None:
        """Give a worker task after task until it ends or the service does."""
        while not self._stopping.is_set():
            try:
                task = self._tasks.get(timeout=PAUSE_SECONDS)
            except queue.Empty:
                process.check_alive()
                continue
            if task is None or task.reply.done():
                continue
            task.begun = True
            try:
                task.settle(process.do(task.message, self._config.timeout))
            except LenetError as problem:
                task.settle(problem)
                if isinstance(problem, WorkerDiedError):
                    raise
