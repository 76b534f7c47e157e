"""Texts of one's own in passages: a file, or a folder of files."""

import hashlib
import math
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from kerasapps.data.readers.txt import read_text
from kerasapps.data.sources._passages import Passages
from kerasapps.errors import DataError

SUFFIXES = (".txt", ".md", ".py")
SHARE = 0.05
"""Of a text, or of the files of a folder, for validation; and another for test."""


def load_file(path: Path) -> Passages:
    """A text file in UTF-8: its first 90% train, the next 5% validate, the last 5% test. Raises DataError."""
    text = read_text(path)
    if not text.strip():
        raise DataError(f"{path} is empty. Expected a text in UTF-8.")
    return Passages(str(path), _in_parts([text]))


def find_files(folder: Path) -> list[str]:
    """Paths within a folder of the text files in it and in folders inside; hidden ones are left out."""
    files = (path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    paths = (path.relative_to(folder) for path in files)
    return sorted(path.as_posix() for path in paths if not any(part.startswith(".") for part in path.parts))


def load_folder(folder: Path) -> Passages:
    """The text files in a folder and in folders inside it; raises DataError.

    Files without text are left out. In the order of a hash of their paths, the first twentieth of the files tests, the
    next one validates, at least one file each. Of fewer than three files each is divided as a single one is.
    """
    texts = {path: read_text(folder / path) for path in find_files(folder)}
    texts = {path: text for path, text in texts.items() if text.strip()}
    if not texts:
        raise DataError(
            f"{folder} has no text: its {' and '.join(SUFFIXES)} files are empty. Expected files with text in them."
        )
    if len(texts) < 3:
        return Passages(str(folder), _in_parts(list(texts.values())))
    size = max(1, round(SHARE * len(texts)))
    return Passages(str(folder), by_file(by_hash(texts), size, size, texts.__getitem__))


def _in_parts(texts: Sequence[str]) -> dict[str, list[str]]:
    """Contiguous parts of each text."""
    parts: dict[str, list[str]] = {"train": [], "validation": [], "test": []}
    for text in texts:
        size = max(1, round(SHARE * len(text)))
        validation, test = len(text) - 2 * size, len(text) - size
        for split, part in zip(parts, (text[:validation], text[validation:test], text[test:]), strict=True):
            parts[split].append(part)
    return parts


def by_hash(paths: Iterable[str]) -> list[tuple[float, str]]:
    """Paths in the order of a hash of each, which is a number from 0 to 1 and does not depend on other paths."""

    def hashed(path: str) -> float:
        name = path.encode("utf-8", "surrogateescape")  # Linux has names that are not UTF-8
        return int.from_bytes(hashlib.sha256(name).digest()[:6], "big") / 2**48

    return sorted((hashed(path), path) for path in paths)


def by_file(
    order: Sequence[tuple[float, str]],
    tests: int,
    validates: int,
    read: Callable[[str], str],
    most_characters: float = math.inf,
) -> dict[str, list[str]]:
    """Whole texts of each split, by their paths, without empty ones.

    Of the paths in their order the first `tests` test, the next `validates` validate. The others train, up to the one
    with which they would have more than `most_characters`. read: path -> text.
    """
    paths = [path for _, path in order]
    held_out = {"validation": paths[tests : tests + validates], "test": paths[:tests]}
    train: dict[str, str] = {}
    for path in paths[tests + validates :]:
        train[path] = read(path)
        most_characters -= len(train[path])
        if most_characters < 0:
            del train[path]
            break
    splits = {"train": train, **{split: {path: read(path) for path in own} for split, own in held_out.items()}}
    return {split: [texts[path] for path in sorted(texts) if texts[path]] for split, texts in splits.items()}
