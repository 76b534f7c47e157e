"""Has Keras know the layers of kerasapps as soon as both are imported, whichever comes first.

Keras reads a saved model by the registered names of its classes, and imports nothing by itself to find them.
"""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType


def register() -> None:
    """Import the layers, each of which registers itself; where Keras is not imported yet, as soon as it is."""
    if "keras" in sys.modules:
        from kerasapps import layers  # noqa: F401
    else:
        sys.meta_path.insert(0, _Keras())


class _Loader(SourceFileLoader):
    """Executes Keras, and then imports the layers."""

    def exec_module(self, module: ModuleType) -> None:
        """Keras is whole before the layers need it."""
        super().exec_module(module)
        register()


class _Keras(MetaPathFinder):
    """Finds Keras where Python does, with the loader that imports the layers, too."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """None of any other module, and of a Keras that is no plain file: others find that."""
        found = PathFinder.find_spec(name, path, target) if name == "keras" else None
        if found is None or not isinstance(found.loader, SourceFileLoader):
            return None
        found.loader = _Loader(found.loader.name, found.loader.path)
        return found
