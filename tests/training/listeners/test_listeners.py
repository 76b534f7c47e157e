"""Listeners: what they are told, how they stop training, and that a resumed run goes on with their state."""

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import kerasapps
from kerasapps.engine.listeners import Call, Stop, check_listeners
from kerasapps.errors import ConfigError, TrainingError
from kerasapps.runs import checkpoint
from kerasapps.runs.run import Run

SMALL = {"data": "line", "rows": 40, "global_batch_size": 16, "epochs": 5, "execution": "eager", "keep": "last"}


@dataclasses.dataclass
class Watcher:
    """Remembers the loss of each epoch, and asks to stop after some epoch."""

    stop_after: int = 0
    stop: Stop = Stop("That is enough.")
    losses: list[float] = dataclasses.field(default_factory=list)
    told: int = 0

    def on_call_end(self, call: Call) -> Stop | None:
        """Look."""
        self.told += 1
        if call.ended:
            self.losses.append(call.at.history["loss"][-1])
        return self.stop if call.at.epoch == self.stop_after and not call.at.cycle else None

    def get_state(self) -> Any:
        """All losses."""
        return self.losses

    def set_state(self, state: Any) -> None:
        """Go on with them."""
        self.losses = list(state)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run that nothing stops."""
    return kerasapps.train("linear_regression", **SMALL, run_dir=str(tmp_path_factory.mktemp("whole") / "run"))


def arrays(run_dir: Path) -> dict[str, np.ndarray]:
    """Everything that the last checkpoint has."""
    return dict(checkpoint.read_last(run_dir / "checkpoints")[0].arrays)


def assert_equal_bits(run_dir: Path, other: Path) -> None:
    """The weights, optimizers and averages of two runs."""
    own, theirs = arrays(run_dir), arrays(other)
    assert own.keys() == theirs.keys()
    for name, values in own.items():
        np.testing.assert_array_equal(values, theirs[name], err_msg=name)


def test_every_epoch_is_told_and_listening_changes_nothing(whole, tmp_path: Path) -> None:
    watchers = Watcher(), Watcher()
    given = {**SMALL, "execution": "loop", "run_dir": str(tmp_path / "run")}  # where a call may span all epochs
    run = kerasapps.train("linear_regression", listeners=watchers, **given)
    assert watchers[0].losses == watchers[1].losses == run.record["history"]["loss"]
    assert watchers[0].told >= 5 and "stopped" not in run.record and run.record["status"] == "completed"
    np.testing.assert_allclose(run.record["history"]["loss"], whole.record["history"]["loss"], rtol=1e-5)


def test_a_listener_stops_training_and_a_resumed_run_goes_on_with_its_state(whole, tmp_path: Path) -> None:
    run_dir, watcher = tmp_path / "run", Watcher(stop_after=2)
    run = kerasapps.train("linear_regression", listeners=[watcher], **SMALL, run_dir=str(run_dir))
    assert (run.record["status"], run.record["stopped"], run.record["epochs"]) == ("interrupted", "That is enough.", 2)
    later = Watcher()
    resumed = kerasapps.resume(run_dir, listeners=[later])
    assert resumed.record["status"] == "completed" and later.told >= 3
    assert later.losses == resumed.record["history"]["loss"] == whole.record["history"]["loss"]
    assert_equal_bits(run_dir, whole.directory)


def test_a_stop_may_complete_a_run(tmp_path: Path) -> None:
    watcher = Watcher(stop_after=3, stop=Stop("Good enough.", completed=True))
    run = kerasapps.train("linear_regression", listeners=[watcher], **SMALL, run_dir=str(tmp_path / "run"))
    assert (run.record["status"], run.record["stopped"], run.record["epochs"]) == ("completed", "Good enough.", 3)
    assert kerasapps.resume(tmp_path / "run").record["epochs"] == 3


def test_a_stop_after_the_last_epoch_stops_nothing(tmp_path: Path) -> None:
    run = kerasapps.train("linear_regression", listeners=[Watcher(5)], **SMALL, run_dir=str(tmp_path / "run"))
    assert run.record["status"] == "completed" and "stopped" not in run.record


@pytest.mark.slow
def test_the_examples_of_the_documentation_stop_and_remember(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = (Path(__file__).parents[3] / "docs" / "training.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    stopping, remembering = (block for block in blocks if "on_call_end" in block)
    exec(stopping, {})
    (run_dir,) = (tmp_path / "runs" / "mlp").iterdir()
    record = kerasapps.load(run_dir).record
    assert record["stopped"] == "95% of the validation rows are right." and record["status"] == "completed"
    assert record["history"]["val_accuracy"][-1] > 0.95 >= max(record["history"]["val_accuracy"][:-1])
    exec(remembering, namespace := {})
    first, later = namespace["Highest"](), namespace["Highest"]()
    kerasapps.train("linear_regression", listeners=[first], **SMALL, run_dir="run", stop_at_epoch=2)
    history = kerasapps.resume("run", listeners=[later]).record["history"]
    assert later.highest == first.highest == max(history["loss"])


def test_of_several_wishes_the_first_counts_unless_one_completes() -> None:
    call = Call(None, None, 0, False, 0.0)
    call.ask(None)
    assert call.stop is None
    first, second, completing = Stop("first"), Stop("second"), Stop("third", completed=True)
    call.ask(first)
    call.ask(second)
    assert call.stop is first
    call.ask(completing)
    assert call.stop is completing


def test_listeners_that_a_resume_lacks_are_warned_of(tmp_path: Path) -> None:
    kerasapps.train("linear_regression", listeners=[Watcher(2)], **SMALL, run_dir=str(tmp_path / "run"))
    with pytest.warns(UserWarning, match="states of listeners that are not given: Watcher"):
        assert kerasapps.resume(tmp_path / "run").record["status"] == "completed"


class Failing(Watcher):
    """Fails in the third epoch."""

    def on_call_end(self, call: Call) -> Stop | None:
        """Fail."""
        assert call.at.epoch < 3, "enough"


def test_a_listener_that_fails_leaves_a_run_that_can_be_resumed(whole, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="enough"):
        kerasapps.train("linear_regression", listeners=[Failing()], **SMALL, run_dir=str(tmp_path / "run"))
    record = json.loads((tmp_path / "run" / "record.json").read_text())
    assert record["status"] == "failed" and "AssertionError" in record["error"] and record["epochs"] == 3
    assert kerasapps.resume(tmp_path / "run").record["history"] == whole.record["history"]
    assert_equal_bits(tmp_path / "run", whole.directory)


def test_a_run_that_was_killed_after_a_listener_completed_it_is_not_trained_on(tmp_path: Path) -> None:
    """The kill comes between the checkpoint and the record."""
    watcher = Watcher(stop_after=3, stop=Stop("Good enough.", completed=True))
    run = kerasapps.train("linear_regression", listeners=[watcher], **SMALL, run_dir=str(tmp_path / "run"))
    (run.directory / "record.json").unlink()
    resumed = kerasapps.resume(run.directory, listeners=[Watcher()])
    assert (resumed.record["status"], resumed.record["stopped"]) == ("completed", "Good enough.")
    assert resumed.record["history"] == run.record["history"] and resumed.record["test"] == run.record["test"]


def test_a_stop_before_the_first_epoch_has_ended_leaves_a_run_that_can_be_resumed(whole, tmp_path: Path) -> None:
    """Even one that says that all is completed; there is nothing to evaluate and to draw."""
    watcher = Watcher(stop_after=0, stop=Stop("At once.", completed=True))
    watcher.on_call_end = lambda call: watcher.stop
    given = {**SMALL, "tensorboard": True, "run_dir": str(tmp_path / "run")}
    record = kerasapps.train("linear_regression", listeners=[watcher], **given).record
    assert (record["status"], record["stopped"], record["steps"]) == ("interrupted", "At once.", 1)
    assert "test" not in record
    assert kerasapps.resume(tmp_path / "run").record["history"] == whole.record["history"]


def test_listeners_take_over_the_states_of_their_classes(tmp_path: Path) -> None:
    class Other(Watcher):
        pass

    first = [Watcher(2, losses=[7.0]), Other(losses=[8.0])]
    kerasapps.train("linear_regression", listeners=first, **SMALL, run_dir=str(tmp_path / "run"))
    later = [Other(), Watcher(), Watcher()]
    kerasapps.resume(tmp_path / "run", listeners=later)
    assert [watcher.losses[:1] for watcher in later[:2]] == [[8.0], [7.0]]
    assert len(later[2].losses) == 3  # of the epochs since


def test_a_listener_may_come_from_any_iterable(tmp_path: Path) -> None:
    watcher = Watcher()
    given = {**SMALL, "run_dir": str(tmp_path / "run")}
    kerasapps.train("linear_regression", listeners=(one for one in [watcher]), **given)
    assert len(watcher.losses) == 5


@pytest.mark.parametrize("listeners", [None, Watcher(), 5])
def test_what_is_no_list_of_listeners_is_refused(listeners: object, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Expected a list of listeners"):
        kerasapps.train("linear_regression", listeners=listeners, **SMALL, run_dir=str(tmp_path / "run"))


class Forgetful:
    """Has half of what a state needs."""

    def on_call_end(self, call: Call) -> None:
        """Nothing."""

    def get_state(self) -> int:
        """One."""
        return 1


def test_half_a_state_is_refused() -> None:
    with pytest.raises(ConfigError, match="one of get_state and set_state. Expected both, or neither"):
        check_listeners([Forgetful()])


class Needy:
    """Wants to be told more than there is."""

    def on_call_end(self, call: Call, more: int) -> None:
        """Nothing."""


@pytest.mark.parametrize("given", [(5,), (None,), ({1},), ("x", "no")])
def test_a_stop_of_other_types_is_refused(given: tuple) -> None:
    with pytest.raises(ConfigError, match="expected a text as the reason"):
        Stop(*given)


@pytest.mark.parametrize("listener", [keras.callbacks.EarlyStopping(), Watcher, "watch", None, Needy()])
def test_what_cannot_listen_is_refused_before_anything_else(listener: object, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot listen. Expected an object with the method on_call_end"):
        kerasapps.train("linear_regression", listeners=[listener], **SMALL, run_dir=str(tmp_path / "run"))
    assert not (tmp_path / "run").exists()


def test_what_is_no_stop_is_refused(tmp_path: Path) -> None:
    watcher = Watcher(stop_after=1, stop="now")
    with pytest.raises(ConfigError, match="A listener returned 'now'. Expected a kerasapps.Stop"):
        kerasapps.train("linear_regression", listeners=[watcher], **SMALL, run_dir=str(tmp_path / "run"))


@pytest.mark.parametrize(
    ("state", "words"), [({1, 2}, "set is not JSON serializable"), ([{"a": {1: 2}}], "the key 1 is no text")]
)
def test_a_state_that_cannot_be_saved_is_refused_at_the_start(state: Any, words: str, tmp_path: Path) -> None:
    watcher = Watcher(losses=state)
    with pytest.raises(ConfigError, match=f"The state of the listener Watcher.*{words}"):
        kerasapps.train("linear_regression", listeners=[watcher], **SMALL, run_dir=str(tmp_path / "run"))
    assert not (tmp_path / "run").exists()


def test_what_is_not_finite_is_told_to_nobody(tmp_path: Path) -> None:
    watcher, given = Watcher(), {**SMALL, "learning_rate": 1e30, "run_dir": str(tmp_path / "run")}
    with pytest.raises(TrainingError, match="not finite"):
        kerasapps.train("linear_regression", listeners=[watcher], **given)
    assert np.isfinite(watcher.losses).all()


def test_a_time_limit_stops_after_a_checkpoint_and_the_run_goes_on(whole, tmp_path: Path) -> None:
    run_dir = tmp_path / "run"
    run = kerasapps.train("linear_regression", max_seconds=1e-9, **SMALL, run_dir=str(run_dir))
    assert run.record["status"] == "interrupted" and run.record["stopped"] == "1e-09 seconds of training are over."
    assert run.record["steps"] == 1  # the first call, of one step
    run = kerasapps.resume(run_dir, max_seconds=1e-9)
    assert run.record["steps"] == 2 and run.record["status"] == "interrupted"
    resumed = kerasapps.resume(run_dir, max_seconds=1000)
    assert resumed.record["status"] == "completed" and "stopped" not in resumed.record
    assert_equal_bits(run_dir, whole.directory)
