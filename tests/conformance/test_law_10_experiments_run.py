"""Law 10: every experiment runs, made tiny; one of each family in every run, the others in slow tests."""

import dataclasses
import importlib.util
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from harness import arguments, every_app, first_of_each_family

import kerasapps
from kerasapps.app import load_app
from kerasapps.errors import ConfigError, DataError
from kerasapps.names import APPS, names_in

pytestmark = pytest.mark.usefixtures("few_rows")

LAW = "every experiment runs"
FOLDER = Path(__file__).parents[2] / "experiments"


def script(path: Path) -> ModuleType:
    """A file of experiments/ as a module."""
    spec = importlib.util.spec_from_file_location(f"experiment_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


runner = script(FOLDER / "run.py")


def assert_runs(find: Callable[[], Callable[..., Any]], name: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The law itself: found, it trains only when it is called, and what it asks for exists."""
    train, started = kerasapps.train, []

    def tiny_train(app: str, **given: object) -> object:
        tiny = {k: v for k, v in arguments(load_app(app)).items() if k not in ("data", "filters", "hidden")}
        if "from_run" in given:  # whose weights fit a model of its sizes alone
            tiny |= {k: v for k, v in arguments(load_app(started[0])).items() if k in tiny}
        started.append(app)
        return train(app, **{**given, **tiny, "execution": "eager", "run_dir": str(home / f"{len(started)}")})

    monkeypatch.setattr(kerasapps, "train", tiny_train, raising=False)
    main = find()
    assert not started, "an experiment must not run when it is imported"
    try:
        main()
    except DataError as error:
        assert "fashion_mnist" in name and "Fashion-MNIST" in str(error)
    assert len(started) >= 1


def of_application(name: str) -> list[str]:
    """The experiments of an application: they are called after it, and train it."""
    called = sorted(each for each in runner.names() if each.startswith(name))
    return [each for each in called if _trains(each, name)]


def _trains(experiment: str, app: str) -> bool:
    if experiment in runner.scripts():
        return f'kerasapps.train("{app}"' in (FOLDER / f"{experiment}.py").read_text()
    return runner.EXPERIMENTS[experiment].app == app


ALWAYS = {found[-1] for name in first_of_each_family(every_app()) if (found := of_application(name))}


def test_every_application_has_an_experiment() -> None:
    assert [name for name in names_in(APPS) if not of_application(name)] == []


def test_every_script_is_an_experiment_or_measures() -> None:
    """An experiment's main takes **overrides; others take arguments of a command line, or none."""
    for path in FOLDER.glob("*.py"):
        (taken,) = re.findall(r"^def main\((.*)\) -> ", path.read_text(), re.MULTILINE)
        assert not taken or taken.startswith("argv: ") or path.stem in runner.scripts()
    for name in runner.scripts():
        assert len((FOLDER / f"{name}.py").read_text().splitlines()) <= 30


@pytest.mark.parametrize(
    "name", [name if name in ALWAYS else pytest.param(name, marks=pytest.mark.slow) for name in runner.names()]
)
def test_law(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert_runs(lambda: runner.main_of(name), name, tmp_path, monkeypatch)


SCRIPT = """import kerasapps

FIELDS = {"data": "line"}


def main(**overrides):
    return kerasapps.train("linear_regression", **{**FIELDS, **overrides})


if __name__ == "__main__":
    main()
"""


@pytest.mark.parametrize(
    "change",
    [("def main", "main = None\n\ndef other"), ('"data": ', '"dota": '), ('if __name__ == "__main__":', "if True:")],
)
def test_a_script_that_does_not_run_is_caught(change: tuple, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right, planted = tmp_path / "right.py", tmp_path / "planted.py"
    right.write_text(SCRIPT)
    assert_runs(lambda: script(right).main, "right", tmp_path / "right", monkeypatch)
    planted.write_text(SCRIPT.replace(*change))
    assert planted.read_text() != SCRIPT
    with pytest.raises((AssertionError, TypeError, ConfigError)):
        assert_runs(lambda: script(planted).main, "planted", tmp_path, monkeypatch)


NO_SUCH_METRIC = dataclasses.replace(
    runner.EXPERIMENTS["mlp_wine"].claims[0], measure=lambda run: run.record["test"]["bleu"]
)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"app": "linear_regresion"}, ConfigError),
        ({"fields": {"dota": "line"}}, ConfigError),
        ({"fields": {"data": "xor"}}, ConfigError),
        ({"claims": (NO_SUCH_METRIC,)}, KeyError),
    ],
)
def test_a_listed_experiment_that_does_not_run_is_caught(
    change: dict, error: type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = runner.EXPERIMENTS["linear_regression_line"]
    monkeypatch.setitem(runner.EXPERIMENTS, listed.name, dataclasses.replace(listed, **change))
    with pytest.raises((error, AssertionError)):
        assert_runs(lambda: runner.main_of(listed.name), listed.name, tmp_path, monkeypatch)
