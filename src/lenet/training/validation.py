"""Validation of recipes, so that a typing error is reported before hours of training."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar, get_type_hints

from lenet.errors import InputError

Settings = TypeVar("Settings")


def parse_table(
    kind: type[Settings], given: Mapping[str, Any], title: str, **made: Any
) -> Settings:
    """A dataclass of this kind from a table of plain values, every name and type checked.

    made : fields given as they are, not in the table
    """
    if not isinstance(given, Mapping):
        raise InputError(f"{title} must be a table of settings, got {given!r}")
    hints = get_type_hints(kind)
    known = [field.name for field in fields(kind) if field.name not in made]  # type: ignore[arg-type]
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise InputError(
            f"{title}: unknown setting {', '.join(unknown)}; known are {', '.join(known)}"
        )
    values = {name: _typed(hints[name], value, f"{title}: {name}") for name, value in given.items()}
    try:
        return kind(**values, **made)
    except TypeError as problem:  # a field without a default is missing
        raise InputError(f"{title}: {str(problem).split('() ')[-1]}") from problem


def _typed(hint: Any, value: Any, title: str) -> Any:
    """The value as this field's type; whole numbers are accepted for floats."""
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if hint == tuple[float, ...]:
        if isinstance(value, (list, tuple)):
            return tuple(_typed(float, each, title) for each in value)
        expected = "a list of numbers"
    elif hint is int:
        if number and isinstance(value, int):
            return value
        expected = "a whole number"
    elif hint in (float, float | None):
        if number:
            return float(value)
        expected = "a number"
    else:  # text; which words are allowed is checked by the dataclass
        if isinstance(value, str):
            return value
        expected = "text"
    raise InputError(f"{title} must be {expected}, got {value!r}")


def positive(**values: float) -> None:
    """Each number must be above 0 (infinity is)."""
    for name, value in values.items():
        if math.isnan(value) or value <= 0:
            raise InputError(f"{name} must be above 0, got {value}")


def finite(**values: float) -> None:
    """Each number must be above 0 and finite."""
    positive(**values)
    for name, value in values.items():
        if math.isinf(value):
            raise InputError(f"{name} must be finite, got {value}")


def fraction(**values: float) -> None:
    """Each number must lie in 0 ≤ value < 1."""
    for name, value in values.items():
        if not 0 <= value < 1:
            raise InputError(f"{name} must be at least 0 and below 1, got {value}")


def at_least_one(**values: int) -> None:
    """Each number must be at least 1."""
    for name, value in values.items():
        if value < 1:
            raise InputError(f"{name} must be at least 1, got {value}")
