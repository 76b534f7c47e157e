"""Transformer encoder: blocks of attention over texts, series and rows of images; tells classes or reals."""

from dataclasses import dataclass
from typing import Any, Literal

import keras
import numpy as np

from kerasapps.app import App, Goal
from kerasapps.data.spec import Field, Layout
from kerasapps.data.tokenizers import SPECIAL_TOKENS
from kerasapps.errors import ConfigError
from kerasapps.hparams import Hparams, Keep, Schedule
from kerasapps.layers import stacks
from kerasapps.layers.attention import Attention
from kerasapps.layers.blocks import Block, FeedForward, FeedForwardName, Norm, Pool, Pooling
from kerasapps.layers.dropout import Dropout
from kerasapps.layers.positions import DEVIATION, Positions
from kerasapps.plots import answers, forecasts, pictures
from kerasapps.settings import setting
from kerasapps.tasks import search
from kerasapps.tasks.penalties import kernel_regularizer
from kerasapps.tasks.supervised import Supervised
from kerasapps.tensors import Tensor


@dataclass(frozen=True)
class TransformerHparams(Hparams):
    """Blocks, their heads and widths; how positions are told, where normalisation lies, and what is pooled.

    The learning rate grows for an epoch and falls to 0 along a cosine, so that the last weights are the best.
    """

    epochs: int = 20
    global_batch_size: int | None = 16
    optimizer: str = "adamw"
    optimizer_settings: dict[str, Any] = setting({"weight_decay": 0.05})
    learning_rate: float = 2e-3
    schedule: Schedule = "cosine"
    warmup_epochs: float = 1.0
    keep: Keep = "last"
    layers: int = setting(2, "blocks, each of attention and a feed-forward layer", minimum=1)
    heads: int = setting(4, "heads of attention; must divide the width", minimum=1)
    key_value_heads: int | None = setting(
        None, "heads of keys and values, which neighbouring heads share; must divide heads; none = as many", minimum=1
    )
    width: int = setting(64, "numbers that stand for a step between blocks", minimum=1)
    feed_forward: int = setting(128, "units of each feed-forward layer", minimum=1)
    activation: FeedForwardName = setting("gelu", "what the feed-forward layers compute")
    positions: Literal["sinusoidal", "learned", "rotary"] = setting(
        "rotary", "how steps tell where they are: vectors added to the embedding, or queries and keys turned"
    )
    longest_wave: float = setting(
        100.0,
        "steps in which the slowest angle turns by 1 (sinusoidal, rotary): about as long as sequences",
        above=1,
    )
    norm: Norm = setting("pre", "layer normalisation before attention and feed-forward layers, or after their sums")
    dropout: float = setting(
        0.1,
        "fraction dropped in training: of embeddings, of what layers add, of steps that attention sees",
        minimum=0,
        below=1,
    )
    pooling: Pooling = setting("mean", "what the last layer sees: the mean of all steps, or the first")

    def __post_init__(self) -> None:
        super().__post_init__()
        shared = self.key_value_heads or self.heads
        if self.width % self.heads or self.heads % shared:
            raise ConfigError(
                f"width={self.width}, heads={self.heads}, key_value_heads={shared}. "
                "Expected heads that divide the width, and key_value_heads that divide the heads."
            )
        turned = self.width // self.heads if self.positions == "rotary" else self.width
        if turned % 2 and self.positions != "learned":
            raise ConfigError(
                f"width={self.width}, heads={self.heads}, positions={self.positions}. Expected an even width, and of "
                "rotary an even width of each head; or choose learned positions."
            )


def stacks_of(hparams: TransformerHparams, layout: Layout) -> dict[str, stacks.Stack]:
    """inputs [batch, time, features] or tokens [batch, time] -> logits [batch, K] or standardised reals [batch, H].

    A vector [batch, D] beside the tokens joins what is pooled of these, before the last layer.
    """
    sequence, *beside = layout.inputs
    layers: list[keras.Layer | stacks.Call] = [_embedding(hparams, sequence)]
    if hparams.positions != "rotary":
        layers.append(Positions(hparams.positions, hparams.longest_wave, name="positions"))
    layers.append(Dropout(hparams.dropout, name="dropout"))
    layers += [_block(hparams, number) for number in range(1, hparams.layers + 1)]
    if hparams.norm == "pre":
        layers.append(keras.layers.LayerNormalization(name="norm"))
    layers.append(Pool(hparams.pooling, name="pooled"))
    if beside:
        names = ("pooled", beside[0].name)
        layers.append(stacks.Call(keras.layers.Concatenate(name="beside"), names, as_list=True))
    regularizer, size = kernel_regularizer(hparams), layout.target.size
    layers.append(keras.layers.Dense(size, kernel_regularizer=regularizer, dtype="float32", name="outputs"))
    return {"model": stacks.Stack(stacks.inputs_of(layout), layers)}


@keras.saving.register_keras_serializable("kerasapps")
def known_words(shape: tuple[int, int], dtype: str | None = None) -> Tensor:
    """Small vectors [vocabulary, width], but 0 for unknown words: if training has none of these, they say nothing."""
    vectors = keras.initializers.RandomNormal(stddev=DEVIATION)(shape, dtype)
    return vectors * (np.arange(shape[0])[:, None] >= SPECIAL_TOKENS).astype(np.float32)


def _embedding(hparams: TransformerHparams, sequence: Field) -> keras.Layer:
    """[batch, time] or [batch, time, features] -> [batch, time, width]."""
    if sequence.form == "tokens":
        return keras.layers.Embedding(sequence.vocabulary, hparams.width, known_words, mask_zero=True, name="embedding")
    return keras.layers.Dense(hparams.width, kernel_regularizer=kernel_regularizer(hparams), name="embedding")


def _block(hparams: TransformerHparams, number: int) -> Block:
    regularizer = kernel_regularizer(hparams)
    attention = Attention(
        hparams.heads,
        hparams.key_value_heads,
        rotary=hparams.longest_wave if hparams.positions == "rotary" else None,
        dropout=hparams.dropout,
        kernel_regularizer=regularizer,
        name="attention",
    )
    feed_forward = FeedForward(hparams.feed_forward, hparams.activation, regularizer, name="feed_forward")
    return Block(attention, feed_forward, hparams.norm, hparams.dropout, name=f"block_{number}")


APP = App(
    name="transformer",
    accepts=dict.fromkeys(("tokens", "sequence", ("tokens", "vector")), ("classes", "reals")),
    default_data="reviews",
    hparams=TransformerHparams,
    tiny={"epochs": 1, "layers": 1, "heads": 2, "width": 8, "feed_forward": 8},
    task=Supervised,
    space=search.among(
        layers=(1, 2, 4),
        heads=(2, 4, 8),
        feed_forward=(64, 128, 256),
        activation=("gelu", "swiglu"),
        positions=("sinusoidal", "learned", "rotary"),
        dropout=(0.0, 0.1, 0.3),
    ),
    goals={"reviews": Goal("accuracy", at_least=0.97)},
    builders=stacks.builders(stacks_of),
    plots={
        "confusion_matrix": answers.confusion,
        "calibration": answers.calibration,
        "examples": answers.examples,
        "wrong_images": pictures.wrong_images,
        **forecasts.PLOTS,
    },
)
