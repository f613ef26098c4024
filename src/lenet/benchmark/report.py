"""What a run of the benchmark gives, as the JSON document has it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Result:
    """One work by one engine.

    work : "inference", "train-1998", "read" or "time-to-1%"
    batch : digits per call, or per update for the two that learn
    per_second : digit images; updates (train-1998); images (read); whole runs (time-to-1%)
    seconds : median time of one call, one update (train-1998) or the whole run (time-to-1%)
    p50_us : the same in microseconds, for answers to one image
    ratio_to_native : per_second over that of native in the same round; below 1 is slower
    share_of_peak : floating-point operations over the most this machine did in this run, 0 … 1
    test_error_rate : what the whole run reached, a fraction
    """

    work: str
    engine: str
    threads: int
    batch: int
    per_second: float
    seconds: float
    network: str
    p50_us: float | None = None
    ratio_to_native: float | None = None
    share_of_peak: float | None = None
    test_error_rate: float | None = None

    @classmethod
    def of(
        cls, work: str, network: str, seconds: dict[str, float], threads: int = 1, batch: int = 1
    ) -> list[Result]:
        """One result an engine, from the median seconds of its calls."""
        native = seconds.get("native")
        return [
            cls(
                work,
                engine,
                threads,
                batch,
                per_second=batch / taken,
                seconds=taken,
                network=network,
                p50_us=taken * 1e6 if batch == 1 and work in ("inference", "read") else None,
                ratio_to_native=native / taken if native else None,
            )
            for engine, taken in seconds.items()
        ]


@dataclass(frozen=True)
class Agreement:
    """How an engine's answers differ from the reference's, in the run that timed it.

    work : "inference", against numpy; "train-1998", against torch after the same updates
    n : digits answered
    disagreements : how many got another digit
    max_relative_difference : largest |penalty − reference| over that digit's largest |reference|
    """

    work: str
    engine: str
    network: str
    n: int
    disagreements: int
    max_relative_difference: float


@dataclass
class Report:
    """Everything that one run found."""

    hardware: dict[str, Any] = field(default_factory=dict)
    results: list[Result] = field(default_factory=list)
    agreement: list[Agreement] = field(default_factory=list)
    skipped: list[dict[str, str]] = field(default_factory=list)

    def skip(self, engine: str, work: str, reason: str) -> None:
        """Note once that an engine is left out of a work, and why."""
        entry = {"engine": engine, "work": work, "reason": reason}
        if entry not in self.skipped:
            self.skipped.append(entry)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)
