"""What `lenet serve` carries on this machine, its client included, in under four minutes.

    python benchmarks/service_load.py

One client thread and the service share the machine's cores. Bars: 3,000 classify/s, 300 read/s of
100×40 crops, p99 ≤ 50 ms at 70 % of what was reached, 503 at once and nothing else at five times
that, 5 % more memory after 100,000 requests. Each figure comes with processor milliseconds, which
on a busy machine are more reliable than requests a second. Exit code 1 if a bar is missed.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from service_client import Tally, closed_loop, open_loop, request
from service_crops import crops

from lenet.reading.reader import Reader
from lenet.serve.documents import KNOWN

TICK = os.sysconf("SC_CLK_TCK")
ONE_JSON = json.dumps({"images": [KNOWN.tolist()]}).encode()
CROPS = crops(50)
JSON = [request("/v1/classify", "application/json", ONE_JSON)]
BYTES = [request("/v1/classify", "application/octet-stream", KNOWN.tobytes())]
READ = [request("/v1/read", "image/png", crop) for crop in CROPS]
ALL = 100_000  # requests after which the memory is compared, one in twenty a read
LONGEST = 75  # seconds for them; a busy machine does fewer; the report prints the count


class Watched:
    """The service's processes: their time and memory."""

    def __init__(self, process: int) -> None:
        tasks = Path(f"/proc/{process}/task").glob("*/children")
        children = [int(one) for task in tasks for one in task.read_text().split()]
        self.processes = [process, *children]

    def cpu(self) -> float:
        """Seconds of processor time so far."""
        fields = [
            Path(f"/proc/{one}/stat").read_text().split(") ")[1].split() for one in self.processes
        ]
        return sum(int(field[11]) + int(field[12]) for field in fields) / TICK

    def memory(self) -> float:
        """Resident MB of all of them."""
        pages = [int(Path(f"/proc/{one}/statm").read_text().split()[1]) for one in self.processes]
        return sum(pages) * os.sysconf("SC_PAGE_SIZE") / 1e6


class Report:
    """Rows of the table, and whether a bar was missed."""

    def __init__(self, watched: Watched) -> None:
        self.watched, self.missed = watched, 0
        print(f"{'':<42}{'found':>14}{'bar':>12}   processor ms: service + client", flush=True)

    def row(self, name: str, found: str, bar: str = "", ok: bool = True, more: str = "") -> None:
        self.missed += not ok
        mark = "" if ok else "  MISSED"
        print(f"{name:<42}{found:>14}{bar:>12}   {more}{mark}", flush=True)

    def measured(self, work: object) -> tuple[Tally, str]:
        """Run a coroutine of the client; its tally, and the time of both sides for a request."""
        before, own = self.watched.cpu(), time.process_time()
        tally: Tally = asyncio.run(work)  # type: ignore[arg-type]
        answers = max(1, sum(tally.statuses.values()))
        service = 1000 * (self.watched.cpu() - before) / answers
        return tally, f"{service:.2f} + {1000 * (time.process_time() - own) / answers:.2f}"


def clean(tally: Tally) -> bool:
    """Whether everything was answered, with 200."""
    return set(tally.statuses) <= {200} and not tally.broken


def throughput(report: Report, port: int) -> float:
    """The closed loops and the paced ones; reads a second."""
    reads = 0.0
    for name, messages, lines, bar in (
        ("classify/s, one digit as JSON", JSON, 16, 3000),
        ("classify/s, one digit as bytes", BYTES, 16, 3000),
        ("read/s, crops of 100×40", READ, 8, 300),
    ):
        asyncio.run(closed_loop(port, messages, lines, seconds=2))  # warm
        tally, times = report.measured(closed_loop(port, messages, lines, seconds=10))
        report.row(
            name, f"{tally.rate:,.0f}", f"≥ {bar:,}", tally.rate >= bar and clean(tally), times
        )
        rate = 0.7 * tally.rate
        paced, times = report.measured(open_loop(port, messages, 64, rate, 10))
        spread = f"{paced.quantile(0.5):.1f} / {paced.quantile(0.99):.1f}"
        ok = paced.quantile(0.99) <= 50 and clean(paced) and not paced.unsent
        report.row(f"  p50 / p99 in ms at {rate:,.0f}/s (70 %)", spread, "p99 ≤ 50", ok, times)
        reads = tally.rate
    return reads


