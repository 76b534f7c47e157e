"""Figures of one run, or of the runs of an experiment that has several."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np


def score(metric: str) -> Callable[[Any], float]:
    """A metric of the test rows."""
    return lambda run: run.record["test"][metric]


def _fitted(run: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Preprocessed training inputs [rows, D] and labels in float64, and the model's coefficients, bias last."""
    columns = run.rows["train"].read()
    inputs = np.asarray(run.preprocess.layout.given(run.preprocess.apply(columns)), np.float64)
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


def gain(runs: Sequence[Any]) -> float:
    """How much more of the test rows the first run of an experiment has right than its second."""
    return runs[0].record["test"]["accuracy"] - runs[1].record["test"]["accuracy"]


def of_noise(run: Any) -> float:
    """The mean squared error that is left of that of noisy images, once they are cleaned."""
    return run.record["test"]["denoised_mse"] / run.record["test"]["noisy_mse"]


def solved(run: Any) -> float:
    """1 where every test row is right."""
    return float(run.record["test"]["accuracy"] == 1.0)


def seconds_of(runs: Any, name: str) -> float:
    """Seconds of that name of a run, or of all runs of an experiment that has several."""
    return sum(run.record["seconds"][name] for run in (runs if isinstance(runs, list) else [runs]))


def of_first(measure: Callable[[Any], float]) -> Callable[[Sequence[Any]], float]:
    """The same figure, of the first run of an experiment that has several."""
    return lambda runs: measure(runs[0])


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
