"""Law 1: both builders are one model: with the same weights, the same outputs and the same gradients."""

import numpy as np
import pytest
from harness import arguments, batch_of, without_noise

from kerasapps.app import App, load_app
from kerasapps.data.pipeline import materialise
from kerasapps.noise import Noise
from kerasapps.training import run, train
from kerasapps.training.layout import choose_layout
from kerasapps.training.session import build_parts
from kerasapps.training.step import gradients

LAW = "functional = subclassed"


def both(app: App) -> tuple:
    """(parts of each builder with equal weights, updates of each, a batch)."""
    options, hparams = train.split_arguments(app, arguments(app, l2=1e-3, **without_noise(app)))
    rows = run.open_rows(options)["train"]
    preprocess = choose_layout(app, rows.source.spec, options.data, rows.read())
    batch = batch_of(materialise(rows.take(np.arange(8)), preprocess))
    parts = [build_parts(app, name, hparams, preprocess.layout, seed=1) for name in ("functional", "subclassed")]
    for name in parts[0]:
        parts[1][name].set_weights(parts[0][name].get_weights())
    return parts, [app.task(p, hparams, preprocess.layout).updates() for p in parts], batch


def assert_same(parts: list, cycles: list, batch: dict) -> None:
    """The law itself."""
    for name in parts[0]:
        shapes = [[tuple(v.shape) for v in p[name].trainable_variables] for p in parts]
        assert shapes[0] == shapes[1]
    for first, second in zip(*cycles, strict=True):
        (grads, _, _), (others, _, _) = (gradients(u, batch, Noise(0, 0)) for u in (first, second))
        for update in (first, second):
            assert update.variables
        for gradient, other in zip(grads, others, strict=True):
            np.testing.assert_allclose(gradient, other, rtol=1e-5, atol=1e-6)
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
