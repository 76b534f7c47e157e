"""Which files of a folder are rows, of which split and class, and which are left out."""

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from kerasapps.data.readers import row_formats
from kerasapps.data.sources import _texts
from kerasapps.errors import DataError

SPLITS = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("validation", "valid", "val"), "validation"),
    **dict.fromkeys(("test", "testing"), "test"),
}
"""Name of a folder, in lower case -> the split that the class folders in it are."""
_LEFT_BY_PROGRAMS = ("thumbs.db", "desktop.ini", "__macosx")
_MOST_NAMED = 5


class File(NamedTuple):
    """A file that is a row, and the folders that it lies in, below that of its split."""

    path: Path
    folders: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """What a folder has: files that can be rows, the names of all others, and the folders in it, by their parts.

    links: folder that is a link -> the one in the same folder, or met before, that it leads to; it is not followed.
    """

    folder: Path
    files: Sequence[File]
    others: Sequence[str]
    folders: Sequence[tuple[str, ...]]
    links: Mapping[str, str]

    @property
    def kinds(self) -> list[str]:
        """The kinds of columns that the files are of."""
        formats = row_formats()
        return sorted({formats[file.path.suffix.lower()].KINDS[0] for file in self.files})


@dataclass(frozen=True)
class Labelled:
    """The files of each split and the number of the class of each, the names of the classes, and what was left out."""

    files: Mapping[str, Sequence[Path]]
    labels: Mapping[str, Sequence[int]]
    classes: tuple[str, ...]
    notes: tuple[str, ...]


def find(folder: Path) -> Found:
    """All there is in a folder and in folders in it; links to folders are followed, but each folder is met once."""
    formats, met, links = row_formats(), dict[str, str](), dict[str, str]()
    files, others, folders = list[File](), list[str](), list[tuple[str, ...]]()
    for place, inside, names in os.walk(folder, onerror=_refuse, followlinks=True):
        above, real = Path(place).relative_to(folder).parts, os.path.realpath(place)
        if same := met.get(real) or _elsewhere(folder, above, real):
            links["/".join(above)] = same
            inside.clear()
            continue
        met[real] = "/".join(above) or str(folder)
        inside[:] = sorted(name for name in inside if not is_hidden(name))
        folders += [(*above, name) for name in inside]
        for name in sorted(names):
            if Path(name).suffix.lower() in formats and not is_hidden(name):
                files.append(File(Path(place, name), above))
            else:
                others.append(name)
    return Found(folder, files, others, folders, links)


def _elsewhere(folder: Path, above: tuple[str, ...], real: str) -> str:
    """Where in `folder` the place real is met without links, if that is not at `above`; "" where it is not met so."""
    parts = Path(os.path.relpath(real, os.path.realpath(folder))).parts
    return "" if parts == above or any(map(is_hidden, parts)) else "/".join(parts)


def is_hidden(name: str) -> bool:
    """Whether a file or folder is none of the user's: hidden, or left behind by a program."""
    return name.startswith(".") or name.lower() in _LEFT_BY_PROGRAMS


def counted(names: Iterable[str]) -> str:
    """ "120 .jpg, 3 .txt": how many files there are of each suffix, the most frequent ones first."""
    kinds = ("hidden" if is_hidden(name) else Path(name).suffix.lower() or "without a suffix" for name in names)
    counts = Counter(kinds).most_common()
    named, more = counts[:_MOST_NAMED], sum(number for _, number in counts[_MOST_NAMED:])
    return ", ".join([f"{number:,} {kind}" for kind, number in named] + [f"{more:,} others"] * bool(more))


def refused(found: Found, why: str = "") -> DataError:
    """An error that says what a folder has and what is expected."""
    names = [*(file.path.name for file in found.files), *found.others]
    return DataError(
        f"{found.folder} has {counted(names) or 'no files in it'}.{why and f' {why}'} Expected a folder for each class "
        f"with its images or sounds in it ({', '.join(row_formats())}), the four IDX files of MNIST's format, or texts "
        f"({', '.join(_texts.SUFFIXES)})."
    )


def _refuse(error: OSError) -> None:
    raise DataError(f"{error.filename} cannot be read: {error.strerror}. Expected a folder that may be read.")


