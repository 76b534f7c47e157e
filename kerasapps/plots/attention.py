"""What attention looks at in a test text or image: of each head of each block, and of a translation to the source."""

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from kerasapps.app import View
from kerasapps.data.tokenizers import Tokenizer
from kerasapps.figures.canvas import Figure
from kerasapps.figures.heatmaps import attention_maps
from kerasapps.figures.images import looked_at
from kerasapps.layers.blocks import Block
from kerasapps.layers.decoder import Shift
from kerasapps.layers.positions import Positions
from kerasapps.plots.answers import column_of

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
    names, model = _names(view.layout.inputs[0].tokenizer, tokens[0]), view.task.model
    causal = any(isinstance(layer, Shift) for layer in model.layers)
    maps = _maps(model, tokens, None if causal else tf.constant(tokens != 0))
    seen = ["<start>", *names[:-1]] if causal else names
    length = len(names)
    return attention_maps([one[:, :length, :length] for one in maps], seen, seen, "Attention in a test text")


def image_attention(view: View) -> Figure | None:
    """Of the first test image: how much its steps, which are patches or rows, are looked at in the mean of all."""
    if view.layout.inputs[0].form != "image" or not view.spec.inputs_of("image"):
        return None
    columns = view.columns["test"]
    images = columns[column_of(view, "image").name][:1]
    if not len(images):
        return None
    maps = _maps(view.task.model, np.asarray(view.apply({name: values[:1] for name, values in columns.items()})))
    looks, size = np.stack(maps).mean(axis=2), view.task.hparams.patch_size  # [blocks, heads, steps]
    down = images.shape[1] // (size or 1)
    looks = looks.reshape(*looks.shape[:2], down, -1)
    return looked_at(images[0], looks, "Attention in a test image")


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


def _maps(model: keras.Model, given: np.ndarray, mask: tf.Tensor | None = None) -> list[np.ndarray]:
    """What a row looks at in each block of an encoder: [heads, time, steps] each."""
    x, maps = tf.constant(given), []
    for layer in _chain(model):
        if isinstance(layer, Block):
            maps.append(layer.attention_weights(x, mask)[0].numpy())
            x = layer(x, mask=mask)
        else:
            x = layer(x)
    return maps


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


def _chain(model: keras.Model) -> list[keras.layers.Layer]:
    """The layers from the inputs to the last block, each called with what the one before returns."""
    kinds = (Shift, keras.layers.Reshape, keras.layers.Permute, keras.layers.Embedding, Positions, Block)
    return [layer for layer in model.layers if isinstance(layer, kinds) or layer.name == "embedding"]
