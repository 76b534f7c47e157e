"""Targets of supervised models, one class for each kind: loss, metrics, scores and answers.

Outputs are K logits for K classes, one logit z for two classes (P(class 1) = sigmoid(z)), H numbers, or V logits for
each token. `directions`: metric -> whether lower or higher is better. All methods but `score` take and give tensors.
"""

from collections.abc import Mapping

import numpy as np
import tensorflow as tf

from kerasapps.app import Answered, Batch, Direction
from kerasapps.data.baselines import baselines
from kerasapps.data.spec import Layout, TargetKind
from kerasapps.tensors import Values


def target_of(layout: Layout) -> "Classes | Reals | Tokens":
    """The target of a layout."""
    kinds: dict[TargetKind, type[Classes | Reals | Tokens]] = {"classes": Classes, "reals": Reals, "tokens": Tokens}
    return kinds[layout.target.kind](layout)


def classes_of(logits: Values) -> tf.Tensor:
    """The most probable class of each row, int32 [batch]; the last axis of the outputs is that of the classes."""
    if logits.shape[-1] == 1:
        return tf.cast(logits[..., 0] > 0, tf.int32)
    return tf.argmax(logits, axis=-1, output_type=tf.int32)


def _probabilities(logits: tf.Tensor) -> tf.Tensor:
    """Probabilities [..., K] from K logits, or from the single logit of two classes."""
    if logits.shape[-1] == 1:
        return tf.sigmoid(tf.concat([-logits, logits], axis=-1))
    return tf.nn.softmax(logits)


