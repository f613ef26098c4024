"""Docstrings as this project writes them, `name : meaning` with the type in the signature.

Numpydoc, as the site's parser knows it, would take the meaning for the type.
"""

from __future__ import annotations

import re
from typing import Any

from griffe import Extension, Object

HEADER = re.compile(r"^(Parameters|Attributes|Returns|Raises)\n-+$", re.M)
ENTRY = re.compile(r"^(\*{0,2}\w+(?:, \w+)*) : ", re.M)
NAMED = re.compile(r"^(\w+)\n(?= {4}\S)", re.M)  # an error, its condition below


class Markdown(Extension):
    """Turns their sections into Markdown lists; examples are left to the parser."""

    def on_object(self, *, obj: Object, **_: Any) -> None:
        """Rewrite the docstring of a module, class, function or attribute."""
        if obj.docstring is None:
            return
        text, examples, shown = obj.docstring.value.partition("\nExamples\n")
        text = HEADER.sub(r"**\1**\n", text)
        text = NAMED.sub(r"- `\1`:\n", ENTRY.sub(r"\n- `\1`: ", text))
        obj.docstring.value = text + examples + shown
