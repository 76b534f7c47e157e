"""Law 1: both builders are one model: with the same weights, the same outputs and the same gradients.

Weights are matched by their paths inside a part: where layers stand side by side, Keras lists them in another order.
"""

import numpy as np
import pytest
from harness import arguments, batch_of, without_noise

from kerasapps.app import App, load_app
from kerasapps.data.pipeline import materialise
from kerasapps.data.rows import open_rows
from kerasapps.engine.parts import build_parts
from kerasapps.engine.step import gradients
from kerasapps.layers.paths import weight_paths
from kerasapps.noise import Noise
from kerasapps.runs.config import resolve
from kerasapps.training.prepare import fit_preprocess

LAW = "functional = subclassed"


def both(app: App) -> tuple:
    """(parts of each builder with equal weights, updates of each, a batch)."""
    options, hparams = resolve(app, arguments(app, l2=1e-3, **without_noise(app)))
    rows = open_rows(options)["train"]
    preprocess = fit_preprocess(app, options, {"train": rows})
    batch = batch_of(materialise(rows.take(np.arange(8)), preprocess))
    parts = [build_parts(app, name, hparams, preprocess.layout, seed=1) for name in ("functional", "subclassed")]
    for name, part in parts[0].items():
        weights = dict(weight_paths(part))
        for path, weight in weight_paths(parts[1][name]):
            weight.assign(weights.pop(path))
        assert not weights
    return parts, [app.task(p, hparams, preprocess.layout).updates() for p in parts], batch


def assert_same(parts: list, cycles: list, batch: dict) -> None:
    """The law itself."""
    paths = [{id(v): f"{name}/{path}" for name, part in p.items() for path, v in weight_paths(part)} for p in parts]
    for first, second in zip(*cycles, strict=True):
        expected, others = (
            {named[id(v)]: g for v, g in zip(u.variables, gradients(u, batch, Noise(0, 0))[0], strict=True)}
            for named, u in zip(paths, (first, second), strict=True)
        )
        assert expected and expected.keys() == others.keys()
        for path, gradient in expected.items():
            np.testing.assert_allclose(gradient, others[path], rtol=1e-5, atol=1e-6, err_msg=path)
        for own, other in zip(*(u.loss(batch, Noise(0, 0)) for u in (first, second)), strict=True):
            np.testing.assert_allclose(own, other, rtol=1e-5, atol=1e-6)


def test_law(app: App) -> None:
    assert_same(*both(app))


def test_a_builder_with_another_weight_is_caught() -> None:
    parts, cycles, batch = both(load_app("mlp"))
    variable = parts[1]["model"].trainable_variables[0]
    variable.assign(variable.numpy() + np.eye(*variable.shape) * 1e-2)
    with pytest.raises(AssertionError):
        assert_same(parts, cycles, batch)
