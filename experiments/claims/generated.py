"""Figures of what generative models make."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any


def of_ring(place: int) -> Callable[[Any], float]:
    """Of 10,000 samples: modes of the ring that they reach (0), and the share within 3 deviations of one (1)."""
    from kerasapps.data.sources.ring import CENTRES, DEVIATION
    from kerasapps.metrics.quality import modes_reached

    def measured(run: Any) -> float:
        points = run.predict({"seed": 1, "number": 10_000})["rows"]
        return float(modes_reached(points, CENTRES, 3 * DEVIATION)[place])

    return measured


FRECHET = "frechet_distance_in_cnn_features"


@functools.cache
def _as_seen(directory: Path, classifier: Path) -> dict[str, float]:
    """What the classifier in a run directory sees in the images of another, asked once."""
    import kerasapps
    from kerasapps.report.generated import quality_of

    return quality_of(kerasapps.load(directory), kerasapps.load(classifier))


def seen(quantity: str, place: int = 0) -> Callable[[Any], float]:
    """A quantity of the images of an experiment's run, or of one of its runs.

    As the classifier sees them that was trained beside the first.
    """

    def measured(runs: Any) -> float:
        all_runs = runs if isinstance(runs, list) else [runs]
        return float(_as_seen(all_runs[place].directory, all_runs[0].directory / "classifier")[quantity])

    return measured


def distance_to(place: int) -> Callable[[Any], float]:
    """The Frechet distance of an experiment's first run as a part of that of another of its runs."""
    return lambda runs: seen(FRECHET)(runs) / seen(FRECHET, place)(runs)


def with_generated(number: int) -> Callable[[Any], float]:
    """Test accuracy of the CNN that was trained on few images and so many generated ones."""
    import kerasapps

    return lambda run: kerasapps.load(run.directory / f"and_{number}" / "cnn").record["test"]["accuracy"]
