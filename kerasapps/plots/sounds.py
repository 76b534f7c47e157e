"""Sounds as spectrograms: those that were answered wrongly, and what augmentation makes of them."""

from typing import TYPE_CHECKING

import numpy as np

from kerasapps.app import View
from kerasapps.data.spec import Column
from kerasapps.figures import spectrograms
from kerasapps.plots.answers import surest_wrong
from kerasapps.plots.needs import column_of, needs

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@needs(target="classes", column="audio")
def wrong_spectrograms(view: View) -> "Figure | None":
    """Spectrograms of up to 9 test sounds that were classified wrongly, the surest first."""
    column = column_of(view, "audio")
    chosen, titles = surest_wrong(view, 9)
    if not len(chosen):
        return None
    shown = _spectrograms(view.columns["test"][column.name][chosen], column)
    return spectrograms.spectrogram_grid(shown, *_scales(column), titles, "Wrong answers on test, surest first", 3)


@needs(target="classes", column="audio")
def augmented_spectrograms(view: View) -> "Figure | None":
    """Four training sounds from all over the split, and below what augmentation makes of them."""
    if view.augment is None:
        return None
    column = column_of(view, "audio")
    labels, names = view.labels["train"], view.layout.target.names
    shown = np.linspace(0, len(labels) - 1, min(4, len(labels))).astype(int)
    rows = {name: values[shown] for name, values in view.columns["train"].items()}
    varied = view.layout.given(view.augment(rows)["inputs"])
    before = _spectrograms(rows[column.name], column)
    titles = [*(names[label] for label in labels[shown]), *[""] * len(shown)]
    both = np.concatenate([before, varied.reshape(before.shape)])
    title = "Training sounds, and augmented below"
    return spectrograms.spectrogram_grid(both, *_scales(column), titles, title, len(shown))


def _spectrograms(sounds: np.ndarray, column: Column) -> np.ndarray:
    """int16 [rows, samples] -> [rows, frames, bands] in [0, 1]."""
    from kerasapps.data.spectrogram import LogMelSpectrogram

    return np.asarray(LogMelSpectrogram(column.rate)(sounds))


def _scales(column: Column) -> tuple[float, np.ndarray]:
    """Seconds that a sound lasts, and the Hz of each band."""
    from kerasapps.data.spectrogram import centres

    return column.shape[0] / column.rate, centres(column.rate)