def labelled(found: Found) -> Labelled:
    """The files with the classes that their folders name, sorted by name; folders in a class folder belong to it.

    Where there are class folders in a folder train, and maybe in validation (val, valid) and test, these are the
    splits. Without class folders all files are of one class. Raises DataError for a class without training files.
    """
    splits = _splits(found)
    files, notes = _by_split(found, splits), []
    if not any(file.folders for file in files["train"]):
        files = {"train": [File(file.path, (found.folder.name,)) for file in found.files]}
        notes.append(f"{found.folder} has no class folders: all its files are of one class.")
    elif len(files) == 1 and len(below := {file.folders[:2] for file in files["train"] if len(file.folders) > 1}) > 1:
        notes += [f"Its folder {name} has folders itself: {found.folder / name} may be meant." for name, _ in below][:1]
    beside = [file.path.name for own in files.values() for file in own if not file.folders]
    files = {split: _mixed([file for file in own if file.folders]) for split, own in files.items()}
    classes = sorted({file.folders[0] for file in files["train"]})
    _check_names(found, classes, splits)
    _check_classes(found, files, classes)
    own = [parts for parts in found.folders if _is_class(parts, splits) and "/".join(parts) not in found.links]
    empty = {parts[-1] for parts in own}.difference(classes)
    notes += [f"Left out: the folder {link} is a link to {same}." for link, same in found.links.items()]
    notes += [
        f"Left out: the folder {name} lies beside {' and '.join(sorted(splits))}."
        for name in sorted({file.folders[0] for file in found.files if file.folders} - {*splits} if splits else ())
    ]
    left_out = {
        "in no class folder": counted(beside),
        "of other kinds": counted(found.others),
        "without images or sounds": ", ".join(f"the folder {name}" for name in sorted(empty)),
    }
    notes += [f"Left out, {why}: {what}." for why, what in left_out.items() if what]
    numbers = {name: number for number, name in enumerate(classes)}
    return Labelled(
        {split: [file.path for file in own] for split, own in files.items() if own},
        {split: [numbers[file.folders[0]] for file in own] for split, own in files.items() if own},
        tuple(classes),
        tuple(notes),
    )


def _splits(found: Found) -> dict[str, str]:
    """Name of a folder -> the split that it is; {} where the folders are no splits, but classes, such as car, train."""
    splits = {parts[0]: SPLITS[parts[0].lower()] for parts in found.folders if parts[0].lower() in SPLITS}
    training = [file for file in found.files if file.folders and splits.get(file.folders[0]) == "train"]
    return splits if training and all(len(file.folders) > 1 for file in training) else {}


def _is_class(parts: tuple[str, ...], splits: Mapping[str, str]) -> bool:
    """Whether a folder is one of a class."""
    return len(parts) == 2 and parts[0] in splits if splits else len(parts) == 1


def _by_split(found: Found, splits: Mapping[str, str]) -> dict[str, list[File]]:
    """The files of each split, their folders below its own: none of those beside all; other folders are left out."""
    if not splits:
        return {"train": list(found.files)}
    files: dict[str, list[File]] = {split: [] for split in splits.values()}
    for path, folders in found.files:
        if not folders:
            files["train"].append(File(path, ()))
        elif folders[0] in splits:
            files[splits[folders[0]]].append(File(path, folders[1:]))
    return files


def _mixed(files: Sequence[File]) -> list[File]:
    """Those of all classes evenly mixed, so that the first ones are a fair sample."""
    sizes, met = Counter(file.folders[0] for file in files), Counter[str]()
    places = list[tuple[float, str]]()
    for file in files:
        name = file.folders[0]
        places.append(((met[name] + 0.5) / sizes[name], name))
        met[name] += 1
    return [files[i] for i in sorted(range(len(files)), key=places.__getitem__)]


def _check_names(found: Found, classes: Sequence[str], splits: Mapping[str, str]) -> None:
    """Raise DataError for classes that are splits without classes, and for names that no page could show."""
    if not splits and len(classes) > 1 and {name.lower() for name in classes} <= SPLITS.keys():
        file = next(file.path for file in found.files if len(file.folders) == 1)
        raise DataError(
            f"{found.folder} has the folders {' and '.join(classes)}, but {file} is in no class folder. Expected a "
            f"folder for each class in each of them, such as {classes[-1]}/cat and {classes[-1]}/dog; or, to learn "
            "without classes, give one of them."
        )
    for name in classes:
        shown = os.fsencode(name).decode("utf-8", "backslashreplace")
        if shown != name:
            raise DataError(f"The folder {shown} in {found.folder} has a name that is not UTF-8. Rename it.")


def _check_classes(found: Found, files: Mapping[str, Sequence[File]], classes: Sequence[str]) -> None:
    for split, own in files.items():
        for file in own:
            if file.folders[0] not in classes:
                raise DataError(
                    f"{file.path} is of the class {file.folders[0]}, for {split}. Expected a class that has files for "
                    f"training, too: {', '.join(classes)}. Add some, or leave that folder out."
                )
