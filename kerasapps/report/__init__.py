"""Plots of a finished run, written into its directory."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import tensorflow as tf

from kerasapps.app import Batch, View
from kerasapps.data.pipeline import number_of_rows
from kerasapps.data.spec import Columns
from kerasapps.errors import ConfigError
from kerasapps.noise import AUGMENT, Noise
from kerasapps.plots import training
from kerasapps.training.directory import read_samples

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from kerasapps.training.run import Run

_FRAME_MILLISECONDS, _LAST_MILLISECONDS = 200, 2000


def report(run: "Run") -> list[Path]:
    """Draw the learning curves and the app's plots into plots/ of the run's directory; returns the files written.

    Raises ConfigError where they cannot be written.
    """
    view = view_of(run)
    try:
        return _draw({"learning_curves": training.learning_curves, **run.app.plots}, view, run.directory / "plots")
    except OSError as error:
        raise ConfigError(
            f"The plots of {run.directory} cannot be written: {error}. Make room, or copy the run elsewhere."
        ) from error


def _draw(drawn: Mapping[str, Callable[[View], "Figure | None"]], view: View, directory: Path) -> list[Path]:
    directory.mkdir(exist_ok=True)
    written = []
    for name, plot in drawn.items():
        figure = plot(view)
        if isinstance(figure, list):
            written.append(_animated(figure, directory / f"{name}.gif"))
        elif figure is not None:
            path = directory / f"{name}.png"
            figure.savefig(path, bbox_inches="tight")  # images keep their proportions and leave bands beside them
            written.append(path)
    return written


def _animated(frames: list, path: Path) -> Path:
    """Write Pillow images as a GIF that begins anew after it has rested on the last one."""
    pauses = [_FRAME_MILLISECONDS] * (len(frames) - 1) + [_LAST_MILLISECONDS]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=pauses, loop=0)
    return path


def view_of(run: "Run") -> View:
    """What the plots of a run may look at."""
    columns = {split: run.read(split) for split in run.rows}
    return View(
        history=run.record["history"],
        spec=run.preprocess.spec,
        layout=run.layout,
        task=run.task,
        columns=columns,
        labels={split: _labels(run, values) for split, values in columns.items()},
        predict=run.predict,
        apply=lambda columns: run.layout.given(run.preprocess.apply(columns)),
        samples=read_samples(run.directory),
        augment=_augment_of(run),
    )


def _augment_of(run: "Run") -> Callable[[Columns], Batch] | None:
    """What the run's first step would make of rows, or None."""
    function = run.task.augment
    if function is None:
        return None

    def augment(columns: Columns) -> Batch:
        inputs = run.preprocess.apply(columns)
        batch = {"inputs": inputs, "weights": np.ones(number_of_rows(inputs), np.float32)}
        batch |= run.preprocess.answers(columns)
        return tf.nest.map_structure(np.asarray, dict(function(batch, Noise(run.options.seed, 0, AUGMENT))))

    return augment


def _labels(run: "Run", columns: dict[str, np.ndarray]) -> np.ndarray | None:
    """Class numbers, reals in the units of the data, tokens, or None where there is no target."""
    labels = run.preprocess.answers(columns).get("labels")
    return None if labels is None else run.layout.target.in_units(labels)
