"""Images side by side, pixel by pixel."""

import numpy as np

from kerasapps.figures.images import image_grid, mosaic, tiled
from kerasapps.plots.encoded import image_rows


def test_images_lie_row_by_row_with_a_white_pixel_between() -> None:
    images = np.linspace(0, 1, 5)[:, None, None, None] * np.ones((5, 2, 3, 1))
    grid = tiled(images, columns=3)
    assert grid.shape == (5, 11, 1) and grid.dtype == np.uint8
    assert grid[0, :, 0].tolist() == [0, 0, 0, 255, 64, 64, 64, 255, 128, 128, 128]
    assert grid[3, :, 0].tolist() == [191, 191, 191, 255, 255, 255, 255, 255, 255, 255, 255]
    assert (grid[2] == 255).all()


def test_what_lies_outside_is_cut_off() -> None:
    assert tiled(np.array([-3.0, 7.0]).reshape(2, 1, 1, 1)).ravel().tolist() == [0, 255, 255]


def test_small_images_are_made_large_enough_to_be_seen() -> None:
    picture = mosaic(np.zeros((1, 7, 5, 3)))
    assert picture.mode == "RGB" and max(picture.size) >= 640 and picture.size[1] * 5 == picture.size[0] * 7


def test_grey_images_of_one_or_two_channels_are_grey() -> None:
    two = np.stack([np.zeros((2, 2)), np.ones((2, 2))], axis=-1)[None]
    assert mosaic(two).mode == "L" and set(np.unique(np.asarray(mosaic(two)))) == {128}


def test_grey_images_are_shown_as_predict_takes_them() -> None:
    """Black is black: light on dark stays so."""
    black = np.zeros((1, 2, 2, 1))
    for figure in (image_grid(black, ["a"]), image_rows({"given": black}, ["a"], "")):
        (picture,) = figure.axes[0].images
        assert picture.to_rgba(picture.get_array())[0, 0].tolist() == [0, 0, 0, 1]
