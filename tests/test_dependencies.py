"""What the package imports is what setup.cfg declares."""

import ast
import configparser
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[1]


def imported() -> set[str]:
    """Top-level names of all modules that kerasapps imports, its own and Python's left out."""
    names = set()
    for path in (ROOT / "kerasapps").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                names.add((node.module or "").partition(".")[0])
    return names - sys.stdlib_module_names - {"kerasapps"}


def normalised(name: str) -> str:
    """As packages are compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


def declared() -> set[str]:
    """Distributions that are installed with it, or with one of its extras."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    texts = [config["options"]["install_requires"], *dict(config["options.extras_require"]).values()]
    lines = [line.strip() for text in texts for line in text.splitlines() if line.strip()]
    return {normalised(re.split(r"[<>=\[; ]", line)[0]) for line in lines}


def test_every_import_is_declared() -> None:
    distributions, names = packages_distributions(), imported()
    assert {"numpy", "scipy", "tensorflow", "keras", "yaml"} <= names
    missing = {
        name for name in names if not declared() & {normalised(each) for each in distributions.get(name, [name])}
    }
    assert not missing
