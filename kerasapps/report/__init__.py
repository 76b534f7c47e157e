"""Plots of a finished run, written into its directory."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kerasapps import plots
from kerasapps.app import View
from kerasapps.errors import ConfigError

if TYPE_CHECKING:
    from kerasapps.training.run import Run


def report(run: "Run") -> list[Path]:
    """Draw the learning curves and the app's plots into plots/ of the run's directory; returns the files written.

    Raises ConfigError where they cannot be written.
    """
    try:
        return _draw(run, run.directory / "plots")
    except OSError as error:
        raise ConfigError(
            f"The plots of {run.directory} cannot be written: {error}. Make room, or copy the run elsewhere."
        ) from error


def _draw(run: "Run", directory: Path) -> list[Path]:
    directory.mkdir(exist_ok=True)
    view = view_of(run)
    written = []
    drawn = {"learning_curves": plots.learning_curves, **run.app.plots}
    for name, plot in drawn.items():
        figure = plot(view)
        if figure is not None:
            path = directory / f"{name}.png"
            figure.savefig(path)
            written.append(path)
    return written


def view_of(run: "Run") -> View:
    """What the plots of a run may look at."""
    columns = {split: rows.read() for split, rows in run.rows.items()}
    return View(
        history=run.record["history"],
        spec=run.preprocess.spec,
        layout=run.layout,
        parts=run.parts,
        columns=columns,
        labels={split: _labels(run, values) for split, values in columns.items()},
        predict=run.predict,
    )


def _labels(run: "Run", columns: dict[str, np.ndarray]) -> np.ndarray | None:
    """Class numbers, reals in the units of the data, or None where there is no target."""
    target = run.layout.target
    if target.kind == "none":
        return None
    labels = run.preprocess.labels(columns)
    return labels * np.asarray(target.scale) + np.asarray(target.mean) if target.kind == "reals" else labels
