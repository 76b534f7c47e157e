"""What the experiments reach over several seeds, each figure beside its bound.

    python experiments/accuracy.py --json docs/accuracy.json

The split is always that of split_seed 0, but for the rows that say "split = seed": a split of 30 test rows moves the
score more than any seed of the training does. --only NAME ... measures some experiments and leaves what is recorded of
the others, --seeds N fewer seeds. Fashion-MNIST's files are in $KERASAPPS_DATA. Measured: about an hour on two busy
cores, most of it for Fashion-MNIST.
"""

import argparse
import functools
import importlib
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Claim:
    """A quantity of an experiment's runs: its median over `seeds`, or how often it is 1 where `counts`."""

    experiment: str
    quantity: str
    measure: Callable[[Any], float]
    at_least: float | None = None
    at_most: float | None = None
    seeds: int = 5
    splits: bool = False
    counts: bool = False

    @property
    def shown(self) -> str:
        """The quantity, and of which splits."""
        return self.quantity + ", split = seed" * self.splits

    def holds(self, value: float) -> bool:
        """Whether the bound is kept; without one, always."""
        return (self.at_least is None or value >= self.at_least) and (self.at_most is None or value <= self.at_most)


def score(metric: str) -> Callable[[Any], float]:
    """A metric of the test rows."""
    return lambda run: run.record["test"][metric]


