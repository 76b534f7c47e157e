"""Ten steps: whether the last five of ten numbers sum to more than the first five, 4,000 rows made on the spot."""

import numpy as np

from kerasapps.data.spec import Arrays, Column, Spec

ROWS, SEED = 4000, 6


def load() -> Arrays:
    """Column steps [10], normal. The class is rise where the last five sum to more than the first five, else fall.

    So the rule is exact: a perfect answer to every row is possible. Always the same rows.
    """
    generator = np.random.Generator(np.random.Philox(SEED))
    steps = generator.standard_normal((ROWS, 10)).astype(np.float32)
    rise = steps[:, 5:].sum(axis=1) > steps[:, :5].sum(axis=1)
    spec = Spec((Column("steps", "series", (10,)),), Column("course", "category", classes=("fall", "rise")))
    return Arrays("ten_steps", spec, {"train": {"steps": steps, "course": rise.astype(np.int32)}})
