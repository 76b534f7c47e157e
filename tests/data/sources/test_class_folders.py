"""Folders of images and of sounds, one for each class: found, labelled, split, and read as Keras and soundfile do."""

import os
from pathlib import Path

import keras
import numpy as np
import pytest
import soundfile
from PIL import Image

from kerasapps.data.preprocess import fit
from kerasapps.data.rows import open_rows
from kerasapps.data.sources import notes_of, open_source
from kerasapps.data.sources._class_folders import ClassFolders
from kerasapps.data.split import Rows
from kerasapps.errors import ConfigError, DataError
from kerasapps.runs.options import Options

RANDOM = np.random.default_rng(0)


def picture(path: Path, size: tuple[int, int] = (6, 5)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(RANDOM.integers(0, 256, (*size[::-1], 3), np.uint8)).save(path)
    return path


def opened(folder: Path) -> ClassFolders:
    source = open_source(str(folder))
    assert isinstance(source, ClassFolders)
    return source


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    for i in range(12):
        picture(tmp_path / "pets" / ("dog", "Cat", "bird")[i % 3] / f"{i:02}.png")
    return tmp_path / "pets"


def test_classes_and_pixels_are_those_of_keras(pets: Path) -> None:
    source = opened(pets)
    theirs = keras.utils.image_dataset_from_directory(
        str(pets), image_size=(5, 6), batch_size=None, shuffle=False, verbose=False
    )
    assert list(source.spec.required_target.classes) == theirs.class_names == ["Cat", "bird", "dog"]
    read = source.read("train", np.arange(12))
    assert read["image"].dtype == np.uint8 and read["label"].dtype == np.int32
    own = dict(zip(source.files.files["train"], zip(read["image"], read["label"], strict=True), strict=True))
    for path, (image, label) in zip(theirs.file_paths, theirs.as_numpy_iterator(), strict=True):
        assert own[Path(path)][1] == label
        np.testing.assert_array_equal(own[Path(path)][0], image)


def test_rows_are_decoded_one_by_one_in_their_order(pets: Path) -> None:
    source = opened(pets)
    whole = source.read("train", np.arange(12))
    source.files.files["train"][3].write_bytes(b"damaged since")
    np.testing.assert_array_equal(source.read("train", np.array([7, 2, 7]))["image"], whole["image"][[7, 2, 7]])
    assert source.read("train", np.array([], int))["image"].shape == (0, 5, 6, 3)
    with pytest.raises(DataError, match=r"\.png cannot be read.*Expected a whole \.png file"):
        source.read("train", np.arange(12))


def test_without_splits_the_usual_ones_are_made_by_class_and_nothing_is_decoded(pets: Path) -> None:
    for i in range(12, 60):
        picture(pets / ("dog", "Cat", "bird")[i % 3] / f"{i:02}.png")
    for path in (pets / "dog").iterdir():
        path.write_bytes(path.read_bytes()[:60])  # the header, which is read
    rows = open_rows(Options(data=str(pets)))
    labels = [0, 1, 2] * 20  # evenly mixed: all classes from the first row on
    assert opened(pets).classes_of("train").tolist() == labels
    counts = {split: np.bincount(np.array(labels)[own.rows]).tolist() for split, own in rows.items()}
    assert counts["test"] == [4, 4, 4] and sorted(counts["validation"]) == [1, 2, 2] and sum(counts["train"]) == 43
    with pytest.raises(DataError, match=r"dog.*\.png cannot be read"):
        rows["train"].read()


@pytest.mark.parametrize("name", ["val", "valid", "Validation"])
def test_folders_of_splits_are_the_splits(tmp_path: Path, name: str) -> None:
    for split, rows in (("train", 3), (name, 2), ("test", 1)):
        for i in range(rows):
            picture(tmp_path / split / "a" / f"{i}.png")
            picture(tmp_path / split / "b" / "deeper" / f"{i}.png")
    source = opened(tmp_path)
    assert source.sizes == {"train": 6, "validation": 4, "test": 2}
    assert source.spec.required_target.classes == ("a", "b")
    picture(tmp_path / "test" / "c" / "0.png")
    with pytest.raises(
        DataError, match=r"0\.png is of the class c, for test. Expected a class .* for training, too: a, b"
    ):
        open_source(str(tmp_path))


def test_a_class_may_be_called_train(tmp_path: Path) -> None:
    for name in ("train", "car", "Car"):
        picture(tmp_path / name / "0.png")
    assert opened(tmp_path).spec.required_target.classes == ("Car", "car", "train")


def test_what_is_left_out_is_said(pets: Path) -> None:
    (pets / "empty").mkdir()
    for name in (".DS_Store", "Cat/Thumbs.db", "Cat/.00.png", "Cat/notes.txt", "labels.csv", ".git/0.png"):
        (pets / name).parent.mkdir(exist_ok=True)
        (pets / name).write_text("x")
    picture(pets / "beside.jpg")
    source = opened(pets)
    assert source.sizes == {"train": 12} and source.spec.required_target.classes == ("Cat", "bird", "dog")
    assert notes_of(source) == (
        "Left out, in no class folder: 1 .jpg.",
        "Left out, of other kinds: 3 hidden, 1 .csv, 1 .txt.",
        "Left out, without images or sounds: the folder empty.",
        "12 images of 6 x 5 pixels are kept as they are, in colour (--image-size 5 6 --channels 3).",
    )
    assert notes_of(open_source("iris")) == ()


def test_links_are_followed_once(pets: Path, tmp_path: Path) -> None:
    (pets / "dog" / "round").symlink_to(pets / "dog")
    picture(tmp_path / "elsewhere" / "0.png")
    (pets / "horse").symlink_to(tmp_path / "elsewhere")
    assert opened(pets).sizes == {"train": 13}


@pytest.mark.parametrize("link", ["Catlink", "Aaa", "dog/Cat"])
def test_a_link_to_another_class_does_not_take_its_place(pets: Path, link: str) -> None:
    """Neither one that sorts first, nor one in a class; it is said to be the same."""
    (pets / link).symlink_to(pets / "Cat")
    source = opened(pets)
    assert source.spec.required_target.classes == ("Cat", "bird", "dog")
    assert np.bincount(source.classes_of("train")).tolist() == [4, 4, 4]
    assert notes_of(source)[0] == f"Left out: the folder {link} is a link to Cat."
    (pets / "Cat").rename(pets / ".cats")
    (pets / link).unlink()
    (pets / "Cat").symlink_to(pets / ".cats")
    assert opened(pets).spec.required_target.classes == ("Cat", "bird", "dog")


def test_splits_without_classes_are_no_classes(tmp_path: Path) -> None:
    for split in ("train", "test"):
        picture(tmp_path / split / "0.png")
    with pytest.raises(DataError, match=r"the folders test and train, but .*0\.png is in no class folder.*train/cat"):
        open_source(str(tmp_path))
    assert opened(tmp_path / "train").spec.required_target.classes == ("train",)


def test_a_folder_beside_the_splits_is_said_to_be_left_out(tmp_path: Path) -> None:
    for name in ("train/a", "train/b", "test/a", "other", "other/deeper"):
        picture(tmp_path / name / "0.png")
    picture(tmp_path / "beside.png")
    source = opened(tmp_path)
    assert source.sizes == {"train": 2, "test": 1}
    assert notes_of(source)[:2] == (
        "Left out: the folder other lies beside test and train.",
        "Left out, in no class folder: 1 .png.",
    )


def test_a_class_that_no_page_could_show_is_refused(pets: Path) -> None:
    (pets / "dog").rename(pets / os.fsdecode(b"caf\xe9"))
    with pytest.raises(DataError, match=r"The folder caf\\xe9 in .*pets has a name that is not UTF-8. Rename it"):
        open_source(str(pets))


def test_without_class_folders_all_are_of_one_class(tmp_path: Path) -> None:
    """Which a model without labels may learn."""
    picture(tmp_path / "faces" / "0.png")
    source = opened(tmp_path / "faces")
    assert source.spec.required_target.classes == ("faces",)
    assert notes_of(source)[0] == f"{tmp_path / 'faces'} has no class folders: all its files are of one class."


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ([], "no files in it"),
        (["a/0.csv", "a/1.csv", "b.xml", "c"], "2 .csv, 1 .xml, 1 without a suffix"),
        ([f"a/0.{suffix}" for suffix in "abcdefg"], "1 .a, 1 .b, 1 .c, 1 .d, 1 .e, 2 others"),
        (["a/0.png", "b/1.wav"], "1 .png, 1 .wav"),
    ],
)
def test_a_folder_that_is_none_of_these_says_what_it_has(tmp_path: Path, names: list[str], found: str) -> None:
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    with pytest.raises(DataError) as caught:
        open_source(str(tmp_path))
    said = str(caught.value)
    assert said.startswith(f"{tmp_path} has {found}.") and ("different kinds" in said) == ("wav" in found)
    assert "a folder for each class" in said and "IDX" in said and ".txt" in said and "etch it" not in said


