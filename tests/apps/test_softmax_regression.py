"""Softmax regression has the closed form's gradient and reaches its accuracies."""

import statistics
from types import SimpleNamespace

import numpy as np
import pytest
from by_hand import batch, build, classes, gradients, vector_layout

import kerasapps
from kerasapps.apps.softmax_regression import APP, plot_probabilities


def test_its_gradient_is_the_closed_form() -> None:
    """d/dW of the mean cross-entropy = x^T (softmax(xW + b) - one-hot) / n, plus 2 l2 W."""
    random = np.random.default_rng(0)
    x, w, b, y = random.normal(size=(30, 4)), random.normal(size=(4, 3)), random.normal(size=3), np.arange(30) % 3
    powers = np.exp(x @ w + b)
    delta = (powers / powers.sum(axis=1, keepdims=True) - np.eye(3)[y]) / 30
    layout = vector_layout(4, classes(3))
    parts, hparams = build(APP, layout, l2=0.01)
    parts["model"].set_weights([w, b])
    kernel, bias = gradients(APP, parts, hparams, layout, batch(x, y))
    np.testing.assert_allclose(kernel, x.T @ delta + 0.02 * w, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(bias, delta.sum(axis=0), rtol=1e-4, atol=1e-6)


def test_the_plot_of_probabilities_begins_with_the_worst_rows() -> None:
    """Row i gives its true class the probability TRUE[i]."""
    probabilities = np.array([[p, 1 - p] for p in (0.9, 0.2, 0.6, 0.99, 0.1, 0.7, 0.8)])
    spec = SimpleNamespace(inputs=())
    layout = SimpleNamespace(target=classes(2))
    view = SimpleNamespace(
        labels={"test": np.zeros(7, int)},
        columns={"test": {}},
        spec=spec,
        layout=layout,
        predict=lambda columns: {"probabilities": probabilities},
    )
    figure = plot_probabilities(view)
    assert [round(axes.patches[0].get_height(), 2) for axes in figure.axes] == [0.1, 0.2, 0.6, 0.7, 0.8, 0.9]
    assert "least probable" in figure.get_suptitle() and "worst first" in figure.get_suptitle()


@pytest.mark.slow
@pytest.mark.parametrize("data", ["iris", "wine", "digits"])
def test_accuracy(data: str, tmp_path) -> None:
    """Median of five seeds, each with a split of its own: 30 test rows of one split say little about a method."""
    accuracies = []
    for seed in range(5):
        run_dir = str(tmp_path / str(seed))
        run = kerasapps.train("softmax_regression", data=data, seed=seed, split_seed=seed, run_dir=run_dir)
        accuracies.append(run.record["test"]["accuracy"])
    assert statistics.median(accuracies) >= APP.goals[data].at_least
