"""Plots of a search: which scores and parameters are drawn of its trials."""

from typing import TYPE_CHECKING

import numpy as np

from kerasapps.figures import trials as figures
from kerasapps.figures.trials import Axis
from kerasapps.tuning.found import Found

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MANY_TIMES = 20.0
"""Positive scores of which the greatest is so many times the least are drawn on a logarithmic scale."""


def plots_of(found: Found) -> dict[str, "Figure"]:
    """By the names of their files; none of a search of which no trial has a score."""
    if not found.ranked:
        return {}
    outcomes = [outcome for _, outcome in sorted(found.outcomes.items())]
    trials = np.array([outcome.trial for outcome in outcomes])
    score = _score(found.objective, np.array([outcome.score for outcome in outcomes], float))
    parameters = [
        Axis(parameter.name, parameter.places(outcomes), parameter.names, parameter.is_log, parameter.range)
        for parameter in found.parameters
    ]
    varied = [axis for axis in parameters if len(np.unique(axis.values[~np.isnan(axis.values)])) > 1]
    best = (np.fmax if found.sign > 0 else np.fmin).accumulate(score.values)
    drawn = {"history": figures.history(trials, score, best)}
    if varied:
        drawn["slices"] = figures.slices(trials, score, varied)
        drawn["parallel_coordinates"] = figures.parallel_coordinates(score, varied, found.sign)
    return drawn


def _score(name: str, values: np.ndarray) -> Axis:
    least, greatest = np.nanmin(values), np.nanmax(values)
    return Axis(name, values, is_log=bool(least > 0 and greatest > _MANY_TIMES * least))
