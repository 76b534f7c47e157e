"""Masked language model: a Transformer encoder that predicts hidden tokens, to pretrain classifiers of texts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, cast

import keras
import numpy as np
import tensorflow as tf

from kerasapps.app import Answered, App, Batch, Direction, Loss, Parts, Signature, Sums, Update
from kerasapps.data.spec import Layout
from kerasapps.data.tokenizers import END, PADDING, SPECIAL_TOKENS, ExactTokenizer, Tokenizer
from kerasapps.layers import stacks
from kerasapps.layers.decoder import logits_of
from kerasapps.layers.transformer import EncoderHparams, encoder, known_words
from kerasapps.losses.cross_entropy import cross_entropy
from kerasapps.noise import Noise, evaluation_noise
from kerasapps.plots import attention
from kerasapps.settings import setting
from kerasapps.tasks import search
from kerasapps.tasks.penalties import kernel_regularizer, penalties
from kerasapps.tasks.plans import ATTENTION
from kerasapps.tensors import Values

MASK = 1
"""The token that replaces hidden ones: the unknown word, or for exact tokenizers the end of a text."""
MASKED, REPLACED = 0.8, 0.1
"""Shares of the chosen tokens that the model sees as MASK, and as a random token; it sees the others unchanged."""


@dataclass(frozen=True)
class MaskedLanguageModelHparams(EncoderHparams):
    """Blocks of the encoder, with the width of the application transformer, which can start from it."""

    epochs: int = 40
    global_batch_size: int | None = 32
    mask_share: float = setting(0.15, "share of the tokens of each text that is predicted", above=0, maximum=1)
    tie_weights: bool = setting(True, "compute logits with the vectors of the embedding (Press and Wolf 2017)")


def stacks_of(hparams: MaskedLanguageModelHparams, layout: Layout) -> dict[str, stacks.Stack]:
    """Tokens [batch, time] -> logits [batch, time, vocabulary] of each token, given those around it."""
    vocabulary, inputs = layout.only.vocabulary, stacks.inputs_of(layout)
    shared = {"embeddings_initializer": known_words, "mask_zero": True, "name": "embedding"}
    if hparams.tie_weights:
        tied = keras.layers.ReversibleEmbedding(vocabulary, hparams.width, reverse_dtype="float32", **shared)
        layers = encoder(hparams, tied)
        return {"model": stacks.Stack(inputs, [*layers, logits_of(tied, layers[-1].name)])}
    layers = encoder(hparams, keras.layers.Embedding(vocabulary, hparams.width, **shared))
    regularizer = kernel_regularizer(hparams)
    logits = keras.layers.Dense(vocabulary, kernel_regularizer=regularizer, dtype="float32", name="logits")
    return {"model": stacks.Stack(inputs, [*layers, logits])}


class Hidden(NamedTuple):
    """Tokens as the model sees them, int32 [batch, time], and which of them it has to predict, bool [batch, time]."""

    seen: tf.Tensor
    told: tf.Tensor


def number_hidden(tokens: Values, share: float) -> tf.Tensor:
    """How many tokens of each text are predicted, float32 [batch]: at least one, or none in padding alone."""
    present = tf.reduce_sum(tf.cast(tokens != PADDING, tf.float32), axis=-1)
    return tf.minimum(present, tf.maximum(tf.round(share * present), 1.0))


def hide(tokens: Values, share: float, vocabulary: int, noise: Noise) -> Hidden:
    """Hide random tokens of each text, as many as `number_hidden` says (Devlin et al. 2019, section 3.1)."""
    shape = tf.shape(tokens)
    order = tf.where(tokens != PADDING, noise.uniform("told", shape), 1.0)
    ranks = tf.argsort(tf.argsort(order, stable=True), stable=True)
    told = tf.cast(ranks, tf.float32) < number_hidden(tokens, share)[:, None]
    words = vocabulary - SPECIAL_TOKENS
    # A product in float32 may be rounded up to the number of words.
    random = tf.minimum(tf.cast(noise.uniform("random", shape) * words, tf.int32), words - 1) + SPECIAL_TOKENS
    how = noise.uniform("how", shape)
    shown = tf.where(how < MASKED, MASK, tf.where(how < MASKED + REPLACED, random, tokens))
    return Hidden(tf.where(told, shown, tokens), told)


class MaskedLanguageModel:
    """The task of the part "model": to predict tokens of a text that are hidden.

    This is BERT's pretraining (Devlin et al. 2019, arXiv:1810.04805, section 3.1), without its pairs of sentences. The
    model predicts mask_share of the tokens of a text: at least one, and never padding. Of these, 80% are replaced by
    token 1, 10% by a random token, and 10% are unchanged. Token 1 is the unknown word, or for exact tokenizers the end
    of a text.

    The loss is the mean cross-entropy of the chosen tokens, in nats: the mean of each text, weighted by its number of
    chosen tokens. This number depends only on the length of the text, so that weights are known before the choice. Each
    step chooses new tokens; evaluation always chooses the same ones.
    """

    augment = None
    samples = None
    plans = ATTENTION
    directions: Mapping[str, Direction] = {"loss": "min", "accuracy": "max", "perplexity": "min"}

    def __init__(self, parts: Parts, hparams: MaskedLanguageModelHparams, layout: Layout) -> None:
        self.parts, self.hparams, self.layout, self.model = parts, hparams, layout, parts["model"]
        self.tokenizer = cast(Tokenizer, layout.only.tokenizer)  # the tokens of every text have it

    def updates(self) -> list[Update]:
        """One update of the whole model."""
        variables, own = self.model.trainable_variables, lambda: penalties(self.model)
        return [Update("model", variables, self._loss, own, lambda batch, loss: _metrics(loss))]

    def weights(self, batch: Batch) -> Values:
        """How many tokens of each text are predicted, times the weights of the rows, [batch]."""
        return batch["weights"] * number_hidden(self.layout.given(batch["inputs"]), self.hparams.mask_share)

    def _loss(self, batch: Batch, noise: Noise, training: bool = True) -> Loss:
        """Means over the chosen tokens of each text; outputs: the share of these that is predicted right."""
        nats, right, number = self._sums(self.layout.given(batch["inputs"]), noise, training)
        some = tf.maximum(number, 1.0)
        return Loss(nats / some, batch["weights"] * number, right / some)

    def _sums(self, tokens: Values, noise: Noise, training: bool = False) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """For each text: nats of the chosen tokens, how many are predicted right, and their number, [batch] each."""
        seen, told = hide(tokens, self.hparams.mask_share, self.layout.only.vocabulary, noise)
        logits, counted = self.model(seen, training=training), tf.cast(told, tf.float32)
        right = tf.cast(tf.argmax(logits, axis=-1, output_type=tf.int32) == tokens, tf.float32)
        sums = [tf.reduce_sum(values * counted, axis=-1) for values in (cross_entropy(tokens, logits), right)]
        return *sums, tf.reduce_sum(counted, axis=-1)

    def evaluate(self, batch: Batch) -> Sums:
        """The loss, penalties included, and the accuracy, without dropout and always with the same noise."""
        loss = self._loss(batch, evaluation_noise(), training=False)
        number = tf.reduce_sum(loss.weights)
        total = tf.reduce_sum(loss.values * loss.weights) + number * penalties(self.model)
        return {"loss": (total, number), **_metrics(loss)}

    def outputs(self, inputs: Mapping[str, Values]) -> tf.Tensor:
        """The nats of the chosen tokens of each text, and their number, float32 [rows, 2]."""
        nats, _, number = self._sums(self.layout.given(inputs), evaluation_noise())
        return tf.stack([nats, number], axis=-1)

    def score(self, answered: Answered) -> dict[str, float]:
        """perplexity of the chosen tokens."""
        nats, number = np.asarray(answered.outputs, np.float64).sum(axis=0)
        return {"perplexity": float(np.exp(nats / number))}

    def signatures(self) -> dict[str, Signature]:
        """serving_default: the most probable token at each place of a text, also as a text; no token is hidden.

        log_probability: of the token at each place, in nats; 0 after the end of the text. fill: the text with each
        unknown word, such as [MASK], replaced by the most probable one. Exact tokenizers have no unknown words, and no
        fill.
        """
        ways = {"serving_default": Signature(self._tell, self.layout.columns)}
        if not isinstance(self.tokenizer, ExactTokenizer):
            ways["fill"] = Signature(self._fill, self.layout.columns)
        return ways

    def _tell(self, inputs: Mapping[str, Values]) -> dict[str, tf.Tensor]:
        tokens = self.layout.given(inputs)
        likeliest, logits = self._likeliest(tokens)
        told = tf.where(tokens != PADDING, likeliest, PADDING)
        return {"tokens": told, **self._answer(told, logits)}

    def _fill(self, inputs: Mapping[str, Values]) -> dict[str, tf.Tensor]:
        tokens = self.layout.given(inputs)
        likeliest, logits = self._likeliest(tokens)
        return self._answer(tf.where(tokens == MASK, likeliest, tokens), logits)

    def _likeliest(self, tokens: Values) -> tuple[tf.Tensor, tf.Tensor]:
        """The most probable word, piece or end of a text at each place, int32 [rows, time], and all logits."""
        logits = self.model(tokens, training=False)
        first = END if isinstance(self.tokenizer, ExactTokenizer) else SPECIAL_TOKENS
        return tf.argmax(logits[..., first:], axis=-1, output_type=tf.int32) + first, logits

    def _answer(self, tokens: tf.Tensor, logits: tf.Tensor) -> dict[str, tf.Tensor]:
        nats = tf.where(tokens != PADDING, cross_entropy(tokens, logits), 0.0)
        return {"text": self.tokenizer.decode(tokens), "log_probability": -nats}


def _metrics(loss: Loss) -> Sums:
    return {"accuracy": (tf.reduce_sum(loss.outputs * loss.weights), tf.reduce_sum(loss.weights))}


APP = App(
    name="masked_language_model",
    accepts={"tokens": ("any",)},
    default_data="reviews",
    hparams=MaskedLanguageModelHparams,
    # With high learning rates, BERT's order of layers and its positions fit few texts in the fewest steps.
    tiny={
        "epochs": 1,
        "layers": 1,
        "heads": 4,
        "width": 16,
        "feed_forward": 8,
        "norm": "post",
        "positions": "learned",
        "mask_share": 0.25,
    },
    task=MaskedLanguageModel,
    space=search.among(
        layers=(1, 2, 4),
        heads=(2, 4, 8),
        feed_forward=(64, 128, 256),
        activation=("gelu", "swiglu"),
        dropout=(0.0, 0.1, 0.3),
        mask_share=(0.15, 0.25, 0.4),
    ),
    goals={},
    builders=stacks.builders(stacks_of),
    plots={"attention": attention.self_attention},
)
