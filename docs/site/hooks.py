"""What the site adds to docs/: README as its start, the changelog, the live page, the notebooks."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import event_priority
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url

from lenet.web.assemble import export_page

ROOT = Path(__file__).parents[2]
SOURCES = {"index.md": "README.md", "index.ko.md": "README.ko.md", "changelog.md": "CHANGELOG.md"}
SOURCES |= {
    f"notebooks/{path.stem}.md": f"docs/notebooks/{path.name}"
    for path in sorted((ROOT / "docs/notebooks").glob("*.ipynb"))
}
PAGES = {source: page for page, source in SOURCES.items()}
LINK = re.compile(r"\]\((?!http|data:|#)([^)#\s]+)")
PICTURE = re.compile(r'<img src="(.+?)" width="(\d+)" alt="(.+?)">')
BADGE = re.compile(r"!\[([^]]*)\]\(https?:[^)]*\)")
OTHER_LANGUAGE = re.compile(r" ?\[(?:한국어|English)\]\([\w./-]+\)")  # the site has a switch for it
NOTEBOOK_LINK = re.compile(r"\]\(([\w-]+)(?:\.ko)?\.ipynb\)")  # of the page's language on the site
LIVE = '<iframe class="live" src="{}?lang={}" title="{}" loading="lazy"></iframe>'
LIVE_PAGES = {"tour.md": ("en", "LeNet-5, live"), "tour.ko.md": ("ko", "실행 중인 LeNet-5")}


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """List the notebooks; their Korean versions are found by their suffix."""
    names = [name for name in SOURCES if name.startswith("notebooks/") and ".ko." not in name]
    pages = {title: page for entry in config.nav or [] for title, page in entry.items()}
    pages["Notebooks"] = names
    config.nav = [{title: page} for title, page in pages.items() if page]
    return config


@event_priority(100)  # before the plugin that tells the languages apart
def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages from outside docs/, and the files that they show and link to."""
    for name in SOURCES:
        files.append(File(name, config.docs_dir, config.site_dir, config.use_directory_urls))
    outside = [source for source in PAGES if not source.startswith("docs/")]
    targets = {target for source in outside for target in LINK.findall(_markdown(source))}
    for target in sorted(targets - {*PAGES}):
        if not target.startswith("docs/"):
            files.append(File.generated(config, target, abs_src_path=str(ROOT / target)))
    return files


def on_page_read_source(page: Page, **_: Any) -> str | None:
    """The text of the pages from outside docs/, with links as they are on the site."""
    source = SOURCES.get(page.file.src_uri)
    if source is None:
        return None
    if source.endswith(".ipynb"):
        return _notebook(ROOT / source)
    return LINK.sub(lambda link: f"]({_on_the_site(link[1])}", _markdown(source))


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Put the live page before the tour's first stop; show the words of badges from elsewhere."""
    markdown = BADGE.sub(r"\1", OTHER_LANGUAGE.sub("", markdown))
    if page.file.src_uri not in LIVE_PAGES:
        return markdown
    address = get_relative_url("live/index.html", page.url)
    live = LIVE.format(address, *LIVE_PAGES[page.file.src_uri])
    return markdown.replace("\n## ", f"\n{live}\n\n## ", 1)


def on_post_build(config: MkDocsConfig) -> None:
    """Write the page that runs the network."""
    export_page(Path(config.site_dir, "live"))


def _markdown(source: str) -> str:
    """The text, with pictures in Markdown, whose addresses MkDocs checks and makes relative."""
    return PICTURE.sub(r'![\3](\1){ width="\2" }', (ROOT / source).read_text(encoding="utf-8"))


def _on_the_site(target: str) -> str:
    return PAGES.get(target, target.removeprefix("docs/"))


def _notebook(path: Path) -> str:
    """A notebook, with the outputs that it holds, as Markdown."""
    parts = []
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        text = "".join(cell["source"])
        parts.append(text if cell["cell_type"] == "markdown" else f"```python\n{text}\n```")
        parts += map(_output, cell.get("outputs", []))
    return NOTEBOOK_LINK.sub(r"](\1.md)", "\n\n".join(parts))


def _output(output: dict[str, Any]) -> str:
    found = output.get("data", {})
    if "image/png" in found:
        png = "".join(found["image/png"]).replace("\n", "")
        return f"![](data:image/png;base64,{png})"
    if "text/html" in found:  # a blank line would end it
        return re.sub(r"\n\s*\n", "\n", "".join(found["text/html"]))
    return "```text\n" + "".join(output.get("text") or found["text/plain"]).rstrip() + "\n```"
