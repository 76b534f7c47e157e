"""Figures of arrays. Every function returns a matplotlib Figure, drawn without pyplot and its global state."""

import itertools
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MANY_CLASSES = 30
_MANY_EPOCHS = 1000
_MARKED_EPOCHS = 20
_PAD = 0.08  # inches round each panel
_LETTERS_A_PANEL = 40
_LETTERS_AN_IMAGE = 24
_LETTERS_A_TICK = 16
_TITLE_WIDTH = 4.0  # inches
_LETTERS_A_LINE = 92
_LETTERS_A_NOTE = 30
_LINES_A_TEXT = 4
CALIBRATION_BINS = 15
_FORECAST_STYLES = (
    {"color": "C3", "linewidth": 1.6},
    {"color": "C0", "linewidth": 1.2, "linestyle": "--"},
    {"color": "C2", "linewidth": 1.2, "linestyle": "-."},
)
_HERTZ = (100, 300, 1000, 3000, 6000, 12000)


def _new(width: float, height: float, rows: int = 1, columns: int = 1, **grid: Any) -> tuple["Figure", Any]:
    """An empty figure of `width` x `height` inches and its axes: one, or an array [rows, columns]."""
    # Imported here because matplotlib costs a second that training without plots need not pay.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=120, layout="constrained")
    figure.get_layout_engine().set(w_pad=_PAD, h_pad=_PAD)
    FigureCanvasAgg(figure)
    return figure, figure.subplots(rows, columns, **grid)


def margin_range(values: np.ndarray, points: int) -> np.ndarray:
    """`points` evenly spaced numbers from a little below the least to a little above the greatest value."""
    low, high = float(np.min(values)), float(np.max(values))
    margin = 0.15 * (high - low) or 1.0
    return np.linspace(low - margin, high + margin, points)


def score_text(labels: np.ndarray, predictions: np.ndarray) -> str:
    """r2 and root mean squared error of reals [rows]: "r2 0.93, rmse 1.2"; no r2 where all labels are equal."""
    errors, spread = predictions - labels, labels - labels.mean()
    rmse = f"rmse {np.sqrt(np.mean(errors**2)):.4g}"
    return f"r2 {1 - np.sum(errors**2) / np.sum(spread**2):.3f}, {rmse}" if np.ptp(labels) > 0 else rmse


def learning_curves(history: Mapping[str, Sequence[float]]) -> "Figure":
    """One panel a metric, training and validation (val_...) together, over the epochs."""
    metrics = list(dict.fromkeys(name.removeprefix("val_") for name in history))
    figure, axes = _new(5 * len(metrics), 3.6, 1, len(metrics), squeeze=False)
    for ax, metric in zip(axes[0], metrics, strict=True):
        for name, label in ((metric, "training"), (f"val_{metric}", "validation")):
            if name in history:
                _curve(ax, history[name], label)
        ax.set(xlabel="epoch", ylabel=metric)
        ax.grid(alpha=0.3)
        ax.legend()
    return figure


def _curve(ax: "Axes", values: Sequence[float], label: str) -> None:
    """A line over the epochs; of many, on a logarithmic axis, since most of the course lies in the first."""
    epochs = np.arange(1, len(values) + 1)
    if len(epochs) > _MANY_EPOCHS:
        epochs = np.unique(np.geomspace(1, len(values), _MANY_EPOCHS).round().astype(int))
        ax.set_xscale("log")
    else:
        ax.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
    marker = "o" if len(epochs) <= _MARKED_EPOCHS else None
    ax.plot(epochs, np.asarray(values)[epochs - 1], label=label, marker=marker, markersize=3)


def fit_over_scatter(
    x: np.ndarray, y: np.ndarray, line_x: np.ndarray, line_y: np.ndarray, x_name: str, y_name: str, title: str
) -> "Figure":
    """Points (x, y) [rows] and the fitted line."""
    figure, ax = _new(6, 4.2)
    ax.scatter(x, y, s=16, alpha=0.6, label="training data")
    ax.plot(line_x, line_y, color="C3", linewidth=2, label="fit")
    ax.set(xlabel=x_name, ylabel=y_name, title=title)
    ax.grid(alpha=0.3)
    ax.legend()
    return figure


