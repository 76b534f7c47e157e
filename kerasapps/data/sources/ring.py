"""Ring: 8 Gaussians on a circle of radius 2, standard deviation 0.02, 10,000 points made on the spot."""

import numpy as np

from kerasapps.data.sources._installed import table
from kerasapps.data.spec import Arrays, Column

MODES, RADIUS, DEVIATION = 8, 2.0, 0.02
ROWS, SEED = 10_000, 8
_ANGLES = 2 * np.pi * np.arange(MODES) / MODES
CENTRES = RADIUS * np.column_stack([np.cos(_ANGLES), np.sin(_ANGLES)])
"""[8, 2], by the number of the mode."""


def load() -> Arrays:
    """Columns x and y; the class is the mode, m0 at angle 0 and on counter-clockwise, 1,250 points of each.

    What generators leave out modes of (Metz et al. 2017, arXiv:1611.02163, section 3.1). Always the same points.
    """
    generator = np.random.Generator(np.random.Philox(SEED))
    modes = generator.permutation(np.arange(ROWS) % MODES)
    points = CENTRES[modes] + DEVIATION * generator.standard_normal((ROWS, 2))
    target = Column("mode", "category", classes=tuple(f"m{mode}" for mode in range(MODES)))
    return table("ring", ("x", "y"), points, target, modes)
