"""How an exported file is asked, as lines of Python to be pasted."""

import keyword
from pathlib import Path

import numpy as np

from kerasapps.data.kinds import kind_of
from kerasapps.data.preprocess import Preprocess
from kerasapps.data.spec import Column
from kerasapps.exporters.examples import examples
from kerasapps.runs.run import Run

_WIDEST = 100
SIGNATURE = "serving_default"


def usage(run: Run, path: Path) -> str:
    """Lines that load the SavedModel of `run` at `path` and ask it with an example of each input."""
    given = _given(run, SIGNATURE)
    return "\n".join(
        (
            "import tensorflow as tf",
            f"model = tf.saved_model.load({str(path)!r})",
            f'ask = model.signatures["{SIGNATURE}"]',
            f"answer = ask({_arguments(given)})",
            "print({name: values.numpy() for name, values in answer.items()})",
        )
    )


def others(run: Run) -> str:
    """Lines that ask the further signatures of `model`, with an example of each input; empty where there are none."""
    names = [name for name in run.signatures if name != SIGNATURE]
    return "\n".join(f'model.signatures["{name}"]({_arguments(_given(run, name))})' for name in names)


def _given(run: Run, signature: str) -> dict[str, str]:
    """An example of each input of a signature."""
    asked = run.signatures[signature]
    given = _of_columns(run.preprocess) if asked.columns else {}
    return given | {name: _constant(example) for name, example in asked.examples.items()}


def _of_columns(preprocess: Preprocess) -> dict[str, str]:
    """A row of each column."""
    made = examples(preprocess, 1)
    return {column.name: _row(column, made[column.name]) for column in preprocess.spec.inputs}


def _row(column: Column, example: np.ndarray) -> str:
    """Zeros for what has a shape, such as an image; else a value like those of training."""
    dtype = kind_of(column).dtype
    if column.shape:
        return f"tf.zeros({[1, *column.shape]}, tf.{dtype})"
    return _constant(np.asarray(example, object if dtype == "string" else dtype))


def _constant(example: np.ndarray) -> str:
    """A tensor of texts, or of numbers with four digits."""
    if example.dtype == object:
        return f"tf.constant({example.tolist()!r})"
    if example.size > _WIDEST:
        return f"tf.zeros({list(example.shape)}, tf.{example.dtype})"
    short = np.vectorize(lambda number: float(f"{number:.4g}"), otypes=[float])
    values = short(example) if example.dtype.kind == "f" else example
    return f"tf.constant({values.tolist()!r}, tf.{example.dtype})"


def _arguments(given: dict[str, str]) -> str:
    """By keyword, where Python has such; of many each on a line of its own."""
    plain = all(name.isidentifier() and not keyword.iskeyword(name) for name in given)
    parts = [f"{name}={value}" if plain else f"{name!r}: {value}" for name, value in given.items()]
    line = ", ".join(parts)
    listed = line if len(line) < _WIDEST else "\n    " + ",\n    ".join(parts) + ",\n"
    return listed if plain else f"**{{{listed}}}"
