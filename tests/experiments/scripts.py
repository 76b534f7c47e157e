"""Scripts of experiments/ as modules. After it is imported so can be experiments.peers."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))


def script(name: str) -> ModuleType:
    """A script, not run as the main one."""
    spec = importlib.util.spec_from_file_location(f"measure_{name}", ROOT / "experiments" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
