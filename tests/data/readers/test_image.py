"""Pictures are read as they are seen: turned, on a background, in any colours, and resized as Pillow does it."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kerasapps.data.readers.image import choose_column, read_picture, read_rows
from kerasapps.data.spec import Column
from kerasapps.errors import ConfigError, DataError

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
    return read_picture(path, Column("image", "image", (16, 24, 1))).pixels[..., 0]


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
    assert read_picture(path, Column("image", "image", (16, 24, 1))).size == (16, 24)
    assert choose_column([path])[0].shape == (24, 16, 1)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("shape", [(20, 33), (1, 1), (200, 300)])
def test_a_picture_is_squashed_by_pillow(tmp_path: Path, shape: tuple[int, int], channels: int) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (90, 120, 3), np.uint8)
    picture = Image.fromarray(pixels)
    picture.save(tmp_path / "a.png")
    read, size = read_picture(tmp_path / "a.png", Column("image", "image", (*shape, channels)))
    expected = picture.convert("L" if channels == 1 else "RGB").resize(shape[::-1], Image.Resampling.BILINEAR)
    np.testing.assert_array_equal(read, np.asarray(expected).reshape(*shape, channels))
    assert size == (120, 90)


def test_a_large_jpeg_is_decoded_smaller_and_looks_the_same(tmp_path: Path) -> None:
    across, down = np.meshgrid(np.arange(1600), np.arange(1200))
    picture = Image.fromarray(np.uint8(127 + 120 * np.sin(across / 130) * np.cos(down / 90)))
    picture.save(tmp_path / "a.jpg", quality=95)
    read, size = read_picture(tmp_path / "a.jpg", Column("image", "image", (30, 40, 1)))
    np.testing.assert_allclose(read[..., 0], picture.resize((40, 30), Image.Resampling.BILINEAR), atol=4)
    assert size == (1600, 1200)


@pytest.mark.parametrize("suffix", [".bmp", ".gif", ".webp", ".tif", ".tiff"])
def test_other_formats_are_read(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    given = {".gif": {"save_all": True, "append_images": [Image.new("L", (24, 16))]}, ".webp": {"lossless": True}}
    Image.fromarray(SEEN).save(path, **given.get(suffix, {}))
    np.testing.assert_array_equal(grey(path), SEEN)


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
    coloured = read_picture(path, Column("image", "image", (16, 24, 3))).pixels
    np.testing.assert_array_equal(coloured, np.stack([ink] * 3, axis=-1))
    with pytest.raises(DataError, match=r"a\.png is white where it is not transparent"):
        read_rows(path, Column("image", "image", (16, 24, 1)))


def test_transparent_parts_have_the_colour_of_the_background(tmp_path: Path) -> None:
    Image.fromarray(np.stack([np.zeros_like(INK), INK], axis=-1)).save(tmp_path / "a.png")
    column = Column("image", "image", (16, 24, 3))
    on_green = read_picture(tmp_path / "a.png", column, (10, 200, 30)).pixels
    expected = np.array([10, 200, 30]) * (255 - INK[..., None].astype(int)) / 255
    np.testing.assert_allclose(on_green, expected, atol=1)
    np.testing.assert_array_equal(read_rows(tmp_path / "a.png", column)[0], np.stack([255 - INK] * 3, axis=-1))


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
    with pytest.raises(DataError, match=r"a\.png is black where it is not transparent.*put it on another background"):
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


def test_sixteen_bits_of_grey_become_eight(tmp_path: Path) -> None:
    """65535 is white, as 255 is."""
    for suffix in (".png", ".tif"):
        Image.fromarray(SEEN.astype(np.uint16) * 257).save(tmp_path / f"a{suffix}")
        np.testing.assert_array_equal(grey(tmp_path / f"a{suffix}"), SEEN)


@pytest.mark.parametrize(("dtype", "words"), [(np.float32, "the mode F"), (np.int32, "values from 0 to 1000000")])
def test_deeper_pictures_are_refused(tmp_path: Path, dtype: type, words: str) -> None:
    path = tmp_path / "a.tif"
    pixels = np.zeros((16, 24), dtype)
    pixels[0] = 1e6
    Image.fromarray(pixels).save(path)
    with pytest.raises(DataError, match=rf"a\.tif has {words}. Expected"):
        grey(path)


def files(folder: Path, sizes: list[tuple[int, int]], mode: str = "L") -> list[Path]:
    paths = [folder / f"{i}.png" for i in range(len(sizes))]
    for path, size in zip(paths, sizes, strict=True):
        Image.new(mode, size).save(path)
    return paths


@pytest.mark.parametrize(
    ("sizes", "shape"),
    [
        ([(50, 37)] * 3, (37, 50)),
        ([(129, 129)] * 2, (64, 64)),
        ([(30, 40), (43, 90), (200, 100)], (44, 44)),
        ([(640, 480), (300, 200)], (64, 64)),
        ([(2, 2), (3, 3)], (8, 8)),
    ],
)
def test_the_size_is_chosen_from_the_files(tmp_path: Path, sizes: list, shape: tuple[int, int]) -> None:
    assert choose_column(files(tmp_path, sizes))[0].shape == (*shape, 1)


def test_size_and_channels_can_be_given_and_are_said(tmp_path: Path) -> None:
    paths = files(tmp_path, [(30, 20), (60, 50)])
    assert choose_column(paths, [64])[0].shape == (64, 64, 1)
    column, said = choose_column(paths, [10, 12], 3)
    assert column.shape == (10, 12, 3)
    assert (
        said == "2 images from 30 x 20 to 60 x 50 pixels become 12 x 10, in colour (--image-size 10 12 --channels 3)."
    )
    Image.new("P", (30, 20)).save(paths[0])
    assert choose_column(paths)[0].shape[2] == 3
    with pytest.raises(ConfigError, match="channels=2: expected 1 for grey images, or 3"):
        choose_column(paths, channels=2)
    paths[1].write_bytes(b"")
    with pytest.raises(DataError, match=r"1\.png cannot be read"):
        choose_column(paths)
