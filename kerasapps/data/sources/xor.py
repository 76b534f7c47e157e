"""XOR: four points that no straight line separates."""

import numpy as np

from kerasapps.data.spec import Arrays, Column, Spec


def load() -> Arrays:
    """Columns x1, x2 in {0, 1}; the class says whether they differ.

    The four points are all there is to learn, so that every split holds all of them: leaving one out would ask for
    what cannot be known.
    """
    x1, x2 = np.array([0, 0, 1, 1], np.float32), np.array([0, 1, 0, 1], np.float32)
    rows = {"x1": x1, "x2": x2, "target": (x1 != x2).astype(np.int32)}
    inputs = (Column("x1", "number"), Column("x2", "number"))
    spec = Spec(inputs, Column("target", "category", classes=("0", "1")))
    return Arrays("xor", spec, {"train": rows, "validation": rows, "test": rows})
