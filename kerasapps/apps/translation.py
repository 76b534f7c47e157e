"""Translation: a Transformer that encodes a text and predicts another one, each token from those before it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from kerasapps.app import Answered, App, Batch, Direction, Goal, Loss, Parts, Signature, Sums, Update
from kerasapps.data import tokenizers
from kerasapps.data.spec import Layout
from kerasapps.data.tokenizers import END
from kerasapps.decoding.beam import beam_search
from kerasapps.decoding.decoder import Decoder
from kerasapps.hparams import Keep, Schedule
from kerasapps.layers import stacks
from kerasapps.layers.decoder import Present, Shift, logits_of, make_embedding
from kerasapps.layers.dense import LayerNormalization
from kerasapps.layers.dropout import Dropout
from kerasapps.layers.transformer import BlockHparams, check_turned, known_words, make_block
from kerasapps.losses.cross_entropy import cross_entropy
from kerasapps.metrics.text_scores import text_scores
from kerasapps.noise import Noise
from kerasapps.plots import attention, written
from kerasapps.settings import setting
from kerasapps.tasks import search
from kerasapps.tasks.penalties import penalties
from kerasapps.tasks.plans import ANY_LAYERS
from kerasapps.tasks.targets import token_weights
from kerasapps.tensors import Values


@dataclass(frozen=True)
class TranslationHparams(BlockHparams):
    """Blocks of encoder and decoder, which have the same number, label smoothing, and the beam search."""

    epochs: int = 20
    global_batch_size: int | None = 64
    optimizer: str = "adamw"
    optimizer_settings: dict[str, Any] = setting({"weight_decay": 0.01, "beta_2": 0.98})
    learning_rate: float = 2e-3
    schedule: Schedule = "cosine"
    warmup_epochs: float = 1.0
    keep: Keep = "last"
    width: int = 128
    feed_forward: int = 256
    label_smoothing: float = setting(0.0, "share of the label that is spread over all tokens", minimum=0, below=1)
    tie_weights: bool = setting(True, "share the weights of embedding and output layer (Press and Wolf 2017)")
    beams: int = setting(4, "texts kept at each step of the beam search; 1 = only the most probable token", minimum=1)
    # Of more, float32 has not the powers of the longest texts: all scores would be 0.
    length_penalty: float = setting(
        0.6,
        "the log-probability of a text is divided by ((5 + length) / 6) to this power; 0 = no division",
        minimum=0,
        maximum=8,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        check_turned(self)


def stacks_of(hparams: TranslationHparams, layout: Layout) -> dict[str, stacks.Stack]:
    """encoder: tokens [batch, time] -> memory [batch, time, width]. decoder: {memory, source, target} -> logits.

    source and target are tokens [batch, time]. logits [batch, time, vocabulary] are those of the target's tokens
    (Vaswani et al. 2017, section 3.1).
    """
    field, target = layout.only, layout.target
    embedding = make_embedding(target.size, hparams.width, hparams.tie_weights)
    inputs = [
        keras.Input((target.length,), dtype="int32", name="target"),
        keras.Input((*field.shape, hparams.width), name="memory"),
        keras.Input(field.shape, dtype="int32", name="source"),
    ]
    layers: list[keras.Layer | stacks.Call] = [
        stacks.Call(Present(name="seen"), ("source",)),
        stacks.Call(Shift(END, name="shifted"), ("target",)),
        embedding,
        Dropout(hparams.dropout, name="dropout"),
    ]
    before = "dropout"
    for number in range(1, hparams.layers + 1):
        block = make_block(hparams, number, causal=True, memory=True)
        layers.append(stacks.Call(block, (before, "memory", "seen")))
        before = block.name
    layers += _last_norm(hparams)
    before = "norm" if hparams.norm == "pre" else before
    layers.append(logits_of(embedding, before))
    return {"encoder": _encoder(hparams, layout), "decoder": stacks.Stack(inputs, layers)}


def _encoder(hparams: TranslationHparams, layout: Layout) -> stacks.Stack:
    embedding = keras.layers.Embedding(
        layout.only.vocabulary, hparams.width, known_words, mask_zero=True, name="embedding"
    )
    blocks = [make_block(hparams, number) for number in range(1, hparams.layers + 1)]
    layers = [embedding, Dropout(hparams.dropout, name="dropout"), *blocks, *_last_norm(hparams)]
    return stacks.Stack(stacks.inputs_of(layout), layers)


def _last_norm(hparams: TranslationHparams) -> list[keras.Layer]:
    return [LayerNormalization(name="norm")] if hparams.norm == "pre" else []


class Translation:
    """The task of the parts "encoder" and "decoder": to predict the target text from the source text."""

    augment = None
    samples = None
    plans = ANY_LAYERS
    directions: Mapping[str, Direction] = {
        "loss": "min",
        **dict.fromkeys(("accuracy", "sequence_accuracy", "exact_match", "bleu", "chrf"), "max"),
    }

    def __init__(self, parts: Parts, hparams: TranslationHparams, layout: Layout) -> None:
        self.parts, self.hparams, self.layout = parts, hparams, layout
        self.encoder, self.decoder = parts["encoder"], parts["decoder"]
        self.tokenizer = tokenizers.exact(layout.target.tokenizer)

    def updates(self) -> list[Update]:
        """One update of both parts."""
        variables = [*self.encoder.trainable_variables, *self.decoder.trainable_variables]
        return [Update("model", variables, self._loss, self._penalties, self._metrics)]

    def _penalties(self) -> tf.Tensor:
        return penalties(self.encoder, self.decoder)

    def weights(self, batch: Batch) -> Values:
        """The weights of the tokens, [batch, time]."""
        return token_weights(batch)

    def _encode(self, source: Values, training: bool) -> tf.Tensor:
        """The memory [batch, time, width] without its mask: the decoder makes the mask from the source."""
        return tf.identity(self.encoder(source, training=training))

    def _logits(self, batch: Batch, training: bool) -> tf.Tensor:
        source, target = map(tf.convert_to_tensor, (self.layout.given(batch["inputs"]), batch["labels"]))
        memory = self._encode(source, training)
        return self.decoder({"memory": memory, "source": source, "target": target}, training=training)

    def _loss(self, batch: Batch, noise: Noise) -> Loss:
        logits = self._logits(batch, training=True)
        return Loss(cross_entropy(batch["labels"], logits, self.hparams.label_smoothing), self.weights(batch), logits)

    def _metrics(self, batch: Batch, loss: Loss) -> Sums:
        """accuracy of the tokens, each predicted from the true ones before it, and sequence_accuracy of whole texts.

        sequence_accuracy is the exact_match of texts that are generated with beams=1, without generating them.
        """
        told = tf.argmax(loss.outputs, axis=-1, output_type=tf.int32) == batch["labels"]
        right = tf.cast(told, tf.float32) * loss.weights
        present = tf.cast(tf.reduce_any(loss.weights > 0, axis=-1), tf.float32)
        whole = tf.cast(tf.reduce_all(told | (loss.weights == 0), axis=-1), tf.float32) * present
        return {
            "accuracy": (tf.reduce_sum(right), tf.reduce_sum(loss.weights)),
            "sequence_accuracy": (tf.reduce_sum(whole), tf.reduce_sum(present)),
        }

    def evaluate(self, batch: Batch) -> Sums:
        """The cross-entropy of a token without label smoothing, penalties included, and the accuracies."""
        logits = self._logits(batch, training=False)
        loss = Loss(cross_entropy(batch["labels"], logits), self.weights(batch), logits)
        number = tf.reduce_sum(loss.weights)
        total = tf.reduce_sum(loss.values * loss.weights) + number * self._penalties()
        return {"loss": (total, number), **self._metrics(batch, loss)}

    def outputs(self, inputs: Mapping[str, Values]) -> tf.Tensor:
        """The tokens of the generated texts, int32 [rows, time]."""
        return self._search(inputs)[0]

    def _search(self, inputs: Mapping[str, Values]) -> tuple[tf.Tensor, tf.Tensor]:
        """Tokens int32 [rows, time] by beam search, and the scores of the texts [rows]."""
        source, beams = tf.convert_to_tensor(self.layout.given(inputs)), self.hparams.beams
        memory = self._encode(source, training=False)
        # All beams of a row attend to the same memory.
        memory, seen = (tf.repeat(each, beams, axis=0) for each in (memory, source != 0))
        decoder = Decoder(self.decoder, self.layout.target.length, memory, seen)
        return beam_search(decoder, tf.shape(source)[0], decoder.slots, beams, self.hparams.length_penalty)

    def score(self, answered: Answered) -> dict[str, float]:
        """exact_match, bleu and chrf of the texts found by beam search."""
        made, wanted = (self._texts(tokens) for tokens in (answered.outputs, answered.labels))
        return text_scores(made, wanted)

    def _texts(self, tokens: Any) -> list[str]:
        return [text.decode() for text in self.tokenizer.decode(tf.constant(np.asarray(tokens))).numpy()]

    def signatures(self) -> dict[str, Signature]:
        """serving_default and translate: the translation of each text, and its score; see decoding.beam."""

        def translate(inputs: Mapping[str, Values]) -> dict[str, tf.Tensor]:
            tokens, scores = self._search(inputs)
            return {"text": self.tokenizer.decode(tokens), "score": scores}

        asked = Signature(translate, self.layout.columns)
        return {"serving_default": asked, "translate": asked}


# Each token is a word of a number, such as "sixty", or a part of one.
NUMBERS = {
    "max_tokens": 200,
    "sequence_length": 24,
    "length_buckets": 2,
    "epochs": 8,
    "width": 64,
    "feed_forward": 128,
    "learning_rate": 3e-3,
    "longest_wave": 24.0,
    "beams": 1,
}

APP = App(
    name="translation",
    accepts={"tokens": ("tokens",)},
    default_data="numbers_en_fr",
    hparams=TranslationHparams,
    tiny={"epochs": 1, "layers": 1, "heads": 2, "width": 32, "feed_forward": 32, "beams": 2},
    tuned={"numbers_en_fr": NUMBERS, "numbers_en_de": NUMBERS, "dates": NUMBERS, "dates_en_fr": NUMBERS},
    options={"tokenizer": "subwords", "max_tokens": 1000, "sequence_length": 64, "scored_rows": 64},
    task=Translation,
    space=search.among(
        layers=(1, 2, 4),
        heads=(2, 4, 8),
        feed_forward=(256, 512),
        activation=("gelu", "swiglu"),
        dropout=(0.0, 0.1, 0.2),
        label_smoothing=(0.0, 0.1),
    ),
    goals={
        "numbers_en_fr": Goal("exact_match", at_least=0.98),
        "numbers_en_de": Goal("exact_match", at_least=0.98),
        "dates": Goal("exact_match", at_least=0.99),
    },
    builders=stacks.builders(stacks_of),
    plots={"translations": written.translations, "attention": attention.source_attention},
)
