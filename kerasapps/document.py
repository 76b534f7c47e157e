"""A page of HTML that needs no other file, asks the network for nothing, and fits a phone, a desk, day and night."""

import base64
import html
from collections.abc import Iterable, Sequence

from kerasapps.printable import on_one_line

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_STYLE = """
:root { color-scheme: light dark; --ink: #222; --faint: #5a5a5a; --line: #ddd; --paper: #fff; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e4e4; --faint: #a8a8a8; --line: #444; --paper: #181818; }
}
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 62em;
  margin: 2em auto; padding: 0 1em; overflow-wrap: break-word; }
h1 { font-size: 1.6em; line-height: 1.25; } h2 { font-size: 1.25em; margin: 2em 0 .5em; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; } .wide { overflow-x: auto; }
th, td { text-align: left; padding: .2em 1.2em .2em 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td.number { text-align: right; }
figure { margin: 1em 0 2em; } figcaption { color: var(--faint); }
img { display: block; max-width: 100%; height: auto; background: #fff; }
pre { overflow-x: auto; padding: .6em .8em; border: 1px solid var(--line); border-radius: .3em; }
.trials td { white-space: nowrap; } meter { width: 12em; }
"""
_KINDS = {b"GIF8": "gif", b"\x89PNG": "png"}


def page(title: str, body: Iterable[str]) -> str:
    """The whole page under its title; body: pieces of HTML."""
    return "\n".join(
        [
            '<!DOCTYPE html>\n<html lang="en">\n<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{safe(title)}</title>\n<style>{_STYLE}</style>",
            f"<h1>{safe(title)}</h1>",
            *body,
            "</html>\n",
        ]
    )


def safe(value: object) -> str:
    """Text of others, as text."""
    return html.escape(on_one_line(str(value)))


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table that scrolls where it is too wide; rows: of cells that are HTML. No head where `heads` are empty."""
    lines = (f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    head = f"<tr>{''.join(f'<th>{safe(name)}</th>' for name in heads)}</tr>" if any(heads) else ""
    return "\n".join(['<div class="wide"><table>', head, *lines, "</table></div>"])


def picture(content: bytes, caption: str) -> str:
    """A PNG or GIF with its caption, which is said to those who cannot see it, too."""
    data = base64.b64encode(content).decode("ascii")
    image = f'<img alt="{safe(caption)}" src="data:image/{_KINDS[content[:4]]};base64,{data}">'
    return f"<figure>{image}\n<figcaption>{safe(caption)}</figcaption></figure>"
