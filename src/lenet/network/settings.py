"""Settings as dataclasses, read from plain tables, so that a slip is reported before hours of work.

A type decides what a field accepts, in a table and in Python: a whole number of at least 1, a
number above 0, or one of the words of a Literal; `check` takes other ranges where they differ.
"""

from __future__ import annotations

import math
import reprlib
import sys
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, Literal, NamedTuple, TypeVar, get_args, get_origin, get_type_hints

from lenet.errors import InputError

Settings = TypeVar("Settings")


# Cached: it is slow, and weights ask for their architecture at every turn.
_hints: Callable[[Any], dict[str, Any]] = cache(get_type_hints)


class Range(NamedTuple):
    """Which numbers a setting may be."""

    words: str
    holds: Callable[[float], bool]


COUNT = Range("at least 1 and at most a million", lambda value: 1 <= value <= 1_000_000)
POSITIVE = Range("above 0 and finite", lambda value: 0 < value < math.inf)
# Beyond them, posteriors are alike or all-or-nothing, and 32 bits overflow.
TEMPERATURE = Range("1e-6 … 1e6", lambda value: 1e-6 <= value <= 1e6)
FRACTION = Range("at least 0 and below 1", lambda value: 0 <= value < 1)


def check(settings: Any, **ranges: Range) -> None:
    """Refuse numbers out of range and unknown words in the fields of a dataclass.

    ranges : of the fields that are not a COUNT (int) or POSITIVE (float)
    """
    for name, hint in _hints(type(settings)).items():
        value = getattr(settings, name)
        words, holds = ranges.get(name, COUNT if hint is int else POSITIVE)
        if get_origin(hint) is Literal and value not in get_args(hint):
            known = ", ".join(map(str, get_args(hint)))
            raise InputError(f"{name} = {reprlib.repr(value)} is unknown; use one of {known}")
        for number in value if isinstance(value, tuple) else (value,):
            counted = isinstance(number, (int, float)) and not isinstance(number, bool)
            if counted and not holds(number):
                raise InputError(f"{name} must be {words}, got {number}")


def to_table(settings: Any) -> dict[str, Any]:
    """A dataclass as plain values for JSON and TOML, without what is None or infinite."""
    values = {field.name: getattr(settings, field.name) for field in fields(settings)}
    return {name: _plain(value) for name, value in values.items() if value not in (None, math.inf)}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if is_dataclass(value):
        return value.to_dict() if hasattr(value, "to_dict") else to_table(value)
    return value


def from_table(kind: type[Settings], given: Mapping[str, Any], title: str, **made: Any) -> Settings:
    """A dataclass of this kind from a table of plain values, every name and type checked.

    made : fields given as they are, not in the table
    """
    if not isinstance(given, Mapping):
        raise InputError(f"{title} must be a table of settings, got {reprlib.repr(given)}")
    hints = {name: hint for name, hint in _hints(kind).items() if name not in made}
    if unknown := sorted(set(given) - set(hints)):
        raise InputError(
            f"{title}: unknown setting {', '.join(unknown)}; known are {', '.join(hints)}"
        )
    values = {name: _typed(hints[name], value, f"{title}: {name}") for name, value in given.items()}
    try:
        return kind(**values, **made)
    except TypeError as problem:  # a field without a default is missing
        raise InputError(f"{title}: {str(problem).split('() ')[-1]}") from problem


def _typed(hint: Any, value: Any, title: str) -> Any:
    """The value as this field's type; whole numbers are accepted for floats."""
    hint = next((kind for kind in get_args(hint) if type(None) in get_args(hint)), hint)
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if is_dataclass(hint):
        own: Callable[[Any], Any] | None = getattr(hint, "from_dict", None)
        return own(value) if own else from_table(hint, value, title)  # type: ignore[arg-type]
    if get_origin(hint) is tuple:
        if isinstance(value, (list, tuple)):
            return tuple(_typed(get_args(hint)[0], each, title) for each in value)
        expected = "a list"
    elif hint is int:
        if number and isinstance(value, int):
            return value
        expected = "a whole number"
    elif hint is float:
        if number and (isinstance(value, float) or value.bit_length() < sys.float_info.max_exp):
            return float(value)
        expected = "a number that fits 64 bits"
    elif hint is bool:
        if isinstance(value, bool):
            return value
        expected = "true or false"
    else:  # text; which words are allowed is checked by the dataclass
        if isinstance(value, str):
            return value
        expected = "text"
    raise InputError(f"{title} must be {expected}, got {reprlib.repr(value)}")
