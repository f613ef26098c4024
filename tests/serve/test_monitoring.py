"""The log: one JSON document a line, whoever writes."""

from __future__ import annotations

import json
import logging
import warnings

from lenet.serve.monitoring import Log


def test_what_libraries_and_python_report_is_one_json_line_each(monkeypatch, capfd):
    """asyncio's errors and Python's warnings were lines of plain text among them."""
    monkeypatch.setattr(logging.root, "handlers", [])
    log = Log(requests=False)
    log.start()
    try:
        logging.getLogger("asyncio").error("two\nlines")
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn("deprecated", stacklevel=1)
    finally:
        log.stop()
        logging.captureWarnings(False)
    first, second = map(json.loads, capfd.readouterr().err.splitlines())
    assert (first["event"], first["message"]) == ("asyncio", "two\nlines")
    assert second["event"] == "py.warnings"
    assert "deprecated" in second["message"]
