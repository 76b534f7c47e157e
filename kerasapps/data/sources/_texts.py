"""Texts of one's own in passages: a file, or a folder of files."""

import hashlib
from collections.abc import Sequence
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
            f"{folder} has no files of images (IDX) and no texts. Expected {' or '.join(SUFFIXES)} files with text in "
            "them."
        )
    documents = _in_parts(list(texts.values())) if len(texts) < 3 else _by_file(texts)
    return Passages(str(folder), documents)


def _in_parts(texts: Sequence[str]) -> dict[str, list[str]]:
    """Contiguous parts of each text."""
    parts: dict[str, list[str]] = {"train": [], "validation": [], "test": []}
    for text in texts:
        size = max(1, round(SHARE * len(text)))
        validation, test = len(text) - 2 * size, len(text) - size
        for split, part in zip(parts, (text[:validation], text[validation:test], text[test:]), strict=True):
            parts[split].append(part)
    return parts


def _by_file(texts: dict[str, str]) -> dict[str, list[str]]:
    """Whole texts; texts: path -> text, in the order of the paths."""
    size = max(1, round(SHARE * len(texts)))
    order = sorted(texts, key=lambda path: hashlib.sha256(path.encode()).digest())
    chosen = {"train": order[2 * size :], "validation": order[size : 2 * size], "test": order[:size]}
    return {split: [texts[path] for path in sorted(paths)] for split, paths in chosen.items()}
