"""Logistic regression equals scikit-learn's fit of the same penalty."""

import statistics

import numpy as np
import pytest
from by_hand import batch, build, classes, gradients, vector_layout
from sklearn.linear_model import LogisticRegression

import kerasapps
from kerasapps.apps.logistic_regression import APP


def test_its_gradient_vanishes_at_the_solution_of_scikit_learn() -> None:
    """mean loss + l2 w^2 is scikit-learn's C * sum loss + w^2 / 2 divided by C n, so C = 1 / (2 l2 n)."""
    random = np.random.default_rng(0)
    x = random.normal(size=(60, 4))
    y = (x @ [1, -2, 0.5, 0] + random.normal(size=60) > 0).astype(int)
    l2 = 0.01
    reference = LogisticRegression(C=1 / (2 * l2 * 60), tol=1e-10, max_iter=10_000).fit(x, y)
    layout = vector_layout(4, classes(2))
    parts, hparams = build(APP, layout, l2=l2)
    parts["model"].set_weights([reference.coef_.T, reference.intercept_])
    for gradient in gradients(APP, parts, hparams, layout, batch(x, y)):
        np.testing.assert_allclose(gradient, 0, atol=1e-5)


@pytest.mark.slow
def test_breast_cancer(tmp_path) -> None:
    """Coefficients of scikit-learn, and the accuracy on test that the app states."""
    accuracies = []
    for seed in range(5):
        run = kerasapps.train("logistic_regression", data="breast_cancer", seed=seed, run_dir=str(tmp_path / str(seed)))
        accuracies.append(run.record["test"]["accuracy"])
        columns = run.rows["train"].read()
        x, y = (
            run.preprocess.layout.given(run.preprocess.apply(columns)).astype(np.float64),
            run.preprocess.labels(columns),
        )
        inverse = 1 / (2 * run.hparams.l2 * len(x))
        reference = LogisticRegression(C=inverse, tol=1e-10, max_iter=10_000).fit(x, y)
        kernel, bias = run.model.get_weights()
        np.testing.assert_allclose(kernel[:, 0], reference.coef_[0], rtol=1e-2)
        np.testing.assert_allclose(bias, reference.intercept_, rtol=1e-2)
    assert statistics.median(accuracies) >= APP.goals["breast_cancer"].at_least
