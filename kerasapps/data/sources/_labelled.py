"""Sources of grey images with one class each: in memory, or in a folder of IDX files."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from kerasapps.data.readers import idx
from kerasapps.data.spec import Arrays, Column, Spec
from kerasapps.errors import DataError


def images(name: str, splits: Mapping[str, tuple[np.ndarray, np.ndarray]], classes: tuple[str, ...]) -> Arrays:
    """A source of the columns image and label; splits: name -> (uint8 [rows, height, width], labels [rows])."""
    shape = (*next(iter(splits.values()))[0].shape[1:], 1)
    spec = Spec((Column("image", "image", shape),), Column("label", "category", classes=classes))
    columns = {
        split: {"image": pixels[..., None], "label": labels.astype(np.int32)}
        for split, (pixels, labels) in splits.items()
    }
    return Arrays(name, spec, columns)


def load_folder(folder: Path, name: str, classes: tuple[str, ...] = ()) -> Arrays:
    """The source of the files in `folder`: training, test, and validation where there are such.

    Classes are 0 to the largest training label where none are given. Raises DataError naming the file, and the row
    where there is one.
    """
    has_validation = any(idx.find_file(folder, name).is_file() for name in idx.files_of("validation"))
    given = [split for split in idx.PREFIXES if split != "validation" or has_validation]
    missing = [name for split in given for name in idx.files_of(split) if not idx.find_file(folder, name).is_file()]
    if missing:
        raise DataError(
            f"{folder} has files of MNIST's format, but not {', '.join(missing)}, with or without .gz. Expected images "
            "and labels of each split: put the missing files beside the others."
        )
    # All headers first: little is unpacked of files that do not belong together.
    shapes = {split: idx.check_split(folder, split)[1:] for split in given}
    for split, shape in shapes.items():
        if shape != shapes["train"]:
            raise DataError(f"{folder}: training images are {shapes['train']}, {split} images {shape}.")
    splits = {split: idx.read_split(folder, split) for split in given}
    # As int: 255 + 1 is 0 in uint8.
    classes = classes or tuple(str(label) for label in range(int(splits["train"][1].max()) + 1))
    for split, (_, labels) in splits.items():
        outside = np.flatnonzero(labels >= len(classes))
        if len(outside):
            path, row = idx.find_file(folder, idx.files_of(split)[1]), outside[0]
            raise DataError(f"{path}, row {row} (from 0): label {labels[row]}. Expected 0 to {len(classes) - 1}.")
    return images(name, splits, classes)
