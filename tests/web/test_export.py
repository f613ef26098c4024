"""`lenet export page` as a person uses it."""

from __future__ import annotations

import json
import re

from lenet.network.weights import shipped_names


def test_export_page_writes_a_folder_that_works_alone(run_lenet, tmp_path):
    done = run_lenet("export", "page", tmp_path / "site", "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    names = {f"{name}.js" for name in (*shipped_names(), "28x28-75-10", "gallery", "scenes")}
    assert {path.name for path in (tmp_path / "site" / "networks").iterdir()} == names
    assert len(document["files"]) == len(names) + 2  # index.html and scenes.css
    index = (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    assert 'src="main.js"' not in index
    assert not re.search(r'href="[a-z]+\.css"', index)
    again = run_lenet("export", "page", tmp_path / "site")
    assert again.returncode == 0
    assert "index.html: open it in a browser" in again.stdout


def test_export_page_does_not_write_among_other_files(run_lenet, tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    done = run_lenet("export", "page", tmp_path)
    assert done.returncode == 2
    assert "holds other files" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_export_page_refuses_a_file_for_a_folder(run_lenet, tmp_path):
    (tmp_path / "taken").write_text("")
    done = run_lenet("export", "page", tmp_path / "taken")
    assert done.returncode == 2
    assert "choose another" in done.stderr
