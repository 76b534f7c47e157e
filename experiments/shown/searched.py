"""What searches found, beside the defaults."""

from collections.abc import Sequence
from typing import Any

from experiments.claims.searched import searched_row
from experiments.shown.markdown import markdown


def tuned(measured: Sequence[dict[str, Any]]) -> str:
    """The settings that searches found."""
    rows = [searched_row(row) for row in measured]
    header = ("Application", "Data", "Trials", "Settings found", "On validation rows")
    return markdown(header, [[*row[:4], row[-1]] for row in rows])


def scores(measured: Sequence[dict[str, Any]]) -> str:
    """What they score."""
    header = ("Application", "Validation: defaults", "Validation: found", "Test: defaults", "Test: found")
    return markdown(header, [[row[0], *row[4:8]] for row in map(searched_row, measured)])
