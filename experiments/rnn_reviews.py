"""LSTM on generated reviews (no real ones): whether they are positive hangs on the order of their words.

    python experiments/rnn_reviews.py

Measured: test accuracy 0.985 (0.981 to 0.992), median of 5 seeds, where a bag of words and of pairs of neighbours
reaches 0.574; about 100 s of training on two busy cores.
"""

import kerasapps

FIELDS = {"data": "reviews"}


def main(**overrides: object) -> "kerasapps.runs.run.Run":
    """Train, print one line, and return the run; `overrides` are fields of the run and of its hyperparameters."""
    run = kerasapps.train("rnn", **{**FIELDS, **overrides})
    accuracy, seconds = run.record["test"]["accuracy"], run.record["seconds"]["train"]
    print(f"{run.app.name} on {run.options.data}: test accuracy {accuracy:.4f} in {seconds:.1f} s, {run.directory}")
    return run


if __name__ == "__main__":
    main()
