"""The models of an application, built with seeded weights."""

import threading

import keras

from kerasapps.app import App, Parts
from kerasapps.data.spec import Layout
from kerasapps.errors import unknown_name
from kerasapps.hparams import Hparams
from kerasapps.layers.paths import set_noise_keys

_ALONE = threading.Lock()
"""Initializers draw from random numbers of the whole process: threads that built at a time would share them."""


def build_parts(
    app: App, builder: str, hparams: Hparams, layout: Layout, seed: int, precision: str = "float32"
) -> Parts:
    """The app's models with seeded weights, every variable made, and keys for the layers that draw noise.

    precision: Keras's dtype policy of their layers. Raises ConfigError for an unknown builder.
    """
    if builder not in app.builders:
        raise unknown_name(f"builder of {app.name}", builder, app.builders)
    with _ALONE:
        keras.utils.set_random_seed(seed)
        before = keras.config.dtype_policy()
        keras.config.set_dtype_policy(precision)
        try:
            parts = app.builders[builder](hparams, layout)
        finally:
            keras.config.set_dtype_policy(before)
    set_noise_keys(parts)
    return parts


def synchronizes(parts: Parts) -> bool:
    """Whether layers of the parts reduce over the rows of all replicas in the forward pass."""
    layers = (layer for part in parts.values() for layer in part._flatten_layers())
    return any(getattr(layer, "reduces_over_replicas", False) for layer in layers)
