"""Write the run directories beside this file, and what their models answered then.

They were written by commit b2685c8, those of LATER by commit 325835e, which wrote format 2, those of RISING by commit
19ce41b, the last whose warm-up began at 0, those of IMAGE_ROWS by commit 7136761, the last whose transformer had no
patches of images: in a checkout of it, `PYTHONPATH=. python tests/old_runs/make.py NAME`.
A later format of runs gets directories of its own; these are never written again.
"""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np

import kerasapps

HERE = Path(__file__).parent
ROWS = 3
"""First test rows whose answers are kept."""

RUNS: dict[str, dict[str, Any]] = {
    "mlp_wine": {"app": "mlp", "data": "wine", "hidden": (6,), "dropout": 0.3, "epochs": 3, "execution": "loop"},
    "mlp_interrupted": {
        "app": "mlp",
        "data": "wine",
        "hidden": (5, 4),
        "epochs": 3,
        "stop_at_epoch": 1,
        "execution": "graph",
        "schedule": "cosine",
        "early_stopping_patience": 9,
    },
    "autoencoder_digits": {
        "app": "autoencoder",
        "data": "digits",
        "rows": 200,
        "widths": (8,),
        "latents": 3,
        "epochs": 2,
        "ema_momentum": 0.5,
        "execution": "eager",
    },
    "vae_iris": {"app": "vae", "data": "iris", "widths": (6,), "latents": 2, "epochs": 2, "bound_samples": 2},
    "gan_digits": {
        "app": "gan",
        "data": "digits",
        "rows": 200,
        "conditional": True,
        "latents": 3,
        "generator_units": (6,),
        "discriminator_units": (6,),
        "epochs": 2,
        "execution": "eager",
    },
    "rnn_reviews": {
        "app": "rnn",
        "data": "reviews",
        "rows": 100,
        "max_tokens": 40,
        "sequence_length": 12,
        "units": (4,),
        "embedding": 3,
        "epochs": 1,
        "execution": "graph",
    },
    "rnn_sunspots": {"app": "rnn", "data": "sunspots", "units": (3,), "epochs": 1, "execution": "graph"},
    "linear_auto_mpg": {
        "app": "linear_regression",
        "data": "auto_mpg",
        "features": ("weight", "origin"),
        "epochs": 2,
        "builder": "subclassed",
        "execution": "eager",
    },
    "cnn_digits": {
        "app": "cnn",
        "data": "digits",
        "rows": 200,
        "filters": (3, 4),
        "dense_units": 5,
        "rotation_degrees": 5.0,
        "epochs": 1,
        "execution": "graph",
    },
}

LATER: dict[str, dict[str, Any]] = {
    "mlp_warm_interrupted": {
        "app": "mlp",
        "data": "wine",
        "hidden": (6,),
        "dropout": 0.3,
        "epochs": 4,
        "stop_at_epoch": 2,
        "execution": "graph",
        "from_run": "tests/old_runs/mlp_wine",
        "ema_momentum": 0.5,
        "early_stopping_patience": 9,
    },
    "vae_half_interrupted": {
        "app": "vae",
        "data": "digits",
        "rows": 100,
        "widths": (6,),
        "latents": 2,
        "epochs": 3,
        "stop_at_epoch": 1,
        "bound_samples": 2,
        "execution": "graph",
        "precision": "mixed_float16",
    },
}

RISING: dict[str, dict[str, Any]] = {
    "mlp_rising_interrupted": {
        "app": "mlp",
        "data": "wine",
        "hidden": (6,),
        "epochs": 4,
        "stop_at_epoch": 1,
        "execution": "graph",
        "schedule": "cosine",
        "warmup_epochs": 2.0,
        "learning_rate": 0.01,
    },
}

IMAGE_ROWS: dict[str, dict[str, Any]] = {
    "transformer_mnist_interrupted": {
        "app": "transformer",
        "data": "mnist_5k",
        "rows": 100,
        "layers": 1,
        "heads": 2,
        "width": 4,
        "feed_forward": 4,
        "epochs": 3,
        "stop_at_epoch": 1,
        "execution": "graph",
    },
}

ASKED = {"gan_digits": {"sample": {"seed": 3, "labels": [0, 1, 2]}}}
"""Arguments of signatures that take no rows."""


def main(names: list[str]) -> None:
    """Write the runs called `names`, or all."""
    for name in names or RUNS:
        arguments = dict({**RUNS, **LATER, **RISING, **IMAGE_ROWS}[name])
        app, path = arguments.pop("app"), HERE / name
        shutil.rmtree(path, ignore_errors=True)
        run = kerasapps.train(app, run_dir=str(path), global_batch_size=32, **arguments)
        expected = {"test": run.evaluate("test"), "answers": answers(name, run), "history": run.record["history"]}
        if arguments.pop("stop_at_epoch", None):
            whole = HERE / "whole"
            run = kerasapps.train(app, run_dir=str(whole), global_batch_size=32, **arguments)
            expected["uninterrupted"] = run.record["history"]
            shutil.rmtree(whole)
        (path / "expected.json").write_text(json.dumps(expected, indent=1) + "\n", encoding="utf-8")
        tidy(path)


def answers(name: str, run: Any) -> dict[str, Any]:
    """Signature -> what it answered for the first test rows, or for its own arguments."""
    columns = run.read("test")
    rows = {column.name: columns[column.name][:ROWS] for column in run.preprocess.spec.inputs}
    asked = ASKED.get(name, {"serving_default": rows})
    return {
        signature: {output: np.asarray(values).tolist() for output, values in run.ask(signature, given).items()}
        for signature, given in asked.items()
    }


def tidy(path: Path) -> None:
    """Leave the last checkpoint alone, and nothing for the eye."""
    for old in sorted((path / "checkpoints").iterdir())[:-1]:
        shutil.rmtree(old)
    for shown in ("plots", "samples"):
        shutil.rmtree(path / shown, ignore_errors=True)
    (path / ".lock").unlink(missing_ok=True)


if __name__ == "__main__":
    main(sys.argv[1:])
