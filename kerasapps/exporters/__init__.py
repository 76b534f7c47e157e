"""SavedModels that take raw inputs, written whole and verified before they appear."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import tensorflow as tf

from kerasapps.app import Signature
from kerasapps.arguments import asserted
from kerasapps.data.asserted import asserted as accepted
from kerasapps.data.kinds import kind_of
from kerasapps.data.preprocess import Preprocess
from kerasapps.distribute.cluster import chief_writes
from kerasapps.errors import CheckpointError, ConfigError, MissingData
from kerasapps.exporters.examples import examples
from kerasapps.runs.checkpoint import sync
from kerasapps.runs.run import Run
from kerasapps.runs.scratch import scratch
from kerasapps.tasks import generative

TOLERANCE = {"float32": 1e-5, "mixed_bfloat16": 2.0**-7, "mixed_float16": 2.0**-10}
"""Largest difference of an answer by what layers compute in, relative where answers are above 1.

Of half precision the distance of two numbers at 1: TensorFlow rounds between operations, or not, as it joins them.
"""
_VERIFIED_ROWS = 32


def export(run: Run, directory: str | Path = "saved_models", name: str = "") -> Path:
    """Write a SavedModel that takes raw inputs and needs no kerasapps, and verify it.

    The signatures are those of `run.signatures`. They take raw columns by name, and answer as `run.ask` does. For
    values that a column or an argument cannot have they raise tf.errors.InvalidArgumentError. The file is loaded again
    and its answers are compared with those of the model before it appears.

    Args:
        run: A trained run.
        directory: Directory for models.
        name: Folder of this model in it. The default is the application's name.

    Returns:
        The path `directory/name/version`. Versions count from 1. Of several workers only number 0 writes.

    Raises:
        ConfigError: The argument is no run, or nothing can be written there.
        CheckpointError: The exported model answers differently. Nothing is written then.
    """
    if not isinstance(run, Run):
        raise ConfigError(f"export got {run!r}. Expected a run, as kerasapps.load({run!r}) gives it.")
    name = name or run.app.name
    if Path(name).name != name or name.startswith(".") or not name.isprintable():
        raise ConfigError(f"name={name!r}: expected the name of a folder, without a path.")
    home = Path(directory) / name
    if chief_writes(str(home)):
        return home
    try:
        home.mkdir(parents=True, exist_ok=True)
        with scratch(home) as temporary:
            _write(run, temporary)
            verify(run, temporary)
            return _publish(temporary, home)
    except (OSError, UnicodeEncodeError) as error:  # TensorFlow writes to no path that is not UTF-8
        raise ConfigError(f"{home} cannot be written: {error}. Give another directory.") from error


def _write(run: Run, path: Path) -> None:
    module = tf.Module()
    module.preprocess = run.preprocess.model
    # The variables within those of Keras, which would be written a second time, and only these copies be read back by
    # whoever loads a graph into a session, as TensorFlow Serving does.
    models = (module.preprocess, *run.parts.values())
    module.weights = [variable.value for model in models for variable in model.variables]
    functions = {name: exported(asked, run.preprocess) for name, asked in run.signatures.items()}
    try:
        tf.saved_model.save(module, str(path), signatures=functions)
    except tf.errors.OpError as error:  # what TensorFlow makes of a full disk
        raise OSError(error.message) from error
    extra = path / "assets.extra"
    extra.mkdir()
    about = {key: run.record.get(key) for key in ("app", "data", "builder", "seed", "hparams", "test", "versions")}
    about["columns"] = {column.name: column.title for column in run.preprocess.spec.inputs}
    about["classes"] = list(run.layout.target.names)
    if any(generative.ROWS in function.structured_outputs for function in functions.values()):
        about[generative.ROWS] = list(run.layout.features)
    (extra / "kerasapps.json").write_text(json.dumps(about, indent=2), encoding="utf-8")


def exported(asked: Signature, preprocess: Preprocess) -> tf.types.experimental.ConcreteFunction:
    """The concrete function of a signature: of raw columns and of its arguments, by name.

    What `predict` refuses of either raises tf.errors.InvalidArgumentError.
    """
    inputs = preprocess.spec.inputs if asked.columns else ()
    taken = {c.name: tf.TensorSpec([None, *c.shape], kind_of(c).dtype, name=c.name) for c in inputs}
    specs = {
        name: tf.TensorSpec([None, *example.shape[1:]] if example.ndim else [], example.dtype, name=name)
        for name, example in asked.examples.items()
    }

    def raw(given: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        # A loaded signature does not look at shapes itself, and convolutions would take images of other sizes.
        shaped = {name: tf.ensure_shape(given[name], spec.shape) for name, spec in taken.items()}
        fields = preprocess.model(accepted(shaped, preprocess.spec)) if shaped else {}
        return asked.function(fields, **asserted(asked.arguments, {name: given[name] for name in specs}))

    return tf.function(raw, autograph=False).get_concrete_function({**taken, **specs})


def verify(run: Run, path: str | Path) -> None:
    """Compare every signature of the SavedModel at `path` with the model, on rows of the test split.

    Of arguments, and of columns where the data are gone, on examples.
    """
    loaded = tf.saved_model.load(str(path))
    try:
        read = run.rows["test"].take(np.arange(min(_VERIFIED_ROWS, len(run.rows["test"])))).read()
    except MissingData:
        read = examples(run.preprocess, _VERIFIED_ROWS)
    columns = {column.name: read[column.name] for column in run.preprocess.spec.inputs}
    inputs = {name: tf.constant(values) for name, values in run.preprocess.apply(columns).items()}
    raw = run.preprocess.tensors(columns)
    for name, asked in run.signatures.items():
        own = {key: tf.constant(example) for key, example in asked.examples.items()}
        answer = loaded.signatures[name](**(raw if asked.columns else {}), **own)
        compare(name, asked.function(inputs if asked.columns else {}, **own), answer, run.options.precision)


def compare(
    name: str, expected: Mapping[str, tf.Tensor], got: Mapping[str, tf.Tensor], precision: str = "float32"
) -> None:
    """Raise CheckpointError where two answers of the signature `name` differ by more than `precision` allows.

    Texts must be equal. In half precision neither texts nor whole numbers are compared: which class is the largest may
    hang on a rounding.
    """
    for output, values in expected.items():
        if precision != "float32" and not values.dtype.is_floating:
            continue
        answers = f"The exported signature {name!r} answers {output}"
        if values.dtype == tf.string:
            if not np.array_equal(values, got[output]):
                raise CheckpointError(f"{answers} with other texts than the model. Nothing was written.")
            continue
        difference = np.max(np.abs(np.asarray(got[output], np.float64) - np.asarray(values, np.float64)), initial=0.0)
        limit = TOLERANCE[precision] * max(1.0, float(np.max(np.abs(values), initial=0.0)))
        if not difference <= limit:
            raise CheckpointError(
                f"{answers} differently from the model: by {difference:.3g}, expected at most {limit:.3g}. Nothing was "
                "written."
            )


def _publish(temporary: Path, home: Path) -> Path:
    """Rename a whole version into place; another process may take the same number first, then the next is tried."""
    for path in (*temporary.rglob("*"), temporary):
        sync(path)
    while True:
        taken = [int(path.name) for path in home.iterdir() if path.name.isascii() and path.name.isdigit()]
        final = home / str(max(taken, default=0) + 1)
        try:
            temporary.rename(final)
        except OSError:
            if not final.exists():
                raise
            continue
        sync(home)
        return final
