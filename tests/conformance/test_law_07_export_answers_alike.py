"""Law 7: a SavedModel, fed raw inputs in a process that cannot import kerasapps, answers as the model does (1e-5).

Asked of one app of each family in every run, of all others in slow tests.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from harness import SHORT, arguments, label

import kerasapps
from kerasapps.app import App, Signature, load_app
from kerasapps.arguments import LONGEST
from kerasapps.data.kinds import kind_of
from kerasapps.errors import ConfigError, DataError
from kerasapps.exporters import verify
from kerasapps.runs.run import Run

pytestmark = pytest.mark.usefixtures("few_rows")

LAW = "export = model"
ROWS = 9

STRANGER = """
import json, sys
class Blocked:
    def find_spec(self, name, *rest):
        if name.partition(".")[0] == "kerasapps":
            raise ImportError("blocked: " + name)
sys.meta_path.insert(0, Blocked())
import numpy as np, tensorflow as tf
plain = lambda values: np.asarray(values, bytes) if getattr(values, "dtype", object) == object else values
for folder in json.load(open(sys.argv[1])):
    loaded = tf.saved_model.load(folder)
    for name, function in loaded.signatures.items():
        raw = dict(np.load(folder + "/../asked_" + name + ".npz"))
        answer = function(**{key: tf.constant(value) for key, value in raw.items()})
        keep = lambda what, values: np.savez(
            folder + "/../" + what + "_" + name + ".npz", **{key: plain(value.numpy()) for key, value in values.items()}
        )
        keep("answer", answer)
        if any(value.ndim for value in raw.values()):
            none = {key: tf.constant(value[:0] if value.ndim else value) for key, value in raw.items()}
            keep("none", function(**none))
    messages = []
    for name, key, value in json.load(open(folder + "/../bad.json")):
        raw = dict(np.load(folder + "/../asked_" + name + ".npz"))
        text = isinstance(value, str)
        bad = np.full(raw[key].shape, value.encode("latin-1") if text else value, object if text else raw[key].dtype)
        try:
            loaded.signatures[name](**{other: tf.constant(given) for other, given in {**raw, key: bad}.items()})
            messages.append("answered")
        except tf.errors.InvalidArgumentError as error:
            messages.append(error.message)
    json.dump(messages, open(folder + "/../refused.json", "w"))
print("imported" if "kerasapps" in sys.modules else "stranger")
"""


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> dict[str, tuple[Path, Run]]:
    """Label of an app that is asked -> (folder with answers of the stranger, the run); one process answers for all."""
    home = tmp_path_factory.mktemp("exported")
    calls = [item.callspec for item in request.session.items if item.path == request.path and hasattr(item, "callspec")]
    asked = [load_app("linear_regression"), *(call.params["app"] for call in calls)]
    runs: dict[str, tuple[Path, Run]] = {}
    for name, app in {label(app): app for app in asked}.items():
        run_dir = str(home / "runs" / name)
        settings = arguments(app, **SHORT, run_dir=run_dir, execution="eager", epochs=1, evaluate_test=False)
        run = kerasapps.train(app.name, **settings)
        folder = kerasapps.export(run, home / "saved", name)
        assert folder.name == "1"
        for signature, asked in run.signatures.items():
            np.savez(folder.parent / f"asked_{signature}.npz", **_raw(run, asked), **_plain(asked.examples))
        (folder.parent / "bad.json").write_text(json.dumps(list(_bad(run))))
        runs[name] = (folder, run)
    listing = home / "folders.json"
    listing.write_text(json.dumps([str(folder) for folder, _ in runs.values()]))
    command = [sys.executable, "-c", STRANGER, str(listing)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=home, timeout=1800)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "stranger"
    return runs


def _raw(run: Run, asked: Signature) -> dict[str, np.ndarray]:
    """Rows of the test split as a stranger has them: plain arrays by the names of the columns that are taken, or {}."""
    columns = run.rows["test"].read()
    kinds = {c.name: kind_of(c).dtype.replace("string", "str") for c in run.preprocess.spec.inputs}
    return {name: np.asarray(columns[name][:ROWS], kinds[name]) for name in asked.columns}


def _bad(run: Run) -> Iterator[tuple[str, str, str | float]]:
    """Signature, column or argument, and a value that it cannot have: of a text one letter stands for one byte."""
    texts = [column.name for column in run.preprocess.spec.inputs if column.kind == "text"]
    for name, asked in run.signatures.items():
        for column in {*asked.columns} & {*texts}:
            yield from ((name, column, value) for value in ("", "\n ", "a\xff"))
        for key, argument in asked.arguments.items():
            if argument.is_text:
                yield from ((name, key, value) for value in ("a\xff", "a" * (LONGEST + 1)))
                continue
            ends = {sign: end for sign, end in argument.limits.bounds.items() if abs(end) < 1e6}
            yield from ((name, key, end + {"<=": 1, ">=": -1}.get(sign, 0)) for sign, end in ends.items())


def _plain(examples: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Values of arguments as a stranger has them."""
    return {name: example.astype(str) if example.dtype == object else example for name, example in examples.items()}


