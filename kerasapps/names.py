"""Names and summaries of applications, data sources and commands, without importing them."""

import ast
import importlib.util
import pkgutil
from importlib.machinery import ModuleSpec
from pathlib import Path

from kerasapps.errors import ConfigError, unknown_name

APPS, SOURCES, COMMANDS = "kerasapps.apps", "kerasapps.data.sources", "kerasapps.cli"


def names_in(package: str) -> list[str]:
    """Names of a package's modules: APPS, SOURCES or COMMANDS. Those that begin with _ are none of these."""
    names = (module.name for module in pkgutil.iter_modules(_folder(package)))
    return sorted(name for name in names if not name.startswith("_"))


def summary(package: str, name: str) -> str:
    """First line of the docstring of a package's module; of a dotted name that of the module of this name."""
    path = _spec(name).origin if "." in name else f"{_folder(package)[0]}/{name}.py"
    return (ast.get_docstring(ast.parse(Path(path or "").read_text(encoding="utf-8"))) or "").partition("\n")[0]


def _folder(package: str) -> list[str]:
    return list(_spec(package).submodule_search_locations or ())


def _spec(name: str) -> ModuleSpec:
    """Of a module that is known to be there."""
    spec = importlib.util.find_spec(name)
    assert spec is not None, name
    return spec


def app_module(name: str) -> str:
    """The module of an app, without importing it; raises ConfigError for an unknown name."""
    own = name.replace("-", "_")
    if own in names_in(APPS):
        return f"kerasapps.apps.{own}"
    if is_module(name):
        return name
    if "." in name:
        raise ConfigError(
            f"Unknown app {name!r}: no such module can be imported. Install its package, or name the folder that holds "
            "it in PYTHONPATH."
        )
    raise unknown_name("app", name, [*names_in(APPS), "MODULE.NAME"])


def is_module(name: str) -> bool:
    """Whether a dotted name is that of a module that can be imported; the packages above it are imported."""
    if "." not in name or not all(map(str.isidentifier, name.split("."))):
        return False
    try:
        return importlib.util.find_spec(name) is not None
    except ImportError:
        return False
