"""Texts of others on a terminal: what would move its cursor, colour it or reorder its letters is shown by its code."""

import re

# Controls but the line feed; what turns the direction of writing; separators of lines that some terminals obey.
_CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    r"""`text` with \x1b for the escape that begins a terminal's commands, and so on; lines stay lines."""
    return _CONTROLS.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def on_one_line(text: str) -> str:
    r"""`printable` text on one line, with \n for line ends: for a cell of a table, or the name of a class."""
    return printable(text).replace("\n", r"\n")
