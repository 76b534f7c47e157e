"""Pictures are read as they are seen: turned, on a background, in the colours of any 8 bits."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kerasapps.data.readers.image import read_rows
from kerasapps.data.spec import Column
from kerasapps.errors import DataError

# Each 8 x 8 block, which a JPEG file keeps apart, has one grey of its own.
BLOCKS = np.array([[10, 60, 110], [160, 210, 250]], np.uint8)
SEEN = np.kron(BLOCKS, np.ones((8, 8), np.uint8))
STORED = {  # what a file holds that is turned as EXIF's orientation says (exif.org, tag 0x0112)
    1: SEEN,
    2: SEEN[:, ::-1],
    3: SEEN[::-1, ::-1],
    4: SEEN[::-1],
    5: SEEN.T,
    6: np.rot90(SEEN),
    7: SEEN[::-1, ::-1].T,
    8: np.rot90(SEEN, -1),
}
INK = np.zeros((16, 24), np.uint8)
INK[4:12, 6:9] = 255
INK[5, 7] = 128


def grey(path: Path) -> np.ndarray:
    return read_rows(path, Column("image", "image", (16, 24, 1)))[0, ..., 0]


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_pictures_are_turned_as_exif_says(tmp_path: Path, orientation: int, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(STORED[orientation]).save(path, exif=exif, **({"quality": 100} if suffix == ".jpg" else {}))
    np.testing.assert_allclose(grey(path), SEEN, atol=3)


def test_the_size_is_that_of_the_turned_picture(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(SEEN).save(path, exif=exif)
    with pytest.raises(DataError, match=r"a\.jpg is 16 wide and 24 high. Expected 24 wide and 16 high"):
        grey(path)


@pytest.mark.parametrize("mode", ["LA", "RGBA", "PA", "P"])
def test_white_ink_on_transparent_is_white_on_black(tmp_path: Path, mode: str) -> None:
    """The colour that is hidden under full transparency is white, too."""
    path = tmp_path / "a.png"
    ink = INK if mode in ("LA", "RGBA") else np.uint8(255) * (INK == 255)
    if mode in ("LA", "RGBA"):
        colours = [np.full_like(ink, 255)] * (len(mode) - 1)
        Image.fromarray(np.stack([*colours, ink], axis=-1)).save(path)
    else:
        picture = Image.fromarray((ink == 0).astype(np.uint8)).convert("P")
        picture.putpalette([255] * 6)
        picture.save(path, transparency=1)
    np.testing.assert_array_equal(grey(path), ink)
    coloured = read_rows(path, Column("image", "image", (16, 24, 3)))[0]
    np.testing.assert_array_equal(coloured, np.stack([ink] * 3, axis=-1))


def test_a_model_of_four_channels_keeps_transparency(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    pixels = np.random.default_rng(0).integers(0, 256, (16, 24, 4), np.uint8)
    Image.fromarray(pixels).save(path)
    np.testing.assert_array_equal(read_rows(path, Column("image", "image", (16, 24, 4)))[0], pixels)


def test_an_opaque_picture_keeps_its_colours(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    pixels = np.random.default_rng(0).integers(0, 256, (16, 24, 4), np.uint8)
    pixels[..., 3] = 255
    Image.fromarray(pixels).save(path)
    np.testing.assert_array_equal(read_rows(path, Column("image", "image", (16, 24, 3)))[0], pixels[..., :3])


def test_black_ink_on_transparent_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(np.stack([np.zeros_like(INK), INK], axis=-1)).save(path)
    with pytest.raises(DataError, match=r"a\.png is black where it is not transparent.*put it on a background"):
        grey(path)


@pytest.mark.parametrize("channels", [1, 3])
def test_the_inks_of_print_are_read(tmp_path: Path, channels: int) -> None:
    """(255 - ink)(255 - black) / 255, as PIL and browsers without a profile do it: grey has black ink alone."""
    path = tmp_path / "a.jpg"
    inks = np.zeros((16, 24, 4), np.uint8)
    inks[..., 3] = 255 - SEEN
    Image.fromarray(inks, "CMYK").save(path, quality=100)
    read = read_rows(path, Column("image", "image", (16, 24, channels)))[0]
    np.testing.assert_allclose(read, np.repeat(SEEN[..., None], channels, axis=-1), atol=4)


def test_deeper_pictures_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(SEEN.astype(np.uint16)).save(path)
    with pytest.raises(DataError, match=r"a\.png has the mode I;16. Expected 8 bits a channel, in grey, RGB or CMYK"):
        grey(path)
