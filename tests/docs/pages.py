"""Pages of the documentation as tests see them: prose, and steps that a reader follows from top to bottom.

A step is a fenced block of `bash` or `python`. A block with a title, as in ```yaml title="my.yaml", is a file that the
reader saves under that name. A block below a line <!-- not run: REASON --> is only looked at.
"""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
GENERATED = ("commands.md", "settings.md")
"""Pages of docs/reference that are written from the declarations."""


@dataclass(frozen=True)
class Step:
    """A block of code: its language, the file it is saved as ("" = it is run), and the line that it begins at."""

    language: str
    code: str
    title: str
    line: int


def pages() -> list[Path]:
    """README.md and all pages of docs/, but for those that are generated."""
    found = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return [page for page in found if page.exists() and page.name not in GENERATED]


def steps_of(text: str) -> list[Step]:
    """The steps of a page in their order, without those that are not run."""
    tokens = MarkdownIt("commonmark").parse(text)
    before = [None, *tokens]
    return [
        Step(token.info.split()[0], token.content, _title(token.info), token.map[0] + 1)
        for token, last in zip(tokens, before, strict=False)
        if token.type == "fence" and token.info and not _not_run(last) and _is_step(token.info)
    ]


def _title(info: str) -> str:
    found = re.search(r'title="([^"]+)"', info)
    return found[1] if found else ""


def _is_step(info: str) -> bool:
    return info.split()[0] in ("bash", "python") or bool(_title(info))


def _not_run(token: object) -> bool:
    return token is not None and token.type == "html_block" and token.content.lstrip().startswith("<!-- not run: ")


def links_of(text: str) -> list[str]:
    """What links and images of a page point to."""
    inline = [child for token in MarkdownIt("commonmark").enable("table").parse(text) for child in token.children or ()]
    return [each.attrs.get("href") or each.attrs.get("src") for each in inline if each.type in ("link_open", "image")]


def commands_of(code: str) -> Iterator[list[str]]:
    """The words of each line of a bash block that calls kerasapps; what is piped or redirected ends them."""
    for line in code.replace("\\\n", " ").splitlines():
        if line.startswith("kerasapps "):
            yield shlex.split(re.split(r"\s[|>&]\s?", line)[0], comments=True)
