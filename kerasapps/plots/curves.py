"""How well classes are told from all others, whatever the threshold: View -> Figure, or None where it does not fit."""

from dataclasses import dataclass

import numpy as np

from kerasapps.app import View
from kerasapps.figures import lines
from kerasapps.figures.canvas import Figure
from kerasapps.plots.answers import needs

_NAMED = 6
"""Curves with names of their own; with more classes only the worst ones are named."""


@dataclass(frozen=True)
class Curve:
    """A class against all others: false and true positive rates, recall and precision, and the area under each."""

    name: str
    rates: tuple[np.ndarray, np.ndarray]
    area: float
    precision: tuple[np.ndarray, np.ndarray]
    average_precision: float


@needs(target="classes")
def roc_and_precision_recall(view: View) -> Figure | None:
    """ROC and precision-recall curves of the test rows, of several classes each against all others."""
    scores = one_against_others(view.predict(view.columns["test"])["logits"])
    curves = curves_of(view.labels["test"], scores, view.layout.target.names)
    if not curves:
        return None
    curves.sort(key=lambda curve: curve.area)
    named, others = curves[:_NAMED], curves[_NAMED:]
    roc = {f"{curve.name}: area {curve.area:.4f}": curve.rates for curve in named}
    precision = {f"{curve.name}: average {curve.average_precision:.4f}": curve.precision for curve in named}
    panels = (
        lines.Square("ROC", ("false positive rate", "true positive rate"), roc, [curve.rates for curve in others]),
        lines.Square("precision and recall", ("recall", "precision"), precision, [curve.precision for curve in others]),
    )
    of_all = f"; of {len(curves)} classes those of the least ROC area are named" if others else ""
    return lines.unit_squares(panels, f"Each class against the others, on test{of_all}")


def one_against_others(logits: np.ndarray) -> np.ndarray:
    """Logits [rows, K], or [rows, 1] of the second of two classes -> log-odds of each class, [rows, K].

    Unlike probabilities in float32, they do not run together where the model is sure.
    """
    logits = np.asarray(logits, np.float64)
    if logits.shape[1] == 1:
        return np.concatenate([-logits, logits], axis=1)
    from scipy.special import logsumexp

    others = [logsumexp(np.delete(logits, k, axis=1), axis=1) for k in range(logits.shape[1])]
    return logits - np.stack(others, axis=1)


def curves_of(labels: np.ndarray, scores: np.ndarray, names: tuple[str, ...]) -> list[Curve]:
    """A curve of each class that some rows are of and others are not; of two classes of the second alone.

    labels [rows], scores [rows, K], the higher the likelier.
    """
    from sklearn.metrics import auc, average_precision_score, precision_recall_curve, roc_curve

    found = []
    for k in [1] if len(names) == 2 else range(len(names)):
        true = labels == k
        if true.all() or not true.any():
            continue
        false_rates, true_rates, _ = roc_curve(true, scores[:, k])
        precision, recall, _ = precision_recall_curve(true, scores[:, k])
        area, average = auc(false_rates, true_rates), average_precision_score(true, scores[:, k])
        found.append(Curve(names[k], (false_rates, true_rates), area, (recall, precision), average))
    return found
