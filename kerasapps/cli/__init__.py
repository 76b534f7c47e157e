"""The command line: one module per command, with `run(arguments)`; modules that begin with _ help them.

Nothing here imports TensorFlow before it is needed: names are checked first.
"""

import ast
import pkgutil
from collections.abc import Iterable
from pathlib import Path


def command_names() -> list[str]:
    """Names of all commands, without importing them."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))


def command_summary(name: str) -> str:
    """First line of a command's docstring, without importing it."""
    text = (Path(__path__[0]) / f"{name}.py").read_text(encoding="utf-8")
    return (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0]


def dashes_in_flags(arguments: Iterable[str]) -> list[str]:
    """`arguments` with "-" for "_" in the names of flags: --run_dir=a_b becomes --run-dir=a_b."""
    return [_dashes(argument) if argument.startswith("--") else argument for argument in arguments]


def _dashes(flag: str) -> str:
    name, equals, value = flag.partition("=")
    return name.replace("_", "-") + equals + value
