"""Forecasts of series: baselines by hand, what the recurrent network adds to them, and all in the units of the data."""

import statistics

import numpy as np
import pytest
import tensorflow as tf
from layouts import one_field

import kerasapps
from kerasapps.app import Answered
from kerasapps.apps.rnn import APP
from kerasapps.data.baselines import baselines
from kerasapps.data.spec import Forecast, Layout, Target
from kerasapps.engine.parts import build_parts
from kerasapps.tasks.targets import Reals

MEAN, SCALE = 100.0, 20.0
HISTORIES = np.array([[1.0, 2, 3, 4], [8, 6, 7, 5]])
BUILDERS = ("functional", "subclassed")
SHOWN = ("values", "changes", "both")


def layout_of(horizon: int, season: int, steps: int = 4, kind: str = "sequence") -> Layout:
    names = tuple(f"next[{step}]" for step in range(horizon))
    target = Target("reals", horizon, names, (MEAN,) * horizon, (SCALE,) * horizon)
    return one_field(kind, (steps, 1) if kind == "sequence" else (steps,), target, forecast=Forecast(season))


@pytest.mark.parametrize("inputs", [HISTORIES, HISTORIES[..., None]], ids=["vector", "sequence"])
def test_baselines_by_hand(inputs: np.ndarray) -> None:
    given = baselines(layout_of(horizon=3, season=2), inputs)
    assert given["persistence"].tolist() == [[4, 4, 4], [5, 5, 5]]
    assert given["seasonal_naive"].tolist() == [[3, 4, 3], [7, 5, 7]]
    whole = baselines(layout_of(horizon=3, season=4), inputs)
    assert whole["seasonal_naive"].tolist() == [[1, 2, 3], [8, 6, 7]]


@pytest.mark.parametrize("season", [0, 5])
def test_without_a_whole_season_there_is_persistence_alone(season: int) -> None:
    assert list(baselines(layout_of(2, season), HISTORIES)) == ["persistence"]


def test_scores_of_baselines_are_in_the_units_of_the_data() -> None:
    """In standard deviations off the last step by 1 and 2 each, off the season before by 2 and 2, and 3 and 2."""
    labels = np.array([[5.0, 6], [4, 3]])
    scores = Reals(layout_of(2, 2)).score(Answered({"inputs": HISTORIES[..., None]}, labels, labels))
    assert scores["rmse"] == 0
    assert scores["persistence_rmse"] == pytest.approx(SCALE * np.sqrt((1 + 4 + 1 + 4) / 4))
    assert scores["seasonal_naive_rmse"] == pytest.approx(SCALE * np.sqrt((4 + 4 + 9 + 4) / 4))


def named(model: "tf.keras.Model", layer: str) -> list:
    """The weights of a layer."""
    return [variable for variable in model.trainable_variables if f"{layer}/" in variable.path]


def model_of(builder: str, layout: Layout, **hparams: object) -> "tf.keras.Model":
    model = APP.builders[builder](APP.hparams(units=(4,), **hparams), layout)["model"]
    model(tf.zeros([1, *layout.only.shape]))
    return model


@pytest.mark.parametrize("builder", BUILDERS)
@pytest.mark.parametrize("shown", SHOWN)
def test_a_network_that_answers_nothing_is_persistence(builder: str, shown: str) -> None:
    layout, inputs = layout_of(horizon=3, season=2), np.float32(HISTORIES[..., None])
    model = model_of(builder, layout, shown=shown)
    kernel, bias = named(model, "outputs")
    kernel.assign(tf.zeros_like(kernel))
    expected = baselines(layout, inputs)["persistence"]
    np.testing.assert_array_equal(model(inputs), expected)
    served = APP.task({"model": model}, APP.hparams(), layout).signatures()["serving_default"]
    answer = served.function({"inputs": tf.constant(inputs)})
    np.testing.assert_allclose(answer["predictions"], MEAN + SCALE * expected, rtol=1e-6)
    bias.assign([1.0, 2, 3])
    np.testing.assert_allclose(model(inputs), expected + np.arange(1, 4), rtol=1e-6)


@pytest.mark.parametrize("builder", BUILDERS)
@pytest.mark.parametrize("shown", SHOWN)
def test_the_weighted_sum_is_of_what_is_shown(builder: str, shown: str) -> None:
    """Beside a network that answers nothing; NumPy's product of the steps, of both views side by side in each."""
    layout = layout_of(horizon=3, season=2)
    model = model_of(builder, layout, shown=shown)
    for variable in (*named(model, "outputs"), *(weights := named(model, "onto_last"))):
        variable.assign(tf.zeros_like(variable))
    views = {"values": [HISTORIES], "changes": [HISTORIES - HISTORIES[:, -1:]]}
    views["both"] = views["values"] + views["changes"]
    steps = np.stack(views[shown], axis=-1).reshape(2, -1)
    kernel = np.random.default_rng(0).normal(size=(steps.shape[1], 3))
    weights[0].assign(kernel)
    np.testing.assert_allclose(model(np.float32(HISTORIES[..., None])), HISTORIES[:, -1:] + steps @ kernel, rtol=1e-5)


