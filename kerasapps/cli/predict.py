"""Print what a run's model answers for new inputs."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from kerasapps.cli._inputs import read_inputs
from kerasapps.cli._run import load_run, run_parser
from kerasapps.cli._show import number, print_json, print_table

_WIDEST_ROW = 12


def run(arguments: list[str]) -> None:
    """Read the inputs, predict, and print a row for each."""
    parser = run_parser("predict", __doc__)
    parser.add_argument(
        "inputs",
        metavar="INPUT",
        nargs="+",
        help="CSV files with the input columns, or with a series that is to be forecast; or image files and .npy "
        "arrays; or WAV files, of which the beginning is heard, as long as the model takes; or texts, each one "
        "argument, and .txt files with one on each line; or name=value for each column; or the values in the order of "
        "the columns, or of time (after -- if one is such as -1e3)",
    )
    given = parser.parse_args(arguments)
    loaded = load_run(given.run)
    answer = loaded.predict(read_inputs(loaded.preprocess.spec, given.inputs))
    names = loaded.layout.target.names
    if given.json:
        print_json(list(records(answer, names)))
    else:
        print_table(given.run, *table(answer, names), wrapped=False)


def records(answer: Mapping[str, np.ndarray], names: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Each row's outputs by name; for class numbers also "class", the name."""
    for i in range(len(next(iter(answer.values())))):
        row = {name: values[i] for name, values in answer.items()}
        yield {**row, "class": names[int(row["classes"])]} if "classes" in row else row


def table(answer: Mapping[str, np.ndarray], names: Sequence[str]) -> tuple[list[str], list[list[str]]]:
    """Heads and rows: the class and the probabilities, or else every output."""
    rows = list(records(answer, names))
    if "classes" in answer and "probabilities" in answer:
        shown = names if len(names) <= _WIDEST_ROW else ()
        heads = ["row", "class", "probability", *shown]
        best = [[row["class"], row["probabilities"].max(), *row["probabilities"][: len(shown)]] for row in rows]
        return heads, [[str(i), *map(_text, cells)] for i, cells in enumerate(best)]
    flat = {name: values.reshape(len(values), -1) for name, values in answer.items()}
    heads = [head for name, values in flat.items() for head in _heads(name, values.shape[1], names)]
    cells = np.concatenate(list(flat.values()), axis=1)
    return ["row", *heads], [[str(i), *map(_text, row)] for i, row in enumerate(cells)]


def _heads(output: str, width: int, names: Sequence[str]) -> list[str]:
    if width == len(names):
        return list(names)
    return [output] if width == 1 else [f"{output}[{i}]" for i in range(width)]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else number(float(value))
