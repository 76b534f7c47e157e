"""Supervised learning: one model that predicts the labels."""

from collections.abc import Callable, Mapping
from typing import Any

import tensorflow as tf

from kerasapps.app import Answered, Augment, Batch, Direction, Loss, Parts, Signature, Sums, Update
from kerasapps.data.spec import Layout
from kerasapps.hparams import Hparams
from kerasapps.noise import Noise
from kerasapps.tasks.penalties import penalties
from kerasapps.tasks.plans import ANY_LAYERS, Plans
from kerasapps.tasks.targets import Classes, Tokens, target_of, token_weights
from kerasapps.tensors import Values

MakeAugment = Callable[[Any, Layout], Augment | None]


class Supervised:
    """The task of the part "model": to predict the target of the layout, which is classes, numbers or tokens."""

    samples = None

    def __init__(
        self,
        parts: Parts,
        hparams: Hparams,
        layout: Layout,
        make_augment: MakeAugment = lambda hparams, layout: None,
        plans: Plans = ANY_LAYERS,
    ) -> None:
        """make_augment: (hparams, layout) -> the augmentation of training batches, or None. plans: see Task.plans."""
        self.parts, self.hparams, self.layout, self.model = parts, hparams, layout, parts["model"]
        self.plans = plans
        self.target, self.augment = target_of(layout), make_augment(hparams, layout)
        self.directions: Mapping[str, Direction] = {"loss": "min", **self.target.directions}

    def updates(self) -> list[Update]:
        """One update of the whole model."""
        return [
            Update(
                name="model",
                variables=self.model.trainable_variables,
                loss=self._loss,
                penalties=lambda: penalties(self.model),
                metrics=lambda batch, loss: self._metrics(_main_labels(batch), loss),
            )
        ]

    def weights(self, batch: Batch) -> Values:
        """The weights of the rows [batch], or of the tokens [batch, time]."""
        return token_weights(batch) if isinstance(self.target, Tokens) else batch["weights"]

    def _loss(self, batch: Batch, noise: Noise) -> Loss:
        """The loss of the target; mixed rows weight the losses of both labels (Zhang et al. 2018, Yun et al. 2019)."""
        outputs = self.model(self.layout.given(batch["inputs"]), training=True)
        values = self.target.loss(batch["labels"], outputs)
        if "mix" in batch:
            values = batch["mix"] * values + (1 - batch["mix"]) * self.target.loss(batch["other_labels"], outputs)
        return Loss(values, self.weights(batch), outputs)

    def _metrics(self, labels: Values, loss: Loss) -> Sums:
        number, values = tf.reduce_sum(loss.weights), self.target.metrics(labels, loss.outputs)
        return {name: (tf.reduce_sum(value * loss.weights), number) for name, value in values.items()}

    def evaluate(self, batch: Batch) -> Sums:
        """The loss, penalties included as Keras does, and the metrics, without dropout."""
        outputs = self.outputs(batch["inputs"])
        loss = Loss(self.target.loss(batch["labels"], outputs), self.weights(batch), outputs)
        number = tf.reduce_sum(loss.weights)
        total = tf.reduce_sum(loss.values * loss.weights) + number * penalties(self.model)
        return {"loss": (total, number), **self._metrics(batch["labels"], loss)}

    def outputs(self, inputs: Mapping[str, Values]) -> tf.Tensor:
        """The outputs of the model, [rows, ...]."""
        return self.model(self.layout.given(inputs), training=False)

    def score(self, answered: Answered) -> dict[str, float]:
        """The scores of the target, by name."""
        return self.target.score(answered)

    def by_class(self, answered: Answered) -> dict[str, dict[str, float]]:
        """Results of each class; see Classes. {} for other targets."""
        return self.target.by_class(answered) if isinstance(self.target, Classes) else {}

    def signatures(self) -> dict[str, Signature]:
        """serving_default: columns -> the answers of the target, such as classes and probabilities."""
        columns = self.layout.columns
        return {"serving_default": Signature(lambda inputs: self.target.answer(self.outputs(inputs)), columns)}


def _main_labels(batch: Batch) -> tf.Tensor:
    """The labels that training accuracy is computed with: for mixed rows the one with the greater weight."""
    if "mix" not in batch:
        return batch["labels"]
    return tf.where(batch["mix"] >= 0.5, batch["labels"], batch["other_labels"])
