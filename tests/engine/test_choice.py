"""The plan that `auto` takes is the one that was measured to be the fastest, and measuring leaves no trace."""

import dataclasses
import time
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from kerasapps.app import App, Parts, load_app
from kerasapps.data.rows import open_rows
from kerasapps.distribute.replicas import ONE_DEVICE
from kerasapps.engine import choice, plan
from kerasapps.engine.compiler import Compiler
from kerasapps.engine.segments import Segment
from kerasapps.errors import ConfigError
from kerasapps.names import APPS, names_in
from kerasapps.runs.config import resolve
from kerasapps.runs.options import Options
from kerasapps.settings import settings
from kerasapps.tasks.plans import ANY_LAYERS, ATTENTION, CONVOLUTIONS, RECURRENT, Plans
from kerasapps.training import train
from kerasapps.training.prepare import build_task, fit_preprocess, open_session

SMALL = {"data": "iris", "rows": 50, "global_batch_size": 12, "epochs": 2, "seed": 3}


@dataclasses.dataclass
class Slow:
    """A program of three steps an epoch, each of which takes `seconds`."""

    seconds: float
    compiler: Compiler
    full = cycles_a_call = 3
    epochs_a_call = tail_rows = 0
    steps = 3
    ran: int = 0

    def run(self, segment: Segment) -> None:
        """Take the time."""
        self.ran += segment.full
        time.sleep(segment.full * self.seconds)


class Still:
    """A state that counts how often it is put back."""

    restored = 0

    def arrays(self) -> dict:
        """Nothing."""
        return {}

    def restore(self, arrays: dict) -> None:
        """Count."""
        self.restored += 1


def choose(seconds: dict[str, float], steps: int) -> tuple[Slow, dict, Still]:
    """What is chosen of plans that take so many seconds a step, and what was measured."""
    programs, state = {name: Slow(each, Compiler(name)) for name, each in seconds.items()}, Still()
    return *choice.fastest(list(seconds), programs.get, state, steps), state


@pytest.mark.parametrize("fast", ["loop", "step", "graph"])
def test_the_fastest_is_chosen_where_there_is_time_to_measure(fast: str) -> None:
    seconds = {name: 0.004 if name == fast else 0.02 for name in ("loop", "step", "graph")}
    chosen, measured, state = choose(seconds, steps=100_000)
    assert chosen.compiler.plan.name == fast and state.restored == 1
    for name, taken in seconds.items():
        assert measured[name]["step_seconds"] == pytest.approx(taken, rel=0.5)


def test_what_only_the_first_time_takes_is_not_a_steps() -> None:
    """Such as compiling what ends an epoch, which a first step does not meet."""

    class Compiling(Slow):
        compiled = False

        def run(self, segment: Segment) -> None:
            if segment.ends and not self.compiled:
                self.compiled = True
                time.sleep(0.5)
            super().run(segment)

    programs = {"loop": Compiling(0.004, Compiler("loop")), "graph": Slow(0.01, Compiler("graph"))}
    chosen, measured = choice.fastest(list(programs), programs.get, Still(), 100_000)
    assert programs["loop"].compiled and chosen.compiler.plan.name == "loop"
    assert measured["loop"]["step_seconds"] == pytest.approx(0.004, rel=0.5)


def test_what_every_call_takes_is_not_a_steps() -> None:
    @dataclasses.dataclass
    class Calling(Slow):
        full = cycles_a_call = steps = 1000

        def run(self, segment: Segment) -> None:
            time.sleep(0.1)
            super().run(segment)

    programs = {"loop": Calling(0.0005, Compiler("loop")), "graph": Slow(0.01, Compiler("graph"))}
    chosen, measured = choice.fastest(list(programs), programs.get, Still(), 100_000)
    assert chosen.compiler.plan.name == "loop" and measured["loop"]["step_seconds"] < 0.004


def test_the_likeliest_is_taken_where_measuring_does_not_pay() -> None:
    chosen, measured, _ = choose({"loop": 0.02, "graph": 0.001}, steps=10)
    assert chosen.compiler.plan.name == "loop"
    assert "too short" in measured["graph"]["skipped"]


