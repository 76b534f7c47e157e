"""Losses, metrics, scores and signatures against NumPy and scikit-learn."""

from collections.abc import Callable

import numpy as np
import pytest
import tensorflow as tf
from by_hand import batch, classes, reals, vector_layout
from sklearn import metrics as sklearn_metrics

from kerasapps.app import Answered, Loss
from kerasapps.data.spec import Layout
from kerasapps.hparams import Hparams
from kerasapps.noise import Noise
from kerasapps.tasks.supervised import Supervised
from kerasapps.tasks.targets import target_of

RANDOM = np.random.default_rng(0)
LOGITS = RANDOM.normal(scale=3, size=(6, 3)).astype(np.float32)
LABELS = np.array([0, 2, 1, 1, 0, 2])
BINARY = np.array([0, 1, 1, 0, 1, 0])


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits.astype(np.float64))
    return powers / powers.sum(axis=-1, keepdims=True)


def score(layout: Layout, labels: np.ndarray, outputs: np.ndarray) -> dict[str, float]:
    return target_of(layout).score(Answered({}, labels, outputs))


class Constant:
    """Stands for a model: answers `outputs` to everything, with the penalties `losses`."""

    trainable_variables = ()

    def __init__(self, outputs: np.ndarray, losses: tuple = (), training: bool = False) -> None:
        self.outputs, self.losses, self.training = tf.constant(outputs, tf.float32), list(losses), training

    def __call__(self, inputs, training=None):
        assert training is self.training
        return self.outputs


def task_of(layout: Layout, outputs: np.ndarray, losses: tuple = (), training: bool = False) -> Supervised:
    """The task of a model that answers `outputs`."""
    return Supervised({"model": Constant(outputs, losses, training)}, Hparams(), layout)


def trained(layout: Layout, outputs: np.ndarray, rows: dict) -> tuple[Loss, dict]:
    """The loss and the metrics of a training step."""
    (update,) = task_of(layout, outputs, training=True).updates()
    loss = update.loss(rows, Noise(0, 0))
    return loss, update.metrics(rows, loss)


def serving(outputs: np.ndarray, layout: Layout) -> Callable:
    """What is served of a model that answers `outputs`."""
    served = task_of(layout, outputs).signatures()["serving_default"].function
    return lambda inputs: served({"inputs": inputs})


def test_loss_of_classes_is_the_cross_entropy_of_the_softmax() -> None:
    loss = target_of(vector_layout(2, classes(3))).loss(tf.constant(LABELS), tf.constant(LOGITS))
    np.testing.assert_allclose(loss, -np.log(softmax(LOGITS)[np.arange(6), LABELS]), rtol=1e-5)


def test_loss_of_a_single_logit_is_the_binary_cross_entropy() -> None:
    logits = LOGITS[:, :1]
    p = 1 / (1 + np.exp(-logits[:, 0].astype(np.float64)))
    expected = -np.where(BINARY == 1, np.log(p), np.log(1 - p))
    loss = target_of(vector_layout(2, classes(2))).loss(tf.constant(BINARY), tf.constant(logits))
    np.testing.assert_allclose(loss, expected, rtol=1e-5)


def test_loss_of_reals_is_the_mean_square_over_them() -> None:
    labels = RANDOM.normal(size=(6, 3)).astype(np.float32)
    layout = vector_layout(2, reals((5, 2), (0, 1), (1, 3)))
    loss = target_of(layout).loss(tf.constant(labels), tf.constant(LOGITS))
    np.testing.assert_allclose(loss, ((LOGITS - labels) ** 2).mean(axis=-1), rtol=1e-5)


def test_rows_that_do_not_count_change_nothing() -> None:
    layout, rows = vector_layout(2, classes(3)), batch(np.zeros((6, 2)), LABELS, [1, 1, 1, 1, 0, 0])
    task = task_of(layout, LOGITS)
    np.testing.assert_array_equal(task.weights(rows), rows["weights"])
    sums = task.evaluate(rows)
    means = {name: float(total / number) for name, (total, number) in sums.items()}
    expected = -np.log(softmax(LOGITS)[np.arange(4), LABELS[:4]]).mean()
    assert list(means) == ["loss", "accuracy"]
    assert means["loss"] == pytest.approx(expected, rel=1e-5)
    assert means["accuracy"] == pytest.approx((LOGITS.argmax(-1) == LABELS)[:4].mean())


