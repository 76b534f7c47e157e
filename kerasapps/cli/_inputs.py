"""Raw inputs on the command line: files of images, texts or tables, or the values themselves."""

import csv
import math
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from kerasapps.data.clean import is_text
from kerasapps.data.lines import read_lines
from kerasapps.data.spec import NUMBER, Column, Columns, Spec
from kerasapps.data.wav import read_wav
from kerasapps.errors import ConfigError, DataError, missing_columns, unknown_name

_IMAGE_FILES = (".png", ".jpg", ".jpeg")
_OTHER_FILES = (".wav", ".npy", *_IMAGE_FILES)
_MODES = {1: "L", 3: "RGB", 4: "RGBA"}
_EIGHT_BIT_MODES = ("1", "L", "LA", "P", "PA", "RGB", "RGBA")


def read_inputs(spec: Spec, given: Sequence[str]) -> Columns:
    """The columns of `spec.inputs` from CSV files, image files, WAV files, .npy arrays, name=value pairs or
    plain values.

    Files: rows of all of them, in order; of a series the last steps, one row a file. Values: one row; but each text is
    one, as is each line of a .txt file. Raises ConfigError, or DataError naming the file.
    """
    image = next((column for column in spec.inputs if column.kind == "image"), None)
    if image is not None:
        return {image.name: np.concatenate([_read_images(Path(path), image) for path in given])}
    text = next((column for column in spec.inputs if column.kind == "text"), None)
    if text is not None:
        return {text.name: np.concatenate([_read_texts(item, text, spec) for item in given])}
    series = next((column for column in spec.inputs if column.kind == "series"), None)
    if series is not None:
        return {series.name: _read_series(series, given)}
    sound = next((column for column in spec.inputs if column.kind == "audio"), None)
    if sound is not None:
        return {sound.name: np.stack([_read_sound(Path(path), sound) for path in given])}
    if all(path.endswith(".csv") for path in given):
        tables = [_read_table(Path(path), spec) for path in given]
        return {column.name: np.concatenate([t[column.name] for t in tables]) for column in spec.inputs}
    texts = _named(spec, given)
    return {column.name: _convert(column, [texts[column.name]], lambda _: "the input") for column in spec.inputs}


def _read_series(column: Column, given: Sequence[str]) -> np.ndarray:
    """float [rows, *shape]: the last steps of the series in each CSV file, or one row of these values."""
    several, wanted = len(column.shape) > 1, math.prod(column.shape)
    if not several and all(path.endswith(".csv") for path in given):
        return np.stack([_last_steps(Path(path), wanted) for path in given])
    if len(given) != wanted:
        order = f"{wanted} numbers of {column.shape[0]} steps" if several else f"{wanted} last steps of a series"
        files = "step by step" if several else "or .csv files that hold at least as many"
        raise ConfigError(
            f"{len(given)} values given: {' '.join(given)}. Expected the {order}, the oldest first, {files}."
        )
    return _convert(column, given, lambda _: "the input").reshape(1, *column.shape)


def _last_steps(path: Path, steps: int) -> np.ndarray:
    """The end of the series in a CSV file, float64 [steps]."""
    from kerasapps.data.sources._series_csv import read_series

    values = read_series(path).values
    if len(values) < steps:
        raise DataError(f"{path} has {len(values)} steps. Expected at least {steps}, which the model forecasts from.")
    return values[-steps:]


def _read_sound(path: Path, column: Column) -> np.ndarray:
    """int16 [samples]: the beginning of a WAV file, as long as the sounds that the model was trained on."""
    if path.suffix.lower() != ".wav":
        raise ConfigError(f"{path}: expected .wav files.")
    return read_wav(path, column.shape[0], column.rate)


def _read_images(path: Path, column: Column) -> np.ndarray:
    """uint8 [rows, height, width, channels]."""
    suffix = path.suffix.lower()
    if suffix not in (".npy", *_IMAGE_FILES):
        raise ConfigError(f"{path}: expected image files ({', '.join(_IMAGE_FILES)}) or .npy arrays of images.")
    try:
        return _read_array(path, column) if suffix == ".npy" else _read_picture(path, column)[None]
    except DataError:
        raise
    except Exception as error:  # what PIL and NumPy raise for damaged files is no closed list
        raise DataError(f"{path} cannot be read: {error}. Expected a whole {suffix} file.") from error


def _read_picture(path: Path, column: Column) -> np.ndarray:
    """uint8 [height, width, channels], colours converted, never resized."""
    from PIL import Image

    height, width, channels = column.shape
    with Image.open(path) as picture:
        if picture.size != (width, height):
            raise DataError(
                f"{path} is {picture.width} wide and {picture.height} high. Expected {width} wide and {height} high: "
                "cut or resize it as the training images were."
            )
        if picture.mode not in _EIGHT_BIT_MODES or channels not in _MODES:
            raise DataError(f"{path} has the mode {picture.mode}. Expected 8 bits a channel.")
        return np.asarray(picture.convert(_MODES[channels]), np.uint8).reshape(column.shape)


