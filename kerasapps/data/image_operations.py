"""Operations on batches of images, float32 [batch, height, width, channels], every row with arguments of its own.

Plain TensorFlow, the same eagerly, in a graph and under XLA. What comes from outside an image is 0.
"""

import tensorflow as tf


def per_image(values: tf.Tensor) -> tf.Tensor:
    """[batch] -> [batch, 1, 1, 1], to stand beside images."""
    return tf.reshape(values, [-1, 1, 1, 1])


def flip(images: tf.Tensor, chosen: tf.Tensor, axis: int) -> tf.Tensor:
    """Those with `chosen` (bool [batch]) mirrored along `axis`: 1 = up and down, 2 = left and right."""
    return tf.where(per_image(chosen), tf.reverse(images, [axis]), images)


def warp(images: tf.Tensor, angles: tf.Tensor, scales: tf.Tensor, shifts: tf.Tensor) -> tf.Tensor:
    """Rotated about the centre, then enlarged, then moved; bilinear, in one interpolation.

    angles: [batch] radians, counterclockwise as numpy.rot90. scales: [batch], 2 = twice as large. shifts: [batch, 2]
    pixels down and to the right.
    """
    rows, columns = _sources(images.shape, angles, scales, shifts)
    return _bilinear(images, rows, columns)


def _sources(
    shape: tf.TensorShape, angles: tf.Tensor, scales: tf.Tensor, shifts: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Where each pixel of the result comes from, in rows and columns of the image, both [batch, height, width]."""
    centre = ((shape[1] - 1) / 2, (shape[2] - 1) / 2)
    down = tf.range(shape[1], dtype=tf.float32)[None, :, None] - centre[0] - shifts[:, 0, None, None]
    right = tf.range(shape[2], dtype=tf.float32)[None, None, :] - centre[1] - shifts[:, 1, None, None]
    cosine, sine = (tf.reshape(f(angles) / scales, [-1, 1, 1]) for f in (tf.cos, tf.sin))
    return cosine * down + sine * right + centre[0], cosine * right - sine * down + centre[1]


def _bilinear(images: tf.Tensor, rows: tf.Tensor, columns: tf.Tensor) -> tf.Tensor:
    """The images at real coordinates [batch, height, width].

    The four pixels round each point are brought side by side first, so that one gather fetches them all.
    """
    height, width = images.shape[1:3]
    padded = tf.pad(images, [[0, 0], [1, 1], [1, 1], [0, 0]])
    corners = [padded[:, i : i + height + 1, j : j + width + 1] for i in (0, 1) for j in (0, 1)]
    row, below = _whole_and_rest(rows, height)
    column, beside = _whole_and_rest(columns, width)
    values = _at(tf.concat(corners, axis=-1), row + 1, column + 1)
    weights = [(1 - below) * (1 - beside), (1 - below) * beside, below * (1 - beside), below * beside]
    parts = tf.split(values, 4, axis=-1)
    return tf.add_n([weight[..., None] * part for weight, part in zip(weights, parts, strict=True)])


def _whole_and_rest(at: tf.Tensor, size: int) -> tuple[tf.Tensor, tf.Tensor]:
    """Pixel before a coordinate, int32 in [-1, size - 1], and how far beyond it, in [0, 1]."""
    at = tf.clip_by_value(at, -1.0, float(size))
    whole = tf.minimum(tf.floor(at), size - 1.0)
    return tf.cast(whole, tf.int32), at - whole


def _at(images: tf.Tensor, rows: tf.Tensor, columns: tf.Tensor) -> tf.Tensor:
    """The pixels at `rows` and `columns`, int32 [batch, height, width] or what broadcasts to it."""
    _, height, width, channels = images.shape
    first = tf.range(tf.shape(images)[0])[:, None, None] * height
    return tf.gather(tf.reshape(images, [-1, channels]), (first + rows) * width + columns)


def crop(images: tf.Tensor, corners: tf.Tensor, padding: int) -> tf.Tensor:
    """Padded with `padding` pixels of 0 on all sides, then cut to the former size from `corners` on.

    corners: int32 [batch, 2], upper left corner in the padded image, 0 to 2 * padding. He et al. 2016, section 4.2.
    """
    padded = tf.pad(images, [[0, 0], [padding, padding], [padding, padding], [0, 0]])
    rows = tf.range(images.shape[1])[None, :, None] + corners[:, 0, None, None]
    columns = tf.range(images.shape[2])[None, None, :] + corners[:, 1, None, None]
    return _at(padded, rows, columns)


def inside(shape: tf.TensorShape, starts: tf.Tensor, ends: tf.Tensor) -> tf.Tensor:
    """1.0 in the rectangle from `starts` to before `ends`, else 0.0: [batch, height, width, 1].

    starts, ends: float32 [batch, 2], whole rows and columns, also beyond the image.
    """
    masks = []
    for axis in (0, 1):
        at = tf.range(shape[axis + 1], dtype=tf.float32)
        masks.append(tf.logical_and(at >= starts[:, axis, None], at < ends[:, axis, None]))
    return tf.cast(tf.logical_and(masks[0][:, :, None, None], masks[1][:, None, :, None]), tf.float32)


def cut_out(images: tf.Tensor, centres: tf.Tensor, side: int) -> tf.Tensor:
    """A square of `side` pixels set to 0, as much of it as lies inside. DeVries & Taylor 2017.

    centres: float32 [batch, 2], a whole row and column.
    """
    starts = centres - float(side // 2)
    return images * (1 - inside(images.shape, starts, starts + float(side)))


def contrast(images: tf.Tensor, factors: tf.Tensor) -> tf.Tensor:
    """Differences from each channel's mean times `factors` ([batch]), as tf.image.adjust_contrast."""
    means = tf.reduce_mean(images, axis=[1, 2], keepdims=True)
    return (images - means) * per_image(factors) + means
