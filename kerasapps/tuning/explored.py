"""The parameters of a HyperModel, which only building models shows."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import keras
import keras_tuner
from keras_tuner.engine import hyperparameters as kinds

MOST_BUILDS = 64
"""Models that are built to find parameters; one that is found by none of them has its default value in every trial."""


def has_own_fit(hypermodel: keras_tuner.HyperModel) -> bool:
    """Whether the caller has a fit of their own."""
    return type(hypermodel).fit is not keras_tuner.HyperModel.fit


def explored(hypermodel: keras_tuner.HyperModel, fit_arguments: Mapping[str, Any]) -> keras_tuner.HyperParameters:
    """The parameters that are declared with the default values, and with others in their places.

    Each value of a choice is tried, and the highest one of an int: loops declare the most then. What these declare is
    tried as well.
    """
    space = keras_tuner.HyperParameters()
    hypermodel.declare_hyperparameters(space)
    waiting: list[dict[str, Any]] = [{}]
    for _ in range(MOST_BUILDS):
        if not waiting:
            break
        values = waiting.pop(0)
        known = len(space.space)
        space.merge(_declared(hypermodel, fit_arguments, values), overwrite=False)
        for parameter in space.space[known if values else 0 :]:
            conditions = {condition.name: condition.values[0] for condition in parameter.conditions}
            waiting += [{**values, **conditions, parameter.name: value} for value in _tried(parameter)]
    return space


def _declared(
    hypermodel: keras_tuner.HyperModel, fit_arguments: Mapping[str, Any], values: Mapping[str, Any]
) -> list[Any]:
    """The parameters that are declared while a model is built.

    With the default values also those of a fit of the caller's own, up to its first use of the model: what it does
    beside that is done once.
    """
    hyperparameters = keras_tuner.HyperParameters()
    hyperparameters.values = dict(values)
    with suppress(Exception):  # a trial of these values would fail and be recorded
        with keras.device("cpu:0"):
            hypermodel.build(hyperparameters)
        if has_own_fit(hypermodel) and not values:
            hypermodel.fit(hyperparameters, _Untrained(), **{"callbacks": [], **fit_arguments})
    return hyperparameters.space


def _tried(parameter: Any) -> list[Any]:
    if isinstance(parameter, kinds.Int):
        return [parameter.max_value]
    return [value for value in getattr(parameter, "values", ()) if value != parameter.default]


class _Untrained:
    """In the place of a model that is not to be trained: what is called of it raises an error."""

    def __getattr__(self, name: str) -> "_Untrained":
        return self

    def __call__(self, *arguments: object, **named: object) -> None:
        raise RuntimeError("The model is not trained now.")
