"""One page that shows the images that were read wrongly, each beside what was read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from lenet.files import encodable
from lenet.reading.annotate import draw_found
from lenet.reading.html import jpeg_address
from lenet.reading.judged import Judged

SIDE = 480  # pixels of an image's longer side on the page, at most
SMALL = 320  # pixels that smaller ones are enlarged to

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }}
body {{ max-width: 72rem; margin: 0 auto; padding: 1rem }}
h1 {{ font-size: 1.4rem; overflow-wrap: anywhere }}
table {{ border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums }}
caption {{ text-align: left }}
th, td {{ padding: .2rem .8rem .2rem 0; text-align: left; vertical-align: bottom }}
main {{ display: grid; gap: 1rem;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)) }}
article {{ border: 1px solid #8888; border-radius: .5rem; padding: .75rem; min-width: 0 }}
img {{ display: block; max-width: 100%; margin: 0 auto .5rem }}
dl {{ display: grid; grid-template-columns: auto 1fr; gap: 0 .75rem; margin: 0 }}
dd {{ margin: 0; min-width: 0; overflow-wrap: anywhere }}
.text {{ font: 1rem/1.4 ui-monospace, monospace; overflow-x: auto; tab-size: 3; white-space: pre }}
</style>
<h1>{title}</h1>
<p>{summary}</p>
<table>
<caption>What rejecting uncertain answers does</caption>
<tr>{header}</tr>
{curve}
</table>
<p>Blue frames are digits, purple ones cells of tables. Orange hatching is ink that was left over.
</p>
<main>
{cards}
</main>
</html>
"""
CARD = """<article>
{picture}<dl>
<dt>file</dt><dd>{file}</dd>
<dt>label</dt><dd class="text">{label}</dd>
<dt>read</dt><dd class="text">{read}</dd>
<dt>{word}</dt><dd>{how}</dd>
</dl>
</article>"""


def report_page(
    title: str,
    summary: str,
    header: Sequence[str],
    curve: Iterable[Sequence[str]],
    cards: Iterable[str],
) -> str:
    """The page, by itself in one file.

    summary : how many are right
    header, curve : the cells of the rejection curve's first row, and of the others
    cards : from `report_card`
    """
    return PAGE.format(
        title=_html(title),
        summary=_html(summary),
        header="".join(f'<th scope="col">{_html(cell)}</th>' for cell in header),
        curve="\n".join(
            f"<tr>{''.join(f'<td>{_html(cell)}</td>' for cell in row)}</tr>" for row in curve
        ),
        cards="\n".join(cards) or "<p>Every image was read rightly.</p>",
    )


def report_card(wrong: Judged) -> str:
    """An image that was read wrongly, with what was found in it, beside its label."""
    image, answer = wrong.image, wrong.answer
    label, text = image.label.replace("|", "\n"), wrong.text
    return CARD.format(
        picture=_picture(wrong),
        file=_html(image.file),
        label=_html(label) or "(nothing)",
        read=_html(text) or "(nothing)",
        word="error" if answer.error else "confidence",
        how=_html(answer.error or f"{100 * wrong.confidence:.1f} %"),
    )


def _picture(wrong: Judged) -> str:
    """The image as an element of the page; nothing for one that could not be read."""
    grey, reading = wrong.answer.grey, wrong.answer.reading
    if grey is None or reading is None:
        return ""
    picture = draw_found(grey, reading, min(SIDE, max(SMALL, *grey.shape)))
    words = f"{wrong.image.file}: labelled {wrong.image.label!r}, read as {wrong.text!r}"
    return (
        f'<img width="{picture.width}" height="{picture.height}" alt="{_html(words)}" '
        f'src="{jpeg_address(picture)}">\n'
    )


def _html(text: str) -> str:
    return escape(encodable(text))
