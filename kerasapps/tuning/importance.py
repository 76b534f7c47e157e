"""How much each parameter of a search decides the score: permutation importance over a random forest.

Breiman 2001, "Random Forests", section 10, of trials that a forest has not seen.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

FEWEST = 10
"""Of fewer scored trials nothing is said."""
_FOLDS, _TREES, _SHUFFLES = 5, 100, 10


@dataclass(frozen=True)
class Importance:
    """shares: of each parameter, the greatest first; they add up to 1, or are all 0 where the forest foretells nothing.

    explained: R^2 of the forest, of the ranks of scores that it has not seen.
    """

    shares: dict[str, float]
    explained: float


def importance_of(values: Mapping[str, np.ndarray], scores: np.ndarray) -> Importance | None:
    """What decides `scores` [trials] among parameters with `values` [trials]; None for too few trials.

    values: NaN where a parameter is not active. The values of each change places among trials; how much more the forest
    errs then is the parameter's importance. Scores count by rank, so that a single bad one does not decide.
    """
    if len(scores) < FEWEST or not values:
        return None
    from scipy.stats import rankdata

    random = np.random.default_rng(0)
    given = np.stack(list(values.values()), axis=1)
    rises, error = _rises(_completed(given, random), rankdata(scores), random)
    spread = float(np.var(rankdata(scores)))
    explained = 1 - error / spread if spread else 0.0
    shares = np.maximum(rises, 0) if explained > 0 else np.zeros(len(rises))
    shares /= shares.sum() or 1.0
    ordered = sorted(zip(values, shares.tolist(), strict=True), key=lambda pair: -pair[1])
    return Importance(dict(ordered), explained)


def _completed(given: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """[trials, parameters], with values of other trials drawn for what is not active.

    Any constant would tell the forest of the parameter that the other one hangs on.
    """
    whole = given.copy()
    for column in whole.T:
        missing = np.isnan(column)
        column[missing] = random.choice(column[~missing], missing.sum()) if not missing.all() else 0.0
    return whole


def _rises(whole: np.ndarray, scores: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, float]:
    """Mean squared error that shuffling each parameter adds [parameters], and the one without; of unseen trials."""
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.model_selection import KFold

    shuffled = [_shuffled(whole, j, random) for j in range(whole.shape[1])]
    foretold = np.zeros((len(shuffled) + 1, _SHUFFLES, len(whole)))
    for known, unseen in KFold(_FOLDS, shuffle=True, random_state=0).split(whole):
        forest = RandomForestRegressor(_TREES, random_state=0).fit(whole[known], scores[known])
        for i, rows in enumerate([np.repeat(whole[None], _SHUFFLES, axis=0), *shuffled]):
            asked = rows[:, unseen].reshape(-1, whole.shape[1])
            foretold[i, :, unseen] = forest.predict(asked).reshape(_SHUFFLES, len(unseen)).T
    errors = ((foretold - scores) ** 2).mean(axis=(1, 2))
    return errors[1:] - errors[0], float(errors[0])


def _shuffled(whole: np.ndarray, column: int, random: np.random.Generator) -> np.ndarray:
    """[shuffles, trials, parameters]: the values of one parameter change places among the trials."""
    rows = np.repeat(whole[None], _SHUFFLES, axis=0)
    rows[:, :, column] = random.permuted(rows[:, :, column], axis=1)
    return rows
