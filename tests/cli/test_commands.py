"""The commands over one real run, against the Python interface and NumPy."""

import json
import os
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from layouts import one_field

import kerasapps
from kerasapps.__main__ import main
from kerasapps.cli import evaluate as evaluate_command
from kerasapps.data.spec import Target
from kerasapps.errors import ConfigError, DataError
from kerasapps.training import train as training

REALS = Target("reals", 1, ("y",), (0.0,), (2.0,))
ROWS = np.array([[5.0, 3.4, 1.5, 0.2], [6.0, 2.9, 4.5, 1.5], [7.1, 3.0, 5.9, 2.1]], np.float32)
NAMES = ("sepal_length", "sepal_width", "petal_length", "petal_width")


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory):
    """A run of softmax regression on iris, made by the command itself."""
    path = tmp_path_factory.mktemp("cli") / "run"
    arguments = ["--data", "iris", "--epochs", "3", "--execution", "graph", "--run-dir", str(path)]
    assert main(["train", "softmax-regression", "--no-report", *arguments]) == 0
    return path


def last_json(capsys):
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_train_leaves_the_record_of_what_was_given(run_dir):
    record = json.loads((run_dir / "record.json").read_text(encoding="utf-8"))
    assert (record["app"], record["data"], record["hparams"]["epochs"]) == ("softmax_regression", "iris", 3)
    assert record["execution"]["requested"] == "graph"


def test_many_rows_are_answered_as_few(run_dir):
    run = kerasapps.load(run_dir)
    few = run.predict(dict(zip(NAMES, ROWS.T, strict=True)))
    many = run.predict({name: np.tile(values, 200) for name, values in zip(NAMES, ROWS.T, strict=True)})
    np.testing.assert_array_equal(many.pop("class"), np.tile(few.pop("class"), 200))
    for name, values in few.items():
        np.testing.assert_allclose(many[name], np.tile(values, (200, *[1] * (values.ndim - 1))), rtol=1e-5, atol=1e-6)


def test_a_resumed_run_shows_no_epoch_twice(tmp_path, capsys):
    arguments = ["train", "softmax_regression", "--data", "iris", "--epochs", "3", "--execution", "eager"]
    assert main([*arguments, "--no-report", "--stop-at-epoch", "2", "--run-dir", str(tmp_path / "run")]) == 0
    assert "epoch 2/3 " in capsys.readouterr().err
    assert main(["train", "softmax_regression", "--no-report", "--resume", "--run-dir", str(tmp_path / "run")]) == 0
    shown = capsys.readouterr().err
    assert "epoch 3/3 " in shown and "epoch 2/3 " not in shown


def test_an_existing_run_is_never_overwritten(run_dir, capsys):
    before = (run_dir / "record.json").read_bytes()
    assert main(["train", "softmax_regression", "--data", "iris", "--run-dir", str(run_dir)]) == 2
    assert "--resume" in capsys.readouterr().err
    assert (run_dir / "record.json").read_bytes() == before


def test_resume_refuses_a_flag_that_differs(run_dir, capsys):
    arguments = ["--resume", "--run-dir", str(run_dir), "--learning-rate", "0.123"]
    assert main(["train", "softmax_regression", *arguments]) == 2
    assert "learning_rate=0.123" in capsys.readouterr().err


def test_resuming_a_completed_run_says_that_nothing_was_trained(run_dir, capsys):
    before = (run_dir / "record.json").read_bytes()
    assert main(["train", "softmax_regression", "--resume", "--run-dir", str(run_dir)]) == 0
    assert "The run was completed already: nothing was trained." in capsys.readouterr().err
    assert (run_dir / "record.json").read_bytes() == before


