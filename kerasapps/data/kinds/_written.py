"""Numbers as people write them: with signs of currencies and percent, separators of thousands, decimal commas."""

import re
from collections.abc import Sequence

from kerasapps.data.spec import NUMBER

CURRENCY = r"(?:[$€£¥₹]|USD|EUR|GBP|JPY|CHF)"
_SIGN = r"[-+−]?"
_AROUND = re.compile(
    rf"(\()?\s*({_SIGN})\s*{CURRENCY}?\s*({_SIGN})\s*([\d.,'’ \u00a0\u202f]*\d[.,]?(?:e[-+]?\d+)?)"
    rf"\s*(?:[%‰]|{CURRENCY})?\s*(\))?",
    re.ASCII | re.IGNORECASE,
)
"""A number in parentheses is negative, as accountants write it."""


def _body(point: str, others: str) -> re.Pattern[str]:
    whole = rf"\d{{1,3}}([{others}'’ \u00a0\u202f])\d{{3}}(?:\1\d{{3}})*|\d+"
    return re.compile(rf"(?:{whole})(?:{point}\d*)?(?:e[-+]?\d+)?|{point}\d+(?:e[-+]?\d+)?", re.ASCII | re.IGNORECASE)


_BODIES = {".": _body(r"\.", ","), ",": _body(",", r"\.")}


def plain(text: str, point: str = ".") -> str | None:
    """The number in a text as Python reads it, such as "-1794.63" of "-$1,794.63"; None where there is none.

    point: before decimals, "." or ",".
    """
    text = text.strip()
    if NUMBER.fullmatch(text) and (point == "." or "." not in text):
        return text
    found = _AROUND.fullmatch(text)
    if not found or bool(found[1]) != bool(found[5]) or not _BODIES[point].fullmatch(found[4].strip()):
        return None
    digits = re.sub(r"['’\s]", "", found[4])
    digits = digits.replace(",", "") if point == "." else digits.replace(".", "").replace(",", ".")
    negative = bool(found[1]) != (("-" in found[2] + found[3]) or "−" in found[2] + found[3])
    return f"-{digits}" if negative else digits


def point_of(texts: Sequence[str], usual: str) -> tuple[str, list[int]]:
    """What the numbers of a column have before decimals, and the positions of texts that are no such numbers.

    usual: in the file; it decides of 1,234, where nothing else in the column does.
    """
    if all(map(NUMBER.fullmatch, texts)):
        return ".", []
    wrong = {point: [i for i, text in enumerate(texts) if plain(text, point) is None] for point in _BODIES}
    likely = usual if any("," in text for text in texts) else "."
    point = min(wrong, key=lambda point: (len(wrong[point]), point != likely))
    return point, wrong[point]
