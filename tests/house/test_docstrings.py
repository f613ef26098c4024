"""What `help` says of the public names: complete, and its examples print what they show."""

from __future__ import annotations

import doctest
import inspect
from pathlib import Path

import pytest

import lenet
import lenet.data

ROOT = Path(__file__).parents[2]
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
PUBLIC = {name: getattr(lenet, name) for name in lenet.__all__} | {"data.load": lenet.data.load}


def members(public: type) -> dict[str, object]:
    """What a class of ours has of its own to call or to ask for."""
    kinds = (property, classmethod, staticmethod)
    return {
        name: member
        for name, member in vars(public).items()
        if not name.startswith("_") and (inspect.isfunction(member) or isinstance(member, kinds))
    }


@pytest.mark.parametrize("name", PUBLIC)
def test_the_examples_print_what_they_show(name, monkeypatch):
    monkeypatch.chdir(ROOT)
    public = PUBLIC[name]
    examples = doctest.DocTestFinder().find(public, name, globs={})
    runner = doctest.DocTestRunner(optionflags=FLAGS)
    said: list[str] = []
    for example in examples:
        runner.run(example, out=said.append)
    assert not runner.failures, "".join(said)
    assert runner.tries > 1


@pytest.mark.parametrize("name", PUBLIC)
def test_every_parameter_and_attribute_is_explained(name):
    public = PUBLIC[name]
    words = inspect.getdoc(public) or ""
    has_parameters = inspect.isfunction(public) or "__init__" in vars(public)
    for parameter in inspect.signature(public).parameters.values() if has_parameters else ():
        if parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            assert parameter.name in words, f"{name} does not explain {parameter.name}"
    if inspect.isfunction(public):
        assert "Raises" in words
    for member, value in members(public).items() if inspect.isclass(public) else ():
        assert getattr(value, "__doc__", None), f"{name}.{member} says nothing"
