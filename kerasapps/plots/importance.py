"""Which columns of a table a model's answers rest on: View -> Figure, or None where it does not fit."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from kerasapps.app import View
from kerasapps.data.kinds import kind_of
from kerasapps.data.spec import Columns
from kerasapps.figures import bars
from kerasapps.figures.canvas import Figure

MOST = 20
"""Columns that are drawn."""
REPEATS, SEED = 5, 0
AT_ONCE = 20_000
"""Rows that a model is asked for in one call, about."""
_LEAST_ROWS, _MOST_ROWS = 50, 1000
_ASKED, _MOST_ASKED = 100_000, 500_000

Predict = Callable[[Columns], Mapping[str, Any]]
Score = Callable[[np.ndarray, Mapping[str, Any]], float]
"""(labels, answers) -> score."""


def permutation_importance(view: View) -> Figure | None:
    """How much worse the test rows are answered with one column shuffled: the mean of five times, and its deviation."""
    number = len(view.spec.inputs)
    if number < 2 or view.layout.target.kind not in _SCORES or any(kind_of(c).forms for c in view.spec.inputs):
        return None
    columns, labels = view.columns["test"], view.labels["test"]
    rows = min(len(labels), max(_LEAST_ROWS, min(_MOST_ROWS, _ASKED // (REPEATS * number))))
    if number * REPEATS * rows > _MOST_ASKED:
        return None
    chosen = np.arange(rows) * len(labels) // rows
    name, score = _SCORES[view.layout.target.kind]
    given = {column.name: columns[column.name][chosen] for column in view.spec.inputs}
    whole, worse = importances(view.predict, given, labels[chosen], score)
    order = np.argsort(-worse.mean(axis=1), kind="stable")[:MOST]
    names = [view.spec.inputs[i].name for i in order]
    title = f"{name} {whole:.4f} of {len(chosen):,} test rows,\nand what a shuffled column takes from it"
    return bars.horizontal_bars(worse.mean(axis=1)[order], names, f"loss of {name}", title, worse.std(axis=1)[order])


def importances(predict: Predict, columns: Columns, labels: np.ndarray, score: Score) -> tuple[float, np.ndarray]:
    """The score of some rows, and what it loses with each column shuffled, [columns, REPEATS].

    It is what sklearn.inspection.permutation_importance says with random_state=SEED (Breiman 2001).
    """
    whole, names, orders = score(labels, predict(columns)), list(columns), _orders(len(labels))
    each, lost = orders.size, []
    together = max(1, AT_ONCE // each)
    for first in range(0, len(names), together):
        group = names[first : first + together]
        asked = {name: np.tile(values, REPEATS * len(group)) for name, values in columns.items()}
        for i, name in enumerate(group):
            asked[name][i * each : (i + 1) * each] = columns[name][orders].ravel()
        answers = predict(asked)
        for start in range(0, each * len(group), len(labels)):
            rows = slice(start, start + len(labels))
            lost.append(whole - score(labels, {output: values[rows] for output, values in answers.items()}))
    return whole, np.reshape(lost, (len(names), REPEATS))


def _orders(rows: int) -> np.ndarray:
    """Orders of so many rows, the same for each column, [REPEATS, rows], as scikit-learn makes them."""
    random = np.random.RandomState(np.random.RandomState(SEED).randint(1 << 31))
    shuffled, orders = np.arange(rows), [np.arange(rows)]
    for _ in range(REPEATS):
        random.shuffle(shuffled)
        orders.append(orders[-1][shuffled])
    return np.stack(orders[1:])


def _accuracy(labels: np.ndarray, answers: Mapping[str, Any]) -> float:
    return float(np.mean(answers["classes"] == labels))


def _r2(labels: np.ndarray, answers: Mapping[str, Any]) -> float:
    """The mean r2 over the targets; constant targets have none."""
    labels, errors = np.asarray(labels, np.float64), answers["predictions"] - labels
    return float(np.mean(1 - np.mean(errors**2, axis=0) / np.maximum(labels.var(axis=0), np.finfo(float).tiny)))


_SCORES = {"classes": ("accuracy", _accuracy), "reals": ("r2", _r2)}
