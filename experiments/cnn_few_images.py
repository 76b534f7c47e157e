"""CNN on 20 images of each digit, without and with images of a GAN that was trained on the same 200 images.

    python experiments/cnn_few_images.py

Generated images, ten for each real one, made the accuracy worse with every one of 5 seeds.
"""

import kerasapps

FIELDS = {"data": "mnist_5k", "rows": 200, "conditional": True, "epochs": 2000, "adversarial_loss": "wasserstein"}
EPOCHS = {0: 99, 2000: 10}  # by the number of generated images: the same number of steps


def main(**overrides: object) -> "kerasapps.runs.run.Run":
    """Train all three, print one line, and return the GAN's run; `overrides` are its fields, and its seed is theirs."""
    from kerasapps.report.generated import save_with_generated

    run, accuracies = kerasapps.train("gan", **{**FIELDS, **overrides}), []
    for number, epochs in EPOCHS.items():
        data = save_with_generated(run, run.directory / f"and_{number}", number)
        fields = {"data": str(data), "seed": run.options.seed, "epochs": epochs, "run_dir": str(data / "cnn")}
        accuracies.append(kerasapps.train("cnn", **fields).record["test"]["accuracy"])
    without, beside = accuracies
    print(f"cnn on 200 images: test accuracy {without:.4f}, with generated ones also {beside:.4f}, {run.directory}")
    return run


if __name__ == "__main__":
    for seed in range(3):
        main(seed=seed)
