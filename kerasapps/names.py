"""Names and summaries of applications, data sources and commands, without importing them."""

import ast
import importlib.util
import pkgutil
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path

from kerasapps.errors import ConfigError, unknown_name

APPS, SOURCES, COMMANDS = "kerasapps.apps", "kerasapps.data.sources", "kerasapps.cli"


def names_in(package: str) -> list[str]:
    """Names of a package's modules: APPS, SOURCES or COMMANDS. Those that begin with _ are none of these."""
    names = (module.name for module in pkgutil.iter_modules(_folder(package)))
    return sorted(name for name in names if not name.startswith("_"))


def summary(package: str, name: str) -> str:
    """First line of the docstring of a package's module; of a dotted name that of the module of this name."""
    parsed = _parsed(name) if "." in name else ast.parse(Path(_folder(package)[0], f"{name}.py").read_text("utf-8"))
    return (ast.get_docstring(parsed) or "").partition("\n")[0]


def hparams_of(module: str) -> set[str] | None:
    """Names of the hyperparameters of an app, as its module's source declares them; nothing is imported.

    That is `APP = App(..., hparams=NAME, ...)` with a class of this name, and `field: type = setting(...)` in it and in
    its bases. None where the source is written otherwise: then only an import can tell.
    """
    try:
        calls = [node.value for node in _parsed(module).body if isinstance(node, ast.Assign)]
        keywords = (each for call in calls if isinstance(call, ast.Call) for each in call.keywords)
        (own,) = (each.value for each in keywords if each.arg == "hparams")
        return _settings_in(module, _name(own))
    except (ValueError, OSError, SyntaxError, ImportError):
        return None


def _settings_in(module: str, name: str) -> set[str]:
    """Fields of a class and its bases that are settings; raises ValueError where the source does not tell."""
    body = _parsed(module).body
    (found,) = (
        node
        for node in body
        if (isinstance(node, ast.ClassDef) and node.name == name)
        or (isinstance(node, ast.ImportFrom) and name in [each.asname or each.name for each in node.names])
    )
    if isinstance(found, ast.ImportFrom):
        (original,) = (each.name for each in found.names if (each.asname or each.name) == name)
        return _settings_in(importlib.util.resolve_name("." * found.level + (found.module or ""), module), original)
    own = {_name(node.target) for node in found.body if isinstance(node, ast.AnnAssign) and _is_setting(node.value)}
    return own.union(*(_settings_in(module, _name(base)) for base in found.bases))


def _is_setting(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "setting"


def _name(node: ast.expr) -> str:
    """The plain name that an expression is; raises ValueError for another."""
    if not isinstance(node, ast.Name):
        raise ValueError(f"{ast.unparse(node)} is no name.")
    return node.id


def _parsed(module: str) -> ast.Module:
    """The source of a module."""
    return ast.parse(Path(_spec(module).origin or "").read_text(encoding="utf-8"))


def _folder(package: str) -> list[str]:
    return list(_spec(package).submodule_search_locations or ())


def _spec(name: str) -> ModuleSpec:
    """Of a module that is known to be there. Unlike find_spec of importlib.util it imports no package above it."""
    path, *others = name.split(".")
    spec = importlib.util.find_spec(path)
    for own in others:
        path = f"{path}.{own}"
        spec = PathFinder.find_spec(path, (spec and spec.submodule_search_locations) or [])
    if spec is None:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
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
