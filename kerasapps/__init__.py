"""kerasapps: deep-learning applications on TensorFlow/Keras.

`import kerasapps` does not import TensorFlow; the first use of `train` or `load` does.
"""

from kerasapps import errors

__all__ = ["errors", "load", "train"]
__version__ = "0.1.0"


def __getattr__(name: str):
    if name in ("train", "load"):
        from kerasapps import startup

        startup.import_tensorflow()
        from kerasapps.training import train as training

        return getattr(training, name)
    raise AttributeError(f"module 'kerasapps' has no attribute {name!r}")
