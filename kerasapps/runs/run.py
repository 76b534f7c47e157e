"""A run: its directory on disk, and what can be asked of it once trained."""

import dataclasses
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from kerasapps.app import App, Parts, Signature, Task, signatures_of
from kerasapps.arguments import checked
from kerasapps.data.check import check_columns
from kerasapps.data.fingerprint import Fingerprint, check_same, fingerprint_of
from kerasapps.data.inputs import Inputs, by_name, rows_of
from kerasapps.data.kinds import kind_of
from kerasapps.data.missing import MissingValues, asked_note, marked, mended
from kerasapps.data.pipeline import number_of_rows
from kerasapps.data.preprocess import Preprocess
from kerasapps.data.rows import check_there, open_rows
from kerasapps.data.spec import Columns, Layout, Spec
from kerasapps.data.split import Rows
from kerasapps.data.thinning import KEPT_BYTES, Kept
from kerasapps.engine.evaluation import EVALUATION_BATCH, Evaluation
from kerasapps.errors import ConfigError, missing_columns, unknown_name
from kerasapps.hparams import Hparams
from kerasapps.runs.directory import read_config, read_fingerprints
from kerasapps.runs.migrate import KEEPS_EQUAL_INPUTS
from kerasapps.runs.options import Options

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True, repr=False)
class Run:
    """A trained run: its models, settings and results.

    Attributes:
        directory: Where the run lies.
        app: The application.
        options: Settings of the run.
        hparams: Settings of the training.
        preprocess: What turns raw columns into inputs of the model.
        parts: The keras.Models by name, with the weights that were kept.
        record: What record.json says: metrics, times, versions.
        draw: Function that writes the report.
    """

    directory: Path
    app: App
    options: Options
    hparams: Hparams
    preprocess: Preprocess
    parts: Parts
    record: dict[str, Any]
    draw: Callable[["Run"], list[Path]]

    def __repr__(self) -> str:
        status = self.record.get("status", "interrupted")
        about = [f"{self.app.name} on {self.options.data}", status, *self._scores(), repr(str(self.directory))]
        return f"Run({', '.join(about)})"

    def _scores(self) -> Iterator[str]:
        """The monitored metric of the best epoch, and this metric on the test rows."""
        monitor, best = self.hparams.monitor, self.record.get("best_epoch")
        values, name = self.record.get("history", {}).get(monitor, []), monitor.removeprefix("val_")
        if best and best <= len(values):
            yield f"{monitor} {values[best - 1]:.4g}"
        if name in self.record.get("test", {}):
            yield f"test {name} {self.record['test'][name]:.4g}"

    @property
    def layout(self) -> Layout:
        """What the model gets."""
        return self.preprocess.layout

    @property
    def model(self) -> Any:
        """The only keras.Model of the run.

        Raises:
            ConfigError: The application has several models; see `parts`.
        """
        if "model" not in self.parts:
            raise ConfigError(f"{self.app.name} has several models: run.parts has {', '.join(self.parts)}.")
        return self.parts["model"]

    @property
    def history(self) -> "pandas.DataFrame":
        """The metrics of each epoch: a pandas.DataFrame with the index "epoch", which begins with 1.

        `run.history.plot()` draws them. `run.record["history"]` has the same values as lists by name.
        """
        import pandas

        history = pandas.DataFrame(self.record.get("history", {}))
        return history.set_axis(pandas.RangeIndex(1, len(history) + 1, name="epoch"))

    def report(self) -> list[Path]:
        """Write report.html and the plots into the run's directory.

        Returns:
            The paths of the files.
        """
        return self.draw(self)

    @cached_property
    def rows(self) -> dict[str, Rows]:
        """train, validation and test rows; reads the source at first use. Raises MissingData where it is gone."""
        check_there(self.options)
        return rows_of_run(self.directory, self.options, self.preprocess.spec)

    def rows_of(self, split: str) -> Rows:
        """The rows of a split; raises ConfigError for an unknown one."""
        if split not in self.rows:
            raise unknown_name("split", split, self.rows)
        return self.rows[split]

    def evaluate(self, split: str = "test") -> dict[str, float]:
        """Compute the metrics over all rows of a split.

        The rows are read in pieces. Scores that need all of them at once, such as F1, are computed on every n-th row
        where there are too many for memory.

        Args:
            split: "train", "validation" or "test".

        Returns:
            The value of each metric by its name.

        Raises:
            ConfigError: There is no such split.
            DataError: The rows have changed since training, or cannot be read.
        """
        pieces = (
            {"inputs": self.preprocess.apply(piece), **self.preprocess.answers(piece)} for piece in self._pieces(split)
        )
        return Evaluation(self.task).of_pieces(len(self.rows_of(split)), pieces)

    def read(self, split: str, limit: int = KEPT_BYTES, beside: int = 0) -> Columns:
        """Read the raw rows of a split.

        Args:
            split: "train", "validation" or "test".
            limit: Bytes. Of rows that take more, only every n-th is returned.
            beside: Bytes that you will compute from each row and hold as well.

        Returns:
            A NumPy array of each column, by its name.

        Raises:
            ConfigError: There is no such split.
            DataError: The rows have changed since training, or cannot be read.
        """
        kept = Kept(len(self.rows_of(split)), limit, beside)
        for piece in self._pieces(split):
            kept.add(piece)
        return kept.whole()

    def _pieces(self, split: str) -> Iterator[Columns]:
        """All raw rows of a split in pieces; raises DataError at their end where they are not those of training."""
        fingerprint = Fingerprint()
        for piece in self.rows_of(split).pieces():
            fingerprint.add(piece)
            yield piece
        check_same(self.options.source, split, fingerprint.summary(), read_fingerprints(self.directory)[split])

    @cached_property
    def task(self) -> Task:
        """What the application does with its models."""
        return self.app.task(self.parts, self.hparams, self.layout)

    @cached_property
    def signatures(self) -> dict[str, Signature]:
        """The ways to ask this model, by name; "serving_default" is the one that `predict` asks."""
        return signatures_of(self.task)

    def predict(self, inputs: Inputs) -> dict[str, np.ndarray]:
        """Answer raw inputs, as the exported model does.

        Args:
            inputs: A pandas.DataFrame or a row of it; a dict of columns, or a list of dicts, which are rows; an array
                of the only column, or of all columns in their order; the path of a file, or several paths; one image
                [H, W] or [H, W, C]; one text, or a list of texts.

        Returns:
            Arrays [rows, ...] by name. Classifiers answer `class`, `classes`, `probabilities` and `logits`. Other
            models of a target answer `predictions`, in the units of the data.

        Raises:
            ConfigError: A column is missing.
            DataError: A value cannot be used.
        """
        return self.ask("serving_default", inputs)

    def ask(self, name: str, inputs: Inputs = MappingProxyType({})) -> dict[str, np.ndarray]:
        """Ask one of the `signatures`, as `ask("sample", {"seed": 1, "number": 9})` asks a VAE.

        Args:
            name: Name of the signature.
            inputs: Raw columns and arguments by name. An argument that is left out has its default. For a signature
                without arguments, all that `predict` takes.

        Returns:
            Arrays by name. Texts are str.

        Raises:
            ConfigError: An unknown signature or name, a missing column, or a wrong argument.
            DataError: A value cannot be used.
        """
        if name not in self.signatures:
            raise unknown_name(f"signature of {self.app.name}", name, self.signatures)
        asked = self.signatures[name]
        labels = [column.label for column in self.preprocess.spec.inputs if column.name in asked.columns]
        wanted = [*asked.columns, *asked.arguments]
        inputs = self._by_name(name, inputs) if asked.columns else inputs
        named = inputs if isinstance(inputs, Mapping) else {}
        # A misspelt argument would leave the default in its place; further columns do no harm.
        unknown = [key for key in named if key not in wanted + labels] if asked.arguments else []
        if unknown or not (asked.columns or isinstance(inputs, Mapping)):
            given = ", ".join(map(str, inputs)) if isinstance(inputs, Mapping) else "an array"
            raise ConfigError(f"{name} of {self.app.name} got {given}. Expected {', '.join(wanted)} by name.")
        arguments = {
            key: checked(key, named.get(key, argument.default), argument) for key, argument in asked.arguments.items()
        }
        columns = {key: values for key, values in named.items() if key not in arguments}
        rows = self._rows(name, columns) if asked.columns else {}
        return self._answers(name, rows, {key: tf.constant(values) for key, values in arguments.items()})

    def _by_name(self, signature: str, inputs: Inputs) -> dict[str, Any]:
        return by_name(_asked_as(signature), self.preprocess.spec, inputs, self.preprocess.statistics)

    def _answers(
        self, name: str, rows: Mapping[str, np.ndarray], arguments: Mapping[str, tf.Tensor]
    ) -> dict[str, np.ndarray]:
        """The answers of a signature, row by row, or to arguments alone."""
        number = max(number_of_rows(rows), 1) if rows else 1
        # What is seeded depends on all rows, and is asked of all at once, as of an exported file.
        most = number if arguments else EVALUATION_BATCH
        pieces = [{field: x[i : i + most] for field, x in rows.items()} for i in range(0, number, most)]
        answers = [self._functions[name](piece, **arguments) for piece in pieces]
        return {key: _joined([answer[key] for answer in answers]) for key in answers[0]}

    def _rows(self, name: str, inputs: Mapping[str, Any]) -> dict[str, np.ndarray]:
        """The model's inputs of raw columns; raises ConfigError where one is missing, DataError for bad values."""
        spec, statistics = dataclasses.replace(self.preprocess.spec, target=None), self.preprocess.statistics
        missing = [column.title for column in spec.inputs if not {column.title, column.name} & inputs.keys()]
        if missing:
            given, names = ", ".join(map(str, inputs)) or "nothing", ", ".join(column.title for column in spec.inputs)
            raise ConfigError(
                f"{_asked_as(name)} was given {given}: {missing_columns(missing)}. Expected {names}, by these names."
            )
        keys = {column.name: column.title if column.title in inputs else column.name for column in spec.inputs}
        inputs = {column.name: marked(column, rows_of(column, inputs[keys[column.name]])) for column in spec.inputs}
        if all(np.ndim(values) and not len(values) for values in inputs.values()):
            return {field.name: np.zeros((0, *field.stored_shape), field.dtype) for field in self.layout.inputs}
        check_columns(inputs, spec, "the inputs of predict")
        converted, note = self.preprocess.apply(inputs), asked_note(mended(inputs, spec, statistics))
        if note:
            warnings.warn(note, MissingValues, stacklevel=4)
        for remark in self.preprocess.remarks(inputs, converted):
            warnings.warn(remark, stacklevel=4)
        return converted

    @cached_property
    def _functions(self) -> dict[str, Any]:
        return {name: tf.function(asked.function, autograph=False) for name, asked in self.signatures.items()}


def rows_of_run(path: Path, options: Options, spec: Spec) -> dict[str, Rows]:
    """The rows of each split as the version that wrote the run divided them; raises DataError for another source."""
    several_answers = spec.target is not None and kind_of(spec.target).several_answers
    if several_answers and read_config(path).get("format", 1) < KEEPS_EQUAL_INPUTS:
        earlier = open_rows(options, spec, by_row=True)
        if fingerprint_of(earlier["test"].pieces()) == read_fingerprints(path)["test"]:
            return earlier
    return open_rows(options, spec)


def _asked_as(signature: str) -> str:
    """What a user calls a signature."""
    return "predict" if signature == "serving_default" else signature


def _joined(pieces: Sequence[Any]) -> np.ndarray:
    """The rows of tensors as one array; a scalar is a row. Texts, which TensorFlow has as bytes, become str."""
    values = np.concatenate([np.atleast_1d(piece) for piece in pieces])
    return np.frompyfunc(bytes.decode, 1, 1)(values) if values.dtype == object else values
