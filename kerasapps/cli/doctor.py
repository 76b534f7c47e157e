"""Show versions, devices, processor features, data sets and cache directories."""

import argparse
import os
import platform
from importlib import metadata
from pathlib import Path
from typing import Any

from kerasapps import startup
from kerasapps.cli._show import print_json, print_table
from kerasapps.errors import KerasappsError
from kerasapps.names import SOURCES, names_in

_PACKAGES = (
    *("kerasapps", "tensorflow", "keras", "tensorflow-datasets", "array_record", "keras-tuner", "tensorboard"),
    *("numpy", "scipy", "pandas", "matplotlib", "mlxtend", "scikit-learn", "statsmodels", "espeakng-loader"),
    *("pyyaml", "rich", "pillow", "soundfile", "importlib_resources", "tokenizers", "babel", "num2words", "sacrebleu"),
    *("cloudpickle", "optuna", "ray"),
)
# What speeds up XLA and oneDNN on x86, and the ARM counterparts.
_FEATURES = ("avx2", "fma", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "asimd", "sve", "bf16")
_VARIABLES = ("TF_CPP_", "TF_XLA_", "TF_ENABLE_", "TF_NUM_", "TF_GPU_", "TF_FORCE_", "XLA_", "CUDA_VISIBLE", "KERAS")
_DIRECTORIES = {
    "data (KERASAPPS_DATA)": ("KERASAPPS_DATA", ""),
    "TFDS (TFDS_DATA_DIR)": ("TFDS_DATA_DIR", "~/tensorflow_datasets"),
    "Keras (KERAS_HOME)": ("KERAS_HOME", "~/.keras"),
}


def parser() -> argparse.ArgumentParser:
    """The parser of the arguments of `kerasapps doctor`."""
    made = argparse.ArgumentParser("kerasapps doctor", description=__doc__, allow_abbrev=False)
    made.add_argument("--json", action="store_true", help="print JSON")
    return made


def run(arguments: list[str]) -> None:
    """Print what kerasapps finds on this machine."""
    as_json = parser().parse_args(arguments).json
    found: dict[str, Any] = {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "versions": {name: _version(name) for name in _PACKAGES},
        "devices": _devices(),
        "processor": _processor(),
        "data": _data(),
        "directories": {name: _directory(*where) for name, where in _DIRECTORIES.items()},
        "environment": {k: v for k, v in sorted(os.environ.items()) if k.startswith(_VARIABLES)},
    }
    if as_json:
        print_json(found)
        return
    print(f"Python {found['python']} on {found['platform']}")
    for title in ("versions", "devices", "processor", "data", "directories", "environment"):
        print_table(title.capitalize(), ("", ""), found[title].items())


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "missing"


def _devices() -> dict[str, str]:
    startup.import_tensorflow()
    import tensorflow as tf

    found = {}
    for device in tf.config.list_physical_devices():
        details = tf.config.experimental.get_device_details(device)
        found[device.name] = details.get("device_name", device.device_type)
    return found


def _processor() -> dict[str, Any]:
    """Cores this process may use, and the features that fast kernels need."""
    about = startup.processor()
    flags = about.get("flags", about.get("Features", "")).split()
    return {
        "name": about.get("model name", platform.processor() or platform.machine()),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "features": " ".join(feature for feature in _FEATURES if feature in flags) or "unknown",
    }


def _data() -> dict[str, str]:
    """Each built-in source: its rows, or why it cannot be read."""
    from kerasapps.data.sources import open_source

    found = {}
    for name in names_in(SOURCES):
        try:
            found[name] = ", ".join(f"{split} {rows}" for split, rows in open_source(name).sizes.items())
        except KerasappsError as error:
            found[name] = f"not usable: {error}"
    return found


def _directory(variable: str, default: str) -> str:
    path = Path(os.environ.get(variable) or default).expanduser()
    return f"{path} ({'exists' if path.is_dir() else 'does not exist'})" if path.parts else "not set"
