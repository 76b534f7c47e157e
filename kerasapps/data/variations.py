"""What augmentation does to a batch, with noise drawn for every row: the settings say how much."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import tensorflow as tf

from kerasapps.data import image_operations, mixing
from kerasapps.data.spec import Batch
from kerasapps.noise import Noise

if TYPE_CHECKING:
    from kerasapps.data.augment import Augmentation

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
    uniform: tf.Tensor

    def of(self, name: str) -> tf.Tensor:
        """Uniform numbers in [0, 1), [batch] or [batch, 2]."""
        return self.uniform[:, _PLACES[name]]

    def either_way(self, name: str, limit: float) -> tf.Tensor:
        """Uniform numbers in [-limit, limit), [batch] or [batch, 2]."""
        return limit * (2 * self.of(name) - 1)

    def pixel(self, name: str, images: tf.Tensor) -> tf.Tensor:
        """A row and a column of each image, float32 [batch, 2]."""
        return tf.floor(self.of(name) * tf.constant(list(images.shape[1:3]), tf.float32))


def numbers_of(noise: Noise, images: tf.Tensor) -> Numbers:
    """Those of one step."""
    return Numbers(noise, noise.uniform("rows", [tf.shape(images)[0], _COLUMNS]))


def vary(settings: "Augmentation", batch: Batch, numbers: Numbers) -> Batch:
    """The batch as `settings` say; its inputs are images."""
    batch = {**batch, "inputs": _vary_images(settings, batch["inputs"], numbers)}
    if not (settings.mixup or settings.cutmix):
        return batch
    weights = mixing.beta(settings.mixup or settings.cutmix, *tf.unstack(numbers.of("weight"), axis=1))
    others = mixing.partners(batch["weights"], numbers.of("partner"))
    if settings.mixup:
        return mixing.mixup(batch, weights, others)
    return mixing.cutmix(batch, weights, numbers.pixel("centre", batch["inputs"]), others)


def _vary_images(settings: "Augmentation", images: tf.Tensor, numbers: Numbers) -> tf.Tensor:
    if settings.rotation_degrees or settings.zoom or settings.shift_pixels:
        images = _warp(settings, images, numbers)
    for name, axis in (("flip_vertical", 1), ("flip_horizontal", 2)):
        if getattr(settings, name):
            images = image_operations.flip(images, numbers.of(name) < 0.5, axis)
    if settings.crop_pixels:
        corners = tf.floor(numbers.of("crop") * float(2 * settings.crop_pixels + 1))
        images = image_operations.crop(images, tf.cast(corners, tf.int32), settings.crop_pixels)
    if settings.contrast or settings.brightness or settings.noise:
        images = _colour(settings, images, numbers)
    if settings.cutout_pixels:
        images = image_operations.cut_out(images, numbers.pixel("cutout", images), settings.cutout_pixels)
    return images


def _warp(settings: "Augmentation", images: tf.Tensor, numbers: Numbers) -> tf.Tensor:
    angles = numbers.either_way("rotation", math.radians(settings.rotation_degrees))
    scales = 1 + numbers.either_way("zoom", settings.zoom)
    return image_operations.warp(images, angles, scales, numbers.either_way("shift", settings.shift_pixels))


def _colour(settings: "Augmentation", images: tf.Tensor, numbers: Numbers) -> tf.Tensor:
    if settings.contrast:
        images = image_operations.contrast(images, 1 + numbers.either_way("contrast", settings.contrast))
    if settings.brightness:
        images += image_operations.per_image(numbers.either_way("brightness", settings.brightness))
    if settings.noise:
        images += settings.noise * numbers.noise.normal("noise", tf.shape(images))
    return tf.clip_by_value(images, 0.0, 1.0)
