"""Transformer encoder that classifies passages by package from 100 labelled ones, with and without pretraining.

    python experiments/masked_language_model_python_packages.py

Pretraining reads all passages without their labels. Each seed has 100 labelled passages of its own. On 100 generated
reviews (data "reviews"), where rare words decide, both stayed at chance.
"""

import kerasapps

FIELDS = {"data": "python_packages", "sequence_length": 40, "max_tokens": 1500, "layers": 1, "learning_rate": 2e-3}
FIRST = {"epochs": 6, "global_batch_size": 64, "learning_rate": 5e-3, "mask_share": 0.4}


def main(**overrides: object) -> "list[kerasapps.runs.run.Run]":
    """Train, print one line, and return the pretrained run, the plain one and the first; `overrides` are of each."""
    folder = str(overrides.pop("run_dir", "runs/masked_language_model_python_packages"))
    first = kerasapps.train("masked_language_model", **{**FIELDS, **FIRST, **overrides}, run_dir=f"{folder}-first")
    ways = {"pretrained": {"from_run": str(first.directory)}, "plain": {}}
    few = [
        kerasapps.train("transformer", **{**FIELDS, "rows": 100, **overrides, **way}, run_dir=f"{folder}-{name}")
        for name, way in ways.items()
    ]
    pretrained, plain = (run.record["test"]["accuracy"] for run in few)
    print(f"transformer on 100 passages: test accuracy {plain:.4f}, pretrained {pretrained:.4f}, {few[0].directory}")
    return [*few, first]


if __name__ == "__main__":
    main()
