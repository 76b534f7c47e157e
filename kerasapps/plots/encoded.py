"""Plots of an encoder and its decoder: what they make of test rows, and where test rows lie among the latents.

The task has encode, inputs [batch, ...] -> z [batch, d], and decode, z [batch, d] -> rows as the inputs are: images in
[0, 1], or standardised numbers.
"""

import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from kerasapps.app import View
from kerasapps.data.spec import Columns
from kerasapps.figures.canvas import TITLE_WIDTH, Axes, Figure, new_figure, new_panels
from kerasapps.figures.reals import COLORS

_Plotted = TypeVar("_Plotted")

_IMAGES = 10
_NUMBERS = 9
_MANY_CLASSES = 20
_AT_ONCE = 1024
_BINS = 60
NORMAL = 0.95
"""Share of the normal validation rows that a threshold of errors lets pass."""


def as_seen(plot: Callable[[View], _Plotted]) -> Callable[[View], _Plotted]:
    """`plot`, which is shown test rows as the encoder sees them."""

    @functools.wraps(plot)
    def plotted(view: View) -> _Plotted:
        return plot(dataclasses.replace(view, apply=lambda columns: np.asarray(view.task.seen(view.apply(columns)))))

    return plotted


def _in_pieces(function: Callable[[Any], Any], values: np.ndarray) -> np.ndarray:
    """function(values), some rows at a time."""
    answers = [function(values[start : start + _AT_ONCE]) for start in range(0, len(values), _AT_ONCE)]
    return np.concatenate([np.asarray(answer, np.float32) for answer in answers])


def encoded(view: View, inputs: np.ndarray) -> np.ndarray:
    """The latents [rows, d] of a model's inputs."""
    return _in_pieces(view.task.encode, inputs)


def decoded(view: View, latents: np.ndarray) -> np.ndarray:
    """What latents [rows, d] stand for, [rows, ...] in the units of the data."""
    return np.asarray(view.layout.only.in_units(_in_pieces(view.task.decode, latents)))


def reconstructions(view: View, seen: Callable[[np.ndarray], Any] | None = None) -> Figure:
    """Test images, what the encoder is shown of them, and what the decoder makes of that; or the same of numbers.

    seen: of the model's inputs, where the encoder is shown something else.
    """
    images = view.layout.only.form == "image"
    columns, titles = _some_images(view) if images else (view.columns["test"], [])
    inputs = view.apply(columns)
    shown = inputs if seen is None else np.asarray(seen(inputs))
    latents = encoded(view, shown)
    made, number = decoded(view, latents), latents.shape[1]
    through = f"through {number} latent{'s' * (number > 1)}"
    if not images:
        return _numbers(view, inputs, made, f"Test rows {through}")
    rows = {"given": inputs, **({} if seen is None else {"seen": shown}), "reconstructed": made}
    return image_rows(rows, titles, f"Test images {through}")


def _some_images(view: View) -> tuple[Columns, list[str]]:
    """Ten test rows, of as many classes as there are, and the names of these."""
    columns, labels, target = view.columns["test"], view.labels["test"], view.layout.target
    rows = len(next(iter(columns.values())))
    chosen = np.unique(np.linspace(0, rows - 1, _IMAGES).astype(int))
    if target.class_names:
        first = np.unique(labels, return_index=True)[1]  # one of each class, then others from all over the split
        chosen = np.concatenate([first, np.setdiff1d(chosen, first)])[: len(chosen)]
    names = [target.names[labels[i]] if target.class_names else "" for i in chosen]
    return {name: values[chosen] for name, values in columns.items()}, names


def image_rows(rows: Mapping[str, np.ndarray], titles: Sequence[str], title: str) -> Figure:
    """A line of images [number, height, width, channels] in [0, 1] for each name, under the titles of its columns."""
    number = len(titles)
    figure, axes = new_figure(1.0 * number + 1.0, 1.05 * len(rows) + 0.7, len(rows), number, squeeze=False)
    for line, (name, images) in zip(axes, rows.items(), strict=True):
        for ax, image in zip(line, np.clip(images, 0, 1), strict=True):
            ax.imshow(image.squeeze(), cmap="gray" if image.shape[-1] == 1 else None, vmin=0, vmax=1)
            ax.set(xticks=[], yticks=[])
        line[0].set_ylabel(name, fontsize=9)
    for ax, text in zip(axes[0], titles, strict=True):
        ax.set_title(text, fontsize=8)
    figure.suptitle(title, fontsize=10)
    return figure


def _numbers(view: View, inputs: np.ndarray, made: np.ndarray, title: str) -> Figure:
    """Reconstructed over given numbers [rows, D], of each of the first features a panel."""
    given = np.asarray(view.layout.only.in_units(inputs))
    names = (view.layout.only.features or tuple(f"number {i + 1}" for i in range(given.shape[1])))[:_NUMBERS]
    figure, axes = new_panels(len(names), 3, (3.4, 3.2), (0.0, 0.4), TITLE_WIDTH)
    for i, (ax, name) in enumerate(zip(axes.flat, names, strict=False)):
        ends = [float(given[:, i].min()), float(given[:, i].max())]
        ax.plot(ends, ends, color="grey", linewidth=1, linestyle="--")
        ax.scatter(given[:, i], made[:, i], s=10, alpha=0.5)
        ax.set_xlabel(name, fontsize=9)
        ax.grid()
    for ax in axes[:, 0]:
        ax.set_ylabel("reconstructed", fontsize=9)
    first = f", the first {len(names)} of {given.shape[1]} numbers" if len(names) < given.shape[1] else ""
    figure.suptitle(title + first, fontsize=10)
    return figure