def test_of_images_and_texts_there_are_what_most_files_are(pets: Path) -> None:
    for i in range(13):
        (pets / "Cat" / f"{i}.txt").write_text("A long text on cats. " * 20)
        assert (open_source(str(pets)).spec.inputs[0].kind == "image") == (i < 12)
    assert open_source(str(pets), kinds={"image"}).spec.inputs[0].kind == "image"  # as a run that was trained on them


def test_size_and_channels_can_be_given(pets: Path) -> None:
    spec = open_rows(Options(data=str(pets), image_size=[9], channels=1))["train"].source.spec
    assert spec.inputs[0].shape == (9, 9, 1)
    again = open_rows(Options(data=str(pets)), spec)["train"].source
    assert again.spec == spec and again.read("train", np.arange(2))["image"].shape == (2, 9, 9, 1)
    with pytest.raises(ConfigError, match="image_size=.*9.*: iris is no folder of image files"):
        open_rows(Options(data="iris", image_size=[9]))


def test_the_background_is_fitted_to_the_first_rows(pets: Path) -> None:
    source = opened(pets)
    fitted = fit(source.spec, Rows(source, "train", np.arange(12)))["image"]
    images = source.read("train", np.arange(12))["image"].astype(float)
    inner = np.zeros((5, 6), bool)
    inner[1:-1, 1:-1] = True
    borders = np.median(images[:, ~inner], axis=1)
    np.testing.assert_allclose(fitted, [*np.median(borders, axis=0), borders.mean(axis=1).std()])