def _answer(run: Run, asked: Signature) -> dict[str, tf.Tensor]:
    """What the model itself says to the same, of the examples of a signature's own arguments."""
    inputs = run.preprocess.apply(_raw(run, asked)) if asked.columns else {}
    arguments = {name: tf.constant(example) for name, example in asked.examples.items()}
    return asked.function({name: tf.constant(values) for name, values in inputs.items()}, **arguments)


def assert_same(expected: dict, answer: dict) -> None:
    """The law itself."""
    assert expected.keys() == answer.keys()
    for name, values in expected.items():
        if values.dtype == tf.string:
            np.testing.assert_array_equal(answer[name], np.asarray(values).astype(bytes))
        else:
            np.testing.assert_allclose(answer[name], np.asarray(values), rtol=1e-5, atol=1e-5)


def first_element(shape: tuple[int, ...]) -> np.ndarray:
    """1 at the first place of an array of this shape, else 0."""
    return (np.arange(np.prod(shape)) == 0).reshape(shape)


@pytest.mark.one_of_each_family
def test_law(app: App, exported: dict) -> None:
    folder, run = exported[label(app)]
    assert run.signatures
    for name, asked in run.signatures.items():
        with np.load(folder.parent / f"answer_{name}.npz") as answer:
            assert_same(_answer(run, asked), dict(answer))


@pytest.mark.one_of_each_family
def test_no_rows_have_no_rows_of_the_same_answers(app: App, exported: dict) -> None:
    folder, run = exported[label(app)]
    for name, asked in run.signatures.items():
        given = {**_raw(run, asked), **asked.examples}
        whole = run.ask(name, given)
        if not any(np.ndim(values) for values in given.values()):
            continue
        without = run.ask(name, {key: values[:0] if np.ndim(values) else values for key, values in given.items()})
        with np.load(folder.parent / f"none_{name}.npz") as stranger:
            assert without.keys() == stranger.keys() == whole.keys()
            for key, values in whole.items():
                assert without[key].shape == stranger[key].shape == (0, *values.shape[1:])
                assert without[key].dtype == values.dtype


@pytest.mark.one_of_each_family
def test_what_python_refuses_is_refused_of_a_stranger(app: App, exported: dict) -> None:
    folder, run = exported[label(app)]
    messages = json.loads((folder.parent / "refused.json").read_text())
    for (name, key, value), message in zip(_bad(run), messages, strict=True):
        assert f"{key}: expected " in message, (name, key, value)
        given: dict[str, object] = {**_raw(run, run.signatures[name]), **run.signatures[name].examples}
        text = value.encode("latin-1").decode("utf-8", "surrogateescape") if isinstance(value, str) else ""
        given[key] = np.full(np.shape(given[key]), text if isinstance(value, str) else value).tolist()
        with pytest.raises((ConfigError, DataError), match=key):
            run.ask(name, given)


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_law_in_half_precision(app: App, precision: str, tmp_path: Path) -> None:
    """Within its rounding: export compares every signature of what it wrote with the model, and refuses others."""
    run = kerasapps.train(
        app.name, **arguments(app, run_dir=str(tmp_path / "run"), execution="graph"), precision=precision
    )
    folder = kerasapps.export(run, tmp_path / "saved")
    for part in run.parts.values():
        last = part.trainable_variables[-1]
        last.assign(last.numpy() + 0.1 * first_element(last.shape))
    with pytest.raises(kerasapps.errors.CheckpointError, match="differently"):
        verify(run, folder)


@pytest.mark.one_of_each_family
def test_a_model_with_one_other_weight_is_caught(app: App, exported: dict) -> None:
    folder, run = exported[label(app)]
    changed = [part.trainable_variables[-1] for part in run.parts.values()]
    kept = [variable.numpy() for variable in changed]
    for name, asked in run.signatures.items():
        with np.load(folder.parent / f"answer_{name}.npz") as answer:
            for variable, value in zip(changed, kept, strict=True):
                variable.assign(value + 0.1 * first_element(value.shape))
            with pytest.raises(AssertionError):
                assert_same(_answer(run, asked), dict(answer))
            for variable, value in zip(changed, kept, strict=True):
                variable.assign(value)


def test_versions_count_up_and_a_wrong_export_never_appears(exported: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, run = exported["linear_regression"]
    assert kerasapps.export(run, folder.parents[1]).name == "2"
    variable = run.model.trainable_variables[0]
    apply = type(run.preprocess).apply
    monkeypatch.setattr(
        type(run.preprocess),
        "apply",
        lambda self, columns: {name: values + 1.0 for name, values in apply(self, columns).items()},
    )
    assert float(np.abs(variable.numpy()).max()) > 0
    with pytest.raises(kerasapps.errors.CheckpointError, match="answers predictions differently"):
        kerasapps.export(run, folder.parents[1])
    names = {path.name for path in folder.parent.iterdir() if path.is_dir()}
    assert names == {"1", "2"}
