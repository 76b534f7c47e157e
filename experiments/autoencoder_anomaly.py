"""Autoencoders that each know one digit, whose error tells the other nine from it.

    python experiments/autoencoder_anomaly.py

Measured: mean test auc 0.958 (0.957 to 0.959), median of 3 seeds; of the digits 0.88 (8) to 1.000 (1). Two minutes of
training on two busy cores. Chosen on validation rows: 24 latents tell 2, 4 and 8 apart better than 16 or 32.
"""

import kerasapps

FIELDS = {"data": "mnist_5k", "latents": 24, "epochs": 60, "global_batch_size": 128, "learning_rate": 2e-3}


def main(**overrides: object) -> "list[kerasapps.runs.run.Run]":
    """Train, print the ROC areas, and return the ten runs; `overrides` are fields of each and its hyperparameters."""
    runs = []
    for digit in "0123456789":
        folder = {"run_dir": f"{overrides['run_dir']}-{digit}"} if "run_dir" in overrides else {}
        runs.append(kerasapps.train("autoencoder", **{**FIELDS, **overrides, **folder, "normal": digit}))
        print(f"normal {digit}: test auc {runs[-1].record['test']['auc']:.4f}, {runs[-1].directory}")
    mean = sum(run.record["test"]["auc"] for run in runs) / len(runs)
    seconds = sum(run.record["seconds"]["train"] for run in runs)
    print(f"autoencoder on {runs[0].options.data}: mean test auc {mean:.4f} in {seconds:.1f} s")
    return runs


if __name__ == "__main__":
    main()