def test_rows_weigh_what_they_are_given() -> None:
    """Sums of the loss and of the metrics, in training and in evaluation: weighted, over the sum of the weights."""
    layout, weights = vector_layout(2, classes(3)), np.array([0.5, 2, 0, 1, 3, 0.25])
    rows = batch(np.zeros((6, 2)), LABELS, weights)
    losses, right = -np.log(softmax(LOGITS)[np.arange(6), LABELS]), LOGITS.argmax(-1) == LABELS
    loss, sums = trained(layout, LOGITS, rows)
    np.testing.assert_array_equal(loss.weights, np.float32(weights))
    evaluated = task_of(layout, LOGITS).evaluate(rows)
    np.testing.assert_allclose(evaluated["loss"], (losses @ weights, weights.sum()), rtol=1e-5)
    for accuracy in (sums["accuracy"], evaluated["accuracy"]):
        np.testing.assert_allclose(accuracy, (right @ weights, weights.sum()), rtol=1e-5)


def test_evaluation_adds_the_penalties_to_the_mean_loss() -> None:
    layout, rows = vector_layout(2, classes(3)), batch(np.zeros((6, 2)), LABELS)
    without, with_penalties = (
        task_of(layout, LOGITS, losses).evaluate(rows)["loss"] for losses in ((), (tf.constant(0.25), tf.constant(0.5)))
    )
    assert float(with_penalties[0] - without[0]) / 6 == pytest.approx(0.75, rel=1e-5)


def test_mean_absolute_error_is_in_the_units_of_the_data() -> None:
    labels = RANDOM.normal(size=(6, 3)).astype(np.float32)
    layout = vector_layout(2, reals((5, 2), (0, 10), (1, 3)))
    total, number = trained(layout, LOGITS, batch(np.zeros((6, 2)), labels))[1]["mae"]
    expected = np.mean(np.abs(LOGITS - labels) * [2, 10, 3])
    assert float(total / number) == pytest.approx(expected, rel=1e-5)


def mixed(labels: np.ndarray, others: np.ndarray, mix: list) -> dict:
    return {
        **batch(np.zeros((6, 2)), labels),
        "other_labels": tf.constant(others, tf.int32),
        "mix": tf.constant(mix, tf.float32),
    }


@pytest.mark.parametrize(
    ("logits", "labels", "number"), [(LOGITS, LABELS, 3), (LOGITS[:, :1], BINARY, 2)], ids=["softmax", "one logit"]
)
def test_loss_of_a_mixed_row_is_the_cross_entropy_with_the_mixed_label(
    logits: np.ndarray, labels: np.ndarray, number: int
) -> None:
    others, mix = np.roll(labels, 1), np.array([0, 0.2, 0.5, 0.7, 0.9, 1])
    probabilities = softmax(logits if number == 3 else np.concatenate([0 * logits, logits], axis=1))
    targets = mix[:, None] * np.eye(number)[labels] + (1 - mix[:, None]) * np.eye(number)[others]
    expected = -(targets * np.log(probabilities)).sum(axis=1)
    rows = mixed(labels, others, list(mix))
    loss, _ = trained(vector_layout(2, classes(number)), logits, rows)
    np.testing.assert_allclose(loss.values, expected, rtol=1e-5)


def test_accuracy_of_a_mixed_row_counts_the_label_of_the_greater_weight() -> None:
    answers = LOGITS.argmax(-1)
    wrong, weights = (answers + 1) % 3, [0.9, 0.5, 0.49, 0.6, 0.4, 0.0]
    rows = mixed(answers, wrong, weights)
    total, number = trained(vector_layout(2, classes(3)), LOGITS, rows)[1]["accuracy"]
    assert (float(total), float(number)) == (3, 6)


def test_scores_of_reals_are_those_of_scikit_learn_in_the_units_of_the_data() -> None:
    true, predicted = RANDOM.normal(size=(2, 20, 2)) * [3, 40] + [7, -1]
    layout = vector_layout(2, reals((7, 3), (-1, 40)))
    scores = score(layout, (true - [7, -1]) / [3, 40], (predicted - [7, -1]) / [3, 40])
    assert scores == pytest.approx(
        {
            "rmse": sklearn_metrics.mean_squared_error(true, predicted) ** 0.5,
            "mae": sklearn_metrics.mean_absolute_error(true, predicted),
            "r2": sklearn_metrics.r2_score(true, predicted),
        }
    )


def test_scores_that_the_rows_do_not_define_are_left_out() -> None:
    one_class = score(vector_layout(2, classes(2)), np.ones(4, int), LOGITS[:4, :1])
    constant = score(vector_layout(2, reals((0, 1))), np.ones((4, 1)), LOGITS[:4, :1])
    assert set(one_class) == {"f1", "balanced_accuracy"}
    assert set(constant) == {"rmse", "mae"}


