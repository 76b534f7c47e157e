"""Images as sequences: of square patches, or of their rows of pixels."""

import math

import keras

from kerasapps.errors import ConfigError


def steps_of_image(shape: tuple[int, ...], patch_size: int | None) -> list[keras.layers.Layer]:
    """Layers from images [batch, height, width, channels] to their steps [batch, steps, pixels * channels].

    A step is a patch of patch_size x patch_size pixels, row by row, as is the order of patches (Dosovitskiy et al.
    2021, arXiv:2010.11929, section 3.1). None: a step is a row of the image. Raises ConfigError where the patches do
    not fill the image.
    """
    height, width, channels = shape
    if patch_size is None:
        return [keras.layers.Reshape((height, width * channels), name="rows")]
    _check_fit(height, width, patch_size)
    down, across = height // patch_size, width // patch_size
    return [
        keras.layers.Reshape((down, patch_size, across, patch_size * channels), name="cut"),
        keras.layers.Permute((1, 3, 2, 4), name="sorted"),
        keras.layers.Reshape((down * across, patch_size * patch_size * channels), name="patches"),
    ]


def _check_fit(height: int, width: int, patch_size: int) -> None:
    common = math.gcd(height, width)
    if common % patch_size:
        divisors = ", ".join(str(size) for size in range(1, common + 1) if common % size == 0)
        raise ConfigError(
            f"patch_size={patch_size} does not divide images of {height}x{width} pixels. Expected a divisor of both: "
            f"{divisors}; or none, which takes the rows as steps."
        )
