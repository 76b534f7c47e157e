"""Recurrent network that forecasts carbon dioxide in the air: twelve months from the 24 before.

    python experiments/rnn_co2.py

Measured: test rmse 0.665 ppm (0.650 to 0.692), median of 5 seeds; the last month again 3.27, that of a year before
1.86. A second of training on two busy cores, after 10 s of compiling.
"""

import kerasapps

FIELDS = {"data": "co2"}


def main(**overrides: object) -> "kerasapps.runs.run.Run":
    """Train, print one line, and return the run; `overrides` are fields of the run and of its hyperparameters."""
    run = kerasapps.train("rnn", **{**FIELDS, **overrides})
    test, seconds = run.record["test"], run.record["seconds"]["train"]
    naive = f"{test['persistence_rmse']:.4g} last value, {test['seasonal_naive_rmse']:.4g} last season"
    print(f"rnn on {run.options.data}: test rmse {test['rmse']:.4g} ({naive}) in {seconds:.1f} s, {run.directory}")
    return run


if __name__ == "__main__":
    main()
