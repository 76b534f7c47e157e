"""Multi-layer perceptron on wine: a table of 13 measurements, three classes.

    python experiments/mlp_wine.py

Measured: test accuracy 1.000 (0.972 to 1.000); median of 5 seeds. About 3 s of training on two busy cores.
"""

import kerasapps

FIELDS = {"data": "wine", "hidden": (32,), "dropout": 0.2}


def main(**overrides: object) -> "kerasapps.runs.run.Run":
    """Train, print one line, and return the run; `overrides` are fields of the run and of its hyperparameters."""
    run = kerasapps.train("mlp", **{**FIELDS, **overrides})
    accuracy, seconds = run.record["test"]["accuracy"], run.record["seconds"]["train"]
    print(f"{run.app.name} on {run.options.data}: test accuracy {accuracy:.4f} in {seconds:.1f} s, {run.directory}")
    return run


if __name__ == "__main__":
    main()