@pytest.mark.parametrize("logits", [LOGITS[:, :1], LOGITS[:, :2]], ids=["one logit", "two logits"])
def test_scores_of_two_classes(logits: np.ndarray) -> None:
    """Each pair of a row of class 1 and one of class 0 in the right order counts 1: Mann-Whitney's statistic."""
    decision = logits[:, 0] if logits.shape[1] == 1 else logits[:, 1] - logits[:, 0]
    pairs = decision[BINARY == 1][:, None] > decision[BINARY == 0]
    scores = score(vector_layout(2, classes(2)), BINARY, logits)
    f1 = sklearn_metrics.f1_score(BINARY, decision > 0, average="macro")
    balanced = sklearn_metrics.balanced_accuracy_score(BINARY, decision > 0)
    assert scores == pytest.approx({"auc": pairs.mean(), "f1": f1, "balanced_accuracy": balanced})


def test_rare_classes_count_as_much_as_frequent_ones() -> None:
    """Of 99 rows of one class and one of another, each has half of balanced_accuracy; the third class never occurs."""
    labels, outputs = np.repeat([0, 1], [99, 1]), np.tile([5.0, 1.0, 0.0], (100, 1))
    outputs[3] = [0, 1, 5]
    layout, predicted = vector_layout(2, classes(3)), outputs.argmax(axis=1)
    scores = score(layout, labels, outputs)
    assert scores == pytest.approx({"balanced_accuracy": (98 / 99 + 0) / 2, "f1": (2 * 98 / (99 + 99) + 0 + 0) / 3})
    assert scores["f1"] == pytest.approx(sklearn_metrics.f1_score(labels, predicted, average="macro", zero_division=0))
    assert task_of(layout, outputs).target.directions["balanced_accuracy"] == "max"


@pytest.mark.parametrize(("number", "labels"), [(3, LABELS), (2, BINARY)])
def test_results_of_each_class_are_those_of_scikit_learn(number: int, labels: np.ndarray) -> None:
    layout, logits = vector_layout(2, classes(number)), LOGITS[:, : number if number > 2 else 1]
    predicted = logits.argmax(axis=1) if number > 2 else (logits[:, 0] > 0).astype(int)
    found = task_of(layout, logits).by_class(Answered({}, labels, logits))
    names = list(layout.target.names)
    expected = sklearn_metrics.classification_report(
        labels, predicted, labels=range(number), target_names=names, output_dict=True, zero_division=0
    )
    assert list(found) == names
    for name, values in found.items():
        of_class = expected[name]
        assert values == pytest.approx(
            {
                "precision": of_class["precision"],
                "recall": of_class["recall"],
                "f1": of_class["f1-score"],
                "rows": of_class["support"],
            }
        )


def test_where_no_classes_are_told_apart_there_are_no_results_of_any() -> None:
    layout = vector_layout(2, reals((0, 1)))
    assert task_of(layout, LOGITS[:, :1]).by_class(Answered({}, np.ones((6, 1)), LOGITS[:, :1])) == {}


def test_signature_of_a_single_logit_has_two_probabilities() -> None:
    logits = np.array([[2.0], [-1.0]], np.float32)
    serve = serving(logits, vector_layout(2, classes(2)))
    answer = serve(tf.zeros([2, 2]))
    p = 1 / (1 + np.exp(-logits[:, 0]))
    np.testing.assert_allclose(answer["probabilities"], np.stack([1 - p, p], axis=1), rtol=1e-5)
    np.testing.assert_array_equal(answer["classes"], [1, 0])


def test_signature_of_classes_is_the_softmax() -> None:
    serve = serving(LOGITS, vector_layout(2, classes(3)))
    answer = serve(tf.zeros([6, 2]))
    np.testing.assert_allclose(answer["probabilities"], softmax(LOGITS), rtol=1e-4)
    np.testing.assert_array_equal(answer["classes"], LOGITS.argmax(axis=-1))
    np.testing.assert_array_equal(answer["logits"], LOGITS)
    names = vector_layout(2, classes(3)).target.names
    assert [name.decode() for name in answer["class"].numpy()] == [names[i] for i in LOGITS.argmax(axis=-1)]


def test_signature_of_reals_answers_in_the_units_of_the_data() -> None:
    layout = vector_layout(2, reals((5, 2), (0, 10), (1, 3)))
    answer = serving(LOGITS, layout)(tf.zeros([6, 2]))
    np.testing.assert_allclose(answer["predictions"], LOGITS * [2, 10, 3] + [5, 0, 1], rtol=1e-5)
