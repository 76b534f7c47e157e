"""The first line of a CSV file: which column names are accepted, and which column is the target."""

from collections.abc import Sequence
from pathlib import Path

from kerasapps.data.readers import column_name
from kerasapps.data.spec import TARGET_NAMES, is_argument
from kerasapps.errors import DataError, unknown_name


def read_header(path: Path, cells: Sequence[str], wanted: str = "") -> tuple[list[str], str]:
    """(column names, name of the target) of a header; what is no letter or digit becomes _.

    The target is the column `wanted`, by default the one named target or label, else the last. Raises DataError naming
    what to rename, and ConfigError where no column is called as wanted.
    """
    given = [cell.strip() for cell in cells]
    names = [column_name(cell) for cell in given]
    wrong = [name for name in names if not name.isidentifier() or names.count(name) > 1]
    if len(names) < 2 or wrong:
        found = f"the header {names} has {wrong[0]!r} in it" if wrong else f"{names}"
        raise DataError(
            f"{path}, line 1: {found}. Expected at least two different column names that begin with a letter."
        )
    target = column_name(wanted) or next((name for name in TARGET_NAMES if name in names), names[-1])
    if target not in names:
        raise unknown_name("target", wanted, names)
    _check_inputs(path, {name: cell for name, cell in zip(names, given, strict=True) if name != target})
    return names, target


def _check_inputs(path: Path, inputs: dict[str, str]) -> None:
    """inputs: name -> cell of the header. An exported model has an argument of each name, as TensorFlow allows it."""
    lower = [name.lower() for name in inputs]
    wrong = [cell for name, cell in inputs.items() if not is_argument(name) or lower.count(name.lower()) > 1]
    if wrong:
        raise DataError(
            f"{path}, line 1: the columns {', '.join(map(repr, wrong))} cannot be inputs of an exported model. "
            "Expected names of the letters a to z, digits and _ that begin with a letter, differ in more than upper "
            "and lower case, and are neither 'self' nor a word of Python such as 'class'. Rename them."
        )
