"""Python packages: passages of the source of Matplotlib, NumPy, pandas and scikit-learn, to be classified."""

import importlib.util
from pathlib import Path

from kerasapps.data.sources._passages import Passages
from kerasapps.data.sources._python import files, text
from kerasapps.data.sources._texts import by_file, by_hash
from kerasapps.data.spec import Column, Spec
from kerasapps.errors import DataError

CLASSES = ("matplotlib", "numpy", "pandas", "sklearn")
LENGTH = 300
"""Characters of a passage, about 40 words."""
MOST_OF_A_FILE = 8_000
"""Characters; of long files alone there would be few in a split."""
MOST_CHARACTERS = 500_000
"""Of the training files of each package."""
TESTS, HELD_OUT = 0.1, 0.15
"""Shares of a package's files for test, and for test and validation."""
LEFT_OUT = {"test", "tests", "testing", "_testing", "externals", "distutils"}
"""Folders of tests and what serves them, of other projects' files, and of what newer versions of Python lack."""


def load() -> Passages:
    """The first 8,000 characters of each file in passages of 300, and the target: the package that the file is of.

    Whole files train, validate or test: of each package 85, 5 and 10 of 100, by a hash of their path. In the order of
    the hash, files train until a package has 500,000 characters. Tests and what comes of other projects are left out.
    Other versions of the packages have other texts: data are the same only where they are. Raises DataError where a
    package has no source files.
    """
    packages = [_documents(name) for name in CLASSES]
    splits = packages[0].keys()
    return Passages(
        "python_packages",
        {split: [document for documents in packages for document in documents[split]] for split in splits},
        LENGTH,
        Spec((Column("text", "text"),), Column("target", "category", classes=CLASSES)),
        {split: [label for label, own in enumerate(packages) for _ in own[split]] for split in splits},
    )


def _documents(name: str) -> dict[str, list[str]]:
    """Texts of each split; raises DataError where a package has none for one."""
    folder = _folder(name)
    order = by_hash(f"{name}/{path}" for path in files(folder, LEFT_OUT))
    # So many that no file changes its split where others come or go.
    tests, held_out = (sum(place < share for place, _ in order) for share in (TESTS, HELD_OUT))
    documents = by_file(
        order, tests, held_out - tests, lambda path: text(folder.parent / path)[:MOST_OF_A_FILE], MOST_CHARACTERS
    )
    if not all(documents.values()):
        raise DataError(f"{folder} has too few source files of Python. Expected those of {name}: install it again.")
    return documents


def _folder(name: str) -> Path:
    """Where an installed package lies, which is not imported; raises DataError where it is not installed."""
    found = importlib.util.find_spec(name)
    if found is None or found.origin is None:
        raise DataError(f"The package {name} was not found. Expected it with its source files: install it.")
    return Path(found.origin).parent
