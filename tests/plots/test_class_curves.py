"""ROC and precision-recall curves: every threshold counted by hand."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.special import log_softmax
from sklearn.metrics import roc_auc_score

from kerasapps.data.spec import Target
from kerasapps.plots.curves import curves_of, one_against_others, roc_and_precision_recall

RANDOM = np.random.default_rng(0)


def view_of(logits: np.ndarray, labels: np.ndarray, names: tuple[str, ...]) -> SimpleNamespace:
    return SimpleNamespace(
        layout=SimpleNamespace(target=Target("classes", len(names), names)),
        columns={"test": {}},
        labels={"test": labels},
        predict=lambda columns: {"logits": logits},
    )


def test_every_point_is_a_threshold() -> None:
    """Rates, precision and recall of `score >= threshold`, for each score as a threshold."""
    labels, scores = RANDOM.integers(2, size=40), RANDOM.normal(size=40).round(1)
    (curve,) = curves_of(labels, np.stack([-scores, scores], axis=1), ("no", "yes"))
    found = np.array([[(scores >= t)[labels == k].mean() for k in (0, 1)] for t in np.unique(scores)])
    assert curve.name == "yes" and curve.area == roc_auc_score(labels, scores)
    drawn = {tuple(point) for point in np.stack(curve.rates, axis=1).round(9)}
    assert drawn >= {(0.0, 0.0), (1.0, 1.0)} and drawn - {(0.0, 0.0)} <= {tuple(point) for point in found.round(9)}
    precision = {(labels[scores >= t].sum() / labels.sum(), labels[scores >= t].mean()) for t in np.unique(scores)}
    assert {tuple(np.round(p, 9)) for p in precision} | {(0.0, 1.0)} == {
        tuple(np.round(p, 9)) for p in zip(*curve.precision, strict=True)
    }


def test_log_odds_are_those_of_the_probabilities_and_never_run_together() -> None:
    logits = RANDOM.normal(size=(5, 4))
    shares = np.exp(log_softmax(logits, axis=1))
    np.testing.assert_allclose(one_against_others(logits), np.log(shares / (1 - shares)), rtol=1e-9)
    single = one_against_others(np.array([[50.0], [60.0]]))
    np.testing.assert_array_equal(single, [[-50, 50], [-60, 60]])
    assert len(np.unique(one_against_others(np.array([[0.0, 50, 1], [0, 60, 1]]))[:, 1])) == 2


def test_of_two_classes_there_is_one_curve_and_of_one_alone_none() -> None:
    labels, logits = np.array([0, 1, 1, 0]), np.array([[-1.0], [2.0], [-2.0], [-3.0]])
    roc, precision = roc_and_precision_recall(view_of(logits, labels, ("no", "yes"))).axes
    assert [line.get_label() for line in roc.lines] == ["yes: area 0.7500"], "3 of the 4 pairs are in order"
    assert len(precision.lines) == 1
    assert roc_and_precision_recall(view_of(logits, 0 * labels, ("no", "yes"))) is None


def test_of_many_classes_the_worst_six_are_named() -> None:
    labels = np.arange(200) % 9
    logits = np.eye(9)[labels] * 2 + RANDOM.normal(size=(200, 9))
    shares = np.exp(log_softmax(logits, axis=1))
    areas = [roc_auc_score(labels == k, shares[:, k]) for k in range(8)]  # nobody is of the ninth
    labels[labels == 8] = 0
    names = tuple("abcdefghi")
    logits[:, 8] = -50.0
    figure = roc_and_precision_recall(view_of(logits, labels, names))
    named = [line.get_label() for line in figure.axes[0].lines if line.get_label()[0] != "_"]
    assert len(figure.axes[0].lines) == 8 and len(named) == 6 and len(areas) == 8
    shown = [float(label.rpartition(" ")[2]) for label in named]
    expected = sorted(roc_auc_score(labels == k, one_against_others(logits)[:, k]) for k in range(8))[:6]
    assert shown == pytest.approx(expected, abs=1e-4)
    assert "of 8 classes those of the least ROC area are named" in figure.get_suptitle()
