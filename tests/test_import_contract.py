"""The order of imports in setup.cfg names every module of the package, so that none escapes it."""

import configparser
from pathlib import Path

ROOT = Path(__file__).parents[1]


def listed() -> set[str]:
    """Modules and packages that the contract orders."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    layers = config["importlinter:contract:one_way"]["layers"].replace("|", "\n").split()
    assert len(layers) == len(set(layers))
    return set(layers)


def test_every_module_has_its_place() -> None:
    modules = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in (ROOT / "kerasapps").rglob("*.py")
        if path.name != "__init__.py"
    ]
    assert len(modules) > 100
    places = listed()
    lost = [module for module in modules if not any(f"{module}.".startswith(f"{place}.") for place in places)]
    assert not lost


def test_every_place_exists() -> None:
    paths = [ROOT / place.replace(".", "/") for place in listed()]
    assert not [path for path in paths if not (path.is_dir() or path.with_suffix(".py").exists())]
