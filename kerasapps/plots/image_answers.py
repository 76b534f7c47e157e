"""Images: those that were answered wrongly, and what augmentation makes of them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from kerasapps.app import Batch, View
from kerasapps.figures import image_grids
from kerasapps.plots.answers import surest_wrong
from kerasapps.plots.needs import column_of, needs

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@needs(target="classes", column="image")
def augmented(view: View) -> "Figure | None":
    """Eight training images from all over the split, and below what augmentation makes of them."""
    if view.augment is None:
        return None
    name, labels = column_of(view, "image").name, view.labels["train"]
    shown = np.linspace(0, len(labels) - 1, min(8, len(labels))).astype(int)
    rows = {column: values[shown] for column, values in view.columns["train"].items()}
    batch = view.augment(rows)
    varied = view.layout.given(batch["inputs"])
    both = np.concatenate([rows[name] / np.float32(255), varied])
    names = view.layout.target.names
    titles = [*(names[label] for label in labels[shown]), *_mixed_names(names, batch)]
    return image_grids.image_grid(both, titles, "Training images, and augmented below", len(varied))


def _mixed_names(names: Sequence[str], batch: Batch) -> list[str]:
    """Both labels of mixed rows with their shares, and nothing under others."""
    if "mix" not in batch:
        return [""] * len(batch["weights"])
    rows = zip(batch["mix"], batch["labels"], batch["other_labels"], strict=True)
    return [f"{mix:.0%} {names[first]}, {1 - mix:.0%} {names[second]}" for mix, first, second in rows]


@needs(target="classes", column="image")
def wrong_images(view: View) -> "Figure | None":
    """Up to 25 test images that were classified wrongly, the surest first."""
    chosen, titles = surest_wrong(view, 25)
    if not len(chosen):
        return None
    shown = view.columns["test"][column_of(view, "image").name][chosen]
    return image_grids.image_grid(shown, titles, "Wrong answers on test, surest first")
