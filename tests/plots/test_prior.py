"""Plots of the latent space: their images are what the decoder makes of the latents that they say."""

from statistics import NormalDist
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf
from layouts import one_field

from kerasapps.app import View
from kerasapps.data.spec import Column, Layout, Spec, Target
from kerasapps.figures.images import tiled
from kerasapps.plots import prior

SIDE = 16
QUANTILES = np.array([NormalDist().inv_cdf((i + 0.5) / SIDE) for i in range(SIDE)], np.float32)
WEIGHTS = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)


def decode(latents) -> tf.Tensor:
    """[rows, latents] -> images of 2x2 pixels."""
    return tf.reshape(tf.sigmoid(latents @ WEIGHTS[: latents.shape[1]]), [-1, 2, 2, 1])


def view_of(latents: int, layout: Layout | None = None) -> View:
    """20 test images of one grey each; latent i has the mean grey in the i-th place, and a KL divergence of
    (grey^2 + 0.2 i)/2."""
    layout = layout or one_field("image", (2, 2, 1), Target("none"))

    def posterior(images) -> tuple[tf.Tensor, tf.Tensor]:
        grey = tf.reduce_mean(images, axis=[1, 2, 3])[:, None]
        mean = tf.sqrt(grey**2 + 0.2 * tf.range(latents, dtype=tf.float32))
        return mean, tf.zeros_like(mean)

    images = np.repeat(np.arange(0, 200, 10, dtype=np.uint8), 4).reshape(20, 2, 2, 1)
    return View(
        history={},
        spec=Spec((Column("image", "image", (2, 2, 1)),), None),
        layout=layout,
        task=SimpleNamespace(posterior=posterior, encode=lambda rows: posterior(rows)[0], decode=decode),
        columns={"test": {"image": images}},
        labels={"test": None},
        predict=lambda columns: {},
        apply=lambda columns: columns["image"] / np.float32(255),
        samples={},
    )


def shown(figure) -> np.ndarray:
    """The only picture of a figure."""
    (image,) = figure.axes[0].get_images()
    return np.asarray(image.get_array())


def picture(latents: np.ndarray, columns: int) -> np.ndarray:
    return tiled(decode(tf.constant(latents, tf.float32)).numpy(), columns)[..., 0]


def test_the_plane_of_two_latents_grows_to_the_right_and_upwards() -> None:
    figure = prior.manifold(view_of(2))
    expected = [[first, second] for second in QUANTILES[::-1] for first in QUANTILES]
    np.testing.assert_array_equal(shown(figure), picture(np.array(expected), SIDE))
    assert (figure.axes[0].get_xlabel(), figure.axes[0].get_ylabel()) == ("latent 1", "latent 2")
    assert "KL" not in figure.get_suptitle()
    assert next(text.get_text() for text in figure.axes[0].get_xticklabels()) == f"{QUANTILES[0]:.1f}"


def test_of_more_latents_those_of_the_largest_divergence_are_shown_and_named() -> None:
    view = view_of(5)
    greys = np.arange(0, 200, 10) / 255
    expected = (np.mean(greys**2) + 0.2 * np.arange(5)) / 2
    np.testing.assert_allclose(prior.divergences(view), expected, rtol=1e-5)
    figure = prior.manifold(view)
    latents = np.array([[0, 0, 0, first, second] for second in QUANTILES[::-1] for first in QUANTILES])
    np.testing.assert_array_equal(shown(figure), picture(latents, SIDE))
    assert "latent 4 and latent 5 of 5:\nthose of the largest KL divergence on test" in figure.get_suptitle()


def test_a_single_latent_is_a_line() -> None:
    np.testing.assert_array_equal(shown(prior.manifold(view_of(1))), picture(QUANTILES[:, None], SIDE))


def test_interpolation_is_a_straight_line_between_test_rows_that_stand_beside_it() -> None:
    """Eight lines: row i of the first half of 16 rows with row i of the second."""
    view = view_of(3)
    rows = view.columns["test"]["image"][np.linspace(0, 19, 16).astype(int)] / np.float32(255)
    means = view.task.encode(tf.constant(rows)).numpy()
    lines = []
    for i in range(8):
        between = [means[i] + share * (means[8 + i] - means[i]) for share in np.linspace(0, 1, 9)]
        decoded = decode(tf.constant(np.array(between), tf.float32)).numpy()
        lines += [rows[i : i + 1], decoded, rows[8 + i : 9 + i]]
    drawn = shown(prior.interpolation(view)).astype(int)
    assert np.abs(drawn - tiled(np.concatenate(lines), 11)[..., 0]).max() <= 1  # of 255, by rounding


@pytest.mark.parametrize("plot", [prior.interpolation, prior.manifold])
def test_rows_of_numbers_have_no_such_plots(plot) -> None:
    assert plot(view_of(2, one_field("vector", (4,), Target("none")))) is None
