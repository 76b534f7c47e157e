"""Plots that are only of data whose target is of one kind."""

import functools
from collections.abc import Callable

from kerasapps.app import View
from kerasapps.data.spec import TargetKind

Plot = Callable[[View], object]


def of_target(kind: TargetKind) -> Callable[[Plot], Plot]:
    """A plot that is None where the target is of another kind."""

    def decorate(plot: Plot) -> Plot:
        return functools.wraps(plot)(lambda view: plot(view) if view.layout.target.kind == kind else None)

    return decorate
