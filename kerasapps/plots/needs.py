"""What data a plot needs: where the data has none of it, there is no such plot."""

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

from kerasapps.app import View
from kerasapps.data.spec import Column, ColumnKind, TargetKind

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Plot = Callable[..., "Figure | None"]


def column_of(view: View, kind: ColumnKind) -> Column | None:
    """The first input of this kind."""
    return next(iter(view.spec.inputs_of(kind)), None)


def needs(target: TargetKind | None = None, column: ColumnKind | None = None) -> Callable[[Plot], Plot]:
    """A decorator of plots of a View that are None unless the data has such a target and an input of such a kind."""

    def decorated(plot: Plot) -> Plot:
        @functools.wraps(plot)
        def plotted(view: View) -> "Figure | None":
            if target not in (None, view.layout.target.kind) or (column and column_of(view, column) is None):
                return None
            return plot(view)

        return plotted

    return decorated