def sound(path: Path, seconds: float, rate: int = 8000) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, RANDOM.uniform(-0.5, 0.5, round(seconds * rate)), rate)


def test_sounds_have_the_rate_of_most_files_and_hold_nearly_all(tmp_path: Path) -> None:
    for i in range(40):
        sound(tmp_path / "ab"[i % 2] / f"{i:02}.wav", 3.0 if i == 7 else 0.2 + i / 100)
    sound(tmp_path / "a" / "other.wav", 0.1, 44_100)
    source = opened(tmp_path)
    (column,) = source.spec.inputs
    assert (column.kind, column.rate, column.shape) == ("audio", 8000, (round(0.58 * 8000),))
    assert notes_of(source) == (
        "41 sounds are read as 0.58 s of 8,000 samples a second; longer ones (2) are cut, shorter ones are padded.",
    )
    row = source.files.files["train"].index(tmp_path / "b" / "01.wav")
    read = source.read("train", np.array([row]))
    samples, _ = soundfile.read(tmp_path / "b" / "01.wav", dtype="int16")
    np.testing.assert_array_equal(read["audio"][0], np.pad(samples, (0, column.shape[0] - len(samples))))
    assert read["label"] == [1]


@pytest.mark.parametrize(
    ("seconds", "rate", "shape"), [(0.01, 8000, 800), (30.0, 48_000, 160_000), (1.0, 44_100, 16_000)]
)
def test_sounds_are_neither_too_short_nor_too_long(tmp_path: Path, seconds: float, rate: int, shape: int) -> None:
    for name in "ab":
        sound(tmp_path / name / "0.wav", seconds, rate)
    (column,) = open_source(str(tmp_path)).spec.inputs
    assert (column.rate, column.shape) == (min(rate, 16_000), (shape,))


def test_a_damaged_sound_is_named_before_training(tmp_path: Path) -> None:
    sound(tmp_path / "a" / "0.wav", 0.1)
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "1.wav").write_bytes(b"no sound")
    with pytest.raises(DataError, match=r"1\.wav cannot be read"):
        open_rows(Options(data=str(tmp_path)))