def principal(latents: np.ndarray) -> tuple[np.ndarray, float]:
    """The first two principal components [rows, 2] of latents [rows, d], and the share of the variance they have."""
    centred = np.asarray(latents, np.float64) - latents.mean(axis=0)
    _, deviations, directions = np.linalg.svd(centred, full_matrices=False)
    shares = deviations**2 / max(float(np.sum(deviations**2)), np.finfo(float).tiny)
    return centred @ directions[:2].T, float(shares[:2].sum())


def latent_scatter(view: View) -> Figure:
    """The test rows where the encoder puts them, coloured by class or by the first real.

    Of more than 2 latents their first two principal components; of a single one how often it takes which value.
    """
    latents = encoded(view, view.apply(view.columns["test"]))
    if latents.shape[1] == 1:
        return _histogram_of_classes(view, latents[:, 0])
    points, names, title = latents, ("latent 1", "latent 2"), "The two latents of the test rows"
    if latents.shape[1] > 2:
        points, share = principal(latents)
        names = ("first principal component", "second principal component")
        title = f"The first two principal components of {latents.shape[1]} latents\n"
        title += f"of the test rows: {share:.0%} of their variance"
    figure, ax = new_figure(6.4, 5.4)
    _coloured(view, ax, points)
    ax.set(xlabel=names[0], ylabel=names[1])
    ax.set_title(title, fontsize=10)
    ax.grid()
    return figure


def _coloured(view: View, ax: Axes, points: np.ndarray) -> None:
    """Points [rows, 2], and what their colours mean. Classes are drawn together, so that none hides the others."""
    labels, target = view.labels["test"], view.layout.target
    style: dict[str, Any] = {"s": 10, "alpha": 0.6, "linewidth": 0}
    if labels is None:
        ax.scatter(points[:, 0], points[:, 1], **style)
    elif 0 < len(target.class_names) <= _MANY_CLASSES:
        ax.scatter(points[:, 0], points[:, 1], color=_class_colors(target.size)[labels], **style)
        _legend(ax, target.names, _class_colors(target.size))
    else:
        values = np.asarray(labels).reshape(len(points), -1)[:, 0]
        drawn = ax.scatter(points[:, 0], points[:, 1], c=values, cmap="viridis", **style)
        label = "class number" if target.class_names else target.names[0]
        ax.figure.colorbar(drawn, ax=ax, label=label)


def _class_colors(number: int) -> np.ndarray:
    """RGBA [number, 4]: those of the style, and of more classes than it has others."""
    from matplotlib import colormaps
    from matplotlib.colors import to_rgba_array

    if number <= COLORS:
        return to_rgba_array([f"C{k}" for k in range(number)])
    return colormaps["tab20"](np.arange(number))


def _legend(ax: Axes, names: Sequence[str], colors: np.ndarray) -> None:
    """Names beside the axes, each with its colour."""
    marks = [ax.scatter([], [], color=color, s=24, label=name) for name, color in zip(names, colors, strict=True)]
    ax.legend(handles=marks, fontsize=8, loc="center left", bbox_to_anchor=(1.02, 0.5))


def _histogram_of_classes(view: View, latent: np.ndarray) -> Figure:
    """How often the only latent [rows] takes which value, the classes one upon the other."""
    labels, target = view.labels["test"], view.layout.target
    figure, ax = new_figure(6.4, 4.2)
    if 0 < len(target.class_names) <= _MANY_CLASSES:
        groups = [latent[labels == number] for number in range(target.size)]
        ax.hist(groups, bins=_BINS, stacked=True, color=_class_colors(target.size), label=list(target.names))
        ax.legend(fontsize=8, loc="center left", bbox_to_anchor=(1.02, 0.5))
    else:
        ax.hist(latent, bins=_BINS)
    ax.set(xlabel="latent", ylabel="test rows")
    ax.set_title("The only latent of the test rows", fontsize=10)
    return figure


def anomaly_scores(errors: np.ndarray, is_normal: np.ndarray, normal: str, held_out: np.ndarray) -> Figure | None:
    """How often rows of the class `normal` and the others have which error; None where there are not both.

    errors: float [rows]. is_normal: bool [rows]. held_out: errors of normal validation rows, of which a share of
    NORMAL lies below the threshold.
    """
    if is_normal.all() or not is_normal.any():
        return None
    from sklearn.metrics import roc_auc_score

    area = roc_auc_score(~is_normal, errors)
    clipped = np.minimum(errors, np.quantile(errors, 0.995))  # the few beyond it are counted in the last bin
    bins = np.histogram_bin_edges(clipped, _BINS)
    figure, ax = new_figure(6.4, 4.2)
    for mask, color, name in ((is_normal, "C0", f"normal: {normal}"), (~is_normal, "C3", "anomalies: all others")):
        shares = np.full(mask.sum(), 1 / mask.sum())
        ax.hist(clipped[mask], bins=bins, weights=shares, alpha=0.55, color=color, label=f"{name} ({mask.sum()} rows)")
    threshold = float(np.quantile(held_out, NORMAL))
    ax.axvline(threshold, color="black", linewidth=1, linestyle="--", label=f"threshold {threshold:.4g}")
    found, alarms = (np.mean(errors[mask] > threshold) for mask in (~is_normal, is_normal))
    ax.set(xlabel="error of reconstruction", ylabel="share of these test rows")
    ax.set_title(
        f"ROC area {area:.4f} on test. The threshold, below which {NORMAL:.0%} of the normal validation rows lie,\n"
        f"finds {found:.1%} of the anomalies of test, and takes {alarms:.1%} of its normal rows for some",
        fontsize=9,
    )
    ax.grid()
    ax.legend()
    return figure
