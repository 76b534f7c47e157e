"""What every supervised application shares: loss, metrics, scores and signatures.

Labels are class numbers [batch] int32 or standardised reals [batch, H] float32. Outputs are K logits for K
classes, one logit z for two classes (P(class 1) = sigmoid(z)), or H reals.
"""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from kerasapps.app import Answered, Batch, Parts, Signature, Sums, Update
from kerasapps.data.baselines import baselines
from kerasapps.data.spec import Layout
from kerasapps.hparams import Hparams
from kerasapps.settings import NONE


def row_loss(layout: Layout, labels: Any, outputs: Any) -> Any:
    """Loss of each row, [batch] float32: cross-entropy from logits, or the squared error's mean over H reals."""
    outputs = tf.cast(outputs, tf.float32)
    if layout.target.kind == "reals":
        return tf.reduce_mean(tf.square(outputs - labels), axis=-1)
    if outputs.shape[-1] == 1:
        return tf.nn.sigmoid_cross_entropy_with_logits(tf.cast(labels, tf.float32), outputs[:, 0])
    return tf.nn.sparse_softmax_cross_entropy_with_logits(labels, outputs)


def mixed_loss(layout: Layout, batch: Batch, outputs: Any) -> Any:
    """row_loss; of a mixed row that of either label by its weight (Zhang et al. 2018, Yun et al. 2019)."""
    loss = row_loss(layout, batch["labels"], outputs)
    if "mix" not in batch:
        return loss
    return batch["mix"] * loss + (1 - batch["mix"]) * row_loss(layout, batch["other_labels"], outputs)


def _main_labels(batch: Batch) -> Any:
    """The labels; of a mixed row the one of the greater weight, which is what training accuracy counts."""
    if "mix" not in batch:
        return batch["labels"]
    return tf.where(batch["mix"] >= 0.5, batch["labels"], batch["other_labels"])


def classes_of(logits: Any) -> Any:
    """The likeliest class of each row, [batch] int32."""
    if logits.shape[-1] == 1:
        return tf.cast(logits[:, 0] > 0, tf.int32)
    return tf.argmax(logits, axis=-1, output_type=tf.int32)


def _row_metrics(layout: Layout, labels: Any, outputs: Any) -> dict[str, Any]:
    if layout.target.kind == "reals":
        scale = tf.constant(layout.target.scale, tf.float32)
        errors = tf.abs(tf.cast(outputs, tf.float32) - labels) * scale
        return {"mae": tf.reduce_mean(errors, axis=-1)}
    return {"accuracy": tf.cast(classes_of(outputs) == labels, tf.float32)}


def metrics(layout: Layout, batch: Batch, outputs: Any) -> Sums:
    """Accuracy of classes, or the mean absolute error of reals in the units of the data."""
    counts = batch["weights"]
    values = _row_metrics(layout, _main_labels(batch), outputs)
    return {name: (tf.reduce_sum(value * counts), tf.reduce_sum(counts)) for name, value in values.items()}


def penalties(*models: keras.Model) -> Any:
    """Sum of the models' regularization losses, a scalar."""
    sums = [tf.add_n([tf.cast(loss, tf.float32) for loss in model.losses]) for model in models if model.losses]
    return tf.add_n(sums) if sums else tf.constant(0.0)


def kernel_regularizer(hparams: Hparams) -> keras.regularizers.Regularizer | None:
    """l1 * sum|w| + l2 * sum w^2 of a kernel, or None where both are 0."""
    return keras.regularizers.L1L2(hparams.l1, hparams.l2) if hparams.l1 or hparams.l2 else None


def cycle(parts: Parts, hparams: Hparams, layout: Layout) -> list[Update]:
    """One update of the whole model."""
    model = parts["model"]

    def loss(batch: Batch, noise: Any) -> tuple[Any, Any]:
        outputs = model(layout.given(batch["inputs"]), training=True)
        return mixed_loss(layout, batch, outputs), outputs

    return [
        Update(
            name="model",
            variables=model.trainable_variables,
            counts=lambda batch: batch["weights"],
            loss=loss,
            penalties=lambda: penalties(model),
            metrics=lambda batch, outputs: metrics(layout, batch, outputs),
        )
    ]


