"""Plots of a latent space whose prior is standard normal: View -> Figure, or None where rows are no images.

The task has encode, decode (images in [0, 1]), and posterior, inputs [batch, ...] -> (z_mean, z_log_var) [batch, d].
"""

from statistics import NormalDist

import numpy as np

from kerasapps.app import View
from kerasapps.figures.canvas import Axes, Figure, new_figure
from kerasapps.figures.images import draw_tiled
from kerasapps.losses import likelihood
from kerasapps.plots.encoded import decoded, encoded

_LINES = 8
_STEPS = 9
_SIDE = 16
_ROWS = 1024


def interpolation(view: View) -> Figure | None:
    """What lies between the mean latents of two test rows, on a straight line; both images beside it."""
    if view.layout.only.form != "image":
        return None
    first, last = _pairs(view)
    shares = np.linspace(0, 1, _STEPS, dtype=np.float32)[None, :, None]
    between = (1 - shares) * encoded(view, first)[:, None] + shares * encoded(view, last)[:, None]
    made = decoded(view, between.reshape(-1, between.shape[-1])).reshape(len(first), _STEPS, *first.shape[1:])
    lines = np.concatenate([first[:, None], made, last[:, None]], axis=1)
    figure, ax = new_figure(6.0, 0.6 + 6.0 * _height(view, len(first)) / _width(view, _STEPS + 2))
    draw_tiled(ax, lines.reshape(-1, *first.shape[1:]), _STEPS + 2)
    ax.set_xticks([(_width(view, 1)) * (at + 0.5) for at in (0, (_STEPS + 1) / 2, _STEPS + 1)])
    ax.set_xticklabels(["given", "decoded", "given"], fontsize=8)
    figure.suptitle("Between the latents of test images", fontsize=10)
    return figure


def manifold(view: View) -> Figure | None:
    """The means of p(x|z) over two latents, at as many quantiles of the prior each; other latents are 0.

    Of more than two those of the largest KL divergence on test; of one a line.
    """
    if view.layout.only.form != "image":
        return None
    divergence = divergences(view)
    chosen, number = np.sort(np.argsort(-divergence, kind="stable")[:2]), len(divergence)
    figure, ax = new_figure(6.0, 6.5 if number > 1 else 1.2)
    draw_tiled(ax, decoded(view, plane(chosen, number)), _SIDE)
    names = [f"latent {latent + 1}" for latent in chosen]
    ax.set_xlabel(names[0], fontsize=9)
    _quantile_ticks(ax, view, number)
    if number > 1:
        ax.set_ylabel(names[1], fontsize=9)
    of_all = f"\n{' and '.join(names)} of {number}:\nthose of the largest KL divergence on test, the others 0"
    figure.suptitle("Means of p(x|z) at quantiles of the prior" + (of_all if number > 2 else ""), fontsize=10)
    return figure


def divergences(view: View) -> np.ndarray:
    """KL divergence of each latent in nats [d], mean over test rows."""
    rows = view.apply({name: values[:_ROWS] for name, values in view.columns["test"].items()})
    return np.asarray(likelihood.kl(*view.task.posterior(rows))).mean(axis=0)


def quantiles() -> np.ndarray:
    """Standard normal numbers [_SIDE] of equal probability between each other, ascending."""
    return np.array([NormalDist().inv_cdf((i + 0.5) / _SIDE) for i in range(_SIDE)], np.float32)


def plane(chosen: np.ndarray, number: int) -> np.ndarray:
    """`number` latents, of which those `chosen`, two or the only one, take all quantiles: [points, number].

    Points lie as they are drawn, line by line: the first grows to the right, the second upwards.
    """
    first, second = np.meshgrid(quantiles(), quantiles()[::-1] if len(chosen) > 1 else [0.0])
    points = np.zeros((first.size, number), np.float32)
    for latent, values in zip(chosen, (first, second), strict=False):
        points[:, latent] = values.ravel()
    return points


def _pairs(view: View) -> tuple[np.ndarray, np.ndarray]:
    """Model inputs of test rows from all over the split, and of others: two of `_LINES` images at most."""
    columns = view.columns["test"]
    rows = len(next(iter(columns.values())))
    number = max(1, min(_LINES, rows // 2))
    chosen = np.linspace(0, rows - 1, 2 * number).astype(int)
    images = view.apply({name: values[chosen] for name, values in columns.items()})
    return images[:number], images[number:]


def _height(view: View, lines: int) -> int:
    return (view.layout.only.shape[0] + 1) * lines


def _width(view: View, columns: int) -> int:
    return (view.layout.only.shape[1] + 1) * columns


def _quantile_ticks(ax: Axes, view: View, number: int) -> None:
    """Values of the latents beside some of the images."""
    shown, values = range(0, _SIDE, 3), quantiles()
    texts = [f"{values[i]:.1f}" for i in shown]
    ax.set_xticks([_width(view, 1) * (i + 0.5) for i in shown], texts)
    if number > 1:
        ax.set_yticks([_height(view, 1) * (_SIDE - i - 0.5) for i in shown], texts)
