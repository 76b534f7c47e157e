"""What attention looks at in a test text: of each head of each block, and of a translation from source to target."""

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from kerasapps.app import View
from kerasapps.data.tokenizers import Tokenizer
from kerasapps.figures.canvas import Figure
from kerasapps.figures.heatmaps import attention_maps
from kerasapps.layers.blocks import Block
from kerasapps.layers.decoder import Shift
from kerasapps.layers.positions import Positions

MOST = 24
"""Tokens of a map that can be read."""
LEAST = 6
"""Tokens of a text that is worth a map."""


def self_attention(view: View) -> Figure | None:
    """Of one test text: which tokens (across) each token (down) looks at; of a causal model those before it."""
    if view.layout.inputs[0].form != "tokens":
        return None
    tokens = _shortest(_tokens(view))
    if tokens is None:
        return None
    names = _names(view.layout.inputs[0].tokenizer, tokens[0])
    model, x, maps = view.task.model, tf.constant(tokens), []
    causal = any(isinstance(layer, Shift) for layer in model.layers)
    for layer in _chain(model):
        if isinstance(layer, Block):
            mask = None if causal else tf.constant(tokens != 0)
            maps.append(layer.attention_weights(x, mask)[0].numpy())
            x = layer(x, mask=mask)
        else:
            x = layer(x)
    seen = ["<start>", *names[:-1]] if causal else names
    length = len(names)
    return attention_maps([one[:, :length, :length] for one in maps], seen, seen, "Attention in a test text")


def source_attention(view: View) -> Figure | None:
    """Of one test text: which tokens of the source (across) each token of what is made (down) is made from."""
    source = _shortest(_tokens(view))
    if source is None:
        return None
    task, tokens = view.task, tf.constant(source)
    made = task.outputs({view.layout.only.name: tokens}).numpy()
    memory, seen = task.encoder(tokens), tf.constant(source != 0)
    x, maps = tf.constant(made), []
    for layer in _chain(task.decoder):
        if isinstance(layer, Block):
            maps.append(layer.attention_weights(x, memory=memory, seen=seen)[0].numpy())
            x = layer(x, memory, seen)
        else:
            x = layer(x)
    across, down = _names(view.layout.only.tokenizer, source[0]), _names(task.tokenizer, made[0])
    maps = [one[:, : len(down), : len(across)] for one in maps]
    return attention_maps(maps, down, across, "What each token of a test translation is made from")


def _tokens(view: View) -> np.ndarray:
    """Tokens of the test texts, [rows, time]."""
    given = view.apply(view.columns["test"])
    return np.asarray(given[view.layout.inputs[0].name] if isinstance(given, dict) else given)


def _shortest(tokens: np.ndarray) -> np.ndarray | None:
    """The first text of LEAST to MOST tokens, else the first MOST tokens of the first text, [1, time]; None of none."""
    lengths = (tokens != 0).sum(axis=1)
    fitting = np.flatnonzero((lengths >= LEAST) & (lengths <= MOST))
    if len(fitting):
        return tokens[fitting[:1]]
    cut = np.where(np.arange(tokens.shape[1]) < MOST, tokens[:1], 0)
    return cut if len(tokens) and cut.any() else None


def _names(tokenizer: Tokenizer | None, tokens: np.ndarray) -> list[str]:
    """What the tokens that are no padding stand for; blanks are seen as ␣."""
    known: Sequence[str] = tokenizer.tokens if tokenizer else ()
    return [known[token].replace(" ", "␣").replace("\n", "⏎") for token in tokens if token]


def _chain(model: keras.Model) -> list[keras.Layer]:
    """The layers from tokens to the last block, each called with what the one before returns."""
    kinds = (Shift, keras.layers.Embedding, Positions, Block)
    return [layer for layer in model.layers if isinstance(layer, kinds)]
