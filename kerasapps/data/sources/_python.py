"""Files of Python source, where a folder has them."""

from collections.abc import Collection
from pathlib import Path

from kerasapps.data.readers.txt import read_text
from kerasapps.errors import DataError


def files(folder: Path, left_out: Collection[str]) -> list[str]:
    """Paths within a folder of the files in no folder of a name that is left out."""
    paths = [path.relative_to(folder) for path in folder.rglob("*.py")]
    # _sysconfigdata_... says how this Python was built.
    return sorted(
        path.as_posix()
        for path in paths
        if not {*left_out} & {*path.parts} and not path.name.startswith("_sysconfigdata")
    )


def text(path: Path) -> str:
    """What a file says; nothing where it is not UTF-8, as a few files in other encodings are."""
    try:
        return read_text(path)
    except DataError:
        return ""