def test_evaluate_labels_the_loss_of_reals_but_renames_no_key(capsys, monkeypatch):
    layout = one_field("vector", (1,), REALS)
    own = {"layout": layout, "record": {"status": "completed"}, "directory": "RUN"}
    run = SimpleNamespace(evaluate=lambda split: {"loss": 0.5, "r2": 0.25}, **own)
    monkeypatch.setattr(evaluate_command, "load_run", lambda path, *_: run)
    assert main(["evaluate", "RUN"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["loss", "(standardised", "units)", "0.5"] in lines and ["r2", "0.25"] in lines
    assert main(["evaluate", "RUN", "--json"]) == 0
    assert last_json(capsys) == {"directory": "RUN", "loss": 0.5, "r2": 0.25}


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["mlp", "--optimizer-settings", '{"beta_1": "x"}'], "beta_1='x'"),
        (["mlp", "--optimizer-settings", '{"beta1": 0.9}'], "Did you mean 'beta_1'"),
        (["mlp", "--optimizer", "sgd", "--optimizer-settings", '{"momentum": -1}'], "momentum=-1"),
        (["cnn", "--padding", "valid"], "at least 18x18 pixels, got 8x8"),
        (["cnn", "--filters", "[]"], "filters=[]: expected at least 1 value"),
    ],
)
def test_settings_that_cannot_work_make_no_run(tmp_path, capsys, arguments, named):
    path = tmp_path / "run"
    assert main(["train", *arguments, "--data", "digits", "--execution", "graph", "--run-dir", str(path)]) == 2
    assert named in capsys.readouterr().err and not list(tmp_path.iterdir())


def test_evaluate_prints_the_metrics_of_the_record(run_dir, capsys):
    record = json.loads((run_dir / "record.json").read_text(encoding="utf-8"))
    for split in ("test", "validation"):
        assert main(["evaluate", str(run_dir), "--split", split, "--json"]) == 0
        found = last_json(capsys)
        assert found.pop("directory") == str(run_dir)
        assert found == pytest.approx({**record[split], **record["baselines"][split]}, rel=1e-5)
    assert main(["evaluate", str(run_dir)]) == 0
    assert f"{record['test']['accuracy']:.6g}" in capsys.readouterr().out


def test_predict_answers_as_the_weights_do(run_dir, capsys, tmp_path):
    """The oracle is NumPy: standardise, multiply, softmax."""
    path = tmp_path / "rows.csv"
    np.savetxt(path, ROWS, delimiter=",", header=",".join(NAMES), comments="")
    assert main(["predict", str(run_dir), str(path), "--json"]) == 0
    answers = last_json(capsys)
    run = training.load(run_dir)
    mean, variance = np.array([run.preprocess.statistics[name] for name in NAMES]).T
    kernel, bias = (variable.numpy() for variable in run.model.trainable_variables)
    logits = (ROWS - mean) / np.sqrt(variance) @ kernel + bias
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose([row["probabilities"] for row in answers], probabilities, rtol=1e-4)
    classes = np.array(run.layout.target.names)[probabilities.argmax(axis=1)]
    assert [row["class"] for row in answers] == classes.tolist()


def test_predict_takes_values_and_shows_a_table(run_dir, capsys):
    assert main(["predict", str(run_dir), *map(str, ROWS[0])]) == 0
    in_order = capsys.readouterr().out
    pairs = [f"{name}={value}" for name, value in zip(NAMES, ROWS[0], strict=True)]
    assert main(["predict", str(run_dir), *reversed(pairs)]) == 0
    assert capsys.readouterr().out == in_order
    heads, shown = (line.split() for line in in_order.splitlines()[2:5:2])
    run = training.load(run_dir)
    shares = run.predict({name: ROWS[:1, i] for i, name in enumerate(NAMES)})["probabilities"][0]
    best = np.argsort(-shares)
    expected = [text for i in best for text in (run.layout.target.names[i], f"{shares[i]:.1%}")]
    assert heads == ["row", "class", "second", "third"] and shown == ["0", *expected]


def test_columns_that_predict_is_not_given_are_named(run_dir):
    run, columns = training.load(run_dir), dict(zip(NAMES, ROWS.T, strict=True))
    petals = {name: columns[name] for name in NAMES[2:]}
    some = "predict was given petal_length, petal_width: the columns sepal_length, sepal_width are missing. Expected"
    with pytest.raises(ConfigError, match=f"^{some} {', '.join(NAMES)}, by"):
        run.predict(petals)
    with pytest.raises(ConfigError, match="sepal_width: the column sepal_length is missing."):
        run.predict({**petals, "sepal_width": columns["sepal_width"]})
    with pytest.raises(ConfigError, match="predict was given nothing: the columns sepal_length, .* are missing."):
        run.predict({})


