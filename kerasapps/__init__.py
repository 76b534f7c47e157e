"""kerasapps: deep-learning applications on TensorFlow/Keras.

`import kerasapps` does not import TensorFlow; the first use of one of its functions does. Keras loads models that
were saved from a run wherever kerasapps is imported, too.
"""

import importlib
from typing import TYPE_CHECKING

from kerasapps import errors, serializables

if TYPE_CHECKING:
    from kerasapps.engine.listeners import Stop
    from kerasapps.exporters import export
    from kerasapps.runs.load import load
    from kerasapps.training.train import resume, train
    from kerasapps.tuning.tune import tune

__all__ = ["Stop", "errors", "export", "load", "resume", "train", "tune"]
__version__ = "0.1.0"

_MODULES = {
    "Stop": "kerasapps.engine.listeners",
    "export": "kerasapps.exporters",
    "load": "kerasapps.runs.load",
    "resume": "kerasapps.training.train",
    "train": "kerasapps.training.train",
    "tune": "kerasapps.tuning.tune",
}


def __dir__() -> list[str]:
    """What users need, for completion of `kerasapps.`; not the modules that happen to be imported."""
    return [*__all__, "__version__"]


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module 'kerasapps' has no attribute {name!r}")
    from kerasapps import startup

    startup.import_tensorflow()
    return getattr(importlib.import_module(_MODULES[name]), name)


serializables.register()
