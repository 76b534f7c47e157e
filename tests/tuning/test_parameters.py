"""Parameters of a search, from its space and from what trials had."""

import json
from pathlib import Path

import keras_tuner
import numpy as np
import pytest
import searches

from kerasapps.settings import text_of
from kerasapps.tuning.found import read_found
from kerasapps.tuning.outcomes import Outcome, write_outcome
from kerasapps.tuning.parameters import Parameter, declared, parameters_of


def test_what_is_declared_of_every_kind() -> None:
    known = {each.name: each for each in declared(searches.twelve_parameters().get_config()["space"])}
    assert known["learning_rate"] == Parameter(
        "learning_rate", "0.0001 to 0.01, log", is_log=True, condition="optimizer=adam", range=(1e-4, 1e-2)
    )
    assert known["global_batch_size"].values == (32, 64, 128) and known["global_batch_size"].text == "64, 32, 128"
    assert known["flip_horizontal"].values == (False, True)
    assert known["filters"].names == ("32-64", "16-32-64", "64-128-256-512", "none")
    assert known["rotation_degrees"] == Parameter("rotation_degrees", "0 to 30", range=(0, 30))


def test_one_name_under_two_conditions_is_one_parameter() -> None:
    space = keras_tuner.HyperParameters()
    space.Choice("optimizer", ["adam", "sgd", "adamw"])
    with space.conditional_scope("optimizer", ["adam"]):
        space.Float("rate", 1e-4, 1e-2, sampling="log", default=1e-3)
    with space.conditional_scope("optimizer", ["sgd"]):
        space.Float("rate", 1e-2, 1.0, sampling="log", default=0.1)
    _, rate = parameters_of({"parameters": space.get_config()["space"]}, {})
    text = "0.0001 to 0.01, log; 0.01 to 1, log"
    condition = "optimizer=adam or optimizer=sgd"
    assert rate == Parameter("rate", text, is_log=True, condition=condition, range=(1e-4, 1.0))


def test_places_of_trials_on_a_choice_and_on_a_range() -> None:
    outcomes = [Outcome(0, {"a": 128, "b": 0.5}, {}), Outcome(1, {"a": 32}, {})]
    np.testing.assert_array_equal(Parameter("a", "", (32, 64, 128)).places(outcomes), [2, 0])
    np.testing.assert_array_equal(Parameter("b", "").places(outcomes), [0.5, np.nan])


def test_a_search_that_was_saved_without_its_parameters_is_read_by_its_trials(tmp_path: Path) -> None:
    (tmp_path / "trials").mkdir()
    search = {"app": "mlp", "objective": "val_loss", "direction": "min", "given": {}}
    (tmp_path / "search.json").write_text(json.dumps(search))
    write_outcome(tmp_path, Outcome(0, {"l2": 0.5, "name": "b", "flip": True}, {}, 1.0))
    write_outcome(tmp_path, Outcome(1, {"l2": 0.25, "name": "a"}, {}, 2.0))
    found = {each.name: (each.text, each.values, each.is_log) for each in read_found(tmp_path).parameters}
    assert found == {
        "l2": ("0.25 to 0.5", (), False),
        "name": ("b, a", ("b", "a"), False),
        "flip": ("true", (True,), False),
    }


@pytest.mark.parametrize(
    ("value", "text"), [((64, 32), "64 32"), (0.1 + 0.2, "0.3"), (None, "none"), (True, "true"), ("relu", "relu")]
)
def test_values_are_shown_as_they_are_given(value: object, text: str) -> None:
    assert text_of(value) == text


def test_failures_of_one_reason_stand_together(tmp_path: Path) -> None:
    """Another step is no other reason."""
    reasons = iter(["of memory", *(f"loss is not finite in epoch {i}, step {i}.5e-3" for i in range(3)), "of time"])
    found = read_found(searches.saved(tmp_path / "a", searches.two_parameters(), 5, lambda values: next(reasons)))
    assert [[each.trial for each in group] for group in found.failures] == [[1, 2, 3], [0], [4]]
    assert found.choice.endswith("chosen from 5 trials by val_accuracy of the validation rows; 5 of them failed.")
