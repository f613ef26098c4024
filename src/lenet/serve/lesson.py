"""The page's live training over HTTP: one at a time, as server-sent events."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

from starlette.concurrency import iterate_in_threadpool
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from lenet.errors import InputError, LenetError
from lenet.serve.learning import Event, Wish, claim, release, training


class Lesson(StreamingResponse):
    """A training as events; its place is given back however the answer ends."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            release()


def lesson(body: bytes, folder: Path | None, stopping: Callable[[], bool]) -> Lesson:
    """The training that a JSON body wishes for.

    folder : where the sets of digits lie
    stopping : whether the service is; a training that lasts minutes is not waited for

    Raises InputError for a wish that cannot be, BusyError where another training runs.
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as problem:
        raise InputError(f"the body is not JSON ({problem})") from problem
    wish = Wish.from_json(document, folder)
    claim()
    return Lesson(_stream(training(wish), stopping), media_type="text/event-stream")


async def _stream(events: Iterator[Event], stopping: Callable[[], bool]) -> AsyncIterator[str]:
    """Server-sent events; the last one says what went wrong, if something did."""
    try:
        async for event in iterate_in_threadpool(events):
            if stopping():
                raise LenetError("the service is stopping; train again when it is back")
            yield f"data: {json.dumps(event)}\n\n"
    except LenetError as problem:
        yield f"data: {json.dumps({'event': 'error', 'message': str(problem)})}\n\n"
