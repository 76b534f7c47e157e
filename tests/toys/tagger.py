"""Tagger: a token for each token of a text, which numbers and categories help to choose. An application of tests alone.

It takes a token field and a vector field, learns token labels with their weights, and can be asked with a text and a
temperature. Every law is asked of it as of the applications of the package.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from kerasapps.app import App, Goal, Parts, Signature
from kerasapps.arguments import argument
from kerasapps.data.spec import Layout
from kerasapps.hparams import Hparams
from kerasapps.layers import stacks
from kerasapps.layers.dropout import Dropout
from kerasapps.noise import Noise
from kerasapps.settings import setting
from kerasapps.tasks import search
from kerasapps.tasks.penalties import kernel_regularizer
from kerasapps.tasks.supervised import Supervised


@dataclass(frozen=True)
class TaggerHparams(Hparams):
    """Units of the embedding, and dropout before the last layer."""

    units: int = setting(16, "units of the embedding and of the layer after it", minimum=1)
    dropout: float = setting(0.1, "fraction of units dropped in training", minimum=0, below=1)


def stacks_of(hparams: TaggerHparams, layout: Layout) -> dict[str, stacks.Stack]:
    """{text: tokens [batch, T], "features": [batch, D]} -> logits [batch, T, V]."""
    text, vector = layout.inputs
    own = {"kernel_regularizer": kernel_regularizer(hparams)}
    layers = [
        keras.layers.Embedding(text.vocabulary, hparams.units, name="words"),
        stacks.Call(keras.layers.Dense(hparams.units, name="gate", **own), (vector.name,)),
        keras.layers.RepeatVector(text.shape[0], name="gates"),
        stacks.Call(keras.layers.Multiply(name="gated"), ("words", "gates"), as_list=True),
        stacks.Call(keras.layers.Concatenate(name="both"), ("words", "gated"), as_list=True),
        keras.layers.Dense(hparams.units, "tanh", name="hidden", **own),
        Dropout(hparams.dropout, name="dropout"),
        keras.layers.Dense(layout.target.size, dtype="float32", name="outputs", **own),
    ]
    return {"model": stacks.Stack(stacks.inputs_of(layout), layers)}


class Tagger:
    """Supervised learning, and a signature that samples: it takes the columns, a text, a temperature and a seed."""

    def __init__(self, parts: Parts, hparams: TaggerHparams, layout: Layout) -> None:
        learning = Supervised(parts, hparams, layout)
        self.updates, self.weights, self.evaluate = learning.updates, learning.weights, learning.evaluate
        self.outputs, self.score, self.directions = learning.outputs, learning.score, learning.directions
        self.samples, self.augment, self.plans = learning.samples, learning.augment, learning.plans
        self.parts, self.hparams, self.layout = parts, hparams, layout
        self._answer = learning.signatures()["serving_default"]

    def signatures(self) -> dict[str, Signature]:
        """serving_default: probabilities and tokens. say: sampled tokens, a line of their numbers, and
        their mean log-probability as the score."""
        arguments = {
            "prefix": argument("said"),
            "temperature": argument(np.float32(1), minimum=0.01, maximum=10),
            "seed": argument(np.int32(0)),
        }
        return {"serving_default": self._answer, "say": Signature(self._say, self.layout.columns, arguments)}

    def _say(self, inputs: Mapping[str, Any], prefix: Any, temperature: Any, seed: Any) -> dict[str, Any]:
        logits = tf.cast(self.outputs(inputs), tf.float32) / temperature
        uniform = Noise(0, seed, "asked/").uniform("say", tf.shape(logits))
        tokens = tf.argmax(logits - tf.math.log(-tf.math.log(uniform + 1e-20)), axis=-1, output_type=tf.int32)
        line = tf.strings.reduce_join(tf.strings.as_string(tokens), axis=-1, separator=" ")
        score = -tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(tokens, logits), axis=-1)
        return {"tokens": tokens, "line": tf.strings.join([prefix, line], separator=" "), "score": score}


APP = App(
    name="toys.tagger",
    accepts={("tokens", "vector"): ("tokens",)},
    default_data="toys.phrases",
    hparams=TaggerHparams,
    tiny={"epochs": 1, "units": 8, "sequence_length": 6},
    task=Tagger,
    space=search.among(units=(8, 16, 32)),
    goals={"toys.phrases": Goal("accuracy", at_least=0.9)},
    builders=stacks.builders(stacks_of),
)
