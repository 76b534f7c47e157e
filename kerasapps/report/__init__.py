"""Plots of a finished run, written into its directory."""

import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from kerasapps.app import Batch, View
from kerasapps.data.pipeline import number_of_rows
from kerasapps.data.spec import Columns
from kerasapps.data.thinning import KEPT_BYTES
from kerasapps.distribute.cluster import chief_writes
from kerasapps.errors import ConfigError, MissingData
from kerasapps.figures.canvas import plain_texts, save
from kerasapps.noise import AUGMENT, Noise
from kerasapps.plots import training
from kerasapps.runs.directory import read_samples
from kerasapps.runs.run import Run

_FRAME_MILLISECONDS, _LAST_MILLISECONDS = 200, 2000


def report(run: Run) -> list[Path]:
    """Draw the learning curves and the app's plots into plots/ of the run's directory; returns the files written.

    Where the data are gone, these are the plots that need none; a warning names the place. Of several workers number 0
    alone draws. Raises ConfigError where they cannot be written.
    """
    folder = run.directory / "plots"
    if chief_writes(str(folder)):
        return []
    view = view_of(run)
    try:
        folder.mkdir(exist_ok=True)
        plots = {"learning_curves": training.learning_curves, **run.app.plots}
        with plain_texts():
            drawn = [_drawn(_figure(plot, view), folder / name) for name, plot in plots.items()]
    except OSError as error:
        raise ConfigError(
            f"The plots of {run.directory} cannot be written: {error}. Make room, or copy the run elsewhere."
        ) from error
    return [path for path in drawn if path is not None]


def _figure(plot: Callable[[View], Any], view: View) -> Any:
    """The plot, or None where it needs data that are gone."""
    try:
        return plot(view)
    except MissingData:
        return None


class _Gone(Mapping[str, Any]):
    """The splits of data that are gone: asking for one raises the error."""

    def __init__(self, error: MissingData) -> None:
        self._error = error

    def __getitem__(self, split: str) -> Any:
        raise self._error

    def __iter__(self) -> Iterator[str]:
        raise self._error

    def __len__(self) -> int:
        raise self._error


def _drawn(figure: Any, path: Path) -> Path | None:
    """The file of a figure, or of Pillow images: a GIF that begins anew after it has rested on the last one."""
    if figure is None:
        return None
    if isinstance(figure, list):
        path, pauses = path.with_suffix(".gif"), [_FRAME_MILLISECONDS] * (len(figure) - 1) + [_LAST_MILLISECONDS]
        figure[0].save(path, save_all=True, append_images=figure[1:], duration=pauses, loop=0)
    else:
        path = save(figure, path.with_suffix(".png"))
    return path


def view_of(run: Run) -> View:
    """What the plots of a run may look at."""
    columns, labels = _data_of(run)
    return View(
        history=run.record["history"],
        spec=run.preprocess.spec,
        layout=run.layout,
        task=run.task,
        columns=columns,
        labels=labels,
        predict=run.predict,
        apply=lambda columns: run.layout.given(run.preprocess.apply(columns)),
        samples=read_samples(run.directory),
        augment=_augment_of(run),
    )


def _data_of(run: Run) -> tuple[Mapping[str, Columns], Mapping[str, Any]]:
    """Raw columns and labels of each split, the labels in the units of the data."""
    try:
        columns = _columns_of(run)
    except MissingData as error:
        warnings.warn(f"{error} Only plots that need no data are drawn.", stacklevel=4)
        return _Gone(error), _Gone(error)
    labels = {split: run.preprocess.answers(values).get("labels") for split, values in columns.items()}
    return columns, {split: y if y is None else run.layout.target.in_units(y) for split, y in labels.items()}


def _columns_of(run: Run) -> dict[str, Columns]:
    """The raw rows of each split, thinned to KEPT_BYTES all together, with what a plot may make of them."""
    share = KEPT_BYTES / sum(map(len, run.rows.values()))
    return {split: run.read(split, int(share * len(rows)), run.layout.row_bytes) for split, rows in run.rows.items()}


def _augment_of(run: Run) -> Callable[[Columns], Batch] | None:
    """What the run's first step would make of rows, or None."""
    function = run.task.augment
    if function is None:
        return None

    def augment(columns: Columns) -> Batch:
        inputs = run.preprocess.apply(columns)
        weights = np.ones(number_of_rows(inputs), np.float32)
        batch = {"inputs": inputs, "weights": weights, **run.preprocess.answers(columns)}
        return tf.nest.map_structure(np.asarray, dict(function(batch, Noise(run.options.seed, 0, AUGMENT))))

    return augment
