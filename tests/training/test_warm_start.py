"""A run that starts from another takes over its weights and its preprocessing, as far as they fit, and nothing else."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

import kerasapps
from kerasapps.__main__ import main
from kerasapps.app import load_app
from kerasapps.data.tokenizers import SPECIAL_TOKENS
from kerasapps.engine.parts import build_parts
from kerasapps.errors import CheckpointError, ConfigError
from kerasapps.layers.paths import weight_paths
from kerasapps.runs import checkpoint
from kerasapps.runs.run import Run
from kerasapps.training import train
from kerasapps.training.warm_start import take_weights

SMALL = {"execution": "eager", "epochs": 1, "keep": "last", "optimizer": "sgd", "schedule": "constant"}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Run:
    run_dir = str(tmp_path_factory.mktemp("first") / "run")
    return kerasapps.train("mlp", data="wine", run_dir=run_dir, learning_rate=0.1, hidden=(6,), seed=1, **SMALL)


@pytest.mark.parametrize(
    "optimizer", [pytest.param("sgd", marks=pytest.mark.slow), "schedulefreeadamw"]
)  # the second begins with a copy of the weights
def test_weights_and_preprocessing_are_taken_over(first, tmp_path: Path, optimizer: str) -> None:
    fields = {**SMALL, "hidden": (6,), "data": "wine", "rows": 60, "seed": 2, "from_run": str(first.directory)}
    fields["optimizer"] = optimizer
    second = kerasapps.train("mlp", run_dir=str(tmp_path / "run"), learning_rate=1e-30, **fields)
    assert second.preprocess.to_json() == first.preprocess.to_json()
    for one, other in zip(first.model.get_weights(), second.model.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)
    assert second.record["test"]["loss"] == pytest.approx(first.record["test"]["loss"], rel=1e-6)


def test_the_flag_is_from(first, tmp_path: Path) -> None:
    command = ["train", "mlp", "--data", "wine", "--hidden", "6", "--epochs", "1", "--execution", "eager"]
    run_dir = tmp_path / "run"
    assert main([*command, "--from", str(first.directory), "--no-report", "--run-dir", str(run_dir)]) == 0
    assert kerasapps.load(run_dir).options.from_run == str(first.directory)
    settings = tmp_path / "settings.yaml"
    settings.write_text(f"from: {tmp_path / 'nowhere'}")
    other = [*command, "--config", str(settings), "--run-dir", str(tmp_path / "other")]
    assert main(other) == 5
    assert main([*other, "--from-run", str(first.directory)]) == 0


def test_rows_added_since_then_are_refused(tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    fields = {"data": str(table), "execution": "eager", "epochs": 1}
    table.write_text("\n".join(["x,y", *(f"{i}.5,{2 * i}.5" for i in range(40))]))
    start = kerasapps.train("linear_regression", run_dir=str(tmp_path / "start"), **fields)
    table.write_text(table.read_text() + "\n99.5,99.5")
    with pytest.raises(ConfigError, match="its test split has.*may have been trained on|other values.*trained on"):
        kerasapps.train("linear_regression", run_dir=str(tmp_path / "run"), from_run=str(start.directory), **fields)
    assert not (tmp_path / "run").exists()


def test_a_copy_of_the_same_rows_under_other_names_is_found(tmp_path: Path) -> None:
    """With its own split it can be started from; with another, rows for test have been trained on."""
    for name, header in (("table", "x,y"), ("copy", "length,weight")):
        (tmp_path / f"{name}.csv").write_text("\n".join([header, *(f"{i}.5,{2 * i}.5" for i in range(40))]))
    fields = {"execution": "eager", "epochs": 1}
    start = kerasapps.train("linear_regression", data=str(tmp_path / "table.csv"), run_dir=tmp_path / "start", **fields)
    fields |= {"data": str(tmp_path / "copy.csv"), "from_run": str(start.directory)}
    with pytest.raises(ConfigError, match=r"was trained on \d of the 8 rows .*copy.csv has for test.* split_seed=0"):
        kerasapps.train("linear_regression", run_dir=tmp_path / "refused", split_seed=1, **fields)
    assert kerasapps.train("linear_regression", run_dir=tmp_path / "same", **fields).record["status"] == "completed"
    (tmp_path / "table.csv").unlink()
    with pytest.warns(UserWarning, match="rows for test is not known: .*table.csv, the data of this run, is not there"):
        kerasapps.train("linear_regression", run_dir=tmp_path / "gone", split_seed=1, **fields)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Run]:
    """A small app on texts, and a run of it with a vocabulary and texts of another size than usual."""
    folder = tmp_path_factory.mktemp("reader")
    table = folder / "texts.csv"
    table.write_text("\n".join(["review,label", *(f"{('bad', 'good')[i % 2]} text {i},{i % 2}" for i in range(40))]))
    fields = {"data": str(table), "units": (2,), "embedding": 2, "execution": "eager", "epochs": 1}
    run = kerasapps.train("rnn", run_dir=str(folder / "run"), max_tokens=9, sequence_length=4, **fields)
    return fields, run


def test_options_of_the_preprocessing_are_the_runs_own(reader, tmp_path: Path) -> None:
    """Also where they are given, and then in a run that starts from one that was not given them."""
    fields, run = reader
    second = kerasapps.train("rnn", run_dir=str(tmp_path / "2"), from_run=str(run.directory), **fields)
    same = {"max_tokens": 9, "sequence_length": 4, "history": None}
    third = kerasapps.train("rnn", run_dir=str(tmp_path / "3"), from_run=str(second.directory), **fields, **same)
    for later in (second, kerasapps.load(third.directory)):
        assert (later.options.max_tokens, later.options.sequence_length) == (9, 4)
        assert later.layout.only.shape == (4,) and later.layout.only.vocabulary == 2 + 9


@pytest.mark.parametrize("name, own", [("max_tokens", 9), ("sequence_length", 4)])
def test_other_options_of_texts_are_refused(reader, tmp_path: Path, name: str, own: int) -> None:
    fields, run = reader
    fields = {**fields, name: 5, "from_run": str(run.directory), "run_dir": str(tmp_path / "run")}
    with pytest.raises(ConfigError, match=f"^{name}=5 was given, but {run.directory}.* Give {name}={own}, or train"):
        kerasapps.train("rnn", **fields)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "app, changes, error, message",
    [
        (
            "softmax_regression",
            {},
            ConfigError,
            r"it has model/hidden_1/kernel \[13, 6\].* has model/dense/kernel \[13, 3",
        ),
        (
            "gan",
            {},
            ConfigError,
            r"No layer of .*/run fits.*generator/hidden_1/bias \[128\].* parts of the same names",
        ),
        ("mlp", {"split_seed": 1}, ConfigError, "Give split_seed=0, which is its own"),
        (
            "mlp",
            {"features": ("alcohol",)},
            ConfigError,
            "trained with features=none. Give these. Rows of the test",
        ),
        ("mlp", {"from_run": "nowhere"}, CheckpointError, "nowhere is no run"),
    ],
)
def test_what_does_not_fit_is_refused(first, tmp_path: Path, app, changes, error, message) -> None:
    fields = {"data": "wine", "from_run": str(first.directory), "execution": "eager", "epochs": 1, **changes}
    with pytest.raises(error, match=message):
        kerasapps.train(app, run_dir=str(tmp_path / "run"), **fields)
    assert list(tmp_path.iterdir()) == []


def weights_of(parts: dict) -> dict[str, np.ndarray]:
    """part/path -> value."""
    return {f"{name}/{path}": weight.numpy() for name, part in parts.items() for path, weight in weight_paths(part)}


def started(start: Run, app: str, seed: int = 5, builder: str = "functional", **given) -> tuple[dict, dict, dict]:
    """The report, and the weights before and after, of an app on the data of `start`, or on given ones.

    given: hparams, or preprocess.
    """
    loaded, preprocess = load_app(app), given.pop("preprocess", start.preprocess)
    parts = build_parts(loaded, builder, loaded.hparams(**given), preprocess.layout, seed)
    before = weights_of(parts)
    return take_weights(start, preprocess, parts), before, weights_of(parts)


def assert_as_reported(start: Run, report: dict, before: dict, after: dict) -> None:
    """Every weight is told of once: those taken have the bits of the start, those left new their own."""
    theirs = weights_of(start.parts)
    assert sorted(report["taken"] + report["resized"] + report["left_new"]) == sorted(after)
    for path in report["taken"]:
        np.testing.assert_array_equal(after[path], theirs[path])
        assert path.endswith("bias") or np.any(after[path] != before[path])
    for path in report["left_new"]:
        np.testing.assert_array_equal(after[path], before[path])


@pytest.fixture(scope="module")
def encoded(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """An autoencoder of digits."""
    run_dir = str(tmp_path_factory.mktemp("encoded") / "run")
    return kerasapps.train("autoencoder", data="digits", run_dir=run_dir, rows=64, widths=(8,), latents=3, **SMALL)


def test_parts_of_the_same_names_of_another_application_are_taken_as_far_as_they_fit(encoded) -> None:
    report, before, after = started(encoded, "vae", widths=(8, 7), latents=3)
    assert_as_reported(encoded, report, before, after)
    both = ("kernel", "bias")
    assert report["taken"] == [f"{layer}/{w}" for layer in ("encoder/hidden_1", "decoder/outputs") for w in both]
    assert report["left_new"] == [
        *(f"{layer}/{w}" for layer in ("encoder/hidden_2", "encoder/z_mean", "encoder/z_log_var") for w in both),
        *(f"decoder/{layer}/{w}" for layer in ("hidden_1", "hidden_2") for w in both),
        *(path for path in after if path.startswith("decoder/scale")),
    ]


def test_a_layer_of_which_one_weight_does_not_fit_is_left_new_as_a_whole(first) -> None:
    """A bias of the same size, without the kernel that it was learnt with."""
    wider = dataclasses.replace(first.layout.only, shape=(14,))
    parts = build_parts(first.app, "functional", first.hparams, dataclasses.replace(first.layout, inputs=(wider,)), 9)
    before = weights_of(parts)
    report, after = take_weights(first, first.preprocess, parts), weights_of(parts)
    assert report["left_new"] == ["model/hidden_1/kernel", "model/hidden_1/bias"]
    assert np.any(weights_of(first.parts)["model/hidden_1/bias"] != before["model/hidden_1/bias"])
    assert_as_reported(first, report, before, after)


def test_a_weight_that_stays_as_it_was_is_caught(encoded) -> None:
    """The planted fault of the test before."""
    report, before, after = started(encoded, "vae", widths=(8,), latents=3)
    with pytest.raises(AssertionError):
        assert_as_reported(encoded, report, before, after | {report["taken"][0]: before[report["taken"][0]]})


@pytest.mark.parametrize("builder", ["functional", "subclassed"])
def test_builders_start_from_each_other(first, builder: str) -> None:
    start = dataclasses.replace(first, parts=build_parts(first.app, builder, first.hparams, first.layout, 9))
    other = {"functional": "subclassed", "subclassed": "functional"}[builder]
    report, before, after = started(start, "mlp", hidden=(6,), builder=other)
    assert report["left_new"] == [] and report["preprocessing"] == "taken over"
    assert_as_reported(start, report, before, after)


def test_other_classes_are_reported_in_the_record_and_on_stderr(tmp_path: Path, capsys) -> None:
    """Wine has 13 features and 3 classes, breast cancer 30 and 2: only the layer between them fits. So after a kill."""
    fields = {**SMALL, "epochs": 2, "hidden": (6, 5)}
    first = kerasapps.train("mlp", data="wine", run_dir=str(tmp_path / "first"), **fields)
    fields |= {"data": "breast_cancer", "run_dir": str(tmp_path / "run"), "from_run": str(first.directory)}
    run = kerasapps.train("mlp", stop_at_epoch=1, **fields)
    assert run.record["warm_start"] == {
        "run": str(first.directory),
        "preprocessing": "fitted to the new data",
        "taken": ["model/hidden_2/kernel", "model/hidden_2/bias"],
        "resized": [],
        "left_new": [f"model/{layer}/{weight}" for layer in ("hidden_1", "outputs") for weight in ("kernel", "bias")],
    }
    shown = capsys.readouterr().err
    assert f"warm start from {first.directory}: its preprocessing is fitted to the new data\n" in shown
    assert "  resized: nothing\n  left new: model/hidden_1/kernel, model/hidden_1/bias, model/outputs/kernel" in shown
    (run.directory / "record.json").unlink()
    assert train.resume(run.directory).record["warm_start"] == run.record["warm_start"]


def test_a_checkpoint_of_earlier_versions_is_resumed_with_its_report(first, tmp_path: Path) -> None:
    """They wrote "start" for "warm_start"."""
    fields = {"data": "wine", "hidden": (6,), "from_run": str(first.directory), **SMALL, "epochs": 2}
    stopped = kerasapps.train("mlp", run_dir=str(tmp_path / "run"), stop_at_epoch=1, **fields)
    folder = stopped.directory / "checkpoints"
    kept, _ = checkpoint.read_last(folder)
    state = dict(kept.state)
    state["start"] = state.pop("warm_start")
    checkpoint.save(
        folder, int(checkpoint.list_checkpoints(folder)[-1].name), checkpoint.Checkpoint(kept.arrays, state)
    )
    resumed = train.resume(stopped.directory)
    assert resumed.record["warm_start"] == stopped.record["warm_start"] != {}
    assert "start" not in resumed.record


def test_a_run_that_starts_from_none_says_so(first) -> None:
    assert first.record["warm_start"] == {}


def test_preprocessing_into_another_form_is_fitted_anew(encoded, tmp_path: Path) -> None:
    """Of the same columns, which the one sees as images and the other as vectors."""
    start = kerasapps.train(
        "cnn", data="digits", run_dir=str(tmp_path / "1"), rows=64, filters=(2,), dense_units=3, **SMALL
    )
    fields = {"data": "digits", "rows": 64, "hidden": (3,), "from_run": str(start.directory), **SMALL}
    run = kerasapps.train("mlp", run_dir=str(tmp_path / "2"), **fields)
    assert run.layout.only.form == "vector" != start.layout.only.form
    assert run.record["warm_start"]["preprocessing"] == "fitted to the new data"


def test_embeddings_of_another_vocabulary_are_taken_by_word(reader, tmp_path: Path) -> None:
    """Texts with three classes are other columns, so that their vocabulary is fitted anew; its words lie elsewhere."""
    _, start = reader
    table = tmp_path / "texts.csv"
    words = ("text", "bad", "new")
    table.write_text("\n".join(["review,label", *(f"other {words[i % 3]} {i},{i % 3}" for i in range(60))]))
    fields = {"data": str(table), "units": (2,), "embedding": 2, "execution": "eager", "epochs": 1}
    other = kerasapps.train("rnn", run_dir=str(tmp_path / "run"), max_tokens=12, sequence_length=4, **fields)
    hparams = {"units": (2,), "embedding": 2}
    report, before, after = started(start, "rnn", preprocess=other.preprocess, **hparams)
    path = "model/embedding/embeddings"
    assert report["resized"] == [path] and report["left_new"] == ["model/outputs/kernel", "model/outputs/bias"]
    assert_as_reported(start, report, before, after)
    own, theirs = other.preprocess.statistics["review"], start.preprocess.statistics["review"]
    assert {"text", "bad"} <= set(own) & set(theirs) and {"other", "new"} <= set(own) - set(theirs)
    assert own.index("text") != theirs.index("text")
    source = weights_of(start.parts)[path]
    np.testing.assert_array_equal(after[path][:SPECIAL_TOKENS], source[:SPECIAL_TOKENS])
    for row, word in enumerate(own, SPECIAL_TOKENS):
        expected = source[SPECIAL_TOKENS + theirs.index(word)] if word in theirs else before[path][row]
        np.testing.assert_array_equal(after[path][row], expected)
