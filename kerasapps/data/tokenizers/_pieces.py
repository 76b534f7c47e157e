"""Texts as pieces: at each place the longest piece of a vocabulary, where every single byte is a piece, too.

So any text becomes tokens, and the tokens the same text again: text -> tokens -> text is exact for all of Unicode.
Bytes are walked through a trie of all pieces with core operations of TensorFlow alone, so that a SavedModel has it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kerasapps.data.tokenizers import END, PADDING, SPECIAL_TOKENS

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

    from kerasapps.tensors import Integer

BYTES = 256
_BEHIND = BYTES
"""In the place of a byte behind a text's last."""
_CODES = BYTES + 1


class Trie(NamedTuple):
    """edges: node * _CODES + byte of each edge, sorted, int64; children: where it leads, int32. token: of the piece
    that ends in a node, 0 = none, int32 [nodes]. The root is node 0, and the last node has no edges. longest: bytes.
    """

    edges: np.ndarray
    children: np.ndarray
    token: np.ndarray
    longest: int


def make_trie(pieces: Sequence[bytes]) -> Trie:
    """The trie of pieces, whose tokens are their numbers from SPECIAL_TOKENS on."""
    found: dict[int, int] = {}
    tokens = [0]
    for token, piece in enumerate(pieces, SPECIAL_TOKENS):
        node = 0
        for byte in piece:
            node = found.setdefault(node * _CODES + byte, len(tokens))
            if node == len(tokens):
                tokens.append(0)
        tokens[node] = token
    edges = np.array(sorted(found), np.int64)
    children = np.array([found[edge] for edge in edges.tolist()], np.int32)
    return Trie(edges, children, np.array([*tokens, 0], np.int32), max(map(len, pieces)))


@dataclass(frozen=True)
class Pieces:
    """The tokenizer; see kerasapps.data.tokenizers.Tokenizer for its members.

    vocabulary: pieces of several bytes, whose tokens come after those of the bytes.
    """

    vocabulary: tuple[str, ...]

    @property
    def tokens(self) -> tuple[str, ...]:
        """Bytes that are no characters by their hexadecimal numbers."""
        single = (chr(byte) if byte < 128 else f"<{byte:02X}>" for byte in range(BYTES))
        return ("", "<end>", *single, *self.vocabulary)

    def characters(self) -> np.ndarray:
        """A byte that begins with the bits 10 goes on with a character."""
        single = [not 0x80 <= byte < 0xC0 for byte in range(BYTES)]
        return np.array([0, 0, *single, *map(len, self.vocabulary)], np.int32)

    @cached_property
    def _pieces(self) -> list[bytes]:
        return [*(bytes([byte]) for byte in range(BYTES)), *(piece.encode() for piece in self.vocabulary)]

    @cached_property
    def _trie(self) -> Trie:
        return make_trie(self._pieces)

    def layer(self, length: int) -> "keras.layers.Layer":
        """Strings [batch] -> int32 [batch, length]."""
        from kerasapps.data.tokenizers._layer import Tokens

        return Tokens(self, length)

    def encode(self, texts: np.ndarray, length: int) -> np.ndarray:
        """Texts in memory -> int32 [rows, length]."""
        import tensorflow as tf

        return self.traced(tf.constant([text.encode() for text in texts], tf.string), length).numpy()

    def traced(self, texts: "tf.Tensor", length: int) -> "tf.Tensor":
        """`encoded` as a graph, since its loops would be slow outside of one."""
        return _traced(self)(texts, length)

    def encoded(self, texts: "tf.Tensor", length: "Integer") -> "tf.Tensor":
        """Strings [batch] -> int32 [batch, length], in a graph or not."""
        import tensorflow as tf

        sizes = tf.strings.length(texts)
        longest = tf.reduce_max(tf.concat([sizes, [1]], 0))
        width = tf.minimum(longest, length * self._trie.longest)  # what is behind would be cut anyway
        codes = tf.cast(tf.io.decode_raw(texts, tf.uint8, fixed_length=width), tf.int64)
        codes = tf.where(tf.range(width) < sizes[:, None], codes, _BEHIND)
        return _chosen(*self._longest_matches(codes), sizes, length)

    def _longest_matches(self, codes: "tf.Tensor") -> "tuple[tf.Tensor, tf.Tensor]":
        """Codes [batch, width] -> the token of the longest piece that begins at each, and its bytes, int32 both."""
        import tensorflow as tf

        edges, children, token, longest = self._trie
        shape = tf.shape(codes)
        behind = tf.pad(codes, [[0, 0], [0, longest]], constant_values=_BEHIND)

        def go_on(depth: tf.Tensor, nodes: tf.Tensor, tokens: tf.Tensor, sizes: tf.Tensor) -> tuple[tf.Tensor, ...]:
            wanted = tf.reshape(tf.cast(nodes, tf.int64) * _CODES + behind[:, depth : depth + shape[1]], [-1])
            places = tf.minimum(tf.searchsorted(edges, wanted), len(edges) - 1)
            reached = tf.where(tf.gather(edges, places) == wanted, tf.gather(children, places), len(token) - 1)
            nodes = tf.reshape(reached, shape)
            ended = tf.gather(token, nodes)
            return depth + 1, nodes, tf.where(ended > 0, ended, tokens), tf.where(ended > 0, depth + 1, sizes)

        zeros = tf.zeros(shape, tf.int32)
        start = (tf.constant(0), zeros, zeros, tf.ones(shape, tf.int32))
        return tf.while_loop(lambda depth, *_: depth < longest, go_on, start, parallel_iterations=1)[2:]

    def decode(self, tokens: "tf.Tensor") -> "tf.Tensor":
        """Tokens [batch, time] -> strings [batch]; bytes that are no UTF-8 become U+FFFD."""
        import tensorflow as tf

        within = tf.math.cumprod(tf.cast(tokens != END, tf.int32), axis=-1)
        table = tf.constant([b"", b"", *self._pieces])
        joined = tf.strings.reduce_join(tf.gather(table, tokens * within), axis=-1)
        return tf.strings.unicode_transcode(joined, "UTF-8", "UTF-8")


