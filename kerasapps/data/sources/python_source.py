"""Python source: the standard library of the Python that runs, in passages of 128 characters, without a target."""

import sysconfig
from pathlib import Path

from kerasapps.data.sources._passages import Passages
from kerasapps.data.sources._python import files, text
from kerasapps.data.sources._texts import SHARE, by_file, by_hash
from kerasapps.errors import DataError

MOST_CHARACTERS = 6_000_000
"""Of the training files."""
LEFT_OUT = {"test", "tests", "idle_test", "site-packages", "dist-packages", "encodings", "pydoc_data"}
"""Folders of tests, of what was installed later, and of tables and help that programs have written."""


def load() -> Passages:
    """Whole files train, validate or test: 90, 5 and 5 of 100, by a hash of their path.

    Tests, installed packages, generated tables and files that are not UTF-8 are left out. In the order of the hash,
    files train until 6,000,000 characters are reached. Another version of Python has other texts: data are the same
    only where it is. Raises DataError where the standard library has no source files.
    """
    folder = Path(sysconfig.get_paths()["stdlib"])
    order = by_hash(files(folder, LEFT_OUT))
    # So many that no file changes its split where others come or go.
    tests, held_out = (sum(place < share for place, _ in order) for share in (SHARE, 2 * SHARE))
    documents = by_file(order, tests, held_out - tests, lambda path: text(folder / path), MOST_CHARACTERS)
    if not documents["train"]:
        raise DataError(f"{folder} has no source files of Python. Expected a Python with its standard library.")
    return Passages("python_source", documents)
