"""CNN on 20 images of each digit, without and with images of a GAN that was trained on these same 200.

python experiments/cnn_few_images.py
"""

import kerasapps

FIELDS = {"data": "mnist_5k", "rows": 200, "conditional": True, "epochs": 1000}
EPOCHS = {0: 110, 2000: 10}
"""By the number of generated images: the same number of steps."""


def main(seeds: int = 3, **overrides: object) -> None:
    """Train, and print the test accuracies without and with generated images; `overrides` are fields of the GAN."""
    from kerasapps.report.generated import save_with_generated

    accuracies = {number: [] for number in EPOCHS}
    for seed in range(seeds):
        gan = kerasapps.train("gan", **{**FIELDS, "seed": seed, **overrides})
        for number, epochs in EPOCHS.items():
            data = save_with_generated(gan, gan.directory / f"and_{number}_generated", number)
            fields = {"data": str(data), "seed": seed, "epochs": epochs, "run_dir": str(data / "cnn")}
            accuracies[number].append(kerasapps.train("cnn", **fields).record["test"]["accuracy"])
    for number, found in accuracies.items():
        print(f"cnn on 200 images of mnist_5k and {number} generated: test accuracies", *(f"{a:.4f}" for a in found))


if __name__ == "__main__":
    main()
