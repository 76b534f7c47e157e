"""Images or sounds of one's own: a folder for each class, whose files are read when their rows are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from kerasapps.data.kinds import kind_of
from kerasapps.data.readers import of_each, row_formats
from kerasapps.data.sources._folder_files import Found, Labelled, labelled, refused
from kerasapps.data.spec import Column, Columns, Spec


@dataclass(frozen=True, eq=False)
class ClassFolders:
    """The files of each split and their classes; a file is opened when its row is read.

    wanted: the column that the files become, None = the one that suits them. image_size, channels: of images, None = as
    the files have them. The headers of all files are read for that, once. Raises DataError naming a damaged file.
    """

    name: str
    kind: str
    files: Labelled
    wanted: Column | None = None
    image_size: Sequence[int] | None = None
    channels: int | None = None

    @cached_property
    def _chosen(self) -> tuple[Column, str]:
        """The column, and what is said of it."""
        paths = [path for own in self.files.files.values() for path in own]
        form = row_formats()[paths[0].suffix.lower()]
        if self.image_size is None and self.channels is None:
            return form.choose_column(paths)
        return form.choose_column(paths, self.image_size, self.channels)

    @property
    def spec(self) -> Spec:
        """The image or sound, and its class."""
        return Spec((self.wanted or self._chosen[0],), Column("label", "category", classes=self.files.classes))

    @property
    def sizes(self) -> Mapping[str, int]:
        """Files of each split."""
        return {split: len(paths) for split, paths in self.files.files.items()}

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out, and what the files become."""
        return self.files.notes if self.wanted else (*self.files.notes, self._chosen[1])

    def classes_of(self, split: str) -> np.ndarray:
        """The class number of each row of a split, int32 [rows]; no file is opened."""
        return np.array(self.files.labels[split], np.int32)

    def read(self, split: str, rows: np.ndarray) -> Columns:
        """The rows of these files; raises DataError naming one that cannot be read."""
        (column,), formats = self.spec.inputs, row_formats()
        paths = [self.files.files[split][row] for row in rows]

        def read(path: Path) -> np.ndarray:
            return formats[path.suffix.lower()].read_rows(path, column)

        none = np.zeros((0, *column.shape), kind_of(column).dtype)
        return {column.name: np.concatenate([none, *of_each(read, paths)]), "label": self.classes_of(split)[rows]}


def load_folder(found: Found) -> ClassFolders:
    """The source of what lies in a folder; raises DataError where it has both images and sounds."""
    kinds = found.kinds
    if len(kinds) > 1:
        raise refused(found, "Images and sounds are rows of different kinds: give a folder that has one of them.")
    return ClassFolders(str(found.folder), kinds[0], labelled(found))
