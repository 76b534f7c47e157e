"""What `kerasapps train` hands to the engine; the engine itself is stood in for."""

import json
import re
from types import SimpleNamespace

import pytest

from kerasapps.__main__ import main
from kerasapps.app import load_app
from kerasapps.apps.logistic_regression import TEXTS
from kerasapps.cli.train import _printed
from kerasapps.data.spec import Target
from kerasapps.runs import checkpoint
from kerasapps.runs.options import Options
from kerasapps.settings import settings
from kerasapps.training import train as training
from kerasapps.training.summary import _time, after

RECORD = {
    "app": "cnn",
    "data": "digits",
    "status": "completed",
    "epochs": 3,
    "history": {"loss": [3.0, 2.0, 1.0]},
    "seconds": {"import": 0.5, "data": 0.125, "compile": 0.25, "train": 0.375, "total": 1.25},
    "examples_per_second": 12345.6,
    "validation": {"loss": 0.5},
    "test": {"loss": 0.25, "accuracy": 0.75},
}


@pytest.fixture
def calls(monkeypatch):
    """Calls of train and resume: (function, first argument, keyword arguments)."""
    made = []
    for name in ("train", "resume"):

        def record(first, name=name, **given):
            made.append((name, str(first), given))
            reals = Target("reals", 1, ("y",), (0.0,), (2.0,))
            layout = SimpleNamespace(target=reals if first == "linear_regression" else Target("classes"))
            return SimpleNamespace(record=RECORD, directory="runs/x", layout=layout, signatures={})

        monkeypatch.setattr(training, name, record)
    return made


def test_only_what_was_given_is_passed_on(calls):
    assert main(["train", "cnn", "--no-report"]) == 0
    assert calls == [("train", "cnn", {})]


def test_flags_of_both_kinds_are_passed_on_typed(calls):
    given = "--data mnist-5k --filters 4 8 --learning_rate 1e-3 --require-xla --split-seed=7 --epochs 2"
    assert main(["train", "cnn", "--no-report", *given.split()]) == 0
    expected = {"data": "mnist-5k", "filters": (4, 8), "learning_rate": 0.001, "require_xla": True}
    assert calls == [("train", "cnn", {**expected, "split_seed": 7, "epochs": 2})]


