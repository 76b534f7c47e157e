"""Print what a run's model answers for new inputs; images that it makes become a picture."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kerasapps.cli._asked import read_arguments
from kerasapps.cli._inputs import read_inputs
from kerasapps.cli._run import load_run, run_parser
from kerasapps.cli._show import number, print_json, print_table
from kerasapps.errors import ConfigError, unknown_name

_WIDEST_ROW = 12
_OF_THE_TARGET = ("predictions", "probabilities", "logits")
ROWS = "rows"
"""What models that make rows call them, as kerasapps.generative has it."""


def run(arguments: list[str]) -> None:
    """Read the inputs, predict, and print a row for each."""
    parser = run_parser("predict", __doc__)
    parser.add_argument(
        "inputs",
        metavar="INPUT",
        nargs="*",
        help="CSV files with the input columns, or with a series that is to be forecast; or image files and .npy "
        "arrays; or WAV files, of which the beginning is heard, as long as the model takes; or texts, each one "
        "argument, and .txt files with one on each line; or name=value for each column; or the values in the order of "
        "the columns, or of time (after -- if one is such as -1e3). Of a model that takes none: name=value of what it "
        "can be told, such as seed=1",
    )
    parser.add_argument("--signature", default="serving_default", help="what is asked, such as sample of a run of vae")
    parser.add_argument("--output", type=Path, help="PNG file for images; by default plots/predicted.png of the run")
    given = parser.parse_intermixed_args(arguments)  # inputs before and after flags
    loaded = load_run(given.run)
    answer = loaded.ask(given.signature, _asked(loaded, given.signature, given.inputs))
    names = loaded.layout.target.names
    if given.json:
        print_json(list(records(answer, names)))
        return
    images = {name for name, values in answer.items() if values.ndim == 4}
    if given.output and not images:
        raise ConfigError(
            f"--output {given.output}: this answer has no images, only {', '.join(answer)}. Leave it out."
        )
    for name in images:
        print(_draw(answer[name], given.output or Path(given.run) / "plots" / "predicted.png"))
    numbers = {name: values for name, values in answer.items() if name not in images}
    if numbers:
        print_table(given.run, *table(numbers, names, loaded.layout.features), wrapped=False)


def _asked(loaded: Any, signature: str, given: Sequence[str]) -> dict[str, np.ndarray]:
    """Raw columns, or what the model can be told in their place; raises ConfigError for an unknown signature."""
    if signature not in loaded.signatures:
        raise unknown_name(f"signature of {loaded.app.name}", signature, loaded.signatures)
    arguments = loaded.signatures[signature].arguments
    if arguments:
        return read_arguments(arguments, loaded.layout.target.names, given)
    if not given:
        columns = ", ".join(column.name for column in loaded.preprocess.spec.inputs)
        raise ConfigError(f"No INPUT was given. Expected {columns}; `kerasapps predict --help` says how.")
    return read_inputs(loaded.preprocess.spec, given)


def _draw(images: np.ndarray, path: Path) -> Path:
    """Write images [rows, H, W, C] in [0, 1] side by side; raises ConfigError where that cannot be."""
    from kerasapps.figures.mosaic import mosaic

    if not len(images):
        raise ConfigError("No image was asked for. Expected at least one.")
    try:
        if path.parent.name == "plots":
            path.parent.mkdir(exist_ok=True)
        mosaic(images).save(path, "PNG")
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error}. Give another file with --output.") from error
    return path


def records(answer: Mapping[str, np.ndarray], names: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Each row's outputs by name; for class numbers also "class", the name."""
    for i in range(len(next(iter(answer.values())))):
        row = {name: values[i] for name, values in answer.items()}
        yield {**row, "class": names[int(row["classes"])]} if "classes" in row else row


def table(
    answer: Mapping[str, np.ndarray], names: Sequence[str], features: Sequence[str] = ()
) -> tuple[list[str], list[list[str]]]:
    """Heads and rows: the class and the probabilities, or else every output.

    names: of the target's classes or reals. features: of the inputs' numbers, which a model may make, too.
    """
    rows = list(records(answer, names))
    if "classes" in answer and "probabilities" in answer:
        shown = names if len(names) <= _WIDEST_ROW else ()
        heads = ["row", "class", "probability", *shown]
        best = [[row["class"], row["probabilities"].max(), *row["probabilities"][: len(shown)]] for row in rows]
        return heads, [[str(i), *map(_text, cells)] for i, cells in enumerate(best)]
    flat = {name: values.reshape(len(values), -1) for name, values in answer.items()}
    heads = [head for name, values in flat.items() for head in _heads(name, values.shape[1], names, features)]
    cells = np.concatenate(list(flat.values()), axis=1)
    return ["row", *heads], [[str(i), *map(_text, row)] for i, row in enumerate(cells)]


def _heads(output: str, width: int, names: Sequence[str], features: Sequence[str]) -> list[str]:
    own = features if output == ROWS else names if output in _OF_THE_TARGET else ()
    if width == len(own):
        return list(own)
    return [output] if width == 1 else [f"{output}[{i}]" for i in range(width)]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else number(float(value))
