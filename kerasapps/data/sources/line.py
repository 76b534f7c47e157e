"""Line: y = 2x + noise, 100 points made on the spot."""

import numpy as np

from kerasapps.data.sources._installed import table
from kerasapps.data.spec import Arrays, Column

ROWS, SLOPE, NOISE, SEED = 100, 2.0, 0.5, 2


def load() -> Arrays:
    """x is uniform in [-3, 3); the noise is normal with standard deviation 0.5. Always the same points."""
    generator = np.random.Generator(np.random.Philox(SEED))
    x = generator.uniform(-3.0, 3.0, ROWS)
    y = SLOPE * x + NOISE * generator.standard_normal(ROWS)
    return table("line", ["x"], x[:, None], Column("y", "number"), y)
