"""Shared by the Transformer applications: the settings of blocks, and blocks and embeddings made from them."""

from dataclasses import dataclass
from typing import Any, Literal

import keras
import numpy as np

from kerasapps.data.tokenizers import SPECIAL_TOKENS
from kerasapps.errors import ConfigError
from kerasapps.hparams import Hparams, Keep, Schedule
from kerasapps.layers.attention import Attention
from kerasapps.layers.blocks import Block, FeedForward, FeedForwardName, Norm
from kerasapps.layers.dense import LayerNormalization
from kerasapps.layers.dropout import Dropout
from kerasapps.layers.positions import DEVIATION, Positions
from kerasapps.settings import setting
from kerasapps.tasks.penalties import kernel_regularizer
from kerasapps.tensors import Tensor


@dataclass(frozen=True)
class BlockHparams(Hparams):
    """Number of blocks, their heads and widths, the order of normalisation, and dropout."""

    layers: int = setting(2, "number of blocks, each with attention and a feed-forward layer", minimum=1)
    heads: int = setting(4, "number of attention heads; must divide the width", minimum=1)
    key_value_heads: int | None = setting(
        None,
        "number of heads of keys and values, shared by neighbouring heads; must divide heads; none = heads",
        minimum=1,
    )
    width: int = setting(64, "size of the vector of a step", minimum=1)
    feed_forward: int = setting(128, "units of each feed-forward layer", minimum=1)
    activation: FeedForwardName = setting("gelu", "function of the feed-forward layers")
    longest_wave: float = setting(
        100.0,
        "steps in which the slowest angle of positions turns by 1: about as long as sequences",
        above=1,
    )
    norm: Norm = setting(
        "pre", "layer normalisation before attention and feed-forward layers (pre), or after the residual sums (post)"
    )
    dropout: float = setting(
        0.1,
        "fraction dropped in training: of embeddings, of the outputs of layers, and of the steps that attention sees",
        minimum=0,
        below=1,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        shared = self.key_value_heads or self.heads
        if self.width % self.heads or self.heads % shared:
            raise ConfigError(
                f"width={self.width}, heads={self.heads}, key_value_heads={shared}. "
                "Expected heads that divide the width, and key_value_heads that divide the heads."
            )


@dataclass(frozen=True)
class EncoderHparams(BlockHparams):
    """Settings of an encoder: blocks, positions, and the schedule.

    The learning rate grows for an epoch and falls to 0 along a cosine, which makes the last weights the best.
    """

    optimizer: str = "adamw"
    optimizer_settings: dict[str, Any] = setting({"weight_decay": 0.05})
    learning_rate: float = 2e-3
    schedule: Schedule = "cosine"
    warmup_epochs: float = 1.0
    keep: Keep = "last"
    positions: Literal["sinusoidal", "learned", "rotary"] = setting(
        "rotary", "encoding of positions: vectors added to the embedding, or rotated queries and keys (rotary)"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        turned = self.width // self.heads if self.positions == "rotary" else self.width
        if turned % 2 and self.positions != "learned":
            raise ConfigError(
                f"width={self.width}, heads={self.heads}, positions={self.positions}. Expected an even width, and of "
                "rotary an even width of each head; or choose learned positions."
            )


def check_turned(hparams: BlockHparams) -> None:
    """Raise ConfigError where the width of a head is odd, of which rotary positions make no planes."""
    if hparams.width // hparams.heads % 2:
        raise ConfigError(
            f"width={hparams.width}, heads={hparams.heads}. Expected an even width of each head, because positions "
            "turn its halves."
        )


@keras.saving.register_keras_serializable("kerasapps")
def known_words(shape: tuple[int, int], dtype: str | None = None) -> Tensor:
    """Initial weights [vocabulary, width]: small, but 0 for unknown words, which training may not have."""
    vectors = keras.initializers.RandomNormal(stddev=DEVIATION)(shape, dtype)
    return vectors * (np.arange(shape[0])[:, None] >= SPECIAL_TOKENS).astype(np.float32)


def make_block(
    hparams: BlockHparams, number: int, rotary: bool = True, causal: bool = False, memory: bool = False
) -> Block:
    """Block number `number`, from 1; memory: with attention to one, which has no positions and hides no steps."""
    regularizer = kernel_regularizer(hparams)

    def attention(name: str, **own: Any) -> Attention:
        return Attention(hparams.heads, hparams.key_value_heads, kernel_regularizer=regularizer, name=name, **own)

    return Block(
        attention(
            "attention",
            rotary=hparams.longest_wave if rotary else None,
            causal=causal,
            dropout=hparams.dropout,
        ),
        FeedForward(hparams.feed_forward, hparams.activation, regularizer, name="feed_forward"),
        hparams.norm,
        hparams.dropout,
        attention("memory") if memory else None,
        name=f"block_{number}",
    )


def encoder(hparams: EncoderHparams, embedding: keras.layers.Layer) -> list[keras.layers.Layer]:
    """The layers of an encoder, in order: [batch, time] or [batch, time, features] -> [batch, time, width].

    Applications whose encoders are made here share the names of its layers, so that one can start from another.
    """
    rotary = hparams.positions == "rotary"
    layers = [embedding]
    if hparams.positions != "rotary":
        layers.append(Positions(hparams.positions, hparams.longest_wave, name="positions"))
    layers.append(Dropout(hparams.dropout, name="dropout"))
    layers += [make_block(hparams, number, rotary) for number in range(1, hparams.layers + 1)]
    if hparams.norm == "pre":
        layers.append(LayerNormalization(name="norm"))
    return layers
