"""Dates as people write them, made ISO by the same regular expressions in Python and in graphs.

The order "ymd" is that of 2001-12-31, 2001/12/31 and 2001-1-9; "dmy" is that of 31.12.2001, 31/12/2001 and 31-12-2001,
"mdy" that of 12/31/2001. A column of either may have dates of ymd, too. A time may follow: 9:30, 09:30:15 or 9:30 PM.
"""

import re
import string
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tensorflow as tf

_PARTED = r"^([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})([^0-9]|$)"
_ORDERS = {"ymd": [], "dmy": [(_PARTED, r"\3-\2-\1\4")], "mdy": [(_PARTED, r"\3-\1-\2\4")]}
_PADDED = [
    (r"^([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})", r"\1-\2-\3"),
    (r"^([0-9]{4})-([0-9])-", r"\1-0\2-"),
    (r"^([0-9]{4}-[0-9]{2})-([0-9])([^0-9]|$)", r"\1-0\2\3"),
    (r"^(.{10}),? +", r"\1T"),
    (r"^(.{10})T([0-9]:)", r"\1T0\2"),
]
_HALVES = [
    (r"^(.{10})T12(:.*[0-9]) *[Aa][Mm]$", r"\1T00\2"),
    (r"^(.{10}T.*[0-9]) *[Aa][Mm]$", r"\1"),
    (r"^(.{10}T12:.*[0-9]) *[Pp][Mm]$", r"\1"),
    *[(rf"^(.{{10}})T{hour:02d}(:.*[0-9]) *[Pp][Mm]$", rf"\1T{hour + 12}\2") for hour in range(1, 12)],
]
"""AM and PM."""


def iso(text: str, order: str) -> str:
    """The date of a text as ISO has it; what is no date of this order is no ISO date either. No order: as it is."""
    if not order:
        return text
    text = text.strip(string.whitespace)
    for pattern, made in _ORDERS[order] + _PADDED + _HALVES * text.endswith(("m", "M")):
        text = re.sub(pattern, made, text, count=1)
    return text


def iso_in_graph(texts: "tf.Tensor", order: str) -> "tf.Tensor":
    """`iso` of strings [batch]."""
    import tensorflow as tf

    if not order:
        return texts
    texts = tf.strings.strip(texts)
    for pattern, made in _ORDERS[order] + _PADDED + _HALVES:
        texts = tf.strings.regex_replace(texts, pattern, made, replace_global=False)
    return texts


_UNREAD = re.compile(r"\d{4}-\d\d?-\d\d?[T ].*[-+]\d\d:?\d\d|\d{1,2}[-/.]\d{1,2}[-/.]\d\d(?:[T ,].*)?")


def are_unread(texts: Iterable[str]) -> bool:
    """Whether all texts are dates that are not read: with an offset from UTC, or a year of two digits."""
    return all(map(_UNREAD.fullmatch, texts))


def likely_orders(texts: Sequence[str]) -> list[str]:
    """The orders, the likeliest first: with points the day comes first, else, as in pandas, the month."""
    return ["ymd", "dmy", "mdy"] if any("." in text[:5] for text in texts) else ["ymd", "mdy", "dmy"]
