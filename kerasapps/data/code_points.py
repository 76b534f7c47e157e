"""What Unicode says of code points, as tables for graphs: all but the syllables of Hangul, which arithmetic composes.

The tables are those of Python's unicodedata. What a version of Unicode says of an assigned code point stays so in all
later ones; a text of code points that the version does not know is left as it is.
"""

import functools
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

LONGEST = 4
"""So many code points are the longest canonical decomposition."""
PAIR = 1 << 21
"""The key of a pair of code points is first * PAIR + second."""
SYLLABLES, LEADS, VOWELS = range(0xAC00, 0xD7A4), range(0x1100, 0x1113), range(0x1161, 0x1176)
TAILS, TAIL_FORMS = range(0x11A8, 0x11C3), 28
"""Hangul's syllables and the letters that compose them; a syllable has one of the tails or none, in 28 forms."""
_ALL = range(0x30000)
"""No code point behind has a decomposition or a combining class."""


class Table(NamedTuple):
    """keys [n], int32 or int64, ascending, and values [n] or [n, m] int32."""

    keys: np.ndarray
    values: np.ndarray


@functools.cache
def combining_classes() -> Table:
    """The canonical combining classes that are not 0."""
    found = [(point, unicodedata.combining(chr(point))) for point in _ALL]
    return Table(*np.array([row for row in found if row[1]], np.int32).T)


@functools.cache
def decompositions() -> Table:
    """Canonical decompositions in full, [n, LONGEST], -1 behind."""
    rows = [[*map(ord, parts), *[-1] * (LONGEST - len(parts))] for parts in _decomposed().values()]
    return Table(np.array(list(_decomposed()), np.int32), np.array(rows, np.int32))


@functools.cache
def compositions() -> Table:
    """Pairs, int64 as PAIR says, and their composites."""
    found = {}
    for point, parts in _decomposed().items():
        if unicodedata.is_normalized("NFC", chr(point)):
            first = unicodedata.normalize("NFC", parts[:-1])
            found[ord(first) * PAIR + ord(parts[-1])] = point
    pairs = sorted(found)
    return Table(np.array(pairs, np.int64), np.array([found[pair] for pair in pairs], np.int32))


@functools.cache
def unsettled() -> str:
    """A class of regular expressions, such as [a-b], that every text which is not NFC has a sign of, and few others.

    These are code points that NFC changes, that have a combining class, or that may be the second of a composite.
    """
    changed = {point for point in _decomposed() if not unicodedata.is_normalized("NFC", chr(point))}
    seconds = {int(pair) % PAIR for pair in compositions().keys} | {*VOWELS, *TAILS}
    return _class_of(changed | seconds | set(combining_classes().keys.tolist()))


def _class_of(points: Iterable[int]) -> str:
    ranges: list[list[int]] = []
    for point in sorted(points):
        if ranges and ranges[-1][1] == point - 1:
            ranges[-1][1] = point
        else:
            ranges.append([point, point])
    return "[" + "".join(f"\\x{{{first:X}}}-\\x{{{last:X}}}" for first, last in ranges) + "]"


@functools.cache
def _decomposed() -> dict[int, str]:
    """Code points that have a canonical decomposition, in their order, and it in full."""
    parts = ((point, unicodedata.normalize("NFD", chr(point))) for point in _ALL if point not in SYLLABLES)
    return {point: part for point, part in parts if part != chr(point)}
