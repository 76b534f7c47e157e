"""Run directories of earlier commits (tests/old_runs) load, evaluate, answer, export and resume as they did there."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

import kerasapps
from kerasapps.errors import ConfigError
from kerasapps.runs import config
from kerasapps.runs.checkpoint import write_sums
from kerasapps.runs.run import Run
from kerasapps.training import train

OLD = Path(__file__).parents[1] / "old_runs"
NAMES = sorted(path.name for path in OLD.iterdir() if (path / "config.yaml").exists())
EXPORTED = ("gan_digits", "linear_auto_mpg", "rnn_reviews")
"""Exported in every run of the tests, the others in slow tests."""
RESUMED = ("mlp_interrupted",)
"""Resumed in every run of the tests, the others in slow tests."""
RISING = "mlp_rising_interrupted"
"""Interrupted in the middle of a warm-up that began at 0."""
ROWS = 3
ARGUMENTS = {"sample": {"seed": 3, "labels": [0, 1, 2]}}
"""Arguments of signatures that take no rows, as tests/old_runs/make.py has them."""


def expected(name: str) -> dict[str, Any]:
    """What the commit that wrote this run found."""
    return json.loads((OLD / name / "expected.json").read_text(encoding="utf-8"))


def questions(run: Run, signature: str) -> dict[str, Any]:
    """The first test rows, or the signature's own arguments."""
    if signature in ARGUMENTS:
        return ARGUMENTS[signature]
    columns = run.read("test")
    return {column.name: columns[column.name][:ROWS] for column in run.preprocess.spec.inputs}


def assert_answers(got: dict[str, Any], answers: dict[str, Any]) -> None:
    """Equal names and values, to float32's rounding; the names of classes are younger than these runs."""
    assert got.keys() - {"class"} == answers.keys()
    for output, values in answers.items():
        np.testing.assert_allclose(got[output], values, rtol=1e-5, atol=1e-5, err_msg=output)


def exported_answers(run: Run, folder: Path, signature: str) -> dict[str, np.ndarray]:
    """What the exported file answers to the same questions."""
    loaded = tf.saved_model.load(str(kerasapps.export(run, folder)))
    function = loaded.signatures[signature]
    specs = function.structured_input_signature[1]
    given = {name: tf.constant(values, specs[name].dtype) for name, values in questions(run, signature).items()}
    return {name: values.numpy() for name, values in function(**given).items()}


@pytest.mark.parametrize("name", NAMES)
def test_an_old_run_evaluates_and_answers_as_then(name: str) -> None:
    run, then = kerasapps.load(OLD / name), expected(name)
    assert run.record["history"] == then["history"]
    # Another processor may compute in half precision by other instructions, and that has 8 or 11 bits.
    precision = 1e-5 if run.options.precision == "float32" else 1e-3
    found = run.evaluate("test")
    assert {metric: found[metric] for metric in then["test"]} == pytest.approx(then["test"], rel=precision, abs=1e-5)
    for signature, answers in then["answers"].items():
        assert_answers(run.ask(signature, questions(run, signature)), answers)


@pytest.mark.parametrize(
    "name", [name if name in EXPORTED else pytest.param(name, marks=pytest.mark.slow) for name in NAMES]
)
def test_an_old_run_exports_what_answers_as_then(tmp_path: Path, name: str) -> None:
    run = kerasapps.load(OLD / name)
    for signature, answers in expected(name)["answers"].items():
        assert_answers(exported_answers(run, tmp_path, signature), answers)


@pytest.mark.parametrize(
    "name",
    [
        name if name in RESUMED else pytest.param(name, marks=pytest.mark.slow)
        for name in NAMES
        if name.endswith("_interrupted")
    ],
)
def test_an_old_interrupted_run_resumes_to_the_uninterrupted_history(tmp_path: Path, name: str) -> None:
    """On the machine that wrote it, it had the same bits; other processors round otherwise."""
    path = shutil.copytree(OLD / name, tmp_path / "run")
    before = json.loads((path / "record.json").read_text(encoding="utf-8"))
    run, then = train.resume(path), expected(name)["uninterrupted"]
    assert run.record["warm_start"] == before.get("start", {})
    assert run.record["status"] == "completed"
    assert run.record["history"].keys() == then.keys()
    for metric, values in then.items():
        np.testing.assert_allclose(run.record["history"][metric], values, rtol=1e-5, err_msg=metric)


def test_a_resume_with_the_warmup_of_today_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted fault: the run whose warm-up began at 0 goes on at the rates of new runs."""
    path, then = shutil.copytree(OLD / RISING, tmp_path / "run"), expected(RISING)["uninterrupted"]["loss"]
    monkeypatch.setattr(config, "WARMUP_FROM_RATE", 1)
    losses = train.resume(path).record["history"]["loss"]
    assert losses[0] == then[0] and losses[1:] != pytest.approx(then[1:], rel=1e-3)


def test_a_resume_of_an_old_run_with_another_setting_is_refused(tmp_path: Path) -> None:
    path = shutil.copytree(OLD / "mlp_interrupted", tmp_path / "run")
    with pytest.raises(ConfigError, match="epochs=3, but epochs=4 was given"):
        train.resume(path, epochs=4)


def test_other_weights_are_caught(tmp_path: Path) -> None:
    """The planted fault: the same run with one weight moved evaluates to other metrics."""
    path = shutil.copytree(OLD / "linear_auto_mpg", tmp_path / "run")
    (checkpoint,) = (path / "checkpoints").iterdir()
    with np.load(checkpoint / "variables.npz") as arrays:
        moved = {name: values + 1e-2 * name.startswith("best/") for name, values in arrays.items()}
    np.savez(checkpoint / "variables.npz", **moved)
    (checkpoint / "sha256.json").unlink()
    write_sums(checkpoint)
    then = expected("linear_auto_mpg")["test"]
    found = kerasapps.load(path).evaluate("test")
    assert {metric: found[metric] for metric in then} != pytest.approx(then, rel=1e-5)


def test_of_arguments_that_all_have_defaults_none_need_be_given() -> None:
    run = kerasapps.load(OLD / "vae_iris")
    for name, values in run.ask("sample").items():
        np.testing.assert_array_equal(values, run.ask("sample", {})[name])