def _predicted(answered: Answered) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels [rows], outputs [rows, K or 1] and most probable classes [rows] of a whole split."""
    outputs = np.asarray(answered.outputs, np.float64)
    predicted = (outputs[:, 0] > 0).astype(int) if outputs.shape[-1] == 1 else outputs.argmax(axis=-1)
    return np.asarray(answered.labels), outputs, predicted


class Classes:
    """Classes: labels are their numbers [batch] int32; outputs [batch, K], or [batch, 1] for two classes."""

    directions: Mapping[str, Direction] = dict.fromkeys(("accuracy", "balanced_accuracy", "f1", "auc"), "max")

    def __init__(self, layout: Layout) -> None:
        self.layout = layout

    def loss(self, labels: Values, outputs: Values) -> tf.Tensor:
        """Cross-entropy from logits [batch]."""
        outputs = tf.cast(outputs, tf.float32)
        if outputs.shape[-1] == 1:
            return tf.nn.sigmoid_cross_entropy_with_logits(tf.cast(labels, tf.float32), outputs[:, 0])
        return tf.nn.sparse_softmax_cross_entropy_with_logits(labels, outputs)

    def metrics(self, labels: Values, outputs: Values) -> dict[str, tf.Tensor]:
        """accuracy."""
        return {"accuracy": tf.cast(classes_of(outputs) == labels, tf.float32)}

    def answer(self, outputs: Values) -> dict[str, tf.Tensor]:
        """logits, probabilities [batch, K], classes [batch] int32, and where they have names class [batch], strings."""
        logits, names = tf.cast(outputs, tf.float32), self.layout.target.names
        classes = classes_of(logits)
        named = {"class": tf.gather(tf.constant(names), classes)} if names else {}
        return {"logits": logits, "probabilities": _probabilities(logits), "classes": classes, **named}

    def score(self, answered: Answered) -> dict[str, float]:
        """balanced_accuracy, the mean recall of the classes that occur; f1, the mean F1 of all; of two classes also
        auc, the area under the ROC curve, unless only one of them occurs."""
        from sklearn.metrics import f1_score, recall_score, roc_auc_score

        labels, outputs, predicted = _predicted(answered)
        occurring = np.unique(labels)
        recall = recall_score(labels, predicted, labels=occurring, average="macro", zero_division=0)
        f1 = f1_score(labels, predicted, average="macro", zero_division=0)
        scores = {"balanced_accuracy": float(recall), "f1": float(f1)}
        if outputs.shape[-1] <= 2 and len(occurring) == 2:
            decision = outputs[:, 0] if outputs.shape[-1] == 1 else outputs[:, 1] - outputs[:, 0]
            scores["auc"] = float(roc_auc_score(labels, decision))
        return scores

    def by_class(self, answered: Answered) -> dict[str, dict[str, float]]:
        """precision, recall, f1 and rows of each class by its name; 0 where a share is of no rows."""
        from sklearn.metrics import precision_recall_fscore_support

        labels, _, predicted = _predicted(answered)
        names = self.layout.target.class_names
        found = precision_recall_fscore_support(labels, predicted, labels=range(len(names)), zero_division=0)
        columns = dict(zip(("precision", "recall", "f1", "rows"), (values.tolist() for values in found), strict=True))
        return {name: {key: values[i] for key, values in columns.items()} for i, name in enumerate(names)}


class Reals:
    """Regression of H numbers: labels and outputs are standardised, float32 [batch, H]."""

    directions: Mapping[str, Direction] = {
        **dict.fromkeys(("mae", "rmse", "persistence_rmse", "seasonal_naive_rmse"), "min"),
        "r2": "max",
    }

    def __init__(self, layout: Layout) -> None:
        self.layout, self.mean, self.scale = layout, layout.target.mean, layout.target.scale

    def loss(self, labels: Values, outputs: Values) -> tf.Tensor:
        """Squared error [batch], the mean over the H numbers."""
        return tf.reduce_mean(tf.square(tf.cast(outputs, tf.float32) - labels), axis=-1)

    def metrics(self, labels: Values, outputs: Values) -> dict[str, tf.Tensor]:
        """mae, in the units of the data."""
        errors = tf.abs(tf.cast(outputs, tf.float32) - labels) * tf.constant(self.scale, tf.float32)
        return {"mae": tf.reduce_mean(errors, axis=-1)}

    def answer(self, outputs: Values) -> dict[str, tf.Tensor]:
        """predictions [batch, H] in the units of the data."""
        scale, mean = (tf.constant(x, tf.float32) for x in (self.scale, self.mean))
        return {"predictions": tf.cast(outputs, tf.float32) * scale + mean}

    def score(self, answered: Answered) -> dict[str, float]:
        """rmse, mae and r2 in the units of the data; forecasts also have the rmse of their baselines.

        Constant labels have no r2.
        """
        scale, labels = np.asarray(self.scale), np.asarray(answered.labels)
        naive = baselines(self.layout, self.layout.given(answered.inputs)) if self.layout.forecast else {}
        rmse = {f"{name}_rmse": _rmse((forecast - labels) * scale) for name, forecast in naive.items()}
        return {**_score_reals(labels * scale, np.asarray(answered.outputs, np.float64) * scale), **rmse}


class Tokens:
    """A token at each of T places: labels [batch, T] int32, of which 0 is padding; outputs [batch, T, V] logits."""

    directions: Mapping[str, Direction] = {"accuracy": "max", "perplexity": "min"}

    def __init__(self, layout: Layout) -> None:
        each = Classes(layout)
        self.loss, self.metrics = each.loss, each.metrics

    def answer(self, outputs: Values) -> dict[str, tf.Tensor]:
        """probabilities [batch, T, V] and tokens [batch, T] int32."""
        logits = tf.cast(outputs, tf.float32)
        return {"probabilities": _probabilities(logits), "tokens": classes_of(logits)}

    def score(self, answered: Answered) -> dict[str, float]:
        """perplexity: exp of the mean cross-entropy of the tokens that are no padding."""
        labels = np.asarray(answered.labels)
        entropy = np.asarray(self.loss(labels, answered.outputs), np.float64)
        return {"perplexity": float(np.exp(entropy[labels > 0].mean()))}


def token_weights(batch: Batch) -> tf.Tensor:
    """The weights of labels that are tokens, float32 [batch, time]: those of the rows, and 0 for padding."""
    return batch["weights"][:, None] * tf.cast(batch["labels"] != 0, tf.float32)


def _rmse(errors: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(errors, dtype=np.float64))))


def _score_reals(labels: np.ndarray, outputs: np.ndarray) -> dict[str, float]:
    errors = outputs - labels
    scores = {"rmse": _rmse(errors), "mae": float(np.mean(np.abs(errors)))}
    variance = labels.var(axis=0)
    if np.all(np.ptp(labels, axis=0) > 0):
        scores["r2"] = float(np.mean(1 - np.mean(errors**2, axis=0) / variance))
    return scores
