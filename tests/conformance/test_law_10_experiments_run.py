"""Law 10: every experiment script runs, made tiny."""

import importlib.util
import inspect
from pathlib import Path

import pytest
from harness import arguments

import kerasapps
from kerasapps.app import app_names, load_app
from kerasapps.errors import DataError

LAW = "every experiment runs"
FOLDER = Path(__file__).parents[2] / "experiments"
MEASURES = ("bench", "accuracy")
SCRIPTS = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem not in MEASURES)


def script(name: str) -> object:
    """An experiment as a module."""
    spec = importlib.util.spec_from_file_location(f"experiment_{name}", FOLDER / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_application_has_an_experiment() -> None:
    for name in app_names():
        assert any(name in (FOLDER / f"{s}.py").read_text() for s in SCRIPTS)


@pytest.mark.parametrize("name", SCRIPTS)
def test_law(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    train, started = kerasapps.train, []

    def tiny_train(app: str, **given: object) -> object:
        tiny = {k: v for k, v in arguments(load_app(app)).items() if k not in ("filters", "hidden")}
        started.append(app)
        return train(app, **{**given, **tiny, "execution": "eager", "run_dir": str(tmp_path / f"{len(started)}")})

    monkeypatch.setattr(kerasapps, "train", tiny_train, raising=False)
    module = script(name)
    assert len(inspect.getsource(module).splitlines()) <= 30
    assert not started, "an experiment must not run when it is imported"
    try:
        module.main()
    except DataError as error:
        assert name == "cnn_fashion_mnist" and "Fashion-MNIST" in str(error)
    assert len(started) >= 1
