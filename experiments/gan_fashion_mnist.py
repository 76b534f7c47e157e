"""DCGAN on Fashion-MNIST, and two dense GANs: one with plain settings, one trained with the settings of DCGAN.

    KERASAPPS_DATA=DIR python experiments/gan_fashion_mnist.py

Measured on two busy cores: 12 to 15 minutes of training for DCGAN, two minutes for each dense GAN.
"""

import kerasapps

FIELDS = {"data": "fashion_mnist"}
DENSE = {"architecture": "dense", "epochs": 50}
PLAIN = {**DENSE, "global_batch_size": 128, "learning_rate": 2e-4, "schedule": "constant", "ema_momentum": None}


def main(**overrides: object) -> "list[kerasapps.runs.run.Run]":
    """Train all three and a CNN, print a line of each, and return the three; `overrides` are fields of each."""
    from kerasapps.report.generated import quality_of

    runs = []
    for name, fields in {"dcgan": {}, "dense": PLAIN, "dense-alike": DENSE}.items():
        folder = {"run_dir": f"{overrides['run_dir']}-{name}"} if "run_dir" in overrides else {}
        runs.append(kerasapps.train("gan", **{**FIELDS, **overrides, **fields, **folder}))
    cnn = kerasapps.train("cnn", **FIELDS, run_dir=str(runs[0].directory / "classifier"))
    for run in runs:
        print(f"{run}: in {run.record['seconds']['train']:.1f} s, {quality_of(run, cnn)}")
    return runs


if __name__ == "__main__":
    main()
