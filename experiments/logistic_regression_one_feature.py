"""Logistic regression on one feature of breast cancer: the sigmoid over the mean radius.

    python experiments/logistic_regression_one_feature.py

Measured: test accuracy 0.877; median of 5 seeds. About 1 s of training on two busy cores.
"""

import kerasapps

FIELDS = {"data": "breast_cancer", "features": ("mean_radius",)}


def main(**overrides: object) -> "kerasapps.runs.run.Run":
    """Train, print one line, and return the run; `overrides` are fields of the run and of its hyperparameters."""
    run = kerasapps.train("logistic_regression", **{**FIELDS, **overrides})
    accuracy, seconds = run.record["test"]["accuracy"], run.record["seconds"]["train"]
    print(f"{run.app.name} on {run.options.data}: test accuracy {accuracy:.4f} in {seconds:.1f} s, {run.directory}")
    return run


if __name__ == "__main__":
    main()
