"""The command line: one module per command, with `run(arguments)`; modules that begin with _ help them.

Nothing here imports TensorFlow before it is needed: names are checked first.
"""

from collections.abc import Iterable


def dashes_in_flags(arguments: Iterable[str]) -> list[str]:
    """`arguments` with "-" for "_" in the names of flags: --run_dir=a_b becomes --run-dir=a_b."""
    return [_dashes(argument) if argument.startswith("--") else argument for argument in arguments]


def _dashes(flag: str) -> str:
    name, equals, value = flag.partition("=")
    return name.replace("_", "-") + equals + value
