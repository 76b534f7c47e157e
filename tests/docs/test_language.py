"""Pages are plain to read: short sentences."""

import json
import re
import statistics
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from pages import ROOT, pages

MEDIAN, LONGEST = 16, 40
PAGES = [pytest.param(page, id=str(page.relative_to(ROOT))) for page in [*pages(), ROOT / "docs/quickstart.ipynb"]]


def sentences(text: str) -> list[str]:
    """The sentences of running text: no code blocks, tables or headings; code within a line is one word."""
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    inside, found = [], []
    for token in tokens:
        inside = [*inside, token.type] if token.nesting == 1 else inside[:-1] if token.nesting == -1 else inside
        if token.type == "inline" and not {"heading_open", "table_open"} & {*inside}:
            words = "".join(
                "code" if child.type == "code_inline" else "\n" if child.type == "softbreak" else child.content
                for child in token.children
                if child.type in ("text", "code_inline", "softbreak")
            )
            found += [each for each in re.split(r"(?<=[.!?:])\s+(?=[A-Z\d`])", words) if each.strip()]
    return found


def words_of(page: Path) -> str:
    """What a page says; of a notebook, the text between its code."""
    text = page.read_text(encoding="utf-8")
    if page.suffix != ".ipynb":
        return text
    return "\n\n".join("".join(c["source"]) for c in json.loads(text)["cells"] if c["cell_type"] == "markdown")


def length(sentence: str) -> int:
    return len(sentence.split())


@pytest.mark.parametrize("page", PAGES)
def test_no_sentence_of_a_page_is_long(page: Path) -> None:
    assert [each for each in sentences(words_of(page)) if length(each) > LONGEST] == []


@pytest.mark.parametrize("page", PAGES)
def test_most_sentences_of_a_page_are_short(page: Path) -> None:
    lengths = [length(each) for each in sentences(words_of(page))]
    assert statistics.median(lengths) <= MEDIAN


def test_sentences_are_told_apart() -> None:
    text = "# A title\n\nOne `a b c` two. Three\nfour: `five six`.\n\n| a | b |\n|---|---|\n| c | d |\n\n- Six."
    assert list(map(length, sentences(text))) == [3, 3, 1]
