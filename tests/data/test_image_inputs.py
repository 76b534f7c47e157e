"""Pictures and arrays of images that a model is asked with."""

import zlib

import numpy as np
import pytest
from PIL import Image

from kerasapps.data.inputs import read_inputs
from kerasapps.data.spec import Column, Spec
from kerasapps.errors import DataError

PIXELS = np.random.default_rng(0).integers(0, 256, (4, 5, 3), dtype=np.uint8)


def images(channels):
    return Spec((Column("image", "image", (4, 5, channels)),), None)


@pytest.mark.parametrize("name", ["bomb.png", "array.npy"])
def test_damaged_files_of_any_kind_are_named(name, tmp_path):
    path = tmp_path / name
    if name == "bomb.png":
        Image.fromarray(PIXELS).save(path)
        content = bytearray(path.read_bytes())
        header = b"IHDR" + (60_000).to_bytes(4, "big") * 2 + bytes(content[24:29])
        content[12:33] = header + zlib.crc32(header).to_bytes(4, "big")
    else:
        np.save(path, PIXELS[None])
        content = bytearray(path.read_bytes())
        content[10] = ord('"')
    path.write_bytes(content)
    with pytest.raises(DataError, match=f"{name} cannot be read"):
        read_inputs(images(3), [str(path)])


def test_pictures_are_exact_and_stacked(tmp_path):
    first, second = tmp_path / "a.png", tmp_path / "B.PNG"
    Image.fromarray(PIXELS).save(first)
    Image.fromarray(255 - PIXELS).save(second)
    read = read_inputs(images(3), [str(first), str(second)])["image"]
    assert read.dtype == np.uint8
    np.testing.assert_array_equal(read, [PIXELS, 255 - PIXELS])


def test_colours_become_the_channels_of_the_model(tmp_path):
    path = tmp_path / "a.png"
    Image.fromarray(PIXELS).save(path)
    luma = PIXELS @ np.array([0.299, 0.587, 0.114])  # ITU-R BT.601
    grey = read_inputs(images(1), [str(path)])["image"]
    assert grey.shape == (1, 4, 5, 1)
    assert np.abs(grey[0, ..., 0] - luma).max() <= 1
    Image.fromarray(PIXELS[..., 0]).save(path)
    np.testing.assert_array_equal(read_inputs(images(3), [str(path)])["image"][0], PIXELS[..., [0, 0, 0]])


def test_a_jpeg_is_read(tmp_path):
    path = tmp_path / "a.jpg"
    Image.new("L", (5, 4), 77).save(path)
    np.testing.assert_allclose(read_inputs(images(1), [str(path)])["image"], 77, atol=2)


def test_a_picture_of_another_size_is_resized_and_that_is_said(tmp_path, capsys):
    Image.fromarray(PIXELS).resize((40, 30)).save(tmp_path / "a.png")
    Image.fromarray(PIXELS).save(tmp_path / "b.png")
    read = read_inputs(images(3), [str(tmp_path / "a.png"), str(tmp_path / "b.png")])["image"]
    expected = Image.open(tmp_path / "a.png").resize((5, 4), Image.Resampling.BILINEAR)
    np.testing.assert_array_equal(read, [np.asarray(expected), PIXELS])
    said = capsys.readouterr().err
    assert said == f"{tmp_path / 'a.png'} is 40 x 30; resized to 5 x 4, as the training images.\n"


def test_images_that_look_inverted_are_warned_of(tmp_path, capsys):
    """Training images are light on dark: the border is 0 in the median, and hardly varies."""
    dark, spec = np.zeros((4, 5), np.uint8), images(1)
    dark[1:3, 1:4] = 255
    np.save(tmp_path / "some.npy", np.stack([dark, 255 - dark]))
    np.save(tmp_path / "good.npy", np.stack([dark, np.where(dark == 0, np.uint8(90), dark)]))
    read_inputs(spec, [str(tmp_path / "some.npy"), str(tmp_path / "good.npy")], {"image": [0.0, 3.0]})
    assert "some.npy looks inverted beside the training images, which are light on dark" in capsys.readouterr().err
    for known in ([], [0.0, 60.0], [255.0, 3.0]):  # by an earlier version; of all kinds; dark on light
        read_inputs(spec, [str(tmp_path / "good.npy")], {"image": known})
        assert ("which are dark on light" in capsys.readouterr().err) == (known == [255.0, 3.0])


@pytest.mark.parametrize(
    ("fitted", "shown"),
    [([], 0), ([0.2, 1.0], 0), ([200.4, 20.0], 200), ([100.0, 50.0], 255), ([9.0, 8.0, 7.0, 1.0], 8)],
)
def test_transparent_parts_lie_on_the_background_of_training(tmp_path, fitted, shown):
    """Of runs of earlier versions on black; where training images have no one background on white."""
    Image.fromarray(np.full((4, 5, 4), [90, 90, 90, 0], np.uint8)).save(tmp_path / "a.png")
    read = read_inputs(images(1), [str(tmp_path / "a.png")], {"image": fitted})["image"]
    np.testing.assert_array_equal(read, np.full((1, 4, 5, 1), shown))


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.npy"])
def test_a_broken_file_is_refused_by_name(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"not an image")
    with pytest.raises(DataError, match=name):
        read_inputs(images(1), [str(path)])


def test_a_truncated_picture_is_refused(tmp_path):
    path = tmp_path / "a.png"
    Image.fromarray(PIXELS).save(path)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(DataError, match=r"a\.png"):
        read_inputs(images(3), [str(path)])


@pytest.mark.parametrize("shape", [(4, 5), (4, 5, 1), (2, 4, 5), (2, 4, 5, 1)])
def test_arrays_of_one_image_or_many(tmp_path, shape):
    array = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)
    np.save(tmp_path / "a.npy", array)
    read = read_inputs(images(1), [str(tmp_path / "a.npy")])["image"]
    np.testing.assert_array_equal(read, array.reshape(-1, 4, 5, 1))


@pytest.mark.parametrize(
    "array", [np.zeros((5, 4), np.uint8), np.zeros((2, 4, 5, 3), np.uint8), np.zeros((4, 5)), np.array([None])]
)
def test_arrays_of_another_shape_or_type_are_refused(tmp_path, array):
    np.save(tmp_path / "a.npy", array, allow_pickle=True)
    with pytest.raises(DataError, match=r"a\.npy"):
        read_inputs(images(1), [str(tmp_path / "a.npy")])


def test_an_array_of_no_images_is_read(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros((0, 4, 5), np.uint8))
    assert read_inputs(images(1), [str(tmp_path / "a.npy")])["image"].shape == (0, 4, 5, 1)
