"""Texts in a table."""

import itertools
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from kerasapps.figures.canvas import Figure, new_figure

_LETTERS_A_LINE = 92
_LETTERS_A_NOTE = 30
_LINES_A_TEXT = 4


def text_table(sections: Mapping[str, Sequence[tuple[str, str, str]]]) -> Figure:
    """Texts in sections: heading -> (note, text, colour of the note); notes stand to the left, long texts are cut."""
    lines: list[tuple[str, ...]] = []
    for heading, rows in sections.items():
        lines += [("",) * 4] * bool(lines) + [(heading, "", "", "black"), ("",) * 4]
        lines += [line for row in rows for line in (*_text_lines(*row), ("",) * 4)]
    left = 0.27 if any(note for _, note, _, _ in lines) else 0.02
    figure, ax = new_figure(10, 0.19 * len(lines) + 0.3)
    ax.set_axis_off()
    ax.set(xlim=(0, 1), ylim=(len(lines), 0))
    for y, (*cells, color) in enumerate(lines):
        styles: tuple[dict[str, Any], ...] = ({"x": 0.0, "weight": "bold"}, {"x": 0.0, "color": color}, {"x": left})
        for cell, style in [pair for pair in zip(cells, styles, strict=True) if pair[0]]:
            # Not as mathematics, which is what a text with two dollar signs would be taken for.
            ax.text(s=cell, y=y + 0.5, va="center", fontsize=9, parse_math=False, **style)
    return figure


def _text_lines(note: str, text: str, color: str) -> list[tuple[str, ...]]:
    """A note and a text side by side, as lines of (no heading, note, text, colour)."""
    notes = textwrap.wrap(note, _LETTERS_A_NOTE)
    texts = textwrap.wrap(text, _LETTERS_A_LINE, max_lines=_LINES_A_TEXT, placeholder=" …")
    return [("", *pair, color) for pair in itertools.zip_longest(notes, texts, fillvalue="")]
