"""Docstrings of functions that take settings as keywords, made of the settings themselves."""

import inspect
import textwrap
from collections.abc import Callable, Mapping
from typing import TypeVar

from kerasapps.settings import Setting, settings

_Function = TypeVar("_Function", bound=Callable)
_WIDTH = 100
_HEADING = "Settings, of which an app may have other defaults:"


def takes(*kinds: type) -> Callable[[_Function], _Function]:
    """A decorator: the function's **keywords are the settings of these dataclasses, and maybe others.

    help() then lists each with its values, default and meaning, behind a signature of one line. Defaults are those of
    all applications.
    """

    def documented(function: _Function) -> _Function:
        own = inspect.signature(function).parameters
        taken = {name: one for kind in kinds for name, one in settings(kind).items() if name not in own}
        function.__doc__ = f"{inspect.cleandoc(function.__doc__ or '')}\n\n{_HEADING}\n{_listed(taken)}"
        return function

    return documented


def _listed(taken: Mapping[str, Setting]) -> str:
    """A paragraph for each."""
    return "\n".join(
        textwrap.fill(
            f"{name} ({one.wanted}; default {one.default_text}): {one.help}",
            _WIDTH,
            initial_indent="  ",
            subsequent_indent="      ",
            break_on_hyphens=False,
        )
        for name, one in taken.items()
    )
