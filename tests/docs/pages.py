"""Pages of the documentation as tests see them: prose, and steps that a reader follows from top to bottom.

A step is a fenced block of `bash` or `python`. A block with a title, as in ```yaml title="my.yaml", is a file that the
reader saves under that name. A block below a line <!-- not run: REASON --> is only looked at. Blocks of
`text` are output.
"""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import dropwhile, groupby, pairwise
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
GENERATED = ("commands.md", "settings.md")
"""Pages of docs/reference that are written from the declarations."""


@dataclass(frozen=True)
class Step:
    """A block of code: its language, the file it is saved as ("" = it is run), and the line that it begins at.

    run: whether a reader follows it here, or it is only looked at.
    """

    language: str
    code: str
    title: str
    line: int
    run: bool = True


def pages() -> list[Path]:
    """All pages that people read, but for those that are generated."""
    apart = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "saved_models/README.md")]
    return [page for page in (*apart, *sorted((ROOT / "docs").rglob("*.md"))) if page.name not in GENERATED]


def steps_of(text: str) -> list[Step]:
    """The steps of a page in their order, also those that are not run."""
    tokens = MarkdownIt("commonmark").parse(text)
    before = [None, *tokens]
    return [
        Step(token.info.split()[0], token.content, _title(token.info), token.map[0] + 1, not _not_run(last))
        for token, last in zip(tokens, before, strict=False)
        if token.type == "fence" and _is_step(token.info)
    ]


def passed_over(text: str) -> list[str]:
    """Code that is neither a step nor output, or that tests do not see: of other languages, or indented.

    Where HTML or an admonition hides a fence, the lines of fences are more than those of the blocks seen.
    """
    tokens = MarkdownIt("commonmark").parse(text)
    fences = [token for token in tokens if token.type == "fence"]
    below_html = {id(token) for last, token in pairwise(tokens) if last.type == "html_block"}
    indented = [token.content for token in tokens if token.type == "code_block" and id(token) not in below_html]
    strange = [token.info for token in fences if token.info.strip() != "text" and not _is_step(token.info)]
    hidden = len(re.findall(r"^[ \t>]*(?:```|~~~)", text, re.MULTILINE)) - 2 * len(fences)
    return [*indented, *strange, *["a fence"] * hidden]


def _title(info: str) -> str:
    found = re.search(r'title="([^"]+)"', info)
    return found[1] if found else ""


def _is_step(info: str) -> bool:
    return info.partition(" ")[0] in ("bash", "python") or bool(_title(info))


def _not_run(token: object) -> bool:
    return token is not None and token.type == "html_block" and bool(re.match(r"\s*<!-- not run: \w", token.content))


def links_of(text: str) -> list[str]:
    """What links and images of a page point to."""
    inline = [child for token in MarkdownIt("commonmark").enable("table").parse(text) for child in token.children or ()]
    return [each.attrs.get("href") or each.attrs.get("src") for each in inline if each.type in ("link_open", "image")]


def anchors_of(text: str) -> set[str]:
    """What links into a page can name: its headings in lower case, with "-" for blanks."""
    pairs = pairwise(MarkdownIt("commonmark").parse(text))
    titles = [token.content for last, token in pairs if last.type == "heading_open"]
    return {re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", title).strip().lower()) for title in titles}


def commands_of(code: str) -> Iterator[list[str]]:
    """The words of each call of kerasapps in a bash block, without what stands before it on its line."""
    for line in code.replace("\\\n", " ").splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
        lexer.whitespace_split = True
        for ends, words in groupby(lexer, lambda word: word[:1] in {*"|&;<>"}):
            called = list(dropwhile(lambda word: word != "kerasapps", words))
            if len(called) > 1 and not ends:
                yield called