def test_the_run_to_start_from_is_named_by_from(calls, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in "ab":
        (tmp_path / "runs" / name).mkdir(parents=True)
    path = tmp_path / "c.yaml"
    path.write_text("from: runs/a\n", encoding="utf-8")
    assert main(["train", "cnn", "--no-report", "--config", str(path)]) == 0
    assert calls.pop()[2] == {"from_run": "runs/a"}
    assert main(["train", "cnn", "--no-report", "--config", str(path), "--from", "runs/b"]) == 0
    assert calls == [("train", "cnn", {"from_run": "runs/b"})]


def test_app_names_take_dashes(calls):
    assert main(["train", "softmax-regression", "--no-report"]) == 0
    assert calls[0][1] == "softmax_regression"


def test_flags_win_over_the_file(calls, tmp_path):
    path = tmp_path / "c.yaml"
    path.write_text("app: cnn\nepochs: 2\nseed: 5\ndata: mnist-5k\n", encoding="utf-8")
    for arguments in (["--config", str(path), "--epochs", "3"], ["--epochs", "3", f"--config={path}"]):
        assert main(["train", "cnn", "--no-report", *arguments]) == 0
        assert calls.pop() == ("train", "cnn", {"epochs": 3, "seed": 5, "data": "mnist-5k"})


def test_the_file_of_another_app_is_refused(calls, tmp_path, capsys):
    path = tmp_path / "c.yaml"
    path.write_text("app: mlp\n", encoding="utf-8")
    assert main(["train", "cnn", "--no-report", "--config", str(path)]) == 2
    message = capsys.readouterr().err
    assert not calls and all(text in message for text in ("c.yaml", "'mlp'", "'cnn'"))


def test_resume_takes_the_run_directory(calls, tmp_path):
    (tmp_path / "config.yaml").write_text("app: cnn\n", encoding="utf-8")
    checkpoint.write_sums(tmp_path)
    assert main(["train", "cnn", "--no-report", "--resume", "--run-dir", str(tmp_path), "--stop-at-epoch", "3"]) == 0
    assert calls == [("resume", str(tmp_path), {"stop_at_epoch": 3})]
    assert main(["train", "mlp", "--no-report", "--resume", "--run-dir", str(tmp_path)]) == 2
    assert main(["train", "cnn", "--no-report", "--resume", "--run-dir", str(tmp_path / "none")]) == 5
    assert main(["train", "cnn", "--no-report", "--resume"]) == 2
    assert len(calls) == 1


@pytest.mark.parametrize(("epochs", "said"), [(3, True), (2, False)])
def test_a_resume_that_changes_no_record_says_that_nothing_was_trained(calls, tmp_path, capsys, epochs, said):
    """The engine answers with RECORD, of three epochs."""
    (tmp_path / "config.yaml").write_text("app: cnn\n", encoding="utf-8")
    checkpoint.write_sums(tmp_path)
    (tmp_path / "record.json").write_text(json.dumps({**RECORD, "epochs": epochs}), encoding="utf-8")
    assert main(["train", "cnn", "--no-report", "--resume", "--run-dir", str(tmp_path)]) == 0
    message = "The run was completed already: nothing was trained."
    assert (message in capsys.readouterr().err) == said


def test_the_record_is_on_stdout_and_the_summary_left_to_training(calls, capsys):
    assert main(["train", "cnn", "--no-report"]) == 0
    captured = capsys.readouterr()
    assert captured.out == "" and "completed" not in captured.err
    assert main(["train", "cnn", "--no-report", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert printed == {**RECORD, "directory": "runs/x", "metrics": "runs/x/metrics.csv"}


@pytest.mark.parametrize(("epochs", "is_printed"), [(200, True), (201, False)])
def test_a_long_history_is_left_to_metrics_csv(epochs, is_printed):
    history = {"loss": [0.5] * epochs, "val_loss": [0.25] * epochs}
    run = SimpleNamespace(record={**RECORD, "history": history}, directory="runs/x", signatures={})
    assert _printed(run)["history"] == (history if is_printed else None)
    assert run.record["history"] == history


def test_the_summary_says_where_the_time_went_and_labels_the_loss_of_reals():
    layout = SimpleNamespace(target=Target("reals", 1, ("y",), (0.0,), (2.0,)))
    lines = after(SimpleNamespace(record=RECORD, directory="runs/x", layout=layout, signatures={}))
    assert all(text in "".join(lines) for text in ("cnn on digits: completed", "runs/x"))
    expected = "1.2 s (import 0.5, compile 0.2, train 0.4), 12,346 examples/s once warm"
    assert expected in " ".join(" ".join(lines).split())
    assert "test         loss (standardised units) 0.25, accuracy 0.75" in lines
    assert _time({"seconds": {"total": 2.0}, "examples_per_second": 0.0}) == "2.0 s"


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--epohcs", "3"], ["'--epohcs'", "'--epochs'", "--filters", "--split-seed"]),
        (["--epoch", "3"], ["'--epoch'", "'--epochs'"]),
        (["--filters", "x"], ["--filters='x'", "int"]),
        (["--builder", "nonsense"], ["nonsense", "functional"]),
        (["--json", "3"], ["--json=3", "bool"]),
        (["--config"], ["--config"]),
        (["--data", "mnist_6k"], ["'mnist_6k'", "'mnist_5k'"]),
        (["mnist_5k"], ["'mnist_5k'"]),
    ],
)
def test_bad_arguments_are_status_2_and_train_nothing(calls, capsys, arguments, named):
    assert main(["train", "cnn", "--no-report", *arguments]) == 2
    message = capsys.readouterr().err
    assert not calls and all(text in message for text in named), message


def test_a_flag_before_the_app_is_refused(calls, capsys):
    assert main(["train", "--epochs", "3", "cnn"]) == 2
    assert "kerasapps train APP" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("app", "given", "expected"),
    [
        ("cnn", [], {"epochs": "24 for mnist_5k, 12", "padding": "auto"}),
        (
            "cnn",
            ["--data", "fashion_mnist"],
            {"epochs": "13 for fashion_mnist, 12", "padding": "same for fashion_mnist"},
        ),
        ("cnn", ["--data", "digits"], {"epochs": "12]", "padding": "auto"}),
        ("mlp", ["--data", "tfds:mnist"], {"dropout": "0.0]"}),
        ("logistic_regression", ["--data", "said.csv"], {"epochs": f"{TEXTS['epochs']} for said.csv, "}),
        ("translation", [], {"tokenizer": "subwords]"}),
    ],
)
def test_help_shows_the_values_that_are_used_for_the_data(capsys, tmp_path, app, given, expected):
    """Those of the source, and those that suit the kinds of its inputs, which are read."""
    rows = "\n".join(f"a film of {i} acts,{i % 2}" for i in range(40))
    (tmp_path / "said.csv").write_text(f"said,label\n{rows}\n", encoding="utf-8")
    paths = [str(tmp_path / each) if each.endswith(".csv") else each for each in given]
    assert main(["train", app, *paths, "--help"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    for name, value in expected.items():
        own = text.partition(f"--{name}")[2].partition("]")[0] + "]"
        assert f"default {value}" in own


def test_help_of_an_app_lists_all_that_can_be_set(calls, capsys):
    assert main(["train", "cnn", "--help"]) == 0
    text = capsys.readouterr().out
    for name, field in {**settings(load_app("cnn").hparams), **settings(Options)}.items():
        assert f"  --{name.replace('_', '-')}" in re.split("[,\n]", text)
        assert " ".join(field.help.split()) in " ".join(text.split())
    assert text.index("hyperparameters:") < text.index("--filters") < text.index("run options") < text.index("--seed")
    assert not calls
