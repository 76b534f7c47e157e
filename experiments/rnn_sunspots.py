"""Recurrent network that forecasts sunspots: five years from the 22 before.

    python experiments/rnn_sunspots.py

Measured: test rmse 31.1 (30.3 to 32.2), median of 5 seeds; the last number again 76.8, that of 11 years before 38.0.
A second of training on two busy cores, after 9 s of compiling.
"""

import kerasapps

FIELDS = {"data": "sunspots"}


def main(**overrides: object) -> "kerasapps.runs.run.Run":
    """Train, print one line, and return the run; `overrides` are fields of the run and of its hyperparameters."""
    run = kerasapps.train("rnn", **{**FIELDS, **overrides})
    test, seconds = run.record["test"], run.record["seconds"]["train"]
    naive = f"{test['persistence_rmse']:.4g} last value, {test['seasonal_naive_rmse']:.4g} last season"
    print(f"rnn on {run.options.data}: test rmse {test['rmse']:.4g} ({naive}) in {seconds:.1f} s, {run.directory}")
    return run


if __name__ == "__main__":
    main()
