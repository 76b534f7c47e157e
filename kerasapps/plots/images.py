"""Images: those that were answered wrongly, and what augmentation makes of them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from kerasapps.app import Batch, View
from kerasapps.figures import images
from kerasapps.plots._of_target import of_target
from kerasapps.plots.answers import surest_wrong

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def image_column(view: View) -> str | None:
    """Name of the input that is an image, or None."""
    return next((column.name for column in view.spec.inputs_of("image")), None)


@of_target("classes")
def augmented(view: View) -> "Figure | None":
    """Eight training images from all over the split, and below what augmentation makes of them."""
    name = image_column(view)
    if name is None or view.augment is None:
        return None
    labels = view.labels["train"]
    shown = np.linspace(0, len(labels) - 1, min(8, len(labels))).astype(int)
    rows = {column: values[shown] for column, values in view.columns["train"].items()}
    batch = view.augment(rows)
    varied = view.layout.given(batch["inputs"])
    both = np.concatenate([rows[name] / np.float32(255), varied])
    names = view.layout.target.names
    titles = [*(names[label] for label in labels[shown]), *_mixed_names(names, batch)]
    return images.image_grid(both, titles, "Training images, and augmented below", len(varied))


def _mixed_names(names: Sequence[str], batch: Batch) -> list[str]:
    """Both labels of mixed rows with their shares, and nothing under others."""
    if "mix" not in batch:
        return [""] * len(batch["weights"])
    rows = zip(batch["mix"], batch["labels"], batch["other_labels"], strict=True)
    return [f"{mix:.0%} {names[first]}, {1 - mix:.0%} {names[second]}" for mix, first, second in rows]


@of_target("classes")
def wrong_images(view: View) -> "Figure | None":
    """Up to 25 test images that were classified wrongly, the surest first."""
    name = image_column(view)
    if name is None:
        return None
    chosen, titles = surest_wrong(view, 25)
    if not len(chosen):
        return None
    return images.image_grid(view.columns["test"][name][chosen], titles, "Wrong answers on test, surest first")
