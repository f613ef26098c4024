"""The page as files: what a server gives out, and what `lenet export page` writes into a folder.

Both are the same modules and the same networks. The exported page carries its modules inside
index.html, as an import map of data: addresses, because a page opened from the disk may not load
modules from there. Those of the scenes come later, as text in a script of their own (lesson.js).
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

from lenet.errors import UsageError
from lenet.files import write_atomically
from lenet.web.gallery import gallery_script
from lenet.web.networks import first_network, page_networks

STATIC, EMBEDDED = (Path(__file__).parent / name for name in ("static", "embedded"))
GALLERY, SCENES = "networks/gallery.js", "networks/scenes.js"
DOCUMENT = '<script type="application/json" id="{}">{{}}</script>'
MODULE = re.compile(r'<script type="module"(?: async)? src="([\w.-]+)"></script>')
ABOUT_KEYS = ("name", "kind", "parameters", "test_error_rate")
PRELOAD = '<link rel="modulepreload" href="{}">\n'  # all modules at once, not import by import
STYLE = '<link rel="stylesheet" href="{}">'
COMMENT = re.compile(
    r"^ *(?://|/\*\*|\*[ /]).*\n", re.M
)  # lines of comment, which the export leaves out
PLAIN = " !\"$&'()*+,-./:;<=>?@[\\]^_`{|}~"  # what may stand in a data: address as it is
IMPORT = re.compile(r'from "\./([\w.-]+\.js)"')


def page_files(*, served: bool) -> dict[str, bytes]:
    """Every file of the page by its path.

    served : whether `lenet serve` stands behind it, which reads photos and trains
    """
    networks, (first, rest) = page_networks(), first_network()
    documents = {network["name"]: network for network in networks} | {rest["name"]: rest}
    files = {
        f"networks/{name}.js": f"lenetNetwork({json.dumps(document)});\n".encode()
        for name, document in documents.items()
    }
    cards = [{key: network[key] for key in ABOUT_KEYS} for network in networks]
    embedded = _texts(EMBEDDED)
    about = {"served": served, "networks": cards, "strokes": embedded.pop("strokes")}
    files[GALLERY] = gallery_script(embedded.pop("gallery"))
    about["texts"] = embedded  # by language
    static = {path.name: path.read_text(encoding="utf-8") for path in sorted(STATIC.iterdir())}
    index = _filled(static.pop("index.html"), {"about": about, "first-network": first})
    modules = {name: text for name, text in static.items() if name.endswith(".js")}
    scenes: dict[str, Any] = {"texts": _texts(EMBEDDED / "scenes")}
    if served:
        pages = static | {"index.html": _preloading(index, modules)}
    else:
        at_once = _imported(modules, "main.js", [])
        later = _imported(modules, "scenes.js", at_once)[len(at_once) :]
        scenes["modules"] = [(name, _in_map(modules[name])) for name in later]
        inside = {name: modules[name] for name in at_once}
        pages = {
            "index.html": _in_one(index, inside, static),
            "scenes.css": static["scenes.css"],
        }
    files[SCENES] = f"lenetScenes({json.dumps(scenes, ensure_ascii=False)});\n".encode()
    return files | {name: text.encode() for name, text in pages.items()}


def export_page(folder: Path) -> list[Path]:
    """Write the page, with the network in plain JavaScript, for any host or none.

    Raises
    ------
    UsageError
        where the folder holds something else; an earlier export is replaced.
    """
    files = page_files(served=False)
    if folder.is_dir() and any(folder.iterdir()) and not (folder / "networks").is_dir():
        raise UsageError(f"{folder}: holds other files; name a new or an empty folder")
    try:
        (folder / "networks").mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise UsageError(
            f"{folder}: cannot be the folder for the page ({problem.strerror}); choose another"
        ) from problem
    for name, content in files.items():
        write_atomically(folder / name, content)
    return [folder / name for name in files]


def _texts(folder: Path) -> dict[str, Any]:
    """The JSON files of a folder by name."""
    return {
        path.stem: json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob("*.json"))
    }


def _filled(index: str, documents: dict[str, Any]) -> str:
    """index.html with what it is to know."""
    for name, content in documents.items():
        place = DOCUMENT.format(name)
        index = _replaced(index, place, place.replace("{}", _inside(content)))
    return index


def _inside(content: dict[str, Any]) -> str:
    """JSON that can stand in a script element: no < can end it."""
    return json.dumps(content, ensure_ascii=False).replace("<", "\\u003c")


def _imported(modules: dict[str, str], name: str, before: list[str]) -> list[str]:
    """Those before, then this module with all that it imports, each after its own imports."""
    if name in before:
        return before
    for other in IMPORT.findall(modules[name]):
        before = _imported(modules, other, before)
    return [*before, name]


def _preloading(index: str, modules: dict[str, str]) -> str:
    """index.html with its modules named: those of the first answer at its head, the rest last."""
    first = _imported(modules, "start.js", [])
    rest = _imported(modules, "main.js", first)[len(first) :]
    for names, place in (first, STYLE.format("style.css")), (rest, "</body>"):
        index = _replaced(index, place, "".join(map(PRELOAD.format, names)) + place)
    return index


def _in_map(module: str) -> str:
    """A module without comments, which imports others by their names in the import map."""
    return IMPORT.sub(r'from "page/\1"', COMMENT.sub("", module))


def _in_one(index: str, modules: dict[str, str], static: dict[str, str]) -> str:
    """index.html with its styles and these modules inside."""
    addresses = {
        f"page/{name}": "data:text/javascript," + quote(_in_map(text), safe=PLAIN)
        for name, text in modules.items()
    }
    for name in ("style.css", "print.css"):
        index = _replaced(index, STYLE.format(name), f"<style>\n{static[name]}</style>")
    index = MODULE.sub(lambda found: _inline(found[0], found[1]), index)
    imports = f'<script type="importmap">{_inside({"imports": addresses})}</script>'
    return _replaced(index, "</footer>", f"</footer>\n{imports}")


def _inline(element: str, name: str) -> str:
    """A module's script element, importing it by its name in the import map."""
    return element.replace(f' src="{name}">', f'>import "page/{name}";')


def _replaced(text: str, part: str, by: str) -> str:
    """The text with its one such part replaced."""
    before, found, after = text.partition(part)
    assert found, f"index.html has no {part}"
    return before + by + after
