"""Transformer encoder and LSTM on the same generated reviews, where the order of words decides.

    python experiments/encoder_or_lstm_reviews.py

No review has more than 54 words: with the default length most tokens would be padding.
"""

import kerasapps

FIELDS = {"data": "reviews", "sequence_length": 56}


def main(**overrides: object) -> "list[kerasapps.runs.run.Run]":
    """Train both, print a line of each, and return encoder and LSTM; `overrides` are fields of each."""
    runs = []
    for app in ("transformer", "rnn"):
        folder = {"run_dir": f"{overrides['run_dir']}-{app}"} if "run_dir" in overrides else {}
        runs.append(kerasapps.train(app, **{**FIELDS, **overrides, **folder}))
        accuracy, seconds = runs[-1].record["test"]["accuracy"], runs[-1].record["seconds"]["train"]
        print(f"{app} on reviews: test accuracy {accuracy:.4f} in {seconds:.1f} s, {runs[-1].directory}")
    return runs


if __name__ == "__main__":
    main()
