"""Print what a run's model answers for new inputs; images that it makes become a picture."""

import argparse
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kerasapps.cli._inputs import read_arguments
from kerasapps.cli._run import load_run, run_parser
from kerasapps.cli._show import (
    is_classified,
    number,
    print_json,
    print_note,
    print_paths,
    print_table,
    records,
    table,
    table_of_classes,
    write_table,
)
from kerasapps.data.inputs import read_inputs
from kerasapps.data.kinds import kind_of
from kerasapps.errors import ConfigError, unknown_name

if TYPE_CHECKING:
    from kerasapps.runs.run import Run

_ROOM = 30
"""Numbers of one answer that a table shows beside others."""
_MOST_SERIES = 5
"""Forecasts that stand beside each other, a line for each date."""
_OUTPUT = "PNG file for images, by default plots/predicted.png of the run; or .csv for numbers, which are printed else"


def parser() -> argparse.ArgumentParser:
    """The parser of the arguments of `kerasapps predict`."""
    made = run_parser("predict", __doc__)
    made.add_argument(
        "inputs",
        metavar="INPUT",
        nargs="*",
        help="CSV files with the input columns or a series. Or image files and .npy arrays. Or WAV files: what is "
        "longer than the model's input is cut. Or texts, each one argument, and .txt files with a text on each line. "
        "Or name=value for each column. Or the values in the order of the columns, or of time; put -- before values "
        "such as -1e3. Models without inputs take arguments as name=value, such as seed=1.",
    )
    made.add_argument(
        "--signature", default="serving_default", help="signature to call, such as sample of a run of vae"
    )
    made.add_argument(
        "--all", action="store_true", help="show all classes with probabilities and logits, and long answers in full"
    )
    made.add_argument("--output", type=Path, help=_OUTPUT)
    return made


def run(arguments: list[str]) -> None:
    """Read the inputs, predict, and print a row for each."""
    given = parser().parse_intermixed_args(arguments)  # inputs before and after flags
    loaded = load_run(given.run)
    answer = loaded.ask(given.signature, _asked(loaded, given.signature, given.inputs))
    dates = _dates(loaded, given.inputs)
    if given.output or not given.json:
        _show(loaded, answer, given.output, dates, given.all)
    if given.json:
        print_json([row | ({"dates": dates} if dates else {}) for row in records(answer)])


def _dates(loaded: "Run", given: Sequence[str]) -> tuple[str, ...]:
    """Of a forecast the dates of its steps, where the series that were given have dates."""
    inputs, layout = loaded.preprocess.spec.inputs, loaded.layout
    return kind_of(inputs[0]).following(inputs[0], given, layout.target.size) if layout.forecast else ()


def _show(
    loaded: "Run", answer: Mapping[str, np.ndarray], output: Path | None, dates: Sequence[str], everything: bool
) -> None:
    """Draw images, and print numbers or write them where `output` is a table.

    dates: see `_dates`. everything: all probabilities of a classifier.
    """
    images = {name: values for name, values in answer.items() if values.ndim == 4}
    numbers = {name: values for name, values in answer.items() if name not in images}
    about = (dates or loaded.layout.target.names, loaded.layout.features)
    as_table = _is_table(output, images, numbers)
    picture = loaded.directory / "plots" / "predicted.png" if output is None or as_table else output
    for values in images.values():
        if len(values):
            print_paths([_draw(values, picture)])
        else:
            print_note("No rows were given, so no picture is drawn.")
    if output is not None and as_table:
        print_paths([write_table(output, numbers, *about)])
    elif everything and is_classified(numbers):
        print_table(str(loaded.directory), *table_of_classes(numbers, loaded.layout.target.names))
    elif numbers:
        short = numbers if everything or is_classified(numbers) else _short(numbers)
        few = dates and len(numbers["predictions"]) <= _MOST_SERIES
        shown = _by_date(loaded, numbers["predictions"], dates) if few else table(short, *about)
        print_table(str(loaded.directory), *shown)
        if left := numbers.keys() - short.keys():
            print_note(f"left out, as they are long: {', '.join(sorted(left))}. --all shows them.")


def _by_date(loaded: "Run", predictions: np.ndarray, dates: Sequence[str]) -> tuple[list[str], list[list[str]]]:
    """Heads and rows of forecasts [rows, H]: a line for each date, a column for each row that was given."""
    name = loaded.preprocess.spec.inputs[0].title
    heads = [name] if len(predictions) == 1 else [f"row {i}" for i in range(len(predictions))]
    return ["date", *heads], [
        [date, *map(number, values)] for date, values in zip(dates, predictions.T.tolist(), strict=True)
    ]


def _short(numbers: Mapping[str, np.ndarray]) -> Mapping[str, np.ndarray]:
    """Those that a terminal has room for, where there are any; else all. Beside a text that is one number a row."""
    room = 1 if any(values.dtype == object for values in numbers.values()) else _ROOM
    return {name: values for name, values in numbers.items() if values[:1].size <= room} or numbers


def _is_table(output: Path | None, images: Iterable[str], numbers: Iterable[str]) -> bool:
    """Whether --output is a table and no picture; raises ConfigError where the answer, by its names, has no such."""
    as_table = output is not None and output.suffix.lower() == ".csv"
    if output and not (numbers if as_table else images):
        has = f"images alone, {', '.join(images)}. Give a .png file"
        has_no = f"no images, only {', '.join(numbers)}. Give a .csv file, or none"
        raise ConfigError(f"--output {output}: this answer has {has if as_table else has_no}.")
    return as_table


def _asked(loaded: "Run", signature: str, given: Sequence[str]) -> dict[str, np.ndarray]:
    """Raw columns and arguments, as the signature takes them; raises ConfigError for an unknown signature."""
    if signature not in loaded.signatures:
        raise unknown_name(f"signature of {loaded.app.name}", signature, loaded.signatures)
    asked = loaded.signatures[signature]
    if not asked.columns:
        return read_arguments(asked.arguments, given)
    arguments = [text for text in given if text.partition("=")[0] in asked.arguments]
    inputs = [text for text in given if text not in arguments]
    if not inputs:
        raise ConfigError(
            f"No INPUT was given. Expected {', '.join(asked.columns)}; `kerasapps predict --help` says how."
        )
    columns = read_inputs(loaded.preprocess.spec, inputs, loaded.preprocess.statistics)
    return {**columns, **read_arguments(asked.arguments, arguments)}


def _draw(images: np.ndarray, path: Path) -> Path:
    """Write images [rows, H, W, C] in [0, 1] side by side; raises ConfigError where that cannot be."""
    from kerasapps.figures.images import mosaic

    try:
        if path.parent.name == "plots":
            path.parent.mkdir(exist_ok=True)
        mosaic(images).save(path, "PNG")
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error}. Give another file with --output.") from error
    return path
