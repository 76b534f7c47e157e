"""Residual network on 5,000 images of MNIST.

    python experiments/resnet_mnist_5k.py

Not measured yet.
"""

import kerasapps

FIELDS = {"data": "mnist_5k"}


def main(**overrides: object) -> "kerasapps.runs.run.Run":
    """Train, print one line, and return the run; `overrides` are fields of the run and of its hyperparameters."""
    run = kerasapps.train("resnet", **{**FIELDS, **overrides})
    accuracy, seconds = run.record["test"]["accuracy"], run.record["seconds"]["train"]
    print(f"{run.app.name} on {run.options.data}: test accuracy {accuracy:.4f} in {seconds:.1f} s, {run.directory}")
    return run


if __name__ == "__main__":
    main()
