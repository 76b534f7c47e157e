"""What a search has found, as files for people, spreadsheets and TensorBoard."""

from collections.abc import Iterator
from pathlib import Path

from kerasapps.data.cells import write_csv
from kerasapps.errors import ConfigError
from kerasapps.figures.canvas import save, styled
from kerasapps.tuning.found import Found, read_found
from kerasapps.tuning.page import page
from kerasapps.tuning.plots import plots_of
from kerasapps.tuning.tensorboard import write_summaries

_OWN = ("trial", "score", "epochs", "seconds", "reason", "stopped")


def report(directory: str | Path) -> list[Path]:
    """Write report.html, plots/, trials.csv and tensorboard/ into the directory of a search; returns their paths.

    Raises CheckpointError where there is no search, ConfigError where they cannot be written.
    """
    found = read_found(Path(directory).absolute())
    try:
        plots = list(_drawn(found))
        return [_page(found, plots), *plots, write_trials(found), write_summaries(found)]
    except OSError as error:
        raise ConfigError(
            f"The report of {directory} cannot be written: {error}. Make room, or copy the search elsewhere."
        ) from error


def _drawn(found: Found) -> Iterator[Path]:
    folder = found.directory / "plots"
    folder.mkdir(exist_ok=True)
    with styled():
        for name, figure in plots_of(found).items():
            yield save(figure, folder / f"{name}.png")


def _page(found: Found, plots: list[Path]) -> Path:
    path = found.directory / "report.html"
    path.write_text(page(found, {plot.stem: plot.read_bytes() for plot in plots}), encoding="utf-8")
    return path


def write_trials(found: Found) -> Path:
    """trials.csv: each trial with the values of its parameters and its metrics of the validation rows, val_<name>.

    scores: of its runs, where it has several. A parameter with the name of another column has a _ behind it.
    """
    outcomes = [outcome for _, outcome in sorted(found.outcomes.items())]
    names = [parameter.name for parameter in found.parameters]
    metrics = list(dict.fromkeys(name for outcome in outcomes for name in outcome.metrics))
    rows = [
        [getattr(each, name) for name in _OWN]
        + [" ".join(map(str, each.scores)) if len(each.scores) > 1 else None]
        + [each.values.get(name) for name in names]
        + [each.metrics.get(name) for name in metrics]
        for each in outcomes
    ]
    own, measured = (*_OWN, "scores"), [f"val_{name}" for name in metrics]
    named = [f"{name}_" if name in (*own, *measured) else name for name in names]
    return write_csv(found.directory / "trials.csv", [[*own, *named, *measured], *rows])
