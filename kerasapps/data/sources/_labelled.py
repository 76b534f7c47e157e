"""Sources of grey images with one class each."""

from collections.abc import Mapping

import numpy as np

from kerasapps.data.spec import Arrays, Column, Spec


def images(name: str, splits: Mapping[str, tuple[np.ndarray, np.ndarray]], classes: tuple[str, ...]) -> Arrays:
    """A source of the columns image and label; splits: name -> (uint8 [rows, height, width], labels [rows])."""
    shape = (*next(iter(splits.values()))[0].shape[1:], 1)
    spec = Spec((Column("image", "image", shape),), Column("label", "category", classes=classes))
    columns = {
        split: {"image": pixels[..., None], "label": labels.astype(np.int32)}
        for split, (pixels, labels) in splits.items()
    }
    return Arrays(name, spec, columns)
