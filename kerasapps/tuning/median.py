"""The median rule: a trial whose score is worse than the median of earlier trials at the same epoch trains no further.

Golovin et al. 2017, "Google Vizier", section 3.2.2, with the scores themselves instead of their running averages, as
Optuna's MedianPruner has it. A trial that was stopped can be resumed from its checkpoint.
"""

import statistics
from collections.abc import Iterable

from kerasapps.tuning.outcomes import Outcome
from kerasapps.tuning.unit import Look

FIRST_TRIALS = 5
"""So many earlier scores make a median."""
PARTS = (9, 3)
"""A trial is looked at after one of so many parts of its epochs."""


def looks_of(earlier: Iterable[Outcome], epochs: int) -> tuple[Look, ...]:
    """Where a trial of so many epochs is looked at, and the worst scores with which it trains on."""
    rungs, known = sorted({-(-epochs // part) for part in PARTS} - {epochs}), list(earlier)
    return tuple(Look(rung, _median([outcome.rungs.get(rung) for outcome in known])) for rung in rungs)


def _median(scores: Iterable[float | None]) -> float | None:
    known = [score for score in scores if score is not None]
    return statistics.median(known) if len(known) >= FIRST_TRIALS else None
