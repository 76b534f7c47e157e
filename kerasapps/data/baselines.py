"""Baselines for models: a constant answer, naive forecasts, and a linear model of texts."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from kerasapps.data.kinds import kind_of
from kerasapps.data.spec import Columns, Layout, Spec, Target

if TYPE_CHECKING:
    from kerasapps.data.split import Rows

MOST_ROWS, MOST_TERMS = 10_000, 20_000
"""What the linear model is fitted on: so many rows and terms take seconds."""
_PENALTIES = (1e-5, 3e-5, 1e-4)


def baselines(layout: Layout, inputs: np.ndarray) -> dict[str, np.ndarray]:
    """Forecasts [rows, H] by name, in the units of `inputs` [rows, history] or [rows, history, 1].

    persistence: the last step again. seasonal_naive: the step one season before, where the history has a whole season
    (Hyndman and Athanasopoulos 2021, Forecasting: Principles and Practice, section 5.2).
    """
    history, horizon = inputs.reshape(len(inputs), -1), layout.target.size
    forecasts = {"persistence": np.repeat(history[:, -1:], horizon, axis=1)}
    season = layout.forecast.season if layout.forecast else 0
    if 0 < season <= history.shape[1]:
        forecasts["seasonal_naive"] = history[:, history.shape[1] - season + np.arange(horizon) % season]
    return forecasts


def constant_baseline(
    target: Target, train: np.ndarray, others: Mapping[str, np.ndarray]
) -> dict[str, dict[str, float]]:
    """Metrics of a constant answer for each split; {} for targets other than classes and numbers.

    majority_accuracy: of always the most frequent class of the training rows. mean_rmse: of always their mean, in the
    units of the data. train, others: labels as a batch has them, [rows], or [rows, H] standardised.
    """
    if target.kind == "classes":
        answer = np.bincount(train).argmax()
        return {split: {"majority_accuracy": float(np.mean(labels == answer))} for split, labels in others.items()}
    if target.kind != "reals":
        return {}
    mean, scale = np.mean(train, axis=0, dtype=np.float64), np.asarray(target.scale)
    errors = {split: (labels - mean) * scale for split, labels in others.items()}
    return {split: {"mean_rmse": float(np.sqrt(np.mean(values**2)))} for split, values in errors.items()}


def linear_baseline(spec: Spec, rows: "Mapping[str, Rows]") -> dict[str, dict[str, float]]:
    """Accuracy on validation and on test, {split: {"linear_accuracy": ...}}, of a linear model of the first text.

    It is logistic regression on TF-IDF of words and pairs of words, by scikit-learn, fitted on at most MOST_ROWS
    training rows; the penalty is chosen by validation accuracy. {} where no input is a text, or there are no classes.
    """
    texts, target = spec.inputs_of("text"), spec.target
    if not texts or target is None or not kind_of(target).classes(target):
        return {}
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import SGDClassifier

    def of(columns: Columns) -> tuple[np.ndarray, np.ndarray]:
        return columns[texts[0].name], columns[target.name]

    train = rows["train"]
    words, labels = of(train.take(np.arange(0, len(train), -(-len(train) // MOST_ROWS))).read())
    vectorizer = TfidfVectorizer(
        ngram_range=(1, 2), sublinear_tf=True, max_features=MOST_TERMS, token_pattern=r"[^\W_]+"
    )
    if len(np.unique(labels)) < 2 or not any(map(vectorizer.build_analyzer(), words)):
        return {}
    inputs = vectorizer.fit_transform(words)
    # Each class against all others, by steps: ten times as fast for 12 classes as LogisticRegression, and as good.
    fitted = [SGDClassifier(loss="log_loss", alpha=alpha, random_state=0).fit(inputs, labels) for alpha in _PENALTIES]

    def accuracy(model: SGDClassifier, split: str) -> float:
        right = (model.predict(vectorizer.transform(given)) == truth for given, truth in map(of, rows[split].pieces()))
        return float(np.concatenate(list(right)).mean())

    best = max(fitted, key=lambda model: accuracy(model, "validation"))
    return {split: {"linear_accuracy": accuracy(best, split)} for split in ("validation", "test")}
