"""The stub names what the kernels offer."""

from __future__ import annotations

import ast
from pathlib import Path

from engine_cases import BUILT

from lenet.engine import native_engine

STUB = Path(native_engine.__file__).with_name("_kernels.pyi")


@BUILT
def test_the_stub_names_what_is_there():
    named = set()
    for statement in ast.parse(STUB.read_text(encoding="utf-8")).body:
        if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
            named.add(statement.name)
        elif isinstance(statement, ast.AnnAssign):
            named.add(statement.target.id)
    assert named == {name for name in dir(native_engine.kernels()) if not name.startswith("_")}
