"""Sides of generation on TensorFlow: the application's own, one without a cache, and one as KerasHub has it.

`cached`: the signature `generate`, as a prediction or an exported file runs it, its text included. `uncached`: the same
model on the whole text for every token, compiled by XLA as well. `graph`: keras.ops.while_loop over one cache of all
layers that is updated by slices, as the generate of KerasHub's CausalLM does it, in a tf.function without XLA.
"""

from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from experiments.peers import worker
from experiments.peers.decoding import Side, tokens_of
from experiments.peers.handover import Shared, read_shared, read_task
from experiments.peers.keras_transformers import START, decoder
from experiments.peers.sessions import open_session
from kerasapps.data.tokenizers import END
from kerasapps.decoding.decoder import Decoder
from kerasapps.decoding.sampling import extend, greedy
from kerasapps.engine.session import Session


def cached(folder: Path) -> Callable[[], bytes]:
    """The application's own, from a prompt to a text."""
    session = _session(folder)
    function = session.task.signatures()["generate"].function
    asked = {"max_tokens": _length(session), "temperature": 0.0, "seed": 0, "top_k": 0, "top_p": 1.0}
    given = {name: tf.constant(value) for name, value in asked.items()}
    compiled = tf.function(lambda prompt, **choice: function({}, prompt, **choice)["text"], autograph=False)
    prompt, expected = tf.constant(""), session.task.tokenizer.decode(tf.constant(bare(folder)()[None]))[0].numpy()
    if (made := compiled(prompt, **given).numpy()) != expected:
        raise ValueError(f"The signature makes {made!r}, and the bare function {expected!r}. Expected the same.")
    return lambda: compiled(prompt, **given).numpy()


def bare(folder: Path) -> Callable[[], np.ndarray]:
    """The application's own, without what makes tokens of a prompt, and a text of tokens."""
    session = _session(folder)
    decoder, nothing = Decoder(session.task.model, _length(session)), tf.zeros([1, _length(session)], tf.int32)

    def generated() -> tf.Tensor:
        return extend(decoder, nothing, tf.zeros([1], tf.int32), decoder.slots, lambda logits, _: greedy(logits), END)[
            0
        ]

    compiled = tf.function(generated, autograph=False, jit_compile=True)
    return lambda: compiled().numpy()[0]


def _session(folder: Path) -> Session:
    task = read_task(folder)
    return open_session(task.case, task.rows, execution="eager", builder="functional")


def _length(session: Session) -> int:
    return tokens_of(session.data.preprocess.layout.only.shape)


def uncached(folder: Path) -> Callable[[], np.ndarray]:
    """Every token by the whole model."""
    shared = read_shared(folder)
    model, length = written(shared), tokens_of(shared.shape)

    def generated() -> tf.Tensor:
        def step(at: tf.Tensor, tokens: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            told = tf.argmax(model(tokens)[:, at], axis=-1, output_type=tf.int32)
            return at + 1, tf.where(tf.range(length) == at, told[:, None], tokens)

        return tf.while_loop(lambda at, _: at < length, step, (tf.constant(0), tf.zeros([1, length], tf.int32)))[1][0]

    compiled = tf.function(generated, autograph=False, jit_compile=True)
    return lambda: compiled().numpy()


def graph(folder: Path) -> Callable[[], np.ndarray]:
    """As KerasHub has it, in graph mode."""
    shared = read_shared(folder)
    model, length = written(shared), tokens_of(shared.shape)
    blocks = [layer for layer in model.layers if layer.name.startswith("block_")]
    norm, embedding, heads = model.get_layer("norm"), model.get_layer("embedding"), shared.hparams["heads"]
    room = (1, len(blocks), 2, length, heads, shared.hparams["width"] // heads)

    def next_logits(token: tf.Tensor, cache: tf.Tensor, at: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        x, caches = embedding(token[:, None]), []
        for number, block in enumerate(blocks):
            x, own = block.step(x, cache[:, number], at)
            caches.append(own)
        return embedding(norm(x), reverse=True)[:, 0], ops.stack(caches, axis=1)

    def generated() -> tf.Tensor:
        def step(at: tf.Tensor, tokens: tf.Tensor, cache: tf.Tensor, last: tf.Tensor) -> tuple:
            logits, cache = next_logits(last, cache, at)
            told = ops.cast(ops.argmax(logits, axis=-1), "int32")
            return at + 1, ops.slice_update(tokens, [0, at], told[:, None]), cache, told

        start = (
            ops.convert_to_tensor(0),
            ops.zeros([1, length], "int32"),
            ops.zeros(room),
            ops.full([1], START, "int32"),
        )
        return ops.while_loop(lambda at, *_: at < length, step, start)[1][0]

    compiled = tf.function(generated)
    return lambda: compiled().numpy()


def written(shared: Shared) -> keras.Model:
    """The model written with Keras alone, with the first weights."""
    model = decoder(shared.hparams, shared.shape, shared.units, shared.vocabulary)
    model.set_weights(shared.weights())
    return model


if __name__ == "__main__":
    worker.serve(lambda folder, words: Side(globals()[words[0]](folder)))
