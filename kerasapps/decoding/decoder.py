"""A decoder that is asked one step after the other, and remembers the keys and values of the steps before."""

from dataclasses import dataclass
from functools import cached_property

import keras
import tensorflow as tf

from kerasapps.layers.attention import KeysAndValues
from kerasapps.layers.blocks import Block
from kerasapps.tensors import Integer

State = tuple[KeysAndValues, ...]
"""Of each block."""


@dataclass(frozen=True, eq=False)
class Decoder:
    """The layers of a model: "embedding", which is reversible, its blocks in their order, "norm" where it has one.

    slots: steps that are remembered; of more the last ones are. memory: what is attended to, too, [rows, steps, width],
    and `seen` bool [rows, steps], which of these steps are no padding.
    """

    model: keras.Model
    slots: int
    memory: tf.Tensor | None = None
    seen: tf.Tensor | None = None

    @cached_property
    def blocks(self) -> list[Block]:
        """Those of the model."""
        return [layer for layer in self.model.layers if isinstance(layer, Block)]

    @cached_property
    def _recalled(self) -> list[KeysAndValues | None]:
        """Keys and values of the memory, of each block."""
        return [block.memory and block.memory.keys_and_values(self.memory) for block in self.blocks]

    def start(self, rows: Integer) -> State:
        """Before the first step; the memory is looked at here, once."""
        _ = self._recalled
        return tuple(block.attention.empty(rows, self.slots) for block in self.blocks)

    def step(self, tokens: tf.Tensor, state: State, at: Integer) -> tuple[tf.Tensor, State]:
        """The tokens before step number `at`, int32 [rows] -> logits of its tokens [rows, vocabulary] float32, state.

        What the model gives for whole sequences at once, where these are no longer than there are slots.
        """
        embedding = self.model.get_layer("embedding")
        x, after = embedding(tokens[:, None]), []
        for block, memory, before in zip(self.blocks, self._recalled, state, strict=True):
            x, kept = block.step(x, before, at, memory, self.seen)
            after.append(kept)
        norms = [layer for layer in self.model.layers if layer.name == "norm"]
        x = norms[0](x) if norms else x
        return embedding(x, reverse=True)[:, 0], tuple(after)
