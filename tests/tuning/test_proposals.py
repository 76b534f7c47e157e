"""Which proposals a tuner makes of a space, and which spaces it refuses."""

from types import SimpleNamespace

import keras_tuner
import pytest

from kerasapps.errors import ConfigError
from kerasapps.tuning.options import SearchOptions
from kerasapps.tuning.search import proposals_of


@pytest.mark.parametrize("tuner", ["grid", "random"])
def test_grid_refuses_names_that_several_parameters_have(tuner: str) -> None:
    """KerasTuner's grid mixes them up, and proposes one combination for ever."""
    space = keras_tuner.HyperParameters()
    kind = space.Choice("kind", ["a", "b"])
    for name in ("a", "b"):
        with space.conditional_scope("kind", [name]):
            space.Float("rate", 0.1, 0.9)
    trainable = SimpleNamespace(space=space, epochs=1, seed=0, direction="min")
    if tuner == "random":
        assert proposals_of(trainable, SearchOptions(tuner="random")).next({}).values == {"kind": kind, "rate": 0.1}
        return
    with pytest.raises(ConfigError, match="tuner=grid: rate is the name of several parameters"):
        proposals_of(trainable, SearchOptions(tuner="grid"))