def sigmoid_over_points(
    x: np.ndarray,
    labels: np.ndarray,
    curve_x: np.ndarray,
    probabilities: np.ndarray,
    x_name: str,
    names: Sequence[str],
) -> "Figure":
    """Points (x, label 0 or 1) [rows] and the probability of class 1 along x; names are those of both classes."""
    figure, ax = _new(6, 4.2)
    for label in (0, 1):
        here = labels == label
        ax.scatter(x[here], labels[here], s=16, alpha=0.4, color=f"C{label}", label=names[label])
    ax.plot(curve_x, probabilities, color="C3", linewidth=2, label="probability")
    ax.axhline(0.5, color="grey", linewidth=0.8, linestyle="--")
    ax.set(xlabel=x_name, ylabel=f"P({names[1]})", title="Probability, and the test rows")
    ax.grid(alpha=0.3)
    ax.legend(loc="center right")
    return figure


def predicted_against_true(labels: np.ndarray, predictions: np.ndarray, names: Sequence[str]) -> "Figure":
    """Predictions over true values, both [rows, H], one panel with its scores for each of the H reals."""
    columns = min(3, len(names))
    rows = -(-len(names) // columns)
    figure, axes = _new(4.6 * columns, 4.8 * rows, rows, columns, squeeze=False)
    for ax in axes.flat[len(names) :]:
        ax.set_axis_off()
    for i, (ax, name) in enumerate(zip(axes.flat, names, strict=False)):
        ends = margin_range(np.concatenate([labels[:, i], predictions[:, i]]), 2)
        ax.plot(ends, ends, color="grey", linewidth=1, linestyle="--", label="exact")
        ax.scatter(labels[:, i], predictions[:, i], s=16, alpha=0.6)
        ax.set(xlabel=f"true {name}", ylabel=f"predicted {name}", xlim=ends, ylim=ends, aspect="equal")
        ax.set_title(score_text(labels[:, i], predictions[:, i]), fontsize=10)
        ax.grid(alpha=0.3)
        ax.legend()
    figure.suptitle("Predictions of the test rows", fontsize=11)
    return figure


def forecasts(
    series: np.ndarray, first: int, starts: np.ndarray, given: Mapping[str, np.ndarray], name: str, title: str
) -> "Figure":
    """A series [steps], numbered from `first` on, and forecasts [rows, H] by what made them.

    starts: the step that each row begins with [rows]; its line begins at the step before, from which it was made.
    """
    figure, ax = _new(9, 4)
    ax.plot(first + np.arange(len(series)), series, color="black", linewidth=1, label="true")
    known = series[starts - 1 - first]
    for (label, rows), style in zip(given.items(), _FORECAST_STYLES, strict=False):
        gap = np.full(len(rows), np.nan)  # between one line and the next
        steps = starts[:, None] - 1 + np.arange(rows.shape[1] + 2)
        ax.plot(steps.ravel(), np.column_stack([known, rows, gap]).ravel(), label=label, **style)
    ax.plot(starts - 1, known, "o", color="black", markersize=4, label="forecast from")
    if first < 0:
        ax.axvline(0, color="grey", linewidth=0.8, linestyle=":")
    ax.set(xlabel="steps since the first test window begins", ylabel=name, title=title)
    ax.grid(alpha=0.3)
    ax.legend()
    return figure


def errors_ahead(errors: Mapping[str, np.ndarray], name: str) -> "Figure":
    """Root mean squared error of each step ahead [H], by what made the forecast."""
    figure, ax = _new(6, 4.2)
    for (label, values), style in zip(errors.items(), _FORECAST_STYLES, strict=False):
        ax.plot(np.arange(1, len(values) + 1), values, label=label.replace("_", " "), marker="o", markersize=3, **style)
    ax.set(xlabel="steps ahead", ylabel=f"rmse of {name}", title="Errors of the forecasts on test", ylim=(0, None))
    ax.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
    ax.grid(alpha=0.3)
    ax.legend()
    return figure


def probability_bars(probabilities: np.ndarray, labels: np.ndarray, names: Sequence[str], title: str) -> "Figure":
    """A bar chart of the class probabilities [rows, K] of each row, the true class in another colour."""
    columns = min(3, len(labels))
    rows = -(-len(labels) // columns)
    width = max(3.2, 0.32 * len(names))
    figure, axes = _new(width * columns, 2.6 * rows, rows, columns, sharey=True, squeeze=False)
    for ax in axes.flat[len(labels) :]:
        ax.set_axis_off()
    for ax, row, label in zip(axes.flat, probabilities, labels, strict=False):
        colors = ["C2" if k == label else "C0" for k in range(len(names))]
        ax.bar(range(len(names)), row, color=colors)
        predicted = int(np.argmax(row))
        verdict = "right" if predicted == label else f"wrong: {names[predicted]}"
        ax.set_title(textwrap.fill(f"true: {names[label]}, {verdict}", _LETTERS_A_PANEL), fontsize=9)
        ax.set(ylim=(0, 1.05))
        _class_ticks(ax, "x", names)
    for ax in axes[:, 0]:
        ax.set_ylabel("probability")
    figure.suptitle(title, fontsize=11)
    return figure


def _class_ticks(ax: "Axes", which: str, names: Sequence[str]) -> None:
    if len(names) > _MANY_CLASSES:
        return
    names = [name if len(name) <= _LETTERS_A_TICK else f"{name[: _LETTERS_A_TICK - 1]}…" for name in names]
    longest = max(map(len, names))
    crowded = len(names) * longest > _LETTERS_A_PANEL or (len(names) > 4 and longest > 2)
    rotation = 60 if which == "x" and crowded else 0
    axis = ax.xaxis if which == "x" else ax.yaxis
    axis.set_ticks(range(len(names)), names, fontsize=8, rotation=rotation)


def decision_regions(
    points: np.ndarray,
    labels: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    probabilities: np.ndarray,
    names: Sequence[str],
    axis_names: Sequence[str],
) -> "Figure":
    """Points [rows, 2] over the likeliest class at each (second, first); probabilities [second, first, K].

    The fainter a region's colour, the less sure the model is.
    """
    from matplotlib.colors import to_rgba

    figure, ax = _new(5.4, 4.6)
    colors = np.array([to_rgba(f"C{k % 10}") for k in range(len(names))])
    image = colors[probabilities.argmax(axis=-1)]
    image[..., 3] = 0.1 + 0.5 * (probabilities.max(axis=-1) - 1 / len(names)) / (1 - 1 / len(names))
    extent = (first[0], first[-1], second[0], second[-1])
    ax.imshow(image, origin="lower", extent=extent, aspect="auto", interpolation="bilinear")
    for k, name in enumerate(names):
        here = labels == k
        ax.scatter(points[here, 0], points[here, 1], s=60, color=colors[k], edgecolor="black", label=str(name))
    ax.set(xlabel=axis_names[0], ylabel=axis_names[1], title="Likeliest class, and the training rows")
    ax.legend(title="class", framealpha=0.9)
    return figure


def confusion_matrix(labels: np.ndarray, predicted: np.ndarray, names: Sequence[str]) -> "Figure":
    """Counts of rows of each true class (down) and predicted class (across); colour is the share of the true class."""
    counts = np.zeros((len(names), len(names)), int)
    np.add.at(counts, (labels, predicted), 1)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    side = max(4.0, min(0.5 * len(names) + 1.5, 12))
    figure, ax = _new(side + 0.8, side)
    image = ax.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    figure.colorbar(image, ax=ax, label="share of the true class", shrink=0.85)
    if len(names) <= _MANY_CLASSES:
        for i, j in zip(*np.nonzero(counts), strict=True):
            color = "white" if shares[i, j] > 0.5 else "black"
            ax.text(j, i, counts[i, j], ha="center", va="center", color=color, fontsize=8)
    _class_ticks(ax, "x", names)
    _class_ticks(ax, "y", names)
    accuracy = np.trace(counts) / max(counts.sum(), 1)
    ax.set(xlabel="predicted", ylabel="true", title=f"accuracy {accuracy:.4f} of {counts.sum()} test rows")
    return figure


def image_grid(images: np.ndarray, titles: Sequence[str], title: str = "", columns: int = 5) -> "Figure":
    """Images [rows, height, width, channels], uint8 or in [0, 1], each under its title, so many beside each other."""
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    figure, axes = _new(max(1.9 * columns, _TITLE_WIDTH), 2.0 * rows + 0.4, rows, columns, squeeze=False)
    highest = 255 if images.dtype == np.uint8 else 1
    for ax in axes.flat:
        ax.set_axis_off()
    for ax, image, text in zip(axes.flat, images, titles, strict=False):
        ax.imshow(image.squeeze(), cmap="gray_r" if image.shape[-1] == 1 else None, vmin=0, vmax=highest)
        ax.set_title(textwrap.fill(text, _LETTERS_AN_IMAGE), fontsize=8)
    figure.suptitle(title, fontsize=10)
    return figure


def spectrogram_grid(
    spectrograms: np.ndarray, seconds: float, hertz: np.ndarray, titles: Sequence[str], title: str, columns: int
) -> "Figure":
    """Spectrograms [rows, frames, bands], 0 = -100 dB to 1 = 0 dB, of sounds of so many seconds, bands at `hertz`."""
    columns = min(columns, len(spectrograms))
    rows = -(-len(spectrograms) // columns)
    figure, axes = _new(max(2.6 * columns, _TITLE_WIDTH) + 0.9, 2.1 * rows + 0.5, rows, columns, squeeze=False)
    ticks = [value for value in _HERTZ if hertz[0] <= value <= hertz[-1]]
    bands = np.interp(ticks, hertz, np.arange(len(hertz)) + 0.5)
    for ax in axes.flat[len(spectrograms) :]:
        ax.set_axis_off()
    for i, (ax, values, text) in enumerate(zip(axes.flat, spectrograms, titles, strict=False)):
        image = ax.imshow(
            100 * values.T - 100,
            cmap="magma",
            vmin=-100,
            vmax=0,
            origin="lower",
            aspect="auto",
            extent=(0, seconds, 0, len(hertz)),
        )
        ax.set_title(text, fontsize=9)
        ax.set_yticks(bands, [f"{value:,}" for value in ticks] if i % columns == 0 else [])
        ax.tick_params(labelsize=8)
    for ax in axes[:, 0]:
        ax.set_ylabel("Hz", fontsize=9)
    for ax in axes.flat[max(0, len(spectrograms) - columns) : len(spectrograms)]:
        ax.set_xlabel("seconds", fontsize=9)
    figure.colorbar(image, ax=axes, label="dB", shrink=min(1.0, 1.5 / rows))
    figure.suptitle(title, fontsize=11)
    return figure


def filters(kernel: np.ndarray) -> "Figure":
    """Kernels [height, width, channels, number] of a first convolution.

    Three channels are shown as colours, others by their mean; red is positive and blue negative there.
    """
    number = kernel.shape[-1]
    columns = min(8, number)
    rows = -(-number // columns)
    figure, axes = _new(max(columns, _TITLE_WIDTH), rows + 0.4, rows, columns, squeeze=False)
    highest = float(np.abs(kernel).max()) or 1.0
    for ax in axes.flat:
        ax.set_axis_off()
    for ax, one in zip(axes.flat, np.moveaxis(kernel, -1, 0), strict=False):
        if one.shape[-1] == 3:
            ax.imshow(0.5 + 0.5 * one / highest)
        else:
            ax.imshow(one.mean(axis=-1), cmap="RdBu_r", vmin=-highest, vmax=highest)
    figure.suptitle(f"{number} kernels of the first convolution", fontsize=10)
    return figure


def reliability(probabilities: np.ndarray, true: np.ndarray, bins: int = CALIBRATION_BINS) -> tuple[np.ndarray, ...]:
    """Mean probability, share of what came true, and number of rows in each of the equal bins that has any.

    probabilities [rows], true [rows] 0 or 1. A bin is ((m - 1) / bins, m / bins]; the first also has 0.
    """
    number = np.clip(np.ceil(np.asarray(probabilities, np.float64) * bins).astype(int) - 1, 0, bins - 1)
    counts = np.bincount(number, minlength=bins)
    filled = counts > 0
    sums = [np.bincount(number, values, bins)[filled] for values in (probabilities, true)]
    return sums[0] / counts[filled], sums[1] / counts[filled], counts[filled]


def calibration_error(labels: np.ndarray, probabilities: np.ndarray, bins: int = CALIBRATION_BINS) -> float:
    """Expected calibration error: the mean over rows of |accuracy - confidence| of their bin.

    labels [rows], probabilities [rows, K]; the confidence is the predicted class's probability. Guo et al. 2017,
    arXiv:1706.04599, equations 2, 3 and 5.
    """
    confidence, right = probabilities.max(axis=-1), probabilities.argmax(axis=-1) == labels
    mean, share, counts = reliability(confidence, right, bins)
    return float(np.sum(counts * np.abs(share - mean)) / max(counts.sum(), 1))


def calibration(labels: np.ndarray, probabilities: np.ndarray, names: Sequence[str]) -> "Figure":
    """How often a class came true over its probability, and below how many rows had such a probability.

    labels [rows], probabilities [rows, K]: of two classes each is shown, of more the predicted one (the reliability
    diagram of Niculescu-Mizil and Caruana 2005); the title has the expected calibration error.
    """
    if len(names) == 2:
        shown = {name: (probabilities[:, k], labels == k) for k, name in enumerate(names)}
    else:
        shown = {"predicted class": (probabilities.max(axis=-1), probabilities.argmax(axis=-1) == labels)}
    figure, (upper, lower) = _new(5.2, 5.6, 2, 1, sharex=True, height_ratios=(3, 1))
    upper.plot([0, 1], [0, 1], color="grey", linewidth=1, linestyle="--", label="calibrated")
    for name, (values, true) in shown.items():
        mean, share, counts = reliability(values, true)
        upper.scatter(mean, share, s=10 + 120 * np.sqrt(counts / len(labels)), alpha=0.8, label=str(name))
    lower.hist([values for values, _ in shown.values()], bins=np.linspace(0, 1, CALIBRATION_BINS + 1), log=True)
    error = calibration_error(labels, probabilities)
    upper.set(ylabel="share that came true (larger: of more rows)", ylim=(-0.03, 1.03))
    upper.set_title(f"expected calibration error {error:.4f} of {len(labels)} test rows", fontsize=10)
    lower.set(xlabel="probability", ylabel="rows", xlim=(-0.03, 1.03), ylim=(0.5, None))
    for ax in (upper, lower):
        ax.grid(alpha=0.3)
    upper.legend(loc="upper left")
    return figure


def text_table(sections: Mapping[str, Sequence[tuple[str, str, str]]]) -> "Figure":
    """Texts in sections: heading -> (note, text, colour of the note); notes stand to the left, long texts are cut."""
    lines: list[tuple[str, ...]] = []
    for heading, rows in sections.items():
        lines += [("",) * 4] * bool(lines) + [(heading, "", "", "black"), ("",) * 4]
        lines += [line for row in rows for line in (*_text_lines(*row), ("",) * 4)]
    figure, ax = _new(10, 0.19 * len(lines) + 0.3)
    ax.set_axis_off()
    ax.set(xlim=(0, 1), ylim=(len(lines), 0))
    for y, (*cells, color) in enumerate(lines):
        styles = ({"x": 0.0, "weight": "bold"}, {"x": 0.0, "color": color}, {"x": 0.27})
        for cell, style in [pair for pair in zip(cells, styles, strict=True) if pair[0]]:
            # Not as mathematics, which is what a text with two dollar signs would be taken for.
            ax.text(s=cell, y=y + 0.5, va="center", fontsize=9, parse_math=False, **style)
    return figure


def _text_lines(note: str, text: str, color: str) -> list[tuple[str, ...]]:
    """A note and a text side by side, as lines of (no heading, note, text, colour)."""
    notes = textwrap.wrap(note, _LETTERS_A_NOTE)
    texts = textwrap.wrap(text, _LETTERS_A_LINE, max_lines=_LINES_A_TEXT, placeholder=" …")
    return [("", *pair, color) for pair in itertools.zip_longest(notes, texts, fillvalue="")]
