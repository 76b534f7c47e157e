"""Fashion-MNIST: 70,000 images of clothes in ten classes, from IDX files."""

import os
from pathlib import Path

from kerasapps.data.readers import idx
from kerasapps.data.sources._labelled import load_folder
from kerasapps.data.spec import Arrays
from kerasapps.errors import DataError

DEBIAN = "/usr/share/datasets"
CLASSES = (
    *("t_shirt_top", "trouser", "pullover", "dress", "coat"),
    *("sandal", "shirt", "sneaker", "bag", "ankle_boot"),
)


def load(data_dir: str) -> Arrays:
    """Images 28x28x1, train 60,000 and test 10,000.

    The files lie in `data_dir`, else in $KERASAPPS_DATA, else where Debian's dataset-fashion-mnist puts them; or in a
    folder fashion-mnist there. Raises DataError. Source: Xiao, Rasul and Vollgraf (2017), arXiv:1708.07747.
    """
    given = [data_dir] if data_dir else [os.environ.get("KERASAPPS_DATA", ""), DEBIAN]
    folders = [folder for base in given if base for folder in (Path(base), Path(base) / "fashion-mnist")]
    for folder in folders:
        if any(idx.find_file(folder, name).is_file() for name in idx.FILES):
            return load_folder(folder, "fashion_mnist", CLASSES)
    raise DataError(
        f"Fashion-MNIST was not found in {', '.join(map(str, folders))}. Expected the files {', '.join(idx.FILES)}, "
        "each with or without .gz. Give the folder with --data-dir, set KERASAPPS_DATA, or run "
        "apt install dataset-fashion-mnist."
    )