def test_without_autoregression_there_are_no_such_weights() -> None:
    model = model_of("functional", layout_of(3, 2), autoregression=False)
    assert named(model, "onto_last") == [] and len(named(model, "outputs")) == 2


@pytest.mark.parametrize("builder", BUILDERS)
def test_shown_changes_alone_a_higher_series_has_a_higher_forecast(builder: str) -> None:
    """Shown values too, it may answer otherwise; the weights are those that training begins with, and ones."""
    layout, inputs = layout_of(horizon=3, season=2), np.float32(HISTORIES[..., None])
    for shown in SHOWN:
        model = model_of(builder, layout, shown=shown)
        named(model, "onto_last")[0].assign_add(tf.ones_like(named(model, "onto_last")[0]))
        higher = np.abs(model(inputs + 7) - (model(inputs) + 7)).max()
        assert (higher < 1e-4) == (shown == "changes")


def test_the_weighted_sum_is_penalised_as_kernels_are() -> None:
    model = model_of("functional", layout_of(3, 2), l2=0.5)
    before = sum(map(float, model.losses))
    named(model, "onto_last")[0].assign_add(2 * tf.ones([8, 3]))
    assert sum(map(float, model.losses)) - before == pytest.approx(0.5 * 24 * 4)


@pytest.mark.parametrize(
    "app", ["rnn", *(pytest.param(a, marks=pytest.mark.slow) for a in ("mlp", "linear_regression"))]
)
def test_a_run_is_scored_in_the_units_of_the_data(app: str, tmp_path) -> None:
    """Against NumPy on the raw windows of sunspots, of which one season is 11 years."""
    given = {
        "epochs": 1,
        "rows": 40,
        "execution": "eager",
        "history": 22,
        "horizon": 5,
        "run_dir": str(tmp_path / "run"),
    }
    run = kerasapps.train(app, data="sunspots", **given, **({"units": [4]} if app == "rnn" else {}))
    columns = run.rows["test"].read()
    before, after = columns["sunspots"], columns["sunspots_next"]
    assert before.max() > 150 and after.shape[1] == 5
    forecasts = {
        "rmse": run.predict(columns)["predictions"],
        "persistence_rmse": before[:, [-1] * 5],
        "seasonal_naive_rmse": before[:, 11:16],
    }
    for name, values in forecasts.items():
        rmse = np.sqrt(np.mean((np.float64(values) - after) ** 2))
        assert run.record["test"][name] == pytest.approx(rmse, rel=1e-4)
    assert run.layout.forecast == Forecast(11)


@pytest.mark.parametrize("shown", SHOWN)
def test_both_builders_forecast_alike(shown: str) -> None:
    layout, inputs = layout_of(horizon=3, season=2), np.float32(HISTORIES[..., None])
    functional, subclassed = (model_of(builder, layout, shown=shown) for builder in BUILDERS)
    random = np.random.default_rng(0)
    weights = [random.normal(size=variable.shape) for variable in functional.trainable_variables]
    assert [variable.shape for variable in subclassed.trainable_variables] == [w.shape for w in weights]
    for model in (functional, subclassed):
        for variable, values in zip(model.trainable_variables, weights, strict=True):
            variable.assign(values)
    np.testing.assert_allclose(functional(inputs), subclassed(inputs), rtol=1e-5)


def test_half_precision_rounds_neither_the_last_step_nor_the_sum() -> None:
    """1 + 2^-12 is 1 in bfloat16."""
    layout, inputs = layout_of(horizon=3, season=2), np.full([1, 4, 1], 1 + 2**-12, np.float32)
    model = build_parts(APP, "functional", APP.hparams(units=(4,)), layout, 0, "mixed_bfloat16")["model"]
    for variable in named(model, "outputs"):
        variable.assign(tf.zeros_like(variable))
    np.testing.assert_array_equal(model(inputs), inputs[:, [0, 0, 0], 0])
    named(model, "onto_last")[0].assign(np.repeat([[1.0], *[[0.0]] * 7], 3, axis=1))
    np.testing.assert_array_equal(model(inputs), 2 * inputs[:, [0, 0, 0], 0])


def test_an_exported_forecast_is_the_runs(tmp_path) -> None:
    """From raw numbers of sunspots, in their units."""
    given = {"epochs": 1, "rows": 40, "execution": "eager", "units": [4], "run_dir": str(tmp_path / "run")}
    run = kerasapps.train("rnn", data="sunspots", **given)
    history = run.rows["test"].read()["sunspots"][:3]
    model = tf.saved_model.load(str(kerasapps.export(run, tmp_path)))
    answer = model.signatures["serving_default"](sunspots=tf.constant(history))["predictions"]
    assert answer.shape == (3, 5) and np.ptp(answer) > 10
    np.testing.assert_allclose(answer, run.predict(history)["predictions"], rtol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("data", ["sunspots", "co2", "elnino"])
def test_the_recipes_beat_both_baselines(data: str, tmp_path) -> None:
    records = [
        kerasapps.train("rnn", data=data, seed=seed, run_dir=str(tmp_path / str(seed))).record["test"]
        for seed in range(5)
    ]
    for baseline in ("persistence", "seasonal_naive"):
        assert statistics.median(test["rmse"] / test[f"{baseline}_rmse"] for test in records) < 1
