"""Measure the speed of training against keras.Model.fit, PyTorch and JAX."""

import importlib.util
from pathlib import Path

import kerasapps
from kerasapps.errors import ConfigError


def run(arguments: list[str]) -> None:
    """Run the checkout's experiments/bench.py with these flags."""
    script = script_beside(Path(kerasapps.__file__).resolve().parents[1])
    spec = importlib.util.spec_from_file_location("experiments_bench", script)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.main(arguments, "kerasapps bench")


def script_beside(folder: Path) -> Path:
    """experiments/bench.py of the folder that holds the package; raises ConfigError where there is none."""
    script = folder / "experiments" / "bench.py"
    if not script.is_file():
        raise ConfigError(
            f"bench needs kerasapps's source: {script} is not there, because an installed package is without its "
            "experiments. Expected a checkout: run bench there, after pip install -e ."
        )
    return script