def test_a_data_frame_is_columns_by_name(run_dir):
    run, frame = training.load(run_dir), pd.DataFrame(ROWS, columns=NAMES)
    expected = run.predict(dict(zip(NAMES, ROWS.T, strict=True)))
    for given in (frame, frame[[*reversed(NAMES)]].assign(other="x")):
        np.testing.assert_array_equal(run.predict(given)["logits"], expected["logits"])
    twice = pd.concat([frame, frame[["petal_width"]] + 9], axis=1)
    with pytest.raises(ConfigError, match="2 columns called petal_width. Expected one of each name"):
        run.predict(twice)


def test_what_lies_under_a_mask_is_no_value(run_dir):
    run, columns = training.load(run_dir), dict(zip(NAMES, ROWS.T, strict=True))
    whole = {**columns, NAMES[1]: np.ma.array(columns[NAMES[1]], mask=False)}
    np.testing.assert_array_equal(run.predict(whole)["logits"], run.predict(columns)["logits"])
    whole[NAMES[1]][0] = np.ma.masked
    with pytest.raises(DataError, match="column sepal_width has masked values"):
        run.predict(whole)


@pytest.mark.parametrize("given", [pd.DataFrame(columns=NAMES), {name: [] for name in NAMES}])
def test_no_rows_have_no_rows_of_answers(run_dir, given):
    answer = training.load(run_dir).predict(given)
    assert {name: values.shape for name, values in answer.items()} == {
        "logits": (0, 3),
        "probabilities": (0, 3),
        "classes": (0,),
        "class": (0,),
    }
    with pytest.raises(DataError, match="Expected equal counts"):
        training.load(run_dir).predict({**{name: [] for name in NAMES}, NAMES[1]: np.ones(2)})


def test_a_table_without_rows_is_answered_by_a_head_alone(run_dir, tmp_path, capsys):
    path, output = tmp_path / "none.csv", tmp_path / "answer.csv"
    path.write_text(",".join(NAMES) + "\n", encoding="utf-8")
    assert main(["predict", str(run_dir), str(path), "--json"]) == 0
    assert last_json(capsys) == []
    assert main(["predict", str(run_dir), str(path)]) == 0
    assert capsys.readouterr().out.splitlines()[2].split() == ["row", "class", "second", "third"]
    assert main(["predict", str(run_dir), str(path), "--output", str(output)]) == 0
    assert output.read_text(encoding="utf-8").splitlines() == ["class,probability,setosa,versicolor,virginica"]


def test_an_export_to_a_name_that_is_not_utf_8_is_refused(run_dir, tmp_path, capsys):
    folder = os.fsdecode(os.fsencode(tmp_path) + b"/\xe9")
    assert main(["export", str(run_dir), "--directory", folder]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_predict_refuses_what_is_not_finite(run_dir, capsys):
    assert main(["predict", str(run_dir), "nan", "1", "2", "3"]) == 3
    assert "sepal_length" in capsys.readouterr().err


def test_export_writes_a_model_that_loads(run_dir, capsys, tmp_path):
    arguments = ["--directory", str(tmp_path), "--name", "flowers", "--json"]
    assert main(["export", str(run_dir), *arguments]) == 0
    path = last_json(capsys)["path"]
    assert path == str(tmp_path / "flowers" / "1")
    model = tf.saved_model.load(path)
    columns = {name: tf.constant(ROWS[:, i]) for i, name in enumerate(NAMES)}
    answer = model.signatures["serving_default"](**columns)
    expected = training.load(run_dir).predict({name: ROWS[:, i] for i, name in enumerate(NAMES)})
    np.testing.assert_allclose(answer["probabilities"], expected["probabilities"], rtol=1e-5)


def test_report_prints_the_files_it_wrote(run_dir, capsys):
    assert main(["report", str(run_dir), "--json"]) == 0
    page, *paths = last_json(capsys)["paths"]
    assert page == str(run_dir / "report.html")
    assert sorted(paths) == sorted(map(str, (run_dir / "plots").iterdir()))
    assert str(run_dir / "plots" / "learning_curves.png") in paths


def test_damaged_runs_are_status_5(tmp_path, capsys):
    (tmp_path / "config.yaml").write_text("[", encoding="utf-8")
    assert main(["evaluate", str(tmp_path)]) == 5
    assert str(tmp_path) in capsys.readouterr().err
