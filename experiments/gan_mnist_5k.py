"""Conditional dense GAN on 5,000 images of MNIST, whose images are judged by a CNN trained on the same data.

python experiments/gan_mnist_5k.py
"""

import kerasapps

FIELDS = {"data": "mnist_5k", "conditional": True}


def main(**overrides: object) -> "kerasapps.runs.run.Run":
    """Train both, print one line, and return the GAN's run; `overrides` are its fields. The CNN is always the same."""
    from kerasapps.report.generated import quality_of

    run = kerasapps.train("gan", **{**FIELDS, **overrides})
    cnn = kerasapps.train("cnn", **{"data": "mnist_5k", "run_dir": str(run.directory / "classifier")})
    found, seconds = quality_of(run, cnn), run.record["seconds"]["train"]
    distance = found["frechet_distance_in_cnn_features"]
    print(f"gan on {run.options.data}: Frechet distance in cnn features {distance:.4g} in {seconds:.1f} s, {found}")
    return run


if __name__ == "__main__":
    main()
