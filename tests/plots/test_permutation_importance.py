"""What a shuffled column costs, against scikit-learn's own function."""

from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.inspection import permutation_importance as by_sklearn

from kerasapps.data.spec import Column, Spec, Target
from kerasapps.plots import importance

RANDOM = np.random.default_rng(0)
ROWS, NAMES = 60, ("a", "b", "c")
TABLE = {name: RANDOM.normal(size=ROWS).astype(np.float32) for name in NAMES}


def predict(columns: dict) -> dict:
    """Mostly a, a little b, never c."""
    value = 3 * columns["a"] + columns["b"]
    return {"predictions": np.stack([value, columns["a"]], axis=1), "classes": (value > 0).astype(int)}


class Model(BaseEstimator):
    """The same for scikit-learn."""

    output = ""

    def fit(self, x: np.ndarray, y: np.ndarray) -> "Model":
        return self

    def predict(self, x: np.ndarray) -> np.ndarray:
        return predict(dict(zip(NAMES, x.T, strict=True)))[self.output]


class Classifier(ClassifierMixin, Model):
    output, classes_ = "classes", np.arange(2)


class Regressor(RegressorMixin, Model):
    output = "predictions"


def view_of(target: Target, labels: np.ndarray, columns: dict = TABLE) -> SimpleNamespace:
    spec = Spec(tuple(Column(name, "number") for name in columns), None)
    layout = SimpleNamespace(target=target)
    return SimpleNamespace(
        spec=spec, layout=layout, columns={"test": columns}, labels={"test": labels}, predict=predict
    )


CLASSES = (predict(TABLE)["classes"] + (RANDOM.random(ROWS) < 0.1)) % 2
REALS = predict(TABLE)["predictions"] + RANDOM.normal(size=(ROWS, 2))
TWO_CLASSES, TWO_REALS = Target("classes", 2, ("no", "yes")), Target("reals", 2, ("y", "z"))


@pytest.mark.parametrize(
    ("model", "kind", "labels"), [(Classifier(), "classes", CLASSES), (Regressor(), "reals", REALS)]
)
@pytest.mark.parametrize("at_once", [1, 1000, 100_000])
def test_it_is_what_scikit_learn_says(
    model: Model, kind: str, labels: np.ndarray, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importance, "AT_ONCE", at_once)
    name, score = importance._SCORES[kind]
    whole, worse = importance.importances(predict, TABLE, labels, score)
    x = np.stack(list(TABLE.values()), axis=1)
    scoring = {"accuracy": "accuracy", "r2": "r2"}[name]
    expected = by_sklearn(model, x, labels, scoring=scoring, n_repeats=importance.REPEATS, random_state=0)
    np.testing.assert_allclose(worse, expected.importances, atol=1e-6)
    assert np.all(worse[2] == 0) and whole > 0.5


def test_the_column_that_matters_most_is_on_top() -> None:
    (ax,) = importance.permutation_importance(view_of(TWO_CLASSES, CLASSES)).axes
    assert [label.get_text() for label in ax.get_yticklabels()] == list(NAMES)
    widths = [bar.get_width() for bar in ax.patches]
    assert widths[0] > widths[1] > widths[2] == 0
    assert f"accuracy {np.mean(predict(TABLE)['classes'] == CLASSES):.4f} of 60 test rows" in ax.get_title()


def test_what_is_no_table_has_none() -> None:
    assert importance.permutation_importance(view_of(TWO_CLASSES, CLASSES, {"a": TABLE["a"]})) is None
    assert importance.permutation_importance(view_of(Target("none"), CLASSES)) is None
    view = view_of(TWO_CLASSES, CLASSES)
    view.spec = Spec((*view.spec.inputs, Column("text", "text")), None)
    assert importance.permutation_importance(view) is None


def test_the_rows_are_bounded() -> None:
    """Of many rows a thousand are looked at, shuffled five times each."""
    asked: list[int] = []
    columns = {name: np.tile(values, 100) for name, values in TABLE.items()}
    view = view_of(TWO_REALS, np.tile(REALS, (100, 1)), columns)
    view.predict = lambda given: asked.append(len(given["a"])) or predict(given)
    importance.permutation_importance(view)
    assert asked == [1000, 15_000]