def test_one_plan_is_not_timed() -> None:
    chosen, measured, _ = choose({"graph": 0.02}, steps=100_000)
    assert measured == {} and chosen.ran == 1


@pytest.mark.parametrize("plans", [("graph", "eager"), pytest.param(("loop", "step", "graph"), marks=pytest.mark.slow)])
def test_measuring_leaves_no_trace(plans: tuple, monkeypatch: pytest.MonkeyPatch) -> None:
    app = load_app("softmax_regression")
    monkeypatch.setattr(choice, "candidates", lambda *_: list(plans))
    monkeypatch.setattr(choice, "SHARE", 1e9)
    monkeypatch.setattr(choice, "CALL_SECONDS", 0.02)
    measured = open_session(app, *resolve(app, SMALL))
    assert measured.measured.keys() == set(plans)
    assert all(one["step_seconds"] > 0 for one in measured.measured.values())
    monkeypatch.setattr(choice, "candidates", lambda *_: [measured.plan])
    forced = open_session(app, *resolve(app, {**SMALL, "execution": measured.plan}))
    for name, values in forced.state.arrays().items():
        np.testing.assert_array_equal(measured.state.arrays()[name], values, err_msg=name)
    first, second = (own.program.run(Segment(0, 0, 1, own.program.full, 1, 1)) for own in (measured, forced))
    np.testing.assert_array_equal(first, second)


def test_a_deterministic_run_takes_the_first_plan_whatever_time_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "SHARE", 1e9)
    app = load_app("softmax_regression")
    own = open_session(app, *resolve(app, {**SMALL, "deterministic": True}))
    assert own.plan == "loop"
    assert own.measured["step"].keys() == own.measured["graph"].keys() == {"skipped"}


def test_a_resumed_run_goes_on_with_the_plan_it_had_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, run_dir = load_app("softmax_regression"), tmp_path / "run"
    monkeypatch.setattr(choice, "candidates", lambda *_: ["graph", "eager"])
    measured = train.train(app, **SMALL, run_dir=str(run_dir), stop_at_epoch=1).record["execution"]["measured"]
    monkeypatch.undo()
    resumed = train.resume(run_dir).record["execution"]
    assert resumed["chosen"] == "graph" and resumed["measured"] == measured and "eager" in measured


@pytest.mark.parametrize(
    ("execution", "other_traces", "xla_compiles"),
    [
        ("loop", 0, 1),
        ("graph", 1, 0),
        ("eager", 0, 0),
        # Whole and partial batches are compiled apart, and so is what applies the gradients of halves.
        pytest.param("step", 1, 2, marks=pytest.mark.slow),
        pytest.param("halves", 1, 3, marks=pytest.mark.slow),
    ],
)
def test_the_record_counts_what_was_compiled(
    execution: str, other_traces: int, xla_compiles: int, tmp_path: Path
) -> None:
    given = {**SMALL, "execution": execution, "run_dir": str(tmp_path / execution)}
    record = train.train("softmax_regression", **given).record["execution"]
    assert record["traces"] - record["xla_compiles"] == other_traces
    assert (record["xla_compiles"], record["retraces"]) == (xla_compiles, 0)
    assert record["xla"] == (xla_compiles > 0)


def test_every_plan_can_be_asked_for() -> None:
    choices = settings(Options)["execution"].choices
    assert choices == ("auto", *plan.PLANS)


def _unjittable(app: App) -> App:
    """The app with a layer that XLA refuses: its work is done by NumPy."""

    class Refusing(keras.layers.Layer):
        def call(self, inputs: Any) -> tf.Tensor:
            values = tf.numpy_function(lambda x: x, [inputs], tf.float32, stateful=False)
            return inputs + tf.stop_gradient(tf.ensure_shape(values, inputs.shape) - inputs)

    def functional(hparams: Any, layout: Any) -> Parts:
        inputs = keras.Input(layout.only.shape)
        outputs = keras.layers.Dense(layout.target.size)(Refusing()(inputs))
        return {"model": keras.Model(inputs, outputs)}

    return dataclasses.replace(app, builders={"functional": functional})


