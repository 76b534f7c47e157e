"""Which values are words: those that are no numbers written with other signs, and in a category such as recur.

Where values are refused, nothing is guessed: 1,234 may be 1.234, 3.4% may be 0.034, and pandas reads neither as a
number by itself.
"""

import re
import shlex
from collections.abc import Sequence

from kerasapps.data.kinds._written import CURRENCY
from kerasapps.data.spec import NUMBER, Column, Source
from kerasapps.errors import DataError

MOST_UNLIKE = 20
"""So many different values may be a category in however few rows; of more, at most every other row has a new one."""

BLANK = r"\t-\r\x1c-\x1f\x{85}\pZ"
"""What str.isspace takes for a blank, in regular expressions of TensorFlow."""

_GROUPED = r"\d{1,3}(?:[,.'’ \u00a0\u202f]\d{3})+(?:[.,]\d+)?"
_SIGNED_NUMBER = re.compile(
    rf"[-+−(]?\s*{CURRENCY}?\s*[-+−]?\s*(?:{_GROUPED}|\d+[.,]?\d*|\.\d+)\s*(?:%|‰|{CURRENCY})?\s*\)?", re.ASCII
)
_SHOWN = 40


def check_recurring(source: Source, column: Column) -> None:
    """Raise DataError where nearly all rows of a table have a class of their own."""
    rows = sum(source.sizes.values())
    if len(column.classes) > max(MOST_UNLIKE, rows / 2):
        raise DataError(_too_many(source, column, rows))


def check_no_numbers(name: str, column: Column, values: Sequence[str]) -> None:
    """Raise DataError where most of the different `values` are numbers, and some of these have other signs.

    Many plain numbers beside words such as NA are refused too; few of them may be names.
    """
    others = [value for value in values if not NUMBER.fullmatch(value)]
    signed = [value for value in others if _SIGNED_NUMBER.fullmatch(value)]
    numbers = len(values) - len(others) + len(signed)
    if others and 2 * numbers > len(values) and (signed or numbers > MOST_UNLIKE):
        raise DataError(
            f"{name}, column {column.title}: {_cut((signed or others)[0])} among numbers. Expected numbers such as "
            "-1234.5: leave out separators of thousands, signs of currencies and %, and rows with other words; write a "
            f"point before decimals. If these are names, begin each with a letter. {_left_out(column)}"
        )


def _too_many(source: Source, column: Column, rows: int) -> str:
    what = "classes" if column is source.spec.target else "a category"
    shown = ", ".join(_cut(value) for value in column.classes[:3])
    others = column is source.spec.target or len(source.spec.inputs) > 1
    return (
        f"{source.name}, column {column.title}: {len(column.classes)} different values in {rows} rows, such as "
        f"{shown}. Expected {what} whose values recur, numbers such as -1234.5 without units, dates such as "
        "2001-12-31, or texts of several words with blanks between them. Write the values so, or join rare ones"
        + (f", or say --kind {shlex.quote(f'{column.title}=category')}. " if column.fill else ". ")
        + (_left_out(column) if others else "")
    ).rstrip()


def _left_out(column: Column) -> str:
    return f"Else leave {column.title} out: name the other columns with --features, or another one with --target."


def _cut(value: str) -> str:
    return repr(value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…")
