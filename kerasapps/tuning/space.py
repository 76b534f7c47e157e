"""Search spaces: their parameters, and what values of these make of hyperparameters."""

from collections.abc import Callable
from typing import Any

import keras_tuner

from kerasapps.app import SearchSpace
from kerasapps.hparams import Hparams
from kerasapps.settings import values_of

Values = dict[str, Any]
"""Of the active parameters of a space, as KerasTuner has them: bool, int, float or str."""


def parameters(space: SearchSpace, hparams: Hparams) -> keras_tuner.HyperParameters:
    """All parameters of a space; the default values are those of `hparams`."""
    hyperparameters = keras_tuner.HyperParameters()
    space(hparams, hyperparameters)
    return hyperparameters


def chosen_fields(space: SearchSpace, hparams: Hparams, values: Values) -> dict[str, Any]:
    """The fields of `hparams` that differ where the parameters of the space have these values; lists, as in JSON."""
    hyperparameters = keras_tuner.HyperParameters()
    hyperparameters.values = dict(values)
    chosen = values_of(space(hparams, hyperparameters))
    changed = {name: value for name, value in chosen.items() if value != getattr(hparams, name)}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in changed.items()}


def default_values(space: keras_tuner.HyperParameters) -> Values:
    """Of the active parameters."""
    return filled(space, lambda parameter: parameter.default)


def filled(space: keras_tuner.HyperParameters, value: Callable[[Any], object]) -> Values:
    """Value of each parameter in their order; active are those whose conditions the ones before meet."""
    hyperparameters = keras_tuner.HyperParameters()
    for parameter in space.space:
        hyperparameters.merge([parameter])
        if hyperparameters.is_active(parameter):
            hyperparameters.values[parameter.name] = value(parameter)
    return dict(hyperparameters.values)