def _read_array(path: Path, column: Column) -> np.ndarray:
    """uint8 [rows, height, width, channels] of one image or many; one channel may be left out."""
    array = np.load(path, allow_pickle=False)
    shapes = [column.shape] + ([column.shape[:-1]] if column.shape[-1] == 1 else [])
    if not isinstance(array, np.ndarray) or array.dtype != np.uint8:
        raise DataError(f"{path} holds {getattr(array, 'dtype', 'no array')}. Expected uint8, 0 to 255.")
    if array.shape not in shapes and array.shape[1:] not in shapes:
        raise DataError(f"{path} has the shape {array.shape}. Expected (rows, {', '.join(map(str, column.shape))}).")
    return array.reshape(-1, *column.shape)


def _read_texts(given: str, column: Column, spec: Spec) -> np.ndarray:
    """Strings [rows]: of a .csv or .txt file, or the one that was given itself."""
    kind = Path(given).suffix.lower()
    if kind == ".csv":
        return _read_table(Path(given), spec)[column.name]
    if kind == ".txt":
        return _read_text_lines(Path(given))
    if os.path.isfile(given) or (kind in _OTHER_FILES and not any(map(str.isspace, given))):
        raise ConfigError(f"{given} is a file of another kind. Expected texts, each one argument, .txt or .csv files.")
    return _texts([given], lambda _: "The text given")


def _read_text_lines(path: Path) -> np.ndarray:
    """Strings [lines]; raises DataError for a file without any, or with an empty one."""
    try:
        lines = [line.strip() for line in read_lines(path)]
    except OSError as error:
        raise DataError(
            f"{path} cannot be read: {error}. Expected a file in UTF-8 with a text on each line."
        ) from error
    if not lines:
        raise DataError(f"{path} is empty. Expected a text on each line.")
    return _texts(lines, lambda i: f"{path}, line {i + 1}")


def _texts(texts: Sequence[str], where: Callable[[int], str]) -> np.ndarray:
    """Strings [rows]; raises DataError for one that is empty or has broken characters."""
    for i, text in enumerate(texts):
        if not is_text(text):
            raise DataError(f"{where(i)}: {text!r}. Expected a text that is not empty, of whole characters.")
    return np.array(texts, object)


def _read_table(path: Path, spec: Spec) -> Columns:
    """The input columns of a CSV file with a header; other columns are left out."""
    try:
        reader = csv.reader(read_lines(path), strict=True)
        names = [re.sub(r"\W", "_", name.strip()) for name in next(reader, [])]
        rows = [(reader.line_num, row) for row in reader if row]
    except (OSError, ValueError, csv.Error) as error:
        raise DataError(f"{path} cannot be read: {error}. Expected a CSV file in UTF-8 with a header.") from error
    missing = [column.name for column in spec.inputs if column.name not in names]
    short = [line for line, row in rows if len(row) != len(names)]
    if missing or short or not rows:
        wrong = missing_columns(missing) if missing else "no rows"
        wrong = f"line {short[0]} has not {len(names)} cells" if short and not missing else wrong
        raise DataError(f"{path}: {wrong}. Expected a header with {_names(spec)}, and as many cells in each row.")
    return {
        column.name: _convert(
            column, [row[names.index(column.name)].strip() for _, row in rows], lambda i: f"{path}, line {rows[i][0]}"
        )
        for column in spec.inputs
    }


def _named(spec: Spec, given: Sequence[str]) -> dict[str, str]:
    """The text of each input column, from name=value pairs or from values in the columns' order."""
    names = [column.name for column in spec.inputs]
    pairs = [(name.strip(), equals, value.strip()) for name, equals, value in (text.partition("=") for text in given)]
    if any(equals and name in names for name, equals, _ in pairs) or all(equals for _, equals, _ in pairs):
        texts = {name: value for name, equals, value in pairs if equals}
        for name in texts:
            if name not in names:
                raise unknown_name("column", name, names)
    else:
        texts = dict(zip(names, given, strict=False))
    if len(given) != len(names) or set(texts) != set(names):
        raise ConfigError(
            f"{len(given)} values given: {' '.join(given)}. Expected a .csv file, name=value pairs, or "
            f"{len(names)} values in the order {_names(spec)}."
        )
    return texts


def _names(spec: Spec) -> str:
    return ", ".join(column.name for column in spec.inputs)


def _convert(column: Column, texts: Sequence[str], where: Callable[[int], str]) -> np.ndarray:
    """float64 [rows] of a number (what float32 cannot hold is found later), strings [rows] of a category or text."""
    if column.kind == "text":
        return _texts(texts, lambda i: f"{where(i)}, column {column.name}")
    if column.kind == "category":
        return np.array(texts)
    for i, text in enumerate(texts):
        if not NUMBER.fullmatch(text):
            raise DataError(f"{where(i)}, column {column.name}: {text!r}. Expected a number.")
    return np.array([float(text) for text in texts])