@lru_cache(maxsize=8)
def _traced(pieces: Pieces) -> "Callable[[tf.Tensor, int], tf.Tensor]":
    """Traced once for all tokenizers of one vocabulary: every layout that is tried makes its own."""
    import tensorflow as tf

    def encoded(texts: tf.Tensor, length: int) -> tf.Tensor:
        return pieces.encoded(texts, length)

    return tf.function(encoded, autograph=False, reduce_retracing=True)


def _chosen(tokens: "tf.Tensor", steps: "tf.Tensor", sizes: "tf.Tensor", length: "Integer") -> "tf.Tensor":
    """The tokens that are met from the first place on, with the end behind them: int32 [batch, length].

    tokens, steps: at each place its token, and how far the next one is, [batch, width]. sizes: bytes of texts [batch].
    """
    import tensorflow as tf

    last = tf.shape(tokens)[1] - 1

    def next_token(index: tf.Tensor, at: tf.Tensor, found: tf.TensorArray) -> tuple[tf.Tensor, ...]:
        here = tf.minimum(at, last)[:, None]
        token, step = (tf.gather(values, here, batch_dims=1)[:, 0] for values in (tokens, steps))
        token = tf.where(at < sizes, token, tf.where(at == sizes, END, PADDING))
        return index + 1, at + tf.where(at < sizes, step, 1), found.write(index, token)

    found = tf.TensorArray(tf.int32, length, element_shape=sizes.shape)
    start = (tf.constant(0), tf.zeros_like(sizes), found)
    found = tf.while_loop(lambda index, *_: index < length, next_token, start, parallel_iterations=1)[2]
    return tf.ensure_shape(tf.transpose(found.stack()), [None, length if isinstance(length, int) else None])
