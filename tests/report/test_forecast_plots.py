"""Plots of forecasts: the model's and the baselines' lines lie where the series says, in the units of the data."""

import dataclasses
from pathlib import Path

import numpy as np
import pandas
import pytest
from layouts import adapt
from test_report import finished_run
from test_report import view_of as view_of_run

from kerasapps.app import View, load_app
from kerasapps.data.calendar import Calendar
from kerasapps.data.sources._series import SeriesSource
from kerasapps.data.split import split_rows
from kerasapps.plots import forecasts

VALUES = np.random.default_rng(0).normal(100, 5, 60).astype(np.float32)
HISTORY, SEASON = 6, 4
FIRST = 48  # step of the 60 with which the last fifth begins


def view_of(kind: str, horizon: int = 3, season: int = SEASON) -> View:
    """A run whose model adds 1 to the last step for every step ahead."""
    source = SeriesSource("sales", "sold", VALUES, HISTORY, horizon, season)
    columns = {split: part.read() for split, part in split_rows(source, 0).items()}
    preprocess = adapt(source.spec, kind, columns["train"])
    return View(
        history={},
        spec=source.spec,
        layout=preprocess.layout,
        task=None,
        columns=columns,
        labels={split: values["sold_next"] for split, values in columns.items()},
        predict=lambda given: {"predictions": given["sold"][:, -1:] + np.arange(1, horizon + 1)},
        apply=preprocess.apply,
        samples={},
    )


@pytest.mark.parametrize("kind", ["sequence", "vector"])
def test_forecasts_that_do_not_overlap_end_with_the_series(kind: str) -> None:
    """Of 3 steps each, the last of which ends with step 59, they begin with 57, 54, 51 and 48."""
    true, model, persistence, seasonal, origins, future = forecasts.forecast(view_of(kind)).axes[0].lines[:6]
    made_from = np.array([47, 50, 53, 56])
    np.testing.assert_array_equal(true.get_xdata(), np.arange(FIRST - HISTORY, 60) - 60)
    np.testing.assert_allclose(true.get_ydata(), VALUES[FIRST - HISTORY :], rtol=1e-6)
    np.testing.assert_array_equal(origins.get_xdata(), made_from - 60)
    np.testing.assert_array_equal(future.get_xdata(), np.arange(59, 63) - 60)
    np.testing.assert_allclose(future.get_ydata(), VALUES[-1] + np.arange(4), rtol=1e-6)
    lines = VALUES[made_from, None] + np.arange(4)
    np.testing.assert_allclose(model.get_ydata().reshape(4, 5)[:, :4], lines, rtol=1e-6)
    np.testing.assert_allclose(persistence.get_ydata().reshape(4, 5)[:, :4], lines[:, [0, 0, 0, 0]], rtol=1e-6)
    before = VALUES[made_from[:, None] + np.arange(1, 4) - SEASON]
    np.testing.assert_allclose(seasonal.get_ydata().reshape(4, 5)[:, 1:4], before, rtol=1e-6)
    assert seasonal.get_label() == "seasonal naive"


def test_without_a_season_there_is_no_seasonal_forecast() -> None:
    labels = [line.get_label() for line in forecasts.forecast(view_of("vector", season=0)).axes[0].lines[:4]]
    assert labels == ["true", "model", "persistence", "forecast from"]


def test_a_series_with_dates_has_them_on_the_axis() -> None:
    """The last fifth of 60 months, the six before it, and the three to come, by pandas."""
    months = pandas.date_range("2001-01-01", periods=63, freq="MS").to_numpy("datetime64[D]")
    view = dataclasses.replace(view_of("vector"), calendar=Calendar(months[:60], "MS"))
    true, *_, future = forecasts.forecast(view).axes[0].lines[:6]
    np.testing.assert_array_equal(true.get_xdata(), months[FIRST - HISTORY : 60])
    np.testing.assert_array_equal(future.get_xdata(), months[59:])


def test_no_more_than_eight_forecasts_are_drawn() -> None:
    """Of one step each there would be twelve."""
    true, *_, origins = forecasts.forecast(view_of("vector", horizon=1)).axes[0].lines[:5]
    np.testing.assert_array_equal(origins.get_xdata() + 60, np.arange(51, 59))
    np.testing.assert_allclose(true.get_ydata(), VALUES[52 - HISTORY :], rtol=1e-6)


@pytest.mark.parametrize("kind", ["sequence", "vector"])
def test_errors_of_every_step_ahead(kind: str) -> None:
    """Ten windows, whose targets begin with steps 48 to 57."""
    lines = forecasts.forecast_errors(view_of(kind)).axes[0].lines
    starts, ahead = np.arange(FIRST, 58)[:, None], np.arange(3)
    made = {"model": VALUES[starts - 1] + 1 + ahead, "persistence": VALUES[starts - 1] + 0 * ahead}
    made["seasonal naive"] = VALUES[starts + ahead - SEASON]
    assert [line.get_label() for line in lines] == list(made)
    for line, values in zip(lines, made.values(), strict=True):
        errors = np.float64(values) - VALUES[starts + ahead]
        np.testing.assert_allclose(line.get_ydata(), np.sqrt((errors**2).mean(axis=0)), rtol=1e-6)


@pytest.mark.parametrize("app", ["rnn", "mlp", "linear_regression"])
def test_apps_have_these_plots_which_other_data_do_not(app: str, tmp_path: Path) -> None:
    drawn = load_app(app).plots
    assert (drawn["forecast"], drawn["forecast_errors"]) == (forecasts.forecast, forecasts.forecast_errors)
    other = view_of_run(finished_run(tmp_path, {}))
    assert forecasts.forecast(other) is None and forecasts.forecast_errors(other) is None
