"""The top level: help, names, exit statuses, and what must not be imported for them."""

import json
import os
import subprocess
import sys
import warnings

import pytest

from kerasapps import __main__, __version__, errors
from kerasapps.__main__ import main
from kerasapps.app import load_app
from kerasapps.names import APPS, COMMANDS, SOURCES, hparams_of, names_in, summary
from kerasapps.settings import settings

LIGHT = """
import contextlib, io, json, sys
from kerasapps.__main__ import main
with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    statuses = [main(arguments.split()) for arguments in sys.argv[1:]]
print(json.dumps([statuses, sorted({name.partition(".")[0] for name in sys.modules})]))
"""


def light(*commands):
    """Exit statuses of commands run in one fresh interpreter, and the packages they imported."""
    done = subprocess.run([sys.executable, "-c", LIGHT, *commands], capture_output=True, text=True, check=True)
    statuses, modules = json.loads(done.stdout)
    return statuses, set(modules)


HEAVY = {"tensorflow", "keras", "sklearn", "pandas", "keras_tuner", "matplotlib"}


def test_help_and_list_import_little():
    statuses, modules = light("--help", "list", "list --json", "", "nonsense", "train --help")
    assert statuses == [0, 0, 0, 0, 2, 0]
    assert not modules & (HEAVY | {"jsonargparse", "rich", "PIL", "yaml"})


def test_wrong_names_are_refused_before_tensorflow():
    statuses, modules = light(
        "describe nonsense",
        "train nonsense",
        "train cnn --data nonsense",
        "train cnn --data missing.csv",
        "train cnn --rows -1",
        "train cnn --seed x",
        "train cnn --epoch 3",
        "train mlp --rotation-degrees 3",
        "tune mlp --hiden 3",
        "evaluate missing",
        "predict missing 1",
        "export missing",
        "report missing",
    )
    assert statuses == [2, 2, 2, 3, *[2] * 5, 5, 5, 5, 5]
    assert not modules & HEAVY


def test_settings_that_an_app_has_of_its_layers_are_read_before_tensorflow():
    """A package is imported with its modules: kerasapps.layers imports Keras, behind the back of startup."""
    statuses, modules = light("train translation --epoch 3", "train language_model --rows -1", "tune rnn --hiden 3")
    assert statuses == [2, 2, 2]
    assert not modules & HEAVY


def test_the_help_of_an_app_says_nothing_of_tensorflow():
    command = [sys.executable, "-m", "kerasapps", "train", "transformer", "--help"]
    loud = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=loud)
    assert done.stderr == "" and "--heads" in done.stdout


@pytest.mark.parametrize("name", names_in(APPS))
def test_the_source_of_an_app_tells_its_hyperparameters(name):
    assert hparams_of(f"kerasapps.apps.{name}") == set(settings(load_app(name).hparams))


def test_a_source_that_is_written_otherwise_tells_no_hyperparameters(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "made_apps").mkdir()
    for name, text in {"called": "APP = make_app(hparams=made())", "none": "x = 1", "broken": "APP = ("}.items():
        (tmp_path / "made_apps" / f"{name}.py").write_text(text, encoding="utf-8")
        assert hparams_of(f"made_apps.{name}") is None


def test_help_names_every_command_with_its_summary(capsys):
    assert main(["--help"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    for name in names_in(COMMANDS):
        assert summary(COMMANDS, name) and f" {name} {summary(COMMANDS, name)} " in text
    assert {"describe", "doctor", "evaluate", "export", "list", "predict", "report", "train"} <= set(names_in(COMMANDS))


def test_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"kerasapps {__version__}\n"


def test_every_command_has_help_that_fits_the_terminal(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    for words in ([], ["train", "mlp"], *([name] for name in names_in(COMMANDS))):
        assert main([*words, "--help"]) == 0
        text = capsys.readouterr().out
        assert " ".join(["kerasapps", *words]) in text
        assert max(map(len, text.splitlines())) <= 80, words


def test_list_names_apps_and_sources(capsys):
    assert main(["list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert sorted(listed["apps"]) == names_in(APPS)
    assert sorted(listed["sources"]) == names_in(SOURCES)
    assert all([*listed["apps"].values(), *listed["sources"].values()])
    assert main(["list"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "PATH a .csv, .tsv, .npz or .txt file, or a folder of images, sounds or texts" in text
    assert all(name in text and summary in text for name, summary in listed["apps"].items())


def test_unknown_command_names_the_nearest(capsys):
    assert main(["trian"]) == 2
    message = capsys.readouterr().err
    assert message.startswith("kerasapps: error: ")
    assert "'trian'" in message and "Did you mean 'train'?" in message and "evaluate" in message


@pytest.mark.parametrize(
    "arguments", [["list", "--jsn"], ["list", "--js"], ["evaluate"], ["evaluate", "a", "--split", "b"]]
)
def test_usage_errors_are_status_2_and_abbreviations_are_refused(arguments, capsys):
    assert main(arguments) == 2
    assert "error" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.ConfigError("text"), 2),
        (errors.DataError("text"), 3),
        (errors.TrainingError("text"), 4),
        (errors.CheckpointError("text"), 5),
        (errors.Interrupted("text"), 130),
        (KeyboardInterrupt(), 130),
    ],
)
def test_errors_become_exit_statuses(error, status, monkeypatch, capsys):
    def fail(arguments):
        raise error

    monkeypatch.setattr(__main__, "_dispatch", fail)
    assert main([]) == status
    captured = capsys.readouterr()
    assert captured.err.startswith("kerasapps: ") and not captured.out
    assert str(error) in captured.err


@pytest.mark.parametrize(
    "arguments, status",
    [
        (["evaluate", "a" * 300], 5),
        (["train", "mlp", "--data", "a" * 300], 2),
        (["train", "mlp", "--run-dir", "runs/\0"], 2),
        (["train", "mlp", "--from", "a" * 300], 5),
    ],
)
def test_names_that_no_file_can_have_are_refused(arguments, status, capsys):
    assert main(arguments) == status
    assert "error: " in capsys.readouterr().err


def test_a_warning_is_shown_without_its_place_in_the_source():
    with __main__._plain_warnings():
        assert warnings.formatwarning("said\x1b", UserWarning, "file.py", 3) == "kerasapps: warning: said\\x1b\n"
        assert "file.py:3" in warnings.formatwarning("said", RuntimeWarning, "file.py", 3)
    assert "file.py:3" in warnings.formatwarning("said", UserWarning, "file.py", 3)


def test_unexpected_errors_keep_their_traceback(monkeypatch):
    def fail(arguments):
        raise ZeroDivisionError

    monkeypatch.setattr(__main__, "_dispatch", fail)
    with pytest.raises(ZeroDivisionError):
        main([])


def test_a_reader_that_leaves_is_no_error():
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "kerasapps", "list"]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")