def overload(report: Report, port: int, reads: float) -> None:
    """Five times as many reads as it can do."""
    before = report.watched.memory()
    tally, times = report.measured(open_loop(port, READ, 512, 5 * reads, 15))
    found = tally.statuses
    answered = f"{found[200]:,} / {found[503]:,}"
    only = set(found) <= {200, 503} and not tally.broken and found[503] > 0
    report.row(f"read at {5 * reads:,.0f}/s: answered / 503", answered, "no other", only, times)
    report.row("  of its rate alone", f"{tally.rate / reads:.0%}")
    late = tally.quantile(0.99, 503)
    report.row("  p99 of the 503s in ms", f"{late:.1f}", "≤ 50", late <= 50)
    report.row("  p99 of the answers in ms", f"{tally.quantile(0.99):.0f}")
    grown = report.watched.memory() / before - 1
    report.row("  memory", f"{grown:+.1%}", "≤ 5 %", grown <= 0.05)


def retries(report: Report, port: int, reads: float) -> None:
    """Clients that repeat what was refused keep the event loop busy; the workers must not idle."""
    tally, times = report.measured(closed_loop(port, READ, 512, seconds=8))
    share, slowest = tally.rate / reads, max(tally.seconds.get(200, [float("nan")]))
    name = "read, 512 connections that retry at once"
    report.row(name, f"{share:.0%} of rate", "≥ 20 %", share >= 0.2 and not tally.broken, times)
    report.row("  slowest answer in s", f"{slowest:.2f}")


def memory(report: Report, port: int) -> None:
    """Memory of all processes after a tenth of the requests and after all of them."""
    mixed = ([*JSON * 10, *BYTES * 9]) * len(READ)
    for k, message in enumerate(READ):
        mixed.insert(20 * k, message)
    asyncio.run(closed_loop(port, mixed, 16, count=ALL // 10))
    before = report.watched.memory()
    rest = ALL - ALL // 10
    tally, times = report.measured(closed_loop(port, mixed, 16, seconds=LONGEST, count=rest))
    after = report.watched.memory()
    grown, done = after / before - 1, sum(tally.statuses.values())
    ok = grown <= 0.05 and clean(tally) and done >= rest - 16
    words = f"memory, {before:.0f} → {after:.0f} MB after {done + ALL // 10:,}"
    report.row(words, f"{grown:+.1%}", "≤ 5 %", ok, times)


def direct() -> str:
    """Processor ms that one read takes without a service."""
    reader = Reader()
    for crop in CROPS:
        reader.read(crop)
    started = time.process_time()
    for crop in CROPS:
        reader.read(crop)
    return f"{1000 * (time.process_time() - started) / len(CROPS):.2f}"


def main() -> int:
    started = time.monotonic()
    load = os.getloadavg()[0]
    print(f"{len(os.sched_getaffinity(0))} cores, load {load:.1f} before it began")
    command = [sys.executable, "-m", "lenet", "serve", "--port", "0", "--workers", "2"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as service:
        assert service.stderr is not None
        address = service.stderr.readline().split()[2].rstrip(";")
        port = int(address.rstrip("/").rpartition(":")[2])
        try:
            wait_until_ready(address)
            report = Report(Watched(service.pid))
            report.row("processor ms of a read without a service", direct())
            reads = throughput(report, port)
            overload(report, port, reads)
            retries(report, port, reads)
            memory(report, port)
            wait_until_ready(address)
        finally:
            service.terminate()
        report.row("exit code after SIGTERM", str(service.wait(60)), "0", service.returncode == 0)
    print(f"{time.monotonic() - started:.0f} s in all; bars missed: {report.missed}")
    return int(report.missed > 0)


def wait_until_ready(address: str) -> None:
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"{address}readyz", timeout=60):
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the service does not become ready")


if __name__ == "__main__":
    sys.exit(main())
