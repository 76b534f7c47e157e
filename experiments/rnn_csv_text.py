"""LSTM on your own sentences: a CSV file of texts with a column label; without one, on 4,000 GENERATED reviews.

python experiments/rnn_csv_text.py FILE.csv, or with the file's name in $KERASAPPS_TEXT_CSV. Measured on the generated
reviews: test accuracy 0.949, one seed; 40 s of training on two busy cores."""

import os
import sys
import tempfile
from pathlib import Path

import kerasapps
from kerasapps.app import load_app
from kerasapps.data.sources.reviews import CLASSES, load


def main(data: str = os.environ.get("KERASAPPS_TEXT_CSV", ""), **overrides: object) -> "kerasapps.runs.run.Run":
    """Train on the file, print one line, and return the run; `overrides` are fields of it and of its parameters."""
    if not data:
        data, reviews = f"{tempfile.mkdtemp()}/generated_reviews.csv", load("").splits["train"]
        rows = [f'"{text}",{CLASSES[label]}\n' for text, label in zip(*reviews.values(), strict=True)]
        Path(data).write_text("".join(["text,label\n", *rows]), encoding="utf-8")
        overrides = {**load_app("rnn").tuned["reviews"], **overrides}
        print(f"No file was given. 4,000 generated reviews, which nobody wrote, stand in for it: {data}")
    run = kerasapps.train("rnn", **{"data": data, **overrides})
    print(f"{run.app.name} on {run.options.data}: test accuracy {run.record['test']['accuracy']:.4f}, {run.directory}")
    return run


if __name__ == "__main__":
    main(*sys.argv[1:])
