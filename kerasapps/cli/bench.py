"""Measure the speed of training against keras.Model.fit, PyTorch and JAX."""

import runpy
from pathlib import Path

import kerasapps
from kerasapps.errors import ConfigError


def run(arguments: list[str]) -> None:
    """Run the checkout's experiments/bench.py with these flags; raises ConfigError where there is none."""
    script = Path(kerasapps.__file__).resolve().parents[1] / "experiments" / "bench.py"
    if not script.is_file():
        raise ConfigError(
            f"bench needs kerasapps's source: {script} is not there, because an installed package is without its "
            "experiments. Expected a checkout: run bench there, after pip install -e ."
        )
    runpy.run_path(str(script))["main"](arguments, "kerasapps bench")
