"""Augmentation of training images, on the device and as part of the step, from noise that is a pure function of it.

The order is fixed: rotation, zoom and shift (one interpolation), flips, crop, contrast, brightness, noise, cutout, and
mixup or cutmix. Images are what preprocessing makes them: float32 [batch, height, width, channels] in [0, 1].
"""

from collections.abc import Callable
from dataclasses import dataclass, fields

from kerasapps.data.spec import Batch, Layout
from kerasapps.data.variations import numbers_of, vary
from kerasapps.errors import ConfigError
from kerasapps.noise import Noise
from kerasapps.settings import setting


@dataclass(frozen=True)
class Augmentation:
    """How training images are varied, with a new choice for every row and step; 0 = not at all.

    An app of images takes these fields into its own Hparams, which check them.
    """

    flip_horizontal: bool = setting(False, "mirror half of the training images left and right")
    flip_vertical: bool = setting(False, "mirror half of the training images up and down")
    rotation_degrees: float = setting(0.0, "rotate by up to so many degrees either way", minimum=0, maximum=180)
    zoom: float = setting(0.0, "enlarge or shrink by up to this fraction: 0.1 = 0.9 to 1.1 times", minimum=0, below=1)
    shift_pixels: float = setting(0.0, "move by up to so many pixels, also parts of one, along both axes", minimum=0)
    crop_pixels: int = setting(0, "pad by so many pixels of 0, then crop anywhere to the former size", minimum=0)
    contrast: float = setting(
        0.0, "multiply differences from the mean by 1 - this to 1 + this; clipped to [0, 1]", minimum=0, maximum=1
    )
    brightness: float = setting(
        0.0, "add up to this either way, where black is 0 and white 1; clipped to [0, 1]", minimum=0, maximum=1
    )
    noise: float = setting(
        0.0, "standard deviation of normal noise on every pixel, where white is 1; clipped to [0, 1]", minimum=0
    )
    cutout_pixels: int = setting(0, "side of a square somewhere that is set to 0", minimum=0)
    mixup: float = setting(0.0, "alpha of mixup: images and labels of two rows mixed by Beta(alpha, alpha)", minimum=0)
    cutmix: float = setting(
        0.0, "alpha of cutmix: a rectangle of another image pasted, its share by Beta(alpha, alpha)", minimum=0
    )


def make_augment(settings: Augmentation, layout: Layout) -> Callable[[Batch, Noise], Batch] | None:
    """A function of a batch and its noise that augments images, or None where no setting asks for it.

    Raises ConfigError for what the data do not allow.
    """
    if not any(getattr(settings, field.name) for field in fields(Augmentation)):
        return None
    _check_sizes(settings, layout)
    _check_labels(settings, layout)

    def augment(batch: Batch, noise: Noise) -> Batch:
        images = batch["inputs"][layout.only.name]
        varied = vary(settings, {**batch, "inputs": images}, numbers_of(noise, images))
        return {**varied, "inputs": {layout.only.name: varied["inputs"]}}

    return augment


def _check_sizes(settings: Augmentation, layout: Layout) -> None:
    if layout.only.form != "image":
        raise ConfigError(
            f"Augmentation varies images, but the inputs are a {layout.only.form}. Give none of its settings."
        )
    smallest = min(layout.only.shape[:2])
    for name in ("shift_pixels", "crop_pixels", "cutout_pixels"):
        value = getattr(settings, name)
        if value >= smallest:
            height, width, _ = layout.only.shape
            raise ConfigError(
                f"{name}={value} can remove all of an image of {height}x{width} pixels. Expected less than {smallest}."
            )


def _check_labels(settings: Augmentation, layout: Layout) -> None:
    mixed = [f"{name}={getattr(settings, name)}" for name in ("mixup", "cutmix") if getattr(settings, name)]
    if len(mixed) > 1:
        raise ConfigError(
            f"{' and '.join(mixed)}: each gives a row its second label. Expected one of the two; give one."
        )
    if mixed and not layout.target.class_names:
        raise ConfigError(
            f"{mixed[0]} mixes the labels of classes, but the target is {layout.target.kind}. Leave it out."
        )