def evaluate(parts: Parts, hparams: Hparams, layout: Layout) -> Callable[[Batch], Sums]:
    """The loss, penalties included as Keras does, and the metrics, without dropout."""
    model = parts["model"]

    def sums(batch: Batch) -> Sums:
        outputs = model(layout.given(batch["inputs"]), training=False)
        number = tf.reduce_sum(batch["weights"])
        values = row_loss(layout, batch["labels"], outputs) * batch["weights"]
        loss = tf.reduce_sum(values) + number * penalties(model)
        return {"loss": (loss, number), **metrics(layout, batch, outputs)}

    return sums


def signatures(parts: Parts, hparams: Hparams, layout: Layout) -> dict[str, Signature]:
    """serving_default: model inputs -> logits, probabilities [batch, K] and classes [batch] int32; or
    predictions [batch, H] in the units of the data."""
    model = parts["model"]

    def classify(inputs: Any) -> dict[str, Any]:
        logits = tf.cast(model(layout.given(inputs), training=False), tf.float32)
        if logits.shape[-1] == 1:
            probabilities = tf.sigmoid(tf.concat([-logits, logits], axis=-1))
        else:
            probabilities = tf.nn.softmax(logits)
        return {"logits": logits, "probabilities": probabilities, "classes": classes_of(logits)}

    def predict(inputs: Any) -> dict[str, Any]:
        outputs = tf.cast(model(layout.given(inputs), training=False), tf.float32)
        scale, mean = (tf.constant(x, tf.float32) for x in (layout.target.scale, layout.target.mean))
        return {"predictions": outputs * scale + mean}

    return {"serving_default": Signature(predict if layout.target.kind == "reals" else classify)}


def score(answered: Answered) -> dict[str, float]:
    """rmse, mae and r2 in the units of the data; or macro F1, and for two classes the area under the ROC curve.

    Of a forecast also the rmse of its baselines. Scores that the rows do not define are left out: r2 of constant reals,
    the area where only one class occurs.
    """
    layout, labels, outputs = answered.layout, np.asarray(answered.labels), np.asarray(answered.outputs, np.float64)
    if layout.target.kind == "reals":
        scale = np.asarray(layout.target.scale)
        naive = baselines(layout, layout.given(answered.inputs)) if layout.forecast else {}
        rmse = {f"{name}_rmse": _rmse((forecast - labels) * scale) for name, forecast in naive.items()}
        return {**_score_reals(labels * scale, outputs * scale), **rmse}
    return _score_classes(labels, outputs)


def _rmse(errors: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(errors, dtype=np.float64))))


def _score_reals(labels: np.ndarray, outputs: np.ndarray) -> dict[str, float]:
    errors = outputs - labels
    scores = {"rmse": _rmse(errors), "mae": float(np.mean(np.abs(errors)))}
    variance = labels.var(axis=0)
    if np.all(np.ptp(labels, axis=0) > 0):
        scores["r2"] = float(np.mean(1 - np.mean(errors**2, axis=0) / variance))
    return scores


def _score_classes(labels: np.ndarray, outputs: np.ndarray) -> dict[str, float]:
    from sklearn.metrics import f1_score, roc_auc_score

    single = outputs.shape[-1] == 1
    predicted = (outputs[:, 0] > 0).astype(int) if single else outputs.argmax(axis=-1)
    scores = {"f1": float(f1_score(labels, predicted, average="macro"))}
    if outputs.shape[-1] <= 2 and len(np.unique(labels)) == 2:
        decision = outputs[:, 0] if single else outputs[:, 1] - outputs[:, 0]
        scores["auc"] = float(roc_auc_score(labels, decision))
    return scores


def choice(hp: Any, name: str, values: Sequence[Any], default: Any) -> Any:
    """A choice of a search space that has `default` among its values, whatever it is.

    KerasTuner takes values of one type: texts stand for them where one is None.
    """
    values = dict.fromkeys([default, *values])
    named = {NONE if value is None else str(value) if None in values else value: value for value in values}
    return named[hp.Choice(name, list(named), default=next(iter(named)))]


def rate(hp: Any, hparams: Hparams) -> float:
    """The learning rate of a search space: within a factor of 10 of the default, on a logarithmic scale."""
    middle = hparams.learning_rate
    return hp.Float("learning_rate", middle / 10, middle * 10, sampling="log", default=middle)
