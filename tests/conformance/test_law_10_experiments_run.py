"""Law 10: every experiment script runs, made tiny; one of each family in every run, the others in slow tests."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
from harness import arguments, every_app, first_of_each_family

import kerasapps
from kerasapps.app import load_app
from kerasapps.errors import ConfigError, DataError
from kerasapps.names import APPS, names_in

pytestmark = pytest.mark.usefixtures("few_rows")

LAW = "every experiment runs"
FOLDER = Path(__file__).parents[2] / "experiments"
MEASURES = ("bench", "accuracy", "generation", "reference", "replicas", "scaling", "searches", "tables", "tpu", "tuned")
SCRIPTS = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem not in MEASURES)


def script(path: Path) -> ModuleType:
    """An experiment as a module."""
    spec = importlib.util.spec_from_file_location(f"experiment_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def assert_runs(path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The law itself: small, trains only when asked, and what it asks for exists."""
    train, started = kerasapps.train, []

    def tiny_train(app: str, **given: object) -> object:
        tiny = {k: v for k, v in arguments(load_app(app)).items() if k not in ("data", "filters", "hidden")}
        if "from_run" in given:  # whose weights fit a model of its sizes alone
            tiny |= {k: v for k, v in arguments(load_app(started[0])).items() if k in tiny}
        started.append(app)
        return train(app, **{**given, **tiny, "execution": "eager", "run_dir": str(home / f"{len(started)}")})

    monkeypatch.setattr(kerasapps, "train", tiny_train, raising=False)
    module = script(path)
    assert len(path.read_text().splitlines()) <= 30
    assert not started, "an experiment must not run when it is imported"
    try:
        module.main()
    except DataError as error:
        assert "fashion_mnist" in path.stem and "Fashion-MNIST" in str(error)
    assert len(started) >= 1


def of_application(name: str) -> list[str]:
    """The experiments of an application: they are called after it, and train it."""
    trains = f'kerasapps.train("{name}"'
    return [script for script in SCRIPTS if script.startswith(name) and trains in (FOLDER / f"{script}.py").read_text()]


ALWAYS = {scripts[-1] for name in first_of_each_family(every_app()) if (scripts := of_application(name))}


def test_every_application_has_an_experiment() -> None:
    assert [name for name in names_in(APPS) if not of_application(name)] == []


@pytest.mark.parametrize(
    "name", [name if name in ALWAYS else pytest.param(name, marks=pytest.mark.slow) for name in SCRIPTS]
)
def test_law(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert_runs(FOLDER / f"{name}.py", tmp_path, monkeypatch)


@pytest.mark.parametrize(
    "change",
    [("def main", "main = None\n\ndef other"), ('"data": ', '"dota": '), ('if __name__ == "__main__":', "if True:")],
)
def test_a_script_that_does_not_run_is_caught(change: tuple, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (FOLDER / "linear_regression_line.py").read_text()
    planted = tmp_path / "linear_regression_line.py"
    planted.write_text(text.replace(*change))
    assert planted.read_text() != text
    with pytest.raises((AssertionError, TypeError, ConfigError)):
        assert_runs(planted, tmp_path, monkeypatch)
