"""Multi-layer perceptron on XOR with four hidden units.

    python experiments/mlp_xor.py

Measured: all 4 points right in 10 of 10 seeds. About 1 s of training on two busy cores.
"""

import kerasapps

FIELDS = {"data": "xor", "hidden": (4,)}


def main(**overrides: object) -> "kerasapps.runs.run.Run":
    """Train, print one line, and return the run; `overrides` are fields of the run and of its hyperparameters."""
    run = kerasapps.train("mlp", **{**FIELDS, **overrides})
    accuracy, seconds = run.record["test"]["accuracy"], run.record["seconds"]["train"]
    print(f"{run.app.name} on {run.options.data}: test accuracy {accuracy:.4f} in {seconds:.1f} s, {run.directory}")
    return run


if __name__ == "__main__":
    main()
