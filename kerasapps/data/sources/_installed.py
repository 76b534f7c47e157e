"""Files that other installed packages bring, read without importing those packages."""

import importlib.util
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kerasapps.data.spec import Arrays, Column, Spec
from kerasapps.errors import DataError


def installed_file(package: str, path: str) -> Path:
    """Where `package` (an import name) keeps the file `path`; raises DataError where it does not."""
    found = importlib.util.find_spec(package)
    for folder in (found and found.submodule_search_locations) or ():
        if (Path(folder) / path).is_file():
            return Path(folder) / path
    raise DataError(
        f"The file {path} of the package {package} was not found. Expected it with that package: install it again."
    )


def scikit_learn_file(name: str) -> Path:
    """A data file that scikit-learn brings. Importing scikit-learn for it would take seconds."""
    return installed_file("sklearn", f"datasets/data/{name}")


def table(name: str, inputs: Sequence[str], values: np.ndarray, target: Column, labels: np.ndarray) -> Arrays:
    """A source of the number columns `inputs`, values [rows, columns], without a split of its own."""
    columns = tuple(Column(column, "number") for column in inputs)
    numbers = {column: values[:, i].astype(np.float32) for i, column in enumerate(inputs)}
    rows = {**numbers, target.name: labels.astype(np.int32 if target.classes else np.float32)}
    return Arrays(name, Spec(columns, target), {"train": rows})
