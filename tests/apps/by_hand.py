"""Layouts and batches made by hand, and the gradients of an app's update on them."""

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from layouts import one_field

from kerasapps.app import App, Parts, accepted_forms, load_app
from kerasapps.data.spec import Field, Form, Layout, Target
from kerasapps.layers.paths import set_noise_keys
from kerasapps.names import APPS, names_in


def vector_layout(features: int, target: Target) -> Layout:
    """Vectors of so many features."""
    return one_field("vector", (features,), target, tuple(f"x{i}" for i in range(features)))


def classes(number: int) -> Target:
    """So many classes, named by letters."""
    return Target("classes", number, tuple("abcdefghijklmnopqrstuvwxyz"[:number]))


def reals(*mean_and_scale: tuple[float, float]) -> Target:
    """One real for each (mean, scale)."""
    mean, scale = zip(*mean_and_scale, strict=True)
    return Target("reals", len(mean), tuple(f"y{i}" for i in range(len(mean))), mean, scale)


def batch(inputs: np.ndarray, labels: np.ndarray, weights: Any = None) -> dict[str, Any]:
    """A Batch; every row counts unless `weights` says otherwise."""
    labels = labels.astype(np.float32 if labels.ndim == 2 else np.int32)
    weights = np.ones(len(inputs)) if weights is None else weights
    return {
        "inputs": {"inputs": tf.constant(inputs, tf.float32)},
        "labels": tf.constant(labels),
        "weights": tf.constant(weights, tf.float32),
    }


def build(app: App, layout: Layout, builder: str = "functional", **hparams: Any) -> tuple[Parts, Any]:
    """An app's parts, whose layers that draw have keys, and its hyperparameters."""
    values = app.hparams(**hparams)
    parts = app.builders[builder](values, layout)
    set_noise_keys(parts)
    return parts, values


def task_of(app: App, layout: Layout, **hparams: Any) -> Any:
    """An app's task, of functional parts."""
    return app.task(*build(app, layout, **hparams), layout)


def gradients(app: App, parts: Parts, hparams: Any, layout: Layout, rows: dict[str, Any]) -> list[np.ndarray]:
    """Gradients of the mean loss plus penalties, of the app's only update."""
    (update,) = app.task(parts, hparams, layout).updates()
    with tf.GradientTape() as tape:
        values, weights, _ = update.loss(rows, None)
        loss = tf.reduce_sum(values * weights) / tf.reduce_sum(weights) + update.penalties()
    return [np.asarray(gradient) for gradient in tape.gradient(loss, list(update.variables))]


TARGETS = {
    "classes": classes(3),
    "binary": classes(2),
    "reals": reals((0, 1), (2, 3)),
    "any": Target("none"),
    "tokens": Target("tokens", 9, length=4),
}
SHAPES = {"vector": (4,), "image": (10, 9, 2), "sequence": (6, 3), "tokens": (6,)}
EVERY = [load_app(name) for name in names_in(APPS)]
CASES = [
    pytest.param(
        app, forms, target, id=f"{app.name}-{'+'.join(forms)}-{target}", marks=pytest.mark.slow if more else ()
    )
    for app in EVERY
    for more, (forms, target) in enumerate(
        (forms, target) for forms, targets in accepted_forms(app).items() for target in targets
    )
]
"""What every application accepts; all but the first of each are slow tests."""


def layout_of(forms: tuple[Form, ...], target: str) -> Layout:
    """A field of each form, called as it."""
    fields = (Field(form, form, SHAPES[form], vocabulary=9 * (form == "tokens")) for form in forms)
    return Layout(tuple(fields), TARGETS[target])
