"""What all figures begin and end with: an empty one, panels side by side, a range with margins, a file."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasapps.printable import printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from PIL import Image
else:  # annotations alone: matplotlib costs a second that training without plots need not pay
    Axes = Figure = Any

TITLE_WIDTH = 4.0
"""Inches that a title needs, however small the panels under it."""
_PAD = 0.08  # inches round each panel
_STYLE = Path(__file__).with_name("kerasapps.mplstyle")
_NOTE_SIZE, _NOTE_COLOR = 6, "0.45"
_FRAME_MILLISECONDS, _LAST_MILLISECONDS = 200, 2000


def new_figure(width: float, height: float, rows: int = 1, columns: int = 1, **grid: Any) -> tuple[Figure, Any]:
    """An empty figure of `width` x `height` inches and its axes: one, or an array [rows, columns]."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    layout = ConstrainedLayoutEngine(w_pad=_PAD, h_pad=_PAD)
    figure = Figure(figsize=(width, height), layout=layout)
    FigureCanvasAgg(figure)
    return figure, figure.subplots(rows, columns, **grid)


@contextmanager
def styled() -> Iterator[None]:
    """Figures that are made and drawn meanwhile look as kerasapps.mplstyle says; "$" in a text begins no formula.

    Letters that the font lacks are boxes: matplotlib would warn of each of them, as of each sign of a Chinese text.
    """
    import matplotlib

    with matplotlib.rc_context(fname=_STYLE), warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph \d+ .*missing from font", UserWarning)
        yield


def escape_controls(figure: Figure) -> None:
    """Show control characters in the texts of a figure by their codes; matplotlib has no glyphs of them, and warns."""
    from matplotlib.text import Text

    for axis in [axis for ax in figure.axes for axis in (ax.xaxis, ax.yaxis)]:
        labels = [label.get_text() for label in axis.get_ticklabels()]
        if labels != (shown := [printable(label) for label in labels]):
            axis.set_ticks(axis.get_ticklocs(), shown)  # else they are made anew while the figure is drawn
    for text in figure.findobj(Text):
        text.set_text(printable(text.get_text()))


def save(figure: Figure, path: Path, note: str = "") -> Path:
    """Write a figure as PNG, under `styled` as it was made; note: what its lower edge says in small print."""
    _finish(figure, note)
    figure.savefig(path, bbox_inches="tight")  # images keep their proportions and leave bands beside them
    return path


def save_animation(figures: Sequence[Figure], path: Path, note: str = "") -> Path:
    """Write figures of one size as a GIF that begins anew after it has rested on the last one; see `save`."""
    frames = [_frame(figure, note) for figure in figures]
    pauses = [_FRAME_MILLISECONDS] * (len(frames) - 1) + [_LAST_MILLISECONDS]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=pauses, loop=0)
    return path


def _finish(figure: Figure, note: str) -> None:
    """Write the note below all that is drawn, and controls by their codes."""
    if note:
        figure.supxlabel(note, x=0.99, ha="right", fontsize=_NOTE_SIZE, color=_NOTE_COLOR)
    escape_controls(figure)


def _frame(figure: Figure, note: str) -> "Image.Image":
    """What is drawn of a figure, RGB."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image

    _finish(figure, note)
    canvas = figure.canvas
    assert isinstance(canvas, FigureCanvasAgg)
    canvas.draw()
    return Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3].copy())


def new_panels(
    number: int,
    columns: int,
    size: tuple[float, float],
    around: tuple[float, float] = (0.0, 0.0),
    least: float = 0.0,
    **grid: Any,
) -> tuple[Figure, np.ndarray]:
    """A figure of `number` panels, at most `columns` side by side, and its axes [rows, columns], the unused ones off.

    In inches: size, a panel's width and height; around, what is added for whatever stands beside all panels; least,
    the width of all panels together where theirs is less.
    """
    columns = min(columns, number)
    rows = -(-number // columns)
    width, height = max(size[0] * columns, least) + around[0], size[1] * rows + around[1]
    figure, axes = new_figure(width, height, rows, columns, squeeze=False, **grid)
    for ax in axes.flat[number:]:
        ax.set_axis_off()
    return figure, axes


def margin_range(values: np.ndarray, points: int) -> np.ndarray:
    """`points` evenly spaced numbers from a little below the least to a little above the greatest value."""
    low, high = float(np.nanmin(values)), float(np.nanmax(values))  # missing ones are not drawn
    margin = 0.15 * (high - low) or 1.0
    return np.linspace(low - margin, high + margin, points)
