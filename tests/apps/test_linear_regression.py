"""Linear regression equals the normal equations."""

import numpy as np
import pytest
from by_hand import batch, build, gradients, reals, vector_layout

import kerasapps
from kerasapps.apps.linear_regression import APP
from kerasapps.data.sources import open_source
from kerasapps.data.spec import LARGEST


def test_its_gradient_vanishes_at_the_least_squares_solution() -> None:
    random = np.random.default_rng(0)
    x, y = random.normal(size=(40, 3)), random.normal(size=(40, 2))
    solution = np.linalg.lstsq(np.column_stack([x, np.ones(40)]), y, rcond=None)[0]
    layout = vector_layout(3, reals((0, 1), (0, 1)))
    parts, hparams = build(APP, layout)
    parts["model"].set_weights([solution[:3], solution[3]])
    for gradient in gradients(APP, parts, hparams, layout, batch(x, y)):
        np.testing.assert_allclose(gradient, 0, atol=1e-6)


def test_its_gradient_is_that_of_the_penalised_squared_error() -> None:
    """d/dW of mean (xW + b - y)^2 + l1 |W| + l2 W^2 = 2 x^T (xW + b - y) / n + l1 sign W + 2 l2 W."""
    random = np.random.default_rng(1)
    x, y, w, b = (random.normal(size=shape) for shape in ((20, 3), (20, 1), (3, 1), (1,)))
    layout = vector_layout(3, reals((0, 1)))
    parts, hparams = build(APP, layout, l1=0.1, l2=0.01)
    parts["model"].set_weights([w, b])
    residuals = x @ w + b - y
    expected = [2 * x.T @ residuals / 20 + 0.1 * np.sign(w) + 0.02 * w, 2 * residuals.mean(axis=0)]
    got = gradients(APP, parts, hparams, layout, batch(x, y))
    for gradient, by_hand in zip(got, expected, strict=True):
        np.testing.assert_allclose(gradient, by_hand, rtol=1e-4, atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("data", ["auto_mpg", "diabetes"])
def test_trained_coefficients_equal_the_normal_equations(data: str, tmp_path) -> None:
    for seed in range(5):
        run = kerasapps.train("linear_regression", data=data, seed=seed, run_dir=str(tmp_path / str(seed)))
        columns = run.rows["train"].read()
        x, y = (
            np.asarray(a, np.float64)
            for a in (run.preprocess.layout.given(run.preprocess.apply(columns)), run.preprocess.labels(columns))
        )
        solution = np.linalg.lstsq(np.column_stack([x, np.ones(len(x))]), y, rcond=None)[0]
        kernel, bias = run.model.get_weights()
        np.testing.assert_allclose(kernel, solution[:-1], rtol=1e-3)
        np.testing.assert_allclose(bias, solution[-1], rtol=1e-3, atol=1e-6)


@pytest.mark.slow
def test_the_fitted_line(tmp_path) -> None:
    """With small batches and a falling learning rate it is NumPy's, in the units of the data, to 1% of the slope 2."""
    run = kerasapps.train("linear_regression", data="line", seed=0, run_dir=str(tmp_path / "run"))
    columns = run.rows["train"].read()
    intercept, end = run.predict({"x": np.array([0.0, 1.0], np.float32)})["predictions"][:, 0]
    np.testing.assert_allclose([end - intercept, intercept], np.polyfit(columns["x"], columns["y"], 1), atol=0.02)


def test_the_largest_numbers_of_either_sign_are_fitted(tmp_path) -> None:
    numbers = np.linspace(-LARGEST, LARGEST, 41)
    (tmp_path / "wide.csv").write_text("x,y\n" + "".join(f"{x!r},{-x!r}\n" for x in numbers.tolist()))
    run = kerasapps.train("linear_regression", data=str(tmp_path / "wide.csv"), run_dir=str(tmp_path / "run"))
    assert run.record["status"] == "completed"
    assert run.record["test"]["r2"] > 0.999
    assert np.isfinite(list(run.record["history"].values())).all()


def test_on_windows_of_a_series_it_is_the_autoregression_of_least_squares(tmp_path) -> None:
    """x_t+1 and x_t+2 from the three sunspot numbers before, by NumPy from the series itself."""
    full = {"epochs": 3000, "learning_rate": 0.05, "global_batch_size": None, "schedule": "constant"}
    settings = {"optimizer_settings": {"momentum": 0.95, "nesterov": True}, "execution": "loop"}
    given = {"history": 3, "horizon": 2, "run_dir": str(tmp_path / "run")}
    run = kerasapps.train("linear_regression", data="sunspots", **full, **settings, **given)
    series = np.float64(open_source("sunspots").values[:222])  # without the last fifth, and the last tenth before it
    starts = np.arange(len(series) - 5 + 1)[:, None]
    windows = np.column_stack([series[starts + np.arange(3)], np.ones(len(starts))])
    solution = np.linalg.lstsq(windows, series[starts + np.arange(3, 5)], rcond=None)[0]
    latest = np.float32([[20, 40, 60], [120, 80, 90]])
    expected = np.column_stack([latest, np.ones(2)]) @ solution
    np.testing.assert_allclose(run.predict(latest)["predictions"], expected, rtol=1e-3)
