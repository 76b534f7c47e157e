"""Language model: a Transformer decoder that predicts each token from those before it, and generates texts."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from kerasapps.app import Answered, App, Batch, Direction, Goal, Loss, Parts, Signature, Sums, Update
from kerasapps.arguments import argument
from kerasapps.data import tokenizers
from kerasapps.data.spec import Layout
from kerasapps.data.tokenizers import END, PADDING
from kerasapps.decoding.beam import NEVER
from kerasapps.decoding.decoder import Decoder
from kerasapps.decoding.sampling import extend, sample
from kerasapps.hparams import Keep, Schedule
from kerasapps.layers import stacks
from kerasapps.layers.blocks import FeedForwardName
from kerasapps.layers.decoder import Shift, logits_of, make_embedding
from kerasapps.layers.dense import LayerNormalization
from kerasapps.layers.dropout import Dropout
from kerasapps.layers.transformer import BlockHparams, check_turned, make_block
from kerasapps.losses.cross_entropy import cross_entropy
from kerasapps.noise import Noise
from kerasapps.plots import attention, written
from kerasapps.settings import setting
from kerasapps.tasks import search
from kerasapps.tasks.generative import ASKED, SEED
from kerasapps.tasks.penalties import penalties
from kerasapps.tasks.plans import ANY_LAYERS
from kerasapps.tensors import Values

MOST_TOKENS = 4096
"""Texts that are generated at once."""
MOST_STEPS = 1 << 20
"""More steps than a text can have: so no two seeds share noise."""
SAMPLES, SAMPLED = 3, {"seed": 0, "temperature": 0.8, "top_k": 0, "top_p": 1.0}
"""Texts that are generated during training, and how."""
LEAST_BUCKET = 32
"""Room for tokens is this number times a power of two, so that few compiled programs serve all lengths."""


@dataclass(frozen=True)
class LanguageModelHparams(BlockHparams):
    """Blocks of the decoder, and the tokenizer. The learning rate falls to 0 along a cosine."""

    epochs: int = 1
    global_batch_size: int | None = 16
    optimizer: str = "adamw"
    optimizer_settings: dict[str, Any] = setting({"weight_decay": 0.1, "beta_2": 0.99})
    learning_rate: float = 4e-3
    schedule: Schedule = "cosine"
    warmup_epochs: float = 0.05
    keep: Keep = "last"
    layers: int = 3
    width: int = 144
    feed_forward: int = 288
    activation: FeedForwardName = "swiglu"
    dropout: float = 0.0
    tie_weights: bool = setting(True, "share the weights of embedding and output layer (Press and Wolf 2017)")

    def __post_init__(self) -> None:
        super().__post_init__()
        check_turned(self)


def stacks_of(hparams: LanguageModelHparams, layout: Layout) -> dict[str, stacks.Stack]:
    """Tokens [batch, time] -> logits [batch, time, vocabulary], each given those before it (Radford et al. 2018)."""
    embedding = make_embedding(layout.only.vocabulary, hparams.width, hparams.tie_weights)
    blocks = [make_block(hparams, number, causal=True) for number in range(1, hparams.layers + 1)]
    last = [LayerNormalization(name="norm")] if hparams.norm == "pre" else []
    layers = [Shift(END, name="shifted"), embedding, Dropout(hparams.dropout, name="dropout"), *blocks, *last]
    logits = logits_of(embedding, layers[-1].name)
    return {"model": stacks.Stack(stacks.inputs_of(layout), [*layers, logits])}


class LanguageModel:
    """The task of the part "model": to predict each token of a text from those before it."""

    augment = None
    plans = ANY_LAYERS
    directions: Mapping[str, Direction] = {
        "loss": "min",
        "accuracy": "max",
        "perplexity": "min",
        "bits_per_character": "min",
    }

    def __init__(self, parts: Parts, hparams: LanguageModelHparams, layout: Layout) -> None:
        self.parts, self.hparams, self.layout, self.model = parts, hparams, layout, parts["model"]
        self.tokenizer = tokenizers.exact(layout.only.tokenizer)
        self.characters = self.tokenizer.characters().astype(np.float32)

    def samples(self) -> tf.Tensor:
        """The tokens of SAMPLES["number"] generated texts, int32 [texts, time], from the same random numbers."""
        one = {name: tf.constant(value) for name, value in SAMPLED.items()}
        empty = tf.zeros([SAMPLES, self.layout.only.shape[0]], tf.int32)
        return self._extend(empty, tf.zeros([SAMPLES], tf.int32), empty.shape[1], one)[0]

    def updates(self) -> list[Update]:
        """One update of the whole model."""
        variables, own = self.model.trainable_variables, lambda: penalties(self.model)
        return [Update("model", variables, self._loss, own, lambda batch, loss: self._metrics(batch, loss))]

    def weights(self, batch: Batch) -> Values:
        """1 for tokens, 0 for padding, times the weights of the rows, [batch, time]."""
        return batch["weights"][:, None] * tf.cast(self.layout.given(batch["inputs"]) != 0, tf.float32)

    def _loss(self, batch: Batch, noise: Noise, training: bool = True) -> Loss:
        tokens = self.layout.given(batch["inputs"])
        outputs = self.model(tokens, training=training)
        return Loss(cross_entropy(tokens, outputs), self.weights(batch), outputs)

    def _metrics(self, batch: Batch, loss: Loss) -> Sums:
        told = tf.argmax(loss.outputs, axis=-1, output_type=tf.int32) == self.layout.given(batch["inputs"])
        return {"accuracy": (tf.reduce_sum(tf.cast(told, tf.float32) * loss.weights), tf.reduce_sum(loss.weights))}

    def evaluate(self, batch: Batch) -> Sums:
        """The loss of a token, penalties included, and the accuracy: the share of tokens that are predicted right."""
        loss = self._loss(batch, Noise(0, 0), training=False)
        number = tf.reduce_sum(loss.weights)
        total = tf.reduce_sum(loss.values * loss.weights) + number * penalties(self.model)
        return {"loss": (total, number), **self._metrics(batch, loss)}

    def outputs(self, inputs: Mapping[str, Values]) -> tf.Tensor:
        """The nats, tokens and characters of each text, float32 [rows, 3]."""
        tokens = self.layout.given(inputs)
        present = tf.cast(tokens != 0, tf.float32)
        nats = tf.reduce_sum(cross_entropy(tokens, self.model(tokens, training=False)) * present, axis=-1)
        characters = tf.reduce_sum(tf.gather(tf.constant(self.characters), tokens), axis=-1)
        return tf.stack([nats, tf.reduce_sum(present, axis=-1), characters], axis=-1)

    def score(self, answered: Answered) -> dict[str, float]:
        """perplexity of a token, and bits_per_character. The end of a text costs bits but is not a character."""
        nats, tokens, characters = np.asarray(answered.outputs, np.float64).sum(axis=0)
        return {
            "perplexity": float(np.exp(nats / tokens)),
            "bits_per_character": float(nats / math.log(2) / max(characters, 1.0)),
        }

    def signatures(self) -> dict[str, Signature]:
        """serving_default: the log_probability of each text, in nats, and its numbers of tokens and characters.

        generate: a prompt -> the prompt with its continuation, and the log-probability of the continuation. Of a text
        longer than those of training, the model sees the last tokens.
        """
        arguments = {
            "prompt": argument(""),
            "max_tokens": argument(np.int32(64), minimum=1, maximum=MOST_TOKENS),
            "temperature": argument(np.float32(1), minimum=0, maximum=100),
            "top_k": argument(np.int32(0)),
            "top_p": argument(np.float32(1), above=0, maximum=1),
            "seed": SEED,
        }
        return {
            "serving_default": Signature(self._score_texts, self.layout.columns),
            "generate": Signature(self._generate, arguments=arguments),
        }

    def _score_texts(self, inputs: Mapping[str, Values]) -> dict[str, tf.Tensor]:
        nats, tokens, characters = tf.unstack(self.outputs(inputs), axis=-1)
        return {"log_probability": -nats, "tokens": tokens, "characters": characters}

    def _generate(self, inputs: object, prompt: tf.Tensor, max_tokens: tf.Tensor, **choice: tf.Tensor) -> dict:
        tokens = self.tokenizer.encoded(prompt[None], tf.strings.length(prompt) + 1)
        given = tf.reduce_sum(tf.cast(tokens > 1, tf.int32), axis=-1)
        until = given[0] + max_tokens
        doublings = tf.math.ceil(tf.math.log(tf.cast(until, tf.float32) / LEAST_BUCKET) / math.log(2) - 1e-6)
        room = LEAST_BUCKET * 2 ** tf.cast(tf.maximum(doublings, 0), tf.int32)
        tokens = tf.pad(tokens[:, :-1], [[0, 0], [0, room - tf.shape(tokens)[1] + 1]])
        extended = tf.function(self._extend, jit_compile=True, autograph=False)
        made, likely = extended(tokens, given, until, choice)
        return {"text": self.tokenizer.decode(made)[0], "log_probability": likely[0]}

    def _extend(
        self, tokens: tf.Tensor, given: tf.Tensor, until: tf.Tensor, choice: dict[str, tf.Tensor]
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Continue tokens [1, room], never with padding; one program is compiled for each room."""
        first = tf.cast(choice["seed"], tf.int64) * MOST_STEPS
        padding = tf.range(self.layout.only.vocabulary) == PADDING

        def choose(logits: tf.Tensor, at: tf.Tensor) -> tf.Tensor:
            uniform = Noise(0, first + tf.cast(at, tf.int64), ASKED).uniform("token", [tokens.shape[0]])
            logits = tf.where(padding, NEVER, logits)
            return sample(logits, uniform, choice["temperature"], choice["top_k"], choice["top_p"])

        decoder = Decoder(self.model, self.layout.only.shape[0])
        return extend(decoder, tokens, given, until, choose, END)


APP = App(
    name="language_model",
    accepts={"tokens": ("any",)},
    default_data="python_source",
    hparams=LanguageModelHparams,
    tiny={"epochs": 1, "layers": 1, "heads": 2, "width": 32, "feed_forward": 32},
    options={"tokenizer": "characters", "sequence_length": 128},
    task=LanguageModel,
    space=search.among(
        layers=(2, 4, 6),
        heads=(2, 4, 8),
        feed_forward=(256, 512),
        activation=("gelu", "swiglu"),
        dropout=(0.0, 0.1, 0.2),
    ),
    goals={"python_source": Goal("bits_per_character", at_most=2.0)},
    builders=stacks.builders(stacks_of),
    plots={
        "loss_by_position": written.loss_by_position,
        "generated": written.generated,
        "attention": attention.self_attention,
    },
)