@pytest.mark.parametrize(
    "given",
    [
        {"execution": "loop"},
        *(pytest.param(x, marks=pytest.mark.slow) for x in ({"require_xla": True}, {"execution": "step"})),
    ],
)
def test_a_layer_that_xla_refuses_is_said_before_training(given: dict, tmp_path: Path) -> None:
    app = _unjittable(load_app("softmax_regression"))
    with pytest.raises(ConfigError, match="cannot be trained with execution=(loop|step): .*PyFunc"):
        train.train(app, **SMALL, **given, run_dir=str(tmp_path / "run"))
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_without_require_xla_another_plan_is_taken(tmp_path: Path) -> None:
    run = train.train(_unjittable(load_app("softmax_regression")), **SMALL, run_dir=str(tmp_path / "run"))
    assert run.record["execution"]["chosen"] == "graph" and not run.record["execution"]["xla"]
    assert "PyFunc" in run.record["execution"]["measured"]["loop"]["error"]


@pytest.mark.parametrize(
    ("suiting", "conditions", "possible"),
    [
        (CONVOLUTIONS, {}, ["graph", "step"]),
        (CONVOLUTIONS, {"require_xla": True}, ["step"]),
        (ANY_LAYERS, {}, ["loop", "step", "graph"]),
        (ANY_LAYERS, {"resident": False}, ["step", "graph"]),
        (ATTENTION, {}, ["loop", "halves", "step", "graph"]),
        (RECURRENT, {}, ["halves", "step", "loop", "graph"]),
        (RECURRENT, {"micro_batches": 2}, ["step", "loop", "graph"]),
    ],
)
def test_what_is_tried_is_what_suits_the_task_and_is_possible(suiting: Plans, conditions: dict, possible: list) -> None:
    assert plan.candidates("auto", suiting, plan.Conditions(**conditions)) == possible


@pytest.mark.usefixtures("few_words")
@pytest.mark.parametrize(
    ("app", "hparams", "suiting"),
    [
        ("mlp", {}, ANY_LAYERS),
        ("cnn", {}, CONVOLUTIONS),
        ("speech", {}, CONVOLUTIONS),
        ("vae", {"architecture": "convolutional"}, CONVOLUTIONS),
        ("autoencoder", {}, ANY_LAYERS),
        ("gan", {"architecture": "dcgan"}, CONVOLUTIONS),
    ],
)
def test_an_application_declares_what_suits_it(app: str, hparams: dict, suiting: Plans) -> None:
    loaded = load_app(app)
    options, hparams = resolve(loaded, {**loaded.tiny, **hparams, "rows": 40})
    layout = fit_preprocess(loaded, options, open_rows(options)).layout
    assert build_task(loaded, options, hparams, layout, ONE_DEVICE).plans == suiting


@pytest.mark.slow
@pytest.mark.usefixtures("all_rows")
@pytest.mark.parametrize("name", names_in(APPS))
def test_auto_is_at_most_a_tenth_slower_than_the_best_plan_over_a_minute(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the application's own data: what all plans need, and what a run pays that has to find out."""
    app, minute = load_app(name), 60
    with monkeypatch.context() as patch:
        patch.setattr(choice, "SHARE", 1e9)
        of_all = open_session(app, *resolve(app, {}))
    plans = {plan: one for plan, one in of_all.measured.items() if "step_seconds" in one}
    steps = max((minute - one["compile_seconds"]) / one["step_seconds"] for one in plans.values())
    seconds = {plan: one["compile_seconds"] + steps * one["step_seconds"] for plan, one in plans.items()}
    assert min(seconds.values()) == pytest.approx(minute)
    epochs = round(steps / of_all.steps_per_epoch)
    auto = open_session(app, *resolve(app, {"epochs": epochs}))
    spent = auto.compile_seconds + steps * plans[auto.plan]["step_seconds"]
    print(name, {plan: round(one, 1) for plan, one in seconds.items()}, "auto", auto.plan, round(spent, 1))
    assert spent <= 1.1 * minute
