"""Forecasts that need no model: what any model of a series has to beat."""

import numpy as np

from kerasapps.data.spec import Layout


def baselines(layout: Layout, inputs: np.ndarray) -> dict[str, np.ndarray]:
    """Forecasts [rows, H] by name, in the units of `inputs` [rows, history] or [rows, history, 1].

    persistence: the last step again. seasonal_naive: the step one season before, where the history has a whole season
    (Hyndman and Athanasopoulos 2021, Forecasting: Principles and Practice, section 5.2).
    """
    history, horizon = inputs.reshape(len(inputs), -1), layout.target.size
    forecasts = {"persistence": np.repeat(history[:, -1:], horizon, axis=1)}
    season = layout.forecast.season if layout.forecast else 0
    if 0 < season <= history.shape[1]:
        forecasts["seasonal_naive"] = history[:, history.shape[1] - season + np.arange(horizon) % season]
    return forecasts
