"""Every part that an application builds is saved by Keras, and loaded in a process that knows nothing of the run."""

import dataclasses
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from by_hand import CASES, EVERY, TARGETS, build, layout_of
from harness import first_of_each_family

from kerasapps.app import App
from kerasapps.data.augment import Augmentation
from kerasapps.data.spec import Field, Forecast, Layout
from kerasapps.hparams import Hparams
from kerasapps.layers.stacks import Stacked
from kerasapps.settings import settings

RANDOM = np.random.default_rng(7)
ASKED = first_of_each_family(EVERY)
LOAD = """
import kerasapps
import sys
assert "tensorflow" not in sys.modules and "keras" not in sys.modules
import keras
import numpy as np
from pathlib import Path

for path in sorted(Path(sys.argv[1]).glob("*.keras")):
    inputs = dict(np.load(path.with_suffix(".inputs.npz")))
    try:
        model = keras.models.load_model(path)
        answers = keras.tree.flatten(model(inputs if len(inputs) > 1 else list(inputs.values())[0], training=False))
    except Exception as error:
        path.with_suffix(".error").write_text(f"{type(error).__name__}: {error}")
        continue
    np.savez(path.with_suffix(".loaded.npz"), *answers, *model.get_weights())
"""


def every_case() -> Iterator[Any]:
    """All that applications accept, forecasts too, and each other choice that a setting has, by both builders.

    Quick is the first of an application of each family, by the builder whose file has the most of kerasapps in it.
    """
    for label, more, asked in asked_of_apps():
        for builder in ("subclassed", "functional"):
            slow = more or builder == "functional"
            yield pytest.param(builder, *asked, id=f"{label}-{builder}", marks=pytest.mark.slow if slow else ())


def asked_of_apps() -> Iterator[tuple[str, bool, tuple[App, Layout, dict[str, Any]]]]:
    """What is built: a label, whether it is more than the first of an application, and how it is built."""
    for case in CASES:
        app, forms, target = case.values
        yield case.id, bool(case.marks) or app.name not in ASKED, (app, layout_of(forms, target), {})
    series = Layout((Field("inputs", "sequence", (6, 1)),), TARGETS["reals"], Forecast())
    forecasting = [app for app in EVERY if "reals" in app.accepts.get("sequence", ())]
    for app in forecasting:
        yield f"{app.name}-forecast", True, (app, series, {})
    for app in EVERY:
        for name, choice in other_choices(app):
            yield f"{app.name}-{name}-{choice}", True, (app, chosen_layout(app), {name: choice})


def chosen_layout(app: App) -> Layout:
    """What the application takes first, of images large enough for every choice, and with classes where any will do."""
    forms, target = next((forms, target) for asked, forms, target in (case.values for case in CASES) if asked is app)
    layout = layout_of(forms, "classes" if target == "any" else target)
    large = (
        dataclasses.replace(field, shape=(20, 19, 2)) if field.form == "image" else field for field in layout.inputs
    )
    return dataclasses.replace(layout, inputs=tuple(large))


def other_choices(app: App) -> Iterator[tuple[str, Any]]:
    """Names and values of what the application's own settings may be besides their defaults."""
    for name, one in settings(app.hparams).items():
        if name not in settings(Hparams) and name not in settings(Augmentation):
            choices = (not one.default,) if one.kind is bool else one.choices
            yield from ((name, choice) for choice in choices if choice != one.default)


def numbers(shape: Sequence[int], dtype: str) -> np.ndarray:
    """Three rows of what a part takes."""
    shape = (3, *shape)
    return RANDOM.integers(0, 4, shape, np.int32) if dtype == "int32" else RANDOM.uniform(0, 1, shape).astype(dtype)


def inputs_of(part: keras.Model) -> dict[str, np.ndarray]:
    """Random inputs by name."""
    if isinstance(part, Stacked):
        return {given["name"]: numbers(given["shape"], given["dtype"]) for given in part.given}
    return {tensor.name: numbers(tensor.shape[1:], tensor.dtype) for tensor in part.inputs}


def save(part: keras.Model, path: Path) -> None:
    """Save the part with random weights; and inputs of it, and what it makes of them with its weights behind that."""
    part.set_weights([RANDOM.uniform(0.1, 1, weight.shape) for weight in part.get_weights()])
    inputs = inputs_of(part)
    answers = part(inputs if len(inputs) > 1 else next(iter(inputs.values())), training=False)
    np.savez(path.with_suffix(".inputs.npz"), **inputs)
    np.savez(path.with_suffix(".saved.npz"), *keras.tree.flatten(answers), *part.get_weights())
    part.save(path)


@pytest.fixture(scope="module")
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The parts of all cases that are asked for, saved here and loaded by one other process."""
    folder = tmp_path_factory.mktemp("parts")
    for item in request.session.items:
        if item.module is request.module and "layout" in item.callspec.params:
            save_parts(folder, item.callspec.id, **item.callspec.params)
    subprocess.run([sys.executable, "-c", LOAD, folder], check=True, timeout=1800)
    return folder


def save_parts(folder: Path, label: str, builder: str, app: App, layout: Layout, hparams: dict[str, Any]) -> None:
    """All parts of an application."""
    tiny = {name: value for name, value in app.tiny.items() if name in settings(app.hparams)}
    for name, part in build(app, layout, builder, **{**tiny, **hparams, "l2": 0.1})[0].items():
        save(part, folder / f"{label}.{name}.keras")


@pytest.mark.parametrize(("builder", "app", "layout", "hparams"), every_case())
def test_a_saved_part_is_the_same_elsewhere(
    builder: str, app: App, layout: Layout, hparams: dict[str, Any], folder: Path, request: pytest.FixtureRequest
) -> None:
    paths = sorted(folder.glob(f"{request.node.callspec.id}.*.keras"))
    assert paths
    for path in paths:
        error = path.with_suffix(".error")
        assert not error.exists(), f"{path.name}: {error.read_text()}"
        saved, loaded = (list(np.load(path.with_suffix(f".{which}.npz")).values()) for which in ("saved", "loaded"))
        assert len(saved) == len(loaded)
        for expected, got in zip(saved, loaded, strict=True):
            np.testing.assert_array_equal(got, expected, err_msg=path.name)
