"""Tuners: which values the next trial has. Each is a pure function of its seed and of what earlier trials scored.

Nothing of a tuner is saved: a search that was killed asks again, and gets the same proposals.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras_tuner
from keras_tuner.engine.hyperparameters import Int

from kerasapps.app import Direction
from kerasapps.errors import ConfigError
from kerasapps.tuning.space import Values, filled

COLLISIONS = 100
"""So many random draws that are all known mean that the space is exhausted."""


@dataclass(frozen=True)
class Seen:
    """What a tuner knows of earlier trials.

    values: of each trial, by number. scores: number -> score of those that have ended, None = it failed. direction:
    which scores are better.
    """

    values: Sequence[Values]
    scores: Mapping[int, float | None]
    direction: Direction


@dataclass(frozen=True)
class Tuner:
    """propose: (space, seed, earlier trials) -> values of the next one; None = all are known. learns: from scores."""

    propose: Callable[[keras_tuner.HyperParameters, int, Seen], Values | None]
    learns: bool = False


def random_values(space: keras_tuner.HyperParameters, seed: int, seen: Seen) -> Values | None:
    """Values drawn at random, until they are none of those before."""
    generator = random.Random(f"{seed} {len(seen.values)}")
    for _ in range(COLLISIONS):
        values = filled(space, lambda parameter: parameter.random_sample(generator.getrandbits(32)))
        if values not in seen.values:
            return values
    return None


def next_of_grid(space: keras_tuner.HyperParameters, seed: int, seen: Seen) -> Values | None:
    """The combination after the last one: the last parameter changes first, and each begins with its default."""
    oracle = keras_tuner.oracles.GridSearchOracle(hyperparameters=space.copy())
    following = oracle._get_next_combination(seen.values[-1])
    return following and _whole(space, following)


def bayesian_values(space: keras_tuner.HyperParameters, seed: int, seen: Seen) -> Values | None:
    """Where a Gaussian process expects the best, its uncertainty counted in (Srinivas et al. 2010, arXiv:0912.3995).

    KerasTuner's oracle, made anew for each proposal. Random values come first, and in the place of known ones.
    """
    scored = {number: score for number, score in seen.scores.items() if score is not None}
    if len(scored) <= len(space.space):
        return random_values(space, seed, seen)
    oracle = keras_tuner.oracles.BayesianOptimizationOracle(
        keras_tuner.Objective("score", seen.direction),
        seed=_seed(seed, seen),
        hyperparameters=space.copy(),
        num_initial_points=len(space.space) + 1,
    )
    for number, score in scored.items():
        oracle.trials[str(number)] = _ended(space, seen.values[number], score)
    values = dict(oracle.populate_space("next")["values"])
    return values if values not in seen.values else random_values(space, seed, seen)


def _ended(space: keras_tuner.HyperParameters, values: Values, score: float) -> Any:
    """A trial of KerasTuner."""
    hyperparameters = space.copy()
    hyperparameters.values = dict(values)
    trial = keras_tuner.engine.trial.Trial(hyperparameters, status="COMPLETED")
    trial.score = score
    return trial


def tpe_values(space: keras_tuner.HyperParameters, seed: int, seen: Seen) -> Values | None:
    """What a tree of Parzen estimators expects to be good (Bergstra et al. 2011).

    Optuna's sampler, made anew for each proposal. Random values come first, and in the place of known ones. Raises
    ConfigError where Optuna is not installed.
    """
    try:
        import optuna
    except ImportError as error:
        raise ConfigError("tuner=tpe needs the package optuna: pip install 'kerasapps[optuna]'.") from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.TPESampler(seed=_seed(seed, seen), n_startup_trials=len(space.space) + 1)
    study = optuna.create_study(sampler=sampler, direction="maximize" if seen.direction == "max" else "minimize")
    # By number: parameters under different conditions may have one name.
    names = {id(parameter): str(number) for number, parameter in enumerate(space.space)}
    distributions = {names[id(parameter)]: _distribution(parameter) for parameter in space.space}
    for number, score in seen.scores.items():
        if score is not None:
            told = _by_number(space, names, seen.values[number])
            used = {name: distributions[name] for name in told}
            study.add_trial(optuna.trial.create_trial(params=told, distributions=used, value=score))
    asked = study.ask(distributions).params
    values = _whole(space, filled(space, lambda parameter: asked[names[id(parameter)]]))
    return values if values not in seen.values else random_values(space, seed, seen)


def _by_number(space: keras_tuner.HyperParameters, names: Mapping[int, str], values: Values) -> dict[str, object]:
    """The values of a trial by the names of their parameters in Optuna."""
    told: dict[str, object] = {}
    filled(space, lambda parameter: told.setdefault(names[id(parameter)], values[parameter.name]))
    return told


def _distribution(parameter: Any) -> Any:
    """What Optuna calls a parameter of KerasTuner."""
    from optuna import distributions

    numbers = {"Float": distributions.FloatDistribution, "Int": distributions.IntDistribution}
    kind = numbers.get(type(parameter).__name__)
    if kind is None or (parameter.step and parameter.sampling == "log"):  # which Optuna does not have
        return distributions.CategoricalDistribution(list(parameter.values))
    step = {"step": parameter.step} if parameter.step else {}
    return kind(parameter.min_value, parameter.max_value, log=parameter.sampling == "log", **step)


def _whole(space: keras_tuner.HyperParameters, values: Mapping[str, Any]) -> Values:
    """The values, with ints as such: of logarithmic ones with a step KerasTuner makes floats."""
    ints = {parameter.name for parameter in space.space if isinstance(parameter, Int)}
    return {name: round(value) if name in ints else value for name, value in values.items()}


def _seed(seed: int, seen: Seen) -> int:
    """Of the next proposal; never 0, which KerasTuner takes for none."""
    return random.Random(f"{seed} {len(seen.values)}").randrange(1, 1 << 31)


TUNERS = {
    "random": Tuner(random_values),
    "grid": Tuner(next_of_grid),
    "bayesian": Tuner(bayesian_values, learns=True),
    "tpe": Tuner(tpe_values, learns=True),
}
