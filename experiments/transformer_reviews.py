"""Transformer encoder on generated reviews (no real ones): whether they are positive hangs on the order of their words.

    python experiments/transformer_reviews.py

No review has more than 54 words: of more, which is the default, only padding would be computed.

Measured: test accuracy 0.986 (0.979 to 0.990) in 87 seconds of training on two cores, median of 3 seeds; the LSTM of
rnn_reviews has 0.985 (5 seeds).
"""

import kerasapps

FIELDS = {"data": "reviews", "sequence_length": 56}


def main(**overrides: object) -> "kerasapps.runs.run.Run":
    """Train, print one line, and return the run; `overrides` are fields of the run and of its hyperparameters."""
    run = kerasapps.train("transformer", **{**FIELDS, **overrides})
    accuracy, seconds = run.record["test"]["accuracy"], run.record["seconds"]["train"]
    print(f"{run.app.name} on {run.options.data}: test accuracy {accuracy:.4f} in {seconds:.1f} s, {run.directory}")
    return run


if __name__ == "__main__":
    main()
