"""Augmentation of training spectrograms, on the device, in the step, from noise that is a pure function of it.

The order is fixed: shifts, noise, masks. Spectrograms are what preprocessing makes of sounds: float32
[batch, frames, bands, 1], where 0 is silence and 1 is 100 dB above it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import tensorflow as tf

from kerasapps.data.spec import Batch, Layout
from kerasapps.errors import ConfigError
from kerasapps.noise import Noise
from kerasapps.settings import setting


@dataclass(frozen=True)
class Masking:
    """How training spectrograms are varied, with a new choice for every row and step; 0 = not at all.

    Masks are those of SpecAugment (Park et al. 2019, arXiv:1904.08779, section 2), without its time warping. An app of
    sounds takes these fields into its own Hparams, which check them.
    """

    time_shift_frames: int = setting(0, "move by up to so many frames either way; silence comes in", minimum=0)
    frequency_shift_bands: int = setting(
        0, "move by up to so many bands up or down, as if a larger or smaller person spoke", minimum=0
    )
    noise: float = setting(
        0.0, "standard deviation of normal noise on every value, where 1 is 100 dB; clipped to [0, 1]", minimum=0
    )
    time_mask_frames: int = setting(0, "most frames of a mask of silence over some time", minimum=0)
    frequency_mask_bands: int = setting(0, "most bands of a mask of silence over some frequencies", minimum=0)
    masks: int = setting(1, "masks over time, and as many over frequencies", minimum=1)


def make_augment(settings: Masking, layout: Layout) -> Callable[[Batch, Noise], Batch] | None:
    """A function of a batch and its noise that augments spectrograms, or None where no setting asks for it.

    Raises ConfigError for what the data do not allow.
    """
    shifts = {1: settings.time_shift_frames, 2: settings.frequency_shift_bands}
    widest = {1: settings.time_mask_frames, 2: settings.frequency_mask_bands}
    if not any((*shifts.values(), settings.noise, *widest.values())):
        return None
    _check_sizes(settings, layout)

    def augment(batch: Batch, noise: Noise) -> Batch:
        inputs = batch["inputs"][layout.only.name]
        # Drawn at once, because XLA takes as long to compile one draw as all else.
        numbers = noise.uniform("rows", [tf.shape(inputs)[0], 2 + 4 * settings.masks])
        for axis, most in shifts.items():
            inputs = _shift(inputs, axis, most, numbers[:, axis - 1]) if most else inputs
        if settings.noise:
            varied = inputs + settings.noise * noise.normal("noise", tf.shape(inputs))
            inputs = tf.clip_by_value(varied, 0.0, 1.0)
        for axis, most in widest.items():
            first = 2 + 2 * settings.masks * (axis - 1)
            inputs = _mask(inputs, axis, most, numbers[:, first : first + 2 * settings.masks]) if most else inputs
        return {**batch, "inputs": {layout.only.name: inputs}}

    return augment


def _check_sizes(settings: Masking, layout: Layout) -> None:
    if layout.only.form != "image":
        raise ConfigError(f"Masking varies spectrograms, but the inputs are a {layout.only.form}. Leave it out.")
    frames, bands, _ = layout.only.shape
    for name, size, times in (
        ("time_shift_frames", frames, 1),
        ("frequency_shift_bands", bands, 1),
        ("time_mask_frames", frames, settings.masks),
        ("frequency_mask_bands", bands, settings.masks),
    ):
        most = getattr(settings, name)
        if most * times >= size:
            given = f"{name}={most}" + (f" times masks={times}" if times > 1 else "")
            raise ConfigError(
                f"{given} can remove all of a spectrogram of {frames} frames and {bands} bands. Expected less than "
                f"{size}."
            )


def _shift(inputs: tf.Tensor, axis: int, most: int, numbers: tf.Tensor) -> tf.Tensor:
    """Moved along `axis` by a whole number of at most `most` either way, all as likely; 0 comes in."""
    first = tf.cast(tf.floor(numbers * float(2 * most + 1)), tf.int32)
    padded = tf.pad(inputs, [[0, 0]] * axis + [[most, most]] + [[0, 0]] * (3 - axis))
    at = first[:, None] + tf.range(inputs.shape[axis])[None]
    return tf.gather(padded, at, axis=axis, batch_dims=1)


def _mask(inputs: tf.Tensor, axis: int, widest: int, numbers: tf.Tensor) -> tf.Tensor:
    """Silenced along `axis` in masks, for each of which there are two of `numbers`, [batch, 2 * masks].

    The width is one of 0 to `widest`, the start one of all that leave the mask inside, each as likely.
    """
    size = inputs.shape[axis]
    widths = tf.floor(numbers[:, 0::2] * float(widest + 1))
    starts = tf.floor(numbers[:, 1::2] * (size - widths + 1))
    at = tf.range(size, dtype=tf.float32)[None, None]
    masked = tf.logical_and(at >= starts[:, :, None], at < (starts + widths)[:, :, None])
    kept = 1 - tf.cast(tf.reduce_any(masked, axis=1), tf.float32)
    return inputs * tf.expand_dims(kept[..., None], 3 - axis)