def _fitted(run: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Preprocessed training inputs [rows, D] and labels in float64, and the model's coefficients, bias last."""
    columns = run.rows["train"].read()
    inputs = np.asarray(run.preprocess.apply(columns), np.float64)
    kernel, bias = run.model.get_weights()
    return inputs, np.asarray(run.preprocess.labels(columns), np.float64), np.append(kernel[:, 0], bias)


def relative_to(baseline: str) -> Callable[[Any], float]:
    """The rmse of the test rows as a part of that of a baseline, which needs no model."""
    return lambda run: run.record["test"]["rmse"] / run.record["test"][f"{baseline}_rmse"]


def off_least_squares(run: Any) -> float:
    """Largest relative difference of a coefficient from NumPy's least-squares solution of the training rows."""
    inputs, labels, own = _fitted(run)
    exact = np.linalg.lstsq(np.column_stack([inputs, np.ones(len(inputs))]), labels[:, 0], rcond=None)[0]
    # Standardised numbers alone leave nothing to the bias: it is 0 up to rounding, which has no relative error.
    compared = np.abs(exact) > 1e-6
    return float(np.max(np.abs(own - exact)[compared] / np.abs(exact)[compared]))


def off_scikit_learn(run: Any) -> float:
    """Largest relative difference of a coefficient from scikit-learn's LogisticRegression of the same penalty."""
    from sklearn.linear_model import LogisticRegression

    inputs, labels, own = _fitted(run)
    inverse = 1 / (2 * run.hparams.l2 * len(inputs))
    oracle = LogisticRegression(C=inverse, tol=1e-10, max_iter=10_000).fit(inputs, labels)
    exact = np.append(oracle.coef_[0], oracle.intercept_)
    return float(np.max(np.abs(own - exact) / np.abs(exact)))


def mean_over_runs(metric: str) -> Callable[[Sequence[Any]], float]:
    """The mean of a metric of the test rows over the runs of an experiment that has several."""
    return lambda runs: float(np.mean([run.record["test"][metric] for run in runs]))


def of_noise(run: Any) -> float:
    """The mean squared error that is left of that of noisy images, once they are cleaned."""
    return run.record["test"]["denoised_mse"] / run.record["test"]["noisy_mse"]


def solved(run: Any) -> float:
    """1 where every test row is right."""
    return float(run.record["test"]["accuracy"] == 1.0)


def seconds_of(runs: Any, name: str) -> float:
    """Seconds of that name of a run, or of all runs of an experiment that has several."""
    return sum(run.record["seconds"][name] for run in (runs if isinstance(runs, list) else [runs]))


def training_seconds(runs: Any) -> float:
    """Seconds spent in calls that train: no compiling, no checkpoints."""
    return seconds_of(runs, "calls")


def parameters(run: Any) -> float:
    """Trainable weights."""
    return float(run.record["parameters"])


def bag_of_bigrams(run: Any) -> float:
    """Test accuracy of logistic regression on the counts of words and of pairs of neighbours, C chosen on validation.

    What a model can reach that does not read on beyond the next word.
    """
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression

    split = {name: run.rows[name].read() for name in ("train", "validation", "test")}
    column, target = run.preprocess.spec.inputs[0].name, run.preprocess.spec.target.name
    counter = CountVectorizer(ngram_range=(1, 2)).fit(split["train"][column])
    inputs = {name: counter.transform(columns[column]) for name, columns in split.items()}
    models = [
        LogisticRegression(C=c, solver="liblinear", dual=True, max_iter=5000)
        for c in (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
    ]
    fitted = [model.fit(inputs["train"], split["train"][target]) for model in models]
    best = max(fitted, key=lambda model: model.score(inputs["validation"], split["validation"][target]))
    return float(best.score(inputs["test"], split["test"][target]))


def of_ring(place: int) -> Callable[[Any], float]:
    """Of 10,000 samples: modes of the ring that they reach (0), and the share within 3 deviations of one (1)."""
    from kerasapps.data.sources.ring import CENTRES, DEVIATION
    from kerasapps.metrics.quality import modes_reached

    def measured(run: Any) -> float:
        points = run.predict({"seed": 1, "number": 10_000})["rows"]
        return float(modes_reached(points, CENTRES, 3 * DEVIATION)[place])

    return measured


_SEEN: dict[tuple[str, str], dict[str, float]] = {}


def _as_seen(run: Any, classifier: Path) -> dict[str, float]:
    """What the classifier in a run directory sees in a run's images, asked once."""
    import kerasapps
    from kerasapps.report.generated import quality_of

    key = str(run.directory), str(classifier)
    if key not in _SEEN:
        _SEEN[key] = quality_of(run, kerasapps.load(classifier))
    return _SEEN[key]


def seen(quantity: str) -> Callable[[Any], float]:
    """A quantity of a run's images in the features of the classifier that its experiment trained beside it."""
    return lambda run: float(_as_seen(run, run.directory / "classifier")[quantity])


def of_dense(run: Any) -> float:
    """The Frechet distance as a part of that of the dense GAN of the same seed, both seen by the same classifier."""
    import kerasapps

    fields = importlib.import_module("gan_fashion_mnist_dense").FIELDS
    directory = run.directory / "dense"
    dense = kerasapps.train("gan", **{**fields, "seed": run.options.seed, "run_dir": str(directory)})
    own, other = (_as_seen(one, run.directory / "classifier")[FRECHET] for one in (run, dense))
    return own / other


def with_generated(number: int) -> Callable[[Any], float]:
    """Test accuracy of the CNN that was trained on few images and so many generated ones."""
    import kerasapps

    return lambda run: kerasapps.load(run.directory / f"and_{number}" / "cnn").record["test"]["accuracy"]


FRECHET = "frechet_distance_in_cnn_features"
accuracy, r2 = score("accuracy"), score("r2")
bound = score("bound")
of_persistence, of_seasonal = relative_to("persistence"), relative_to("seasonal_naive")
CLAIMS = (
    Claim("linear_regression_line", "test r2", r2),
    Claim("linear_regression_auto_mpg", "off least squares", off_least_squares, at_most=1e-3),
    Claim("linear_regression_auto_mpg", "test r2", r2),
    Claim("linear_regression_diabetes", "off least squares", off_least_squares, at_most=1e-3),
    Claim("linear_regression_diabetes", "test r2", r2),
    Claim("logistic_regression_breast_cancer", "off scikit-learn", off_scikit_learn, at_most=1e-2),
    Claim("logistic_regression_breast_cancer", "test accuracy", accuracy, at_least=0.96),
    Claim("logistic_regression_one_feature", "test accuracy", accuracy),
    Claim("softmax_regression_iris", "test accuracy", accuracy, at_least=0.95),
    Claim("softmax_regression_iris", "test accuracy", accuracy, at_least=0.95, splits=True),
    Claim("softmax_regression_wine", "test accuracy", accuracy, at_least=0.97),
    Claim("softmax_regression_wine", "test accuracy", accuracy, at_least=0.97, splits=True),
    Claim("softmax_regression_digits", "test accuracy", accuracy, at_least=0.95),
    Claim("mlp_xor", "runs with all 4 points right", solved, at_least=10, seeds=10, counts=True),
    Claim("mlp_xor_two_hidden", "runs with all 4 points right", solved, at_least=6, seeds=10, counts=True),
    Claim("mlp_digits", "test accuracy", accuracy, at_least=0.97),
    Claim("mlp_wine", "test accuracy", accuracy),
    Claim("mlp_breast_cancer", "test accuracy", accuracy),
    Claim("mlp_auto_mpg", "test r2", r2),
    Claim("cnn_mnist_5k", "test accuracy", accuracy, at_least=0.982),
    Claim("cnn_mnist_5k", "seconds of training", training_seconds, at_most=25),
    Claim("cnn_fashion_mnist", "test accuracy", accuracy, at_least=0.925, seeds=3),
    Claim("cnn_fashion_mnist", "seconds of training", training_seconds, at_most=180, seeds=3),
    Claim("rnn_mnist_5k", "test accuracy", accuracy, at_least=0.965),
    Claim("rnn_mnist_5k", "seconds of training", training_seconds, at_most=60),
    Claim("rnn_two_steps", "test accuracy", accuracy, at_least=0.97),
    Claim("rnn_ten_steps", "test accuracy", accuracy, at_least=0.95),
    Claim("resnet_mnist_5k", "test accuracy", accuracy, seeds=3),
    Claim("resnet_fashion_mnist", "test accuracy", accuracy, at_least=0.935, seeds=1),
    Claim("resnet_fashion_mnist", "parameters", parameters, at_most=300_000, seeds=1),
    Claim("resnet_fashion_mnist", "seconds of training", training_seconds, at_most=720, seeds=1),
    Claim("rnn_reviews", "test accuracy", accuracy, at_least=0.95),
    Claim("rnn_reviews", "test accuracy of a bag of bigrams", bag_of_bigrams, at_most=0.85, seeds=1),
    Claim("rnn_sunspots", "rmse / persistence", of_persistence, at_most=1.0),
    Claim("rnn_sunspots", "rmse / seasonal naive", of_seasonal, at_most=1.0),
    Claim("rnn_co2", "rmse / persistence", of_persistence, at_most=1.0),
    Claim("rnn_co2", "rmse / seasonal naive", of_seasonal, at_most=1.0),
    Claim("rnn_elnino", "rmse / persistence", of_persistence, at_most=1.0),
    Claim("rnn_elnino", "rmse / seasonal naive", of_seasonal, at_most=1.0),
    Claim("speech_cnn", "test accuracy", accuracy, at_least=0.97),
    Claim("speech_cnn", "parameters", parameters, at_most=250_000),
    Claim("speech_cnn", "seconds of training", training_seconds, at_most=180),
    Claim("speech_cnn_rnn", "test accuracy", accuracy, at_least=0.97),
    Claim("speech_cnn_rnn", "parameters", parameters, at_most=250_000),
    Claim("speech_cnn_rnn", "seconds of training", training_seconds, at_most=180),
    Claim("autoencoder_fashion_mnist", "test mse", score("mse"), at_most=0.010, seeds=3),
    Claim("autoencoder_fashion_mnist", "seconds of training", training_seconds, at_most=300, seeds=3),
    Claim("autoencoder_denoising", "test mse / that of noisy images", of_noise, seeds=3),
    Claim("autoencoder_anomaly", "test auc, mean of ten digits", mean_over_runs("auc"), at_least=0.95, seeds=3),
    Claim("vae_mnist_5k", "test bound", bound, at_least=-108.0, seeds=3),
    Claim("vae_mnist_5k", "seconds of training", training_seconds, at_most=180, seeds=3),
    Claim("vae_digits", "test bound", bound, seeds=3),
    Claim("cnn_few_images", "test accuracy on 200 images", with_generated(0)),
    Claim("cnn_few_images", "test accuracy, 2,000 generated beside them", with_generated(2000)),
    Claim("gan_ring", "modes of 8", of_ring(0), at_least=8, seeds=3),
    Claim("gan_ring", "samples within 3 deviations of a mode", of_ring(1), at_least=0.9, seeds=3),
    Claim("gan_mnist_5k", "Frechet distance in cnn features", seen(FRECHET), seeds=3),
    Claim("gan_mnist_5k", "digits covered", seen("covered_classes"), at_least=10, seeds=3),
    Claim("gan_mnist_5k", "images of the digit asked for", seen("right_classes"), seeds=3),
    Claim("gan_fashion_mnist_dense", "Frechet distance in cnn features", seen(FRECHET), seeds=3),
    Claim("gan_fashion_mnist_dcgan", "Frechet distance in cnn features", seen(FRECHET), seeds=3),
    Claim("gan_fashion_mnist_dcgan", "the same / the dense GAN's", of_dense, at_most=1 / 3, seeds=3),
    Claim("gan_fashion_mnist_dcgan", "classes covered", seen("covered_classes"), at_least=10, seeds=3),
    Claim("gan_fashion_mnist_dcgan", "seconds of training", training_seconds, at_most=900, seeds=3),
)


def measure(claim: Claim, most_seeds: int, run_of: Callable[[str, int, int], Any]) -> dict[str, Any]:
    """The claim's values over its seeds, what they come to, and whether the bound holds."""
    runs = [run_of(claim.experiment, seed, seed * claim.splits) for seed in range(min(claim.seeds, most_seeds))]
    values = [claim.measure(run) for run in runs]
    value = float(sum(values) if claim.counts else np.median(values))
    seconds = {name: float(np.median([seconds_of(run, name) for run in runs])) for name in ("train", "compile")}
    row = {"experiment": claim.experiment, "quantity": claim.shown}
    row |= {"seeds": len(runs), "value": value, "least": min(values), "most": max(values), "values": values}
    return {**row, "at_least": claim.at_least, "at_most": claim.at_most, "holds": claim.holds(value), **seconds}


def show(rows: Sequence[dict[str, Any]]) -> None:
    """The rows as a table on stdout."""
    from rich.console import Console
    from rich.table import Table

    table = Table("experiment", "quantity", "seeds", "value", "least", "most", "bound", "", "train s", "compile s")
    for row in rows:
        low, high = row["at_least"], row["at_most"]
        bound = f">= {low:g}" if low is not None else f"<= {high:g}" if high is not None else ""
        verdict = ("holds" if row["holds"] else "MISSED") if bound else ""
        figures = [f"{row[name]:.4g}" for name in ("value", "least", "most")]
        seconds = [f"{row[name]:.1f}" for name in ("train", "compile")]
        table.add_row(row["experiment"], row["quantity"], str(row["seeds"]), *figures, bound, verdict, *seconds)
    Console(width=None if sys.stdout.isatty() else 150).print(table)


def main(argv: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Measure, print and write; returns the rows."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", type=Path, help="file to write the figures to")
    parser.add_argument("--only", nargs="+", default=[], help="experiments to measure")
    parser.add_argument("--seeds", type=int, default=10, help="seeds at most")
    given = parser.parse_args(argv)
    sys.path.insert(0, str(Path(__file__).parent))
    with tempfile.TemporaryDirectory() as folder:

        @functools.cache
        def run_of(experiment: str, seed: int, split_seed: int) -> Any:
            main_of = importlib.import_module(experiment).main
            return main_of(seed=seed, split_seed=split_seed, run_dir=f"{folder}/{experiment}-{seed}-{split_seed}")

        chosen = [claim for claim in CLAIMS if not given.only or claim.experiment in given.only]
        rows = [measure(claim, given.seeds, run_of) for claim in chosen]
    show(rows)
    if given.json:
        given.json.write_text(json.dumps(_with_recorded(rows, given.json), indent=1) + "\n", encoding="utf-8")
    return rows


def _with_recorded(rows: Sequence[dict[str, Any]], file: Path) -> list[dict[str, Any]]:
    """`rows`, and those that a file has of claims that were not measured now, in the order of CLAIMS."""

    def key(row: dict[str, Any]) -> tuple[str, str]:
        return row["experiment"], row["quantity"]

    recorded = json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
    known = {key(row): row for row in (*recorded, *rows)}
    return [known[name] for claim in CLAIMS if (name := (claim.experiment, claim.shown)) in known]


if __name__ == "__main__":
    main()
