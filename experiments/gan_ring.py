"""GAN on a ring of eight Gaussians: one that collapses generates only a few of them.

python experiments/gan_ring.py
"""

import kerasapps
from kerasapps.data.sources.ring import CENTRES, DEVIATION
from kerasapps.metrics.quality import modes_reached

FIELDS = {"data": "ring"}


def main(**overrides: object) -> "kerasapps.runs.run.Run":
    """Train, print one line, and return the run; `overrides` are fields of the run and of its hyperparameters."""
    run = kerasapps.train("gan", **{**FIELDS, **overrides})
    points = run.predict({"seed": 1, "number": 10_000})["rows"]
    modes, near = modes_reached(points, CENTRES, 3 * DEVIATION)
    seconds = run.record["seconds"]["train"]
    print(f"gan on ring: {modes} of 8 modes, {near:.1%} within 3 deviations of one in {seconds:.1f} s, {run.directory}")
    return run


if __name__ == "__main__":
    main()
