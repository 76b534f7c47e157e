"""Augmentation of training spectrograms, on the device, in the step, from noise that is a pure function of it.

The order is fixed: shifts, noise, masks. Spectrograms are what preprocessing makes of sounds: float32
[batch, frames, bands, 1], where 0 is silence and 1 is 100 dB above it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

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
    """The function of a whole batch and its noise that returns the varied batch; None where nothing is to be varied.

    Raises ConfigError for what the data do not allow.
    """
    steps = [
        (settings.time_shift_frames, _shift_time),
        (settings.frequency_shift_bands, _shift_frequencies),
        (settings.noise, _add_noise),
        (settings.time_mask_frames, _mask_time),
        (settings.frequency_mask_bands, _mask_frequencies),
    ]
    chosen = [vary for strength, vary in steps if strength]
    if not chosen:
        return None
    _check_sizes(settings, layout)

    def augment(batch: Batch, noise: Noise) -> Batch:
        inputs = batch["inputs"][layout.only.name]
        # Drawn at once, because XLA takes as long to compile one draw as all else.
        numbers = noise.uniform("rows", [tf.shape(inputs)[0], 2 + 4 * settings.masks])
        for vary in chosen:
            inputs = vary(settings, inputs, numbers, noise)
        return {**batch, "inputs": {layout.only.name: inputs}}

    return augment


def _check_sizes(settings: Masking, layout: Layout) -> None:
    if layout.only.form != "image":
        raise ConfigError(f"Masking varies spectrograms, but the inputs are a {layout.only.form}. Leave it out.")
    frames, bands, _ = layout.only.shape
    masks = f" times masks={settings.masks}" if settings.masks > 1 else ""
    removed = {
        f"time_shift_frames={settings.time_shift_frames}": (settings.time_shift_frames, frames),
        f"frequency_shift_bands={settings.frequency_shift_bands}": (settings.frequency_shift_bands, bands),
        f"time_mask_frames={settings.time_mask_frames}{masks}": (settings.time_mask_frames * settings.masks, frames),
        f"frequency_mask_bands={settings.frequency_mask_bands}{masks}": (
            settings.frequency_mask_bands * settings.masks,
            bands,
        ),
    }
    for given, (most, size) in removed.items():
        if most >= size:
            raise ConfigError(
                f"{given} can remove all of a spectrogram of {frames} frames and {bands} bands. Expected less than "
                f"{size}."
            )


def _shift_time(settings: Masking, inputs: Any, numbers: Any, noise: Noise) -> tf.Tensor:
    return _shift(inputs, 1, settings.time_shift_frames, numbers[:, 0])


def _shift_frequencies(settings: Masking, inputs: Any, numbers: Any, noise: Noise) -> tf.Tensor:
    return _shift(inputs, 2, settings.frequency_shift_bands, numbers[:, 1])


def _shift(inputs: Any, axis: int, most: int, numbers: Any) -> tf.Tensor:
    """Moved along `axis` by a whole number of at most `most` either way, all as likely; 0 comes in."""
    first = tf.cast(tf.floor(numbers * float(2 * most + 1)), tf.int32)
    padded = tf.pad(inputs, [[0, 0]] * axis + [[most, most]] + [[0, 0]] * (3 - axis))
    at = first[:, None] + tf.range(inputs.shape[axis])[None]
    return tf.gather(padded, at, axis=axis, batch_dims=1)


def _add_noise(settings: Masking, inputs: Any, numbers: Any, noise: Noise) -> tf.Tensor:
    return tf.clip_by_value(inputs + settings.noise * noise.normal("noise", tf.shape(inputs)), 0.0, 1.0)


def _mask_time(settings: Masking, inputs: Any, numbers: Any, noise: Noise) -> tf.Tensor:
    kept = _kept(inputs.shape[1], settings.time_mask_frames, numbers[:, 2 : 2 + 2 * settings.masks])
    return inputs * kept[:, :, None, None]


def _mask_frequencies(settings: Masking, inputs: Any, numbers: Any, noise: Noise) -> tf.Tensor:
    kept = _kept(inputs.shape[2], settings.frequency_mask_bands, numbers[:, 2 + 2 * settings.masks :])
    return inputs * kept[:, None, :, None]


def _kept(size: int, widest: int, numbers: Any) -> tf.Tensor:
    """0.0 in the masks, else 1.0, [batch, size]; numbers: two for each mask, [batch, 2 * masks].

    The width is one of 0 to `widest`, the start one of all that leave the mask inside, each as likely.
    """
    widths = tf.floor(numbers[:, 0::2] * float(widest + 1))
    starts = tf.floor(numbers[:, 1::2] * (size - widths + 1))
    at = tf.range(size, dtype=tf.float32)[None, None]
    masked = tf.logical_and(at >= starts[:, :, None], at < (starts + widths)[:, :, None])
    return 1 - tf.cast(tf.reduce_any(masked, axis=1), tf.float32)
