"""What augmentation does to a batch, with noise drawn for every row: the settings say how much."""

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Protocol

import tensorflow as tf

from kerasapps.data import images, mixing

Batch = Mapping[str, Any]


class Noise(Protocol):
    """Where the noise of a step comes from: a pure function of the step and of a name."""

    def normal(self, name: str, shape: Any) -> Any:
        """Standard normal float32 of `shape`."""

    def uniform(self, name: str, shape: Any) -> Any:
        """Uniform float32 in [0, 1) of `shape`."""


Variation = Callable[[Batch, Noise], Batch]


def chosen(settings: Any) -> list[Variation]:
    """Those that `settings` (an Augmentation) ask for, in the order in which they are done."""
    of_images = {
        _warp: settings.rotation_degrees or settings.zoom or settings.shift_pixels,
        _flip: settings.flip_horizontal or settings.flip_vertical,
        _crop: settings.crop_pixels,
        _colour: settings.contrast or settings.brightness or settings.noise,
        _cut_out: settings.cutout_pixels,
    }
    of_batches = {_mixup: settings.mixup, _cutmix: settings.cutmix}
    variations = [partial(_on_images, vary, settings) for vary, strength in of_images.items() if strength]
    return variations + [partial(vary, settings) for vary, strength in of_batches.items() if strength]


def _on_images(vary: Callable, settings: Any, batch: Batch, draw: Noise) -> Batch:
    return {**batch, "inputs": vary(settings, batch["inputs"], draw)}


def _uniform(draw: Noise, name: str, inputs: Any, numbers: int = 0) -> tf.Tensor:
    """[batch], or [batch, numbers], in [0, 1)."""
    rows = tf.shape(inputs)[0]
    return draw.uniform(name, [rows, numbers] if numbers else [rows])


def _either_way(draw: Noise, name: str, inputs: Any, limit: float, numbers: int = 0) -> tf.Tensor:
    """The same in [-limit, limit)."""
    return limit * (2 * _uniform(draw, name, inputs, numbers) - 1)


def _pixel(draw: Noise, name: str, inputs: Any) -> tf.Tensor:
    """A row and a column of each image, float32 [batch, 2]."""
    return tf.floor(_uniform(draw, name, inputs, 2) * tf.constant(list(inputs.shape[1:3]), tf.float32))


def _warp(settings: Any, inputs: Any, draw: Noise) -> tf.Tensor:
    angles = _either_way(draw, "rotation", inputs, math.radians(settings.rotation_degrees))
    scales = 1 + _either_way(draw, "zoom", inputs, settings.zoom)
    return images.warp(inputs, angles, scales, _either_way(draw, "shift", inputs, settings.shift_pixels, 2))


def _flip(settings: Any, inputs: Any, draw: Noise) -> tf.Tensor:
    for name, axis in (("flip_vertical", 1), ("flip_horizontal", 2)):
        if getattr(settings, name):
            inputs = images.flip(inputs, _uniform(draw, name, inputs) < 0.5, axis)
    return inputs


def _crop(settings: Any, inputs: Any, draw: Noise) -> tf.Tensor:
    places = 2 * settings.crop_pixels + 1
    corners = tf.floor(_uniform(draw, "crop", inputs, 2) * float(places))
    return images.crop(inputs, tf.cast(corners, tf.int32), settings.crop_pixels)


def _colour(settings: Any, inputs: Any, draw: Noise) -> tf.Tensor:
    varied = inputs
    if settings.contrast:
        varied = images.contrast(varied, 1 + _either_way(draw, "contrast", inputs, settings.contrast))
    if settings.brightness:
        varied += images.per_image(_either_way(draw, "brightness", inputs, settings.brightness))
    if settings.noise:
        varied += settings.noise * draw.normal("noise", tf.shape(inputs))
    return tf.clip_by_value(varied, 0.0, 1.0)


def _cut_out(settings: Any, inputs: Any, draw: Noise) -> tf.Tensor:
    return images.cut_out(inputs, _pixel(draw, "cutout", inputs), settings.cutout_pixels)


def _weights(name: str, alpha: float, inputs: Any, draw: Noise) -> tf.Tensor:
    return mixing.beta(alpha, _uniform(draw, f"{name}_first", inputs), _uniform(draw, f"{name}_second", inputs))


def _others(batch: Batch, draw: Noise) -> tf.Tensor:
    return mixing.partners(batch["counts"], _uniform(draw, "partners", batch["inputs"]))


def _mixup(settings: Any, batch: Batch, draw: Noise) -> Batch:
    return mixing.mixup(batch, _weights("mixup", settings.mixup, batch["inputs"], draw), _others(batch, draw))


def _cutmix(settings: Any, batch: Batch, draw: Noise) -> Batch:
    weights = _weights("cutmix", settings.cutmix, batch["inputs"], draw)
    return mixing.cutmix(batch, weights, _pixel(draw, "cutmix_centre", batch["inputs"]), _others(batch, draw))
