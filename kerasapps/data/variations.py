"""What augmentation does to a batch, with noise drawn for every row: the settings say how much."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import tensorflow as tf

from kerasapps.data import image_operations, mixing
from kerasapps.data.spec import Batch
from kerasapps.noise import Noise

_PLACES = {
    "rotation": 0,
    "zoom": 1,
    "shift": slice(2, 4),
    "flip_vertical": 4,
    "flip_horizontal": 5,
    "crop": slice(6, 8),
    "contrast": 8,
    "brightness": 9,
    "cutout": slice(10, 12),
    "weight": slice(12, 14),
    "partner": 14,
    "centre": slice(15, 17),
}
_COLUMNS = 17


@dataclass(frozen=True)
class Numbers:
    """The noise of a batch. `uniform`: [batch, _COLUMNS] in [0, 1), of which each use has its own.

    Drawn at once, because XLA takes as long to compile one draw as all else.
    """

    noise: Noise
    uniform: Any

    def of(self, name: str) -> Any:
        """[batch], or [batch, 2], in [0, 1)."""
        return self.uniform[:, _PLACES[name]]

    def either_way(self, name: str, limit: float) -> Any:
        """The same in [-limit, limit)."""
        return limit * (2 * self.of(name) - 1)

    def pixel(self, name: str, inputs: Any) -> tf.Tensor:
        """A row and a column of each image, float32 [batch, 2]."""
        return tf.floor(self.of(name) * tf.constant(list(inputs.shape[1:3]), tf.float32))


def numbers_of(noise: Noise, batch: Batch) -> Numbers:
    """Those of one step."""
    return Numbers(noise, noise.uniform("rows", [tf.shape(batch["inputs"])[0], _COLUMNS]))


Variation = Callable[[Batch, Numbers], Batch]


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


def _on_images(vary: Callable, settings: Any, batch: Batch, numbers: Numbers) -> Batch:
    return {**batch, "inputs": vary(settings, batch["inputs"], numbers)}


def _warp(settings: Any, inputs: Any, numbers: Numbers) -> tf.Tensor:
    angles = numbers.either_way("rotation", math.radians(settings.rotation_degrees))
    scales = 1 + numbers.either_way("zoom", settings.zoom)
    return image_operations.warp(inputs, angles, scales, numbers.either_way("shift", settings.shift_pixels))


def _flip(settings: Any, inputs: Any, numbers: Numbers) -> tf.Tensor:
    for name, axis in (("flip_vertical", 1), ("flip_horizontal", 2)):
        if getattr(settings, name):
            inputs = image_operations.flip(inputs, numbers.of(name) < 0.5, axis)
    return inputs


def _crop(settings: Any, inputs: Any, numbers: Numbers) -> tf.Tensor:
    corners = tf.floor(numbers.of("crop") * float(2 * settings.crop_pixels + 1))
    return image_operations.crop(inputs, tf.cast(corners, tf.int32), settings.crop_pixels)


def _colour(settings: Any, inputs: Any, numbers: Numbers) -> tf.Tensor:
    varied = inputs
    if settings.contrast:
        varied = image_operations.contrast(varied, 1 + numbers.either_way("contrast", settings.contrast))
    if settings.brightness:
        varied += image_operations.per_image(numbers.either_way("brightness", settings.brightness))
    if settings.noise:
        varied += settings.noise * numbers.noise.normal("noise", tf.shape(inputs))
    return tf.clip_by_value(varied, 0.0, 1.0)


def _cut_out(settings: Any, inputs: Any, numbers: Numbers) -> tf.Tensor:
    return image_operations.cut_out(inputs, numbers.pixel("cutout", inputs), settings.cutout_pixels)


def _pairs(alpha: float, batch: Batch, numbers: Numbers) -> tuple[tf.Tensor, tf.Tensor]:
    """The weight of each row in its mixture, and the row that it is mixed with."""
    weights = mixing.beta(alpha, *tf.unstack(numbers.of("weight"), axis=1))
    return weights, mixing.partners(batch["weights"], numbers.of("partner"))


def _mixup(settings: Any, batch: Batch, numbers: Numbers) -> Batch:
    return mixing.mixup(batch, *_pairs(settings.mixup, batch, numbers))


def _cutmix(settings: Any, batch: Batch, numbers: Numbers) -> Batch:
    weights, others = _pairs(settings.cutmix, batch, numbers)
    return mixing.cutmix(batch, weights, numbers.pixel("centre", batch["inputs"]), others)
