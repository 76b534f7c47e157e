"""Names that the user gave, checked before anything heavy is imported."""

import os
from pathlib import Path

from kerasapps.names import SOURCES, app_module, names_in


def known_app(given: str) -> str:
    """The app's name with "_" for "-"; raises ConfigError for an unknown one."""
    return app_module(given).removeprefix("kerasapps.apps.")


def known_source(given: str, data_dir: str) -> str:
    """A built-in source's name with "_" for "-", or what else can be one; raises ConfigError or DataError."""
    name = given.replace("-", "_")
    if name in names_in(SOURCES):
        return name
    from kerasapps.data.sources import open_source  # which imports NumPy

    if not given.startswith("tfds:") and not os.path.exists(Path(data_dir) / given):
        open_source(given, data_dir)
    return given
