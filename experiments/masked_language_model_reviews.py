"""Transformer encoder on 1,000 labelled reviews, without and with pretraining on all 4,000 without their labels.

    python experiments/masked_language_model_reviews.py

Measured once, for seed 0: test accuracy 0.616 with pretraining, 0.520 without. On 100 labelled reviews both stayed
at chance. Pretraining took 11 minutes on two busy cores.
"""

import kerasapps

FIELDS = {"data": "reviews", "sequence_length": 56}
FEW = {**FIELDS, "rows": 1000}


def main(**overrides: object) -> "list[kerasapps.runs.run.Run]":
    """Train, print one line, and return the pretrained run, the plain one and the first; `overrides` are of each."""
    folder = str(overrides.pop("run_dir", "runs/masked_language_model_reviews"))
    first = kerasapps.train("masked_language_model", **{**FIELDS, **overrides}, run_dir=f"{folder}-first")
    ways = {"pretrained": {"from_run": str(first.directory)}, "plain": {}}
    few = [
        kerasapps.train("transformer", **{**FEW, **overrides, **way}, run_dir=f"{folder}-{name}")
        for name, way in ways.items()
    ]
    pretrained, plain = (run.record["test"]["accuracy"] for run in few)
    print(f"transformer on 1,000 reviews: test accuracy {plain:.4f}, pretrained {pretrained:.4f}, {few[0].directory}")
    return [*few, first]


if __name__ == "__main__":
    main()
