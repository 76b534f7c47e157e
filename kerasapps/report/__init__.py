"""Plots of a finished run, and a page with all that is known of it, written into its directory."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from kerasapps.app import View
from kerasapps.distribute.cluster import chief_writes
from kerasapps.errors import ConfigError, MissingData
from kerasapps.figures.canvas import save, save_animation, styled
from kerasapps.plots import training
from kerasapps.report.page import page
from kerasapps.report.view import view_of
from kerasapps.runs.run import Run


class Drawn(NamedTuple):
    """The file of a plot, and what it shows."""

    path: Path
    caption: str


def report(run: Run) -> list[Path]:
    """Write report.html and the plots in it into the run's directory; returns the files written.

    Where the data are gone, the plots are those that need none; a warning names the place. Of several workers number 0
    alone writes. Raises ConfigError where that cannot be.
    """
    path = run.directory / "report.html"
    if chief_writes(str(path)):
        return []
    drawn = draw(run)
    try:
        pictures = [(each.caption, each.path.read_bytes()) for each in drawn]
        path.write_text(page(run, pictures), encoding="utf-8")
    except OSError as error:
        raise _refused(run, error) from error
    return [path, *(each.path for each in drawn)]


def draw(run: Run) -> list[Drawn]:
    """Draw the learning curves and the app's plots into plots/ of the run's directory, as `report` does."""
    folder = run.directory / "plots"
    if chief_writes(str(folder)):
        return []
    view = view_of(run)
    try:
        folder.mkdir(exist_ok=True)
        with styled():
            return list(_drawn(run, view, folder))
    except OSError as error:
        raise _refused(run, error) from error


def _refused(run: Run, error: OSError) -> ConfigError:
    return ConfigError(
        f"The report of {run.directory} cannot be written: {error}. Make room, or copy the run elsewhere."
    )


def _drawn(run: Run, view: View, folder: Path) -> Iterator[Drawn]:
    """Each plot that the run's data allow."""
    note = f"{run.app.name} on {Path(run.options.source).name}, {run.directory.name}"
    for name, plot in {"learning_curves": training.learning_curves, **run.app.plots}.items():
        figure = _figure(plot, view)
        if isinstance(figure, list):
            yield Drawn(save_animation(figure, folder / f"{name}.gif", note), _caption(plot, name))
        elif figure is not None:
            yield Drawn(save(figure, folder / f"{name}.png", note), _caption(plot, name))


def _figure(plot: Callable[[View], Any], view: View) -> Any:
    """The plot, or None where it needs data that are gone."""
    try:
        return plot(view)
    except MissingData:
        return None


def _caption(plot: Callable[[View], Any], name: str) -> str:
    """The first line of a plot's docstring; without one, its name."""
    return (plot.__doc__ or name.replace("_", " ")).strip().partition("\n")[0]
