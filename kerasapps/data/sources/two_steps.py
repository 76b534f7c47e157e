"""Two steps: whether a path of two steps on a plane turns left or right, 4,000 paths made on the spot."""

import numpy as np

from kerasapps.data.spec import Arrays, Column, Spec

ROWS, SEED = 4000, 5


def load() -> Arrays:
    """Column steps [2, 2]: two steps (x, y), normal. The class is left where x1 y2 > y1 x2, else right.

    So the rule is exact: a perfect answer to every row is possible. Always the same paths.
    """
    generator = np.random.Generator(np.random.Philox(SEED))
    steps = generator.standard_normal((ROWS, 2, 2)).astype(np.float32)
    first, second = steps[:, 0], steps[:, 1]
    left = first[:, 0] * second[:, 1] > first[:, 1] * second[:, 0]
    spec = Spec((Column("steps", "series", (2, 2)),), Column("turn", "category", classes=("right", "left")))
    return Arrays("two_steps", spec, {"train": {"steps": steps, "turn": left.astype(np.int32)}})
