"""Trials of a search: their scores in their order, over each parameter, and over all parameters at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kerasapps.figures.canvas import Axes, Figure, new_figure, new_panels
from kerasapps.figures.classes import class_ticks, cut

_FAILED: dict[str, Any] = {"linestyle": "none", "marker": "x", "color": "C3", "clip_on": False}
_NONE_AT = -0.12
"""Below the axes of parallel coordinates lies what has no value there."""
_AXES = 7
"""Parameters that parallel coordinates have in a row."""
_GOLDEN, _SPREAD = 0.618, 0.4
_MARGIN = 0.05
"""Of an axis beyond each end of its range."""
_LETTERS, _MANY_NAMES, _MANY_TRIALS = 19, 12, 60
_BOX = {"facecolor": "white", "alpha": 0.7, "edgecolor": "none", "pad": 0.6}


@dataclass(frozen=True)
class Axis:
    """A score or a parameter, with its value of each trial.

    values: [trials], NaN where a trial has none. names: of a choice, whose values are 0, 1, ... is_log: whether it is
    drawn on a logarithmic scale. range: least and greatest value that is drawn; None = those of the trials.
    """

    name: str
    values: np.ndarray
    names: tuple[str, ...] = ()
    is_log: bool = False
    range: tuple[float, float] | None = None

    @property
    def ends(self) -> tuple[float, float]:
        """The least and the greatest value that is drawn: all of the range, and trials beyond it."""
        if self.names:
            return 0, len(self.names) - 1
        seen = [*self.values[~np.isnan(self.values)], *(self.range or ())]
        return min(seen), max(seen)

    def scaled(self) -> np.ndarray:
        """The values between 0 and 1, as they lie along the axis."""
        values = np.log(self.values) if self.is_log else self.values
        low, high = np.log(self.ends) if self.is_log else self.ends
        return (values - low) / (high - low) if high > low else np.where(np.isnan(values), np.nan, 0.5)


def history(trials: np.ndarray, score: Axis, best: np.ndarray) -> Figure:
    """Scores of the trials with these numbers, and the best one so far [trials]; NaN where there is none."""
    figure, ax = new_figure(7, 4.2)
    ax.plot(trials, score.values, "o", markersize=4, alpha=0.6, label="trial")
    ax.step(trials, best, where="post", color="C1", linewidth=1.6, label="best so far")
    _mark_failed(ax, trials, score, label="failed")
    _scale(ax, "y", score)
    ax.set(xlabel="trial", title="Scores in the order of the trials")
    ax.locator_params("x", integer=True, min_n_ticks=1)
    figure.legend(loc="outside lower center", ncols=3, frameon=False)  # inside it would hide trials
    return figure


def slices(trials: np.ndarray, score: Axis, parameters: Sequence[Axis]) -> Figure:
    """A panel a parameter: the scores over its values, later trials darker; below it where trials failed.

    Beside a value of a choice its trials are spread, so that none hides another.
    """
    figure, axes = new_panels(len(parameters), 4, (3.0, 2.7), around=(0.8, 0.0), least=4.5, sharey=True)
    spread = _SPREAD * (trials * _GOLDEN % 1 - 0.5)
    for ax, parameter in zip(axes.flat, parameters, strict=False):
        x = parameter.values + spread if parameter.names else parameter.values
        drawn = ax.scatter(x, score.values, s=18, c=trials, cmap="Blues", edgecolor="0.35", linewidth=0.3)
        _mark_failed(ax, x, score)
        _scale(ax, "y", score)
        _scale(ax, "x", parameter)
    for ax in axes[:, 1:].flat:
        ax.set_ylabel("")
    bar = figure.colorbar(drawn, ax=axes, label="trial", aspect=30, pad=0.02)
    bar.ax.locator_params("y", integer=True, min_n_ticks=1)
    return figure


def _mark_failed(ax: Axes, x: np.ndarray, score: Axis, label: str = "") -> None:
    """A cross on the lower edge at each x whose trial has no score."""
    failed = np.isnan(score.values) & ~np.isnan(x)
    if failed.any():
        places = np.zeros(failed.sum())
        ax.plot(x[failed], places, transform=ax.get_xaxis_transform(), label=label or None, **_FAILED)


def _scale(ax: Axes, which: str, axis: Axis) -> None:
    """The scale and the ticks of an axis, "x" or "y", and its name."""
    ax.set(**{f"{which}label": axis.name})
    ax.grid()
    if axis.names:
        class_ticks(ax, which, axis.names)
        ax.set(**{f"{which}lim": (-0.5, len(axis.names) - 0.5)})
        return
    least, greatest = axis.ends
    if axis.range and least < greatest:
        margin = (greatest / least) ** _MARGIN if axis.is_log else (greatest - least) * _MARGIN
        lowest, highest = (least / margin, greatest * margin) if axis.is_log else (least - margin, greatest + margin)
        ax.set(**{f"{which}lim": (lowest, highest)})
    if axis.is_log:
        ax.set(**{f"{which}scale": "log"})
        one = ax.xaxis if which == "x" else ax.yaxis
        one.set_major_formatter("{x:g}")  # by default formulas, which texts are not taken for
        one.set_minor_formatter("")
        if greatest < 100 * least:  # perhaps without a power of ten
            ends = np.geomspace(least, greatest, 3)
            one.set_ticks(ends, [f"{end:.2g}" for end in ends])


def parallel_coordinates(score: Axis, parameters: Sequence[Axis], sign: int) -> Figure:
    """A line a trial across an axis for each parameter and one for the score; better ones brighter, and on top.

    sign: 1 where higher scores are better, -1 where lower ones are. Failed trials are grey. What has no value on an
    axis passes below it. Many parameters stand in several rows, each with the score.
    """
    number = -(-len(parameters) // _AXES)
    size = -(-len(parameters) // number)
    rows = [parameters[i : i + size] for i in range(0, len(parameters), size)]
    figure, panels = new_figure(1.4 * (size + 1) + 0.6, 4.4 * number, number, 1, squeeze=False)
    for ax, row in zip(panels[:, 0], rows, strict=True):
        _lines(ax, [*row, score], sign)
    return figure


def _lines(ax: Axes, axes: Sequence[Axis], sign: int) -> None:
    """The lines across some axes, of which the last one is the score."""
    from matplotlib import colormaps

    ax.set_axis_off()
    ax.set(xlim=(-0.3, len(axes) - 0.3), ylim=(-0.2, 1.12))
    places = np.stack([axis.scaled() for axis in axes])
    goodness = places[-1] if sign > 0 else 1 - places[-1]
    drawn = np.where(np.isnan(places), _NONE_AT, places)
    faint = 1.0 if places.shape[1] <= _MANY_TRIALS else 0.5
    for trial in np.argsort(np.nan_to_num(goodness, nan=-1), kind="stable"):
        good = goodness[trial]
        style = {"color": colormaps["viridis"](good), "alpha": faint, "linewidth": 1 + 0.8 * good, "zorder": 2 + good}
        failed = {"color": "0.6", "linestyle": ":", "linewidth": 1, "zorder": 1}
        ax.plot(drawn[:, trial], **(failed if np.isnan(good) else style))
    for x, axis in enumerate(axes):
        _upright(ax, x, axis, "failed" if axis is axes[-1] else "inactive")


def _upright(ax: Axes, x: int, axis: Axis, missing: str) -> None:
    """One of the parallel axes: a line with its name above it and its values beside it; below it what is missing."""
    ax.plot([x, x], [0, 1], color="black", linewidth=1, zorder=4)
    ax.text(x, 1.06, cut(axis.name, _LETTERS), ha="center", fontsize=8, weight="bold")
    if np.isnan(axis.values).any():
        ax.text(x + 0.05, _NONE_AT, missing, va="center", fontsize=7, color="0.4", bbox=_BOX, zorder=5)
    for place, text in _ticks(axis):
        ax.plot([x - 0.03, x + 0.03], [place, place], color="black", linewidth=1, zorder=4)
        ax.text(x + 0.05, place, cut(text, _LETTERS - 5), va="center", fontsize=7, bbox=_BOX, zorder=5)


def _ticks(axis: Axis) -> list[tuple[float, str]]:
    """Places between 0 and 1 along an axis, and what stands there."""
    if axis.names:
        last = max(len(axis.names) - 1, 1)
        step = -(-len(axis.names) // _MANY_NAMES)
        places = [i / last if len(axis.names) > 1 else 0.5 for i in range(len(axis.names))]
        return list(zip(places, axis.names, strict=True))[::step]
    low, high = axis.ends
    if low == high:
        return [(0.5, f"{low:.4g}")]
    places = [0.0, 0.25, 0.5, 0.75, 1.0]
    values = np.geomspace(low, high, 5) if axis.is_log else np.linspace(low, high, 5)
    return [(place, f"{value:.3g}") for place, value in zip(places, values, strict=True)]
