"""Images, and sounds as spectrograms: those that were answered wrongly, and what augmentation makes of them."""

import numpy as np

from kerasapps.app import View
from kerasapps.data.spec import Column, Columns
from kerasapps.data.spectrogram import LogMelSpectrogram, centres
from kerasapps.figures.canvas import Figure
from kerasapps.figures.images import image_grid
from kerasapps.figures.spectrograms import spectrogram_grid
from kerasapps.plots.answers import column_of, needs

_WRONG = "Wrong answers on test with their probability, surest first"


@needs(target="classes", column="image")
def wrong_images(view: View) -> Figure | None:
    """Up to 25 test images that were classified wrongly, the surest first."""
    chosen, titles = _surest_wrong(view, 25)
    if not len(chosen):
        return None
    return image_grid(view.columns["test"][column_of(view, "image").name][chosen], titles, _WRONG)


@needs(target="classes", column="audio")
def wrong_spectrograms(view: View) -> Figure | None:
    """Spectrograms of up to 9 test sounds that were classified wrongly, the surest first."""
    column = column_of(view, "audio")
    chosen, titles = _surest_wrong(view, 9)
    if not len(chosen):
        return None
    shown = _spectrograms(view.columns["test"][column.name][chosen], column)
    return spectrogram_grid(shown, *_scales(column), titles, _WRONG, 3)


@needs(target="classes", column="image")
def augmented(view: View) -> Figure | None:
    """Eight training images from all over the split, and below what augmentation makes of them."""
    if view.augment is None:
        return None
    rows, varied, titles = _augmented(view, 8)
    both = np.concatenate([rows[column_of(view, "image").name] / np.float32(255), varied])
    return image_grid(both, titles, "Training images, and augmented below", len(varied))


@needs(target="classes", column="audio")
def augmented_spectrograms(view: View) -> Figure | None:
    """Four training sounds from all over the split, and below what augmentation makes of them."""
    if view.augment is None:
        return None
    column = column_of(view, "audio")
    rows, varied, titles = _augmented(view, 4)
    before = _spectrograms(rows[column.name], column)
    both = np.concatenate([before, varied.reshape(before.shape)])
    return spectrogram_grid(both, *_scales(column), titles, "Training sounds, and augmented below", len(varied))


def _surest_wrong(view: View, most: int) -> tuple[np.ndarray, list[str]]:
    """Up to `most` test rows that were classified wrongly, the surest first, and what is said of each."""
    answer, labels, names = view.predict(view.columns["test"]), view.labels["test"], view.layout.target.names
    sure, wrong = answer["probabilities"].max(axis=-1), np.flatnonzero(answer["classes"] != labels)
    chosen = wrong[np.argsort(-sure[wrong])][:most]
    return chosen, [f"{names[answer['classes'][i]]} ({sure[i]:.1%}), true {names[labels[i]]}" for i in chosen]


def _augmented(view: View, most: int) -> tuple[Columns, np.ndarray, list[str]]:
    """Up to `most` training rows from all over the split, the same augmented, and the titles of both.

    Those of mixed rows are both labels with their shares; other augmented rows have none.
    """
    assert view.augment is not None
    labels, names = view.labels["train"], view.layout.target.names
    shown = np.linspace(0, len(labels) - 1, min(most, len(labels))).astype(int)
    rows = {column: values[shown] for column, values in view.columns["train"].items()}
    batch = view.augment(rows)
    mixed = [""] * len(shown)
    if "mix" in batch:
        shares = zip(batch["mix"], batch["labels"], batch["other_labels"], strict=True)
        mixed = [f"{mix:.0%} {names[first]}, {1 - mix:.0%} {names[second]}" for mix, first, second in shares]
    return rows, view.layout.given(batch["inputs"]), [*(names[label] for label in labels[shown]), *mixed]


def _spectrograms(sounds: np.ndarray, column: Column) -> np.ndarray:
    """int16 [rows, samples] -> [rows, frames, bands] in [0, 1]."""
    return np.asarray(LogMelSpectrogram(column.rate)(sounds))


def _scales(column: Column) -> tuple[float, np.ndarray]:
    """Seconds that a sound lasts, and the Hz of each band."""
    return column.shape[0] / column.rate, centres(column.rate)
