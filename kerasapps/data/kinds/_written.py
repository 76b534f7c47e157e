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


_THOUSANDS = re.compile(r"[+-]?(?:[1-9]\d{0,2}(?:\.\d{3})+|\d+)", re.ASCII)
"""What is a whole number where points separate thousands."""
_UNIT = re.compile(rf"{CURRENCY}|[%‰]", re.IGNORECASE)
_CODES = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY"}


def mixed_units(texts: Sequence[str]) -> list[str]:
    """The first number of each unit where a column has several, or shares of 100 beside plain numbers; else none."""
    first: dict[str, str] = {}
    for text in texts:
        unit = "".join(_UNIT.findall(text)).upper()
        first.setdefault(_CODES.get(unit, unit), text)
    units = {*first} - {""}
    mixed = len(units) > 1 or ("" in first and bool(units & {"%", "‰"}))
    return [text for unit, text in first.items() if unit or units & {"%", "‰"}] if mixed else []


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


def has_point(text: str) -> bool:
    """Whether a number has a point that can only stand before decimals, as in 0.5, but not in 1.234."""
    return "." in text and NUMBER.fullmatch(text) is not None and not _THOUSANDS.fullmatch(text)


def point_of(texts: Sequence[str], usual: str) -> tuple[str, list[int]]:
    """What the numbers of a column have before decimals, and the positions of texts that are no such numbers.

    usual: in the file; it decides of 1,234 and of 1.234, where nothing else in the column does.
    """
    if all(map(NUMBER.fullmatch, texts)):
        grouped = any("." in text for text in texts) and all(map(_THOUSANDS.fullmatch, texts))
        return usual if grouped else ".", []
    wrong = {point: [i for i, text in enumerate(texts) if plain(text, point) is None] for point in _BODIES}
    likely = usual if any("," in text for text in texts) else "."
    point = min(wrong, key=lambda point: (len(wrong[point]), point != likely))
    return point, wrong[point]
