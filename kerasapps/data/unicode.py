"""Unicode's normal form NFC in TensorFlow's own operations: "e" with U+0301 behind it becomes "é".

NFC, because what is one letter for a reader then is one for \\pL and in an alphabet, and because nearly all texts have
it already: no more than a search is spent on them. NFKC would also join what differs in meaning: m² and m2, ½ and 1⁄2.

The rules are those of Unicode Standard Annex 15, and of sections 3.11 and 3.12 of the standard.
"""

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

from kerasapps.data.code_points import (
    LEADS,
    LONGEST,
    PAIR,
    SYLLABLES,
    TAIL_FORMS,
    TAILS,
    VOWELS,
    Table,
    combining_classes,
    compositions,
    decompositions,
    unsettled,
)

if TYPE_CHECKING:
    import tensorflow as tf

    Flat = tuple[tf.Tensor, tf.Tensor]
    """Code points of several texts, one behind the other, int32, and the number of the text of each, int64."""


def nfc(texts: "tf.Tensor") -> "tf.Tensor":
    """Strings [batch] of UTF-8 -> strings [batch], what unicodedata.normalize("NFC", text) makes of each."""
    import tensorflow as tf

    with tf.device("CPU:0"):
        found = tf.strings.regex_full_match(texts, f"(?s).*{unsettled()}.*")
        return tf.cond(tf.reduce_any(found), lambda: _traced()(texts, tf.where(found)), lambda: texts)


@functools.cache
def _traced() -> "Callable[[tf.Tensor, tf.Tensor], tf.Tensor]":
    """_normalised as one function for every graph, because its many operations are slow one by one."""
    import tensorflow as tf

    signature = [tf.TensorSpec([None], tf.string), tf.TensorSpec([None, 1], tf.int64)]
    return tf.function(_normalised, signature, autograph=False)


def _normalised(texts: "tf.Tensor", rows: "tf.Tensor") -> "tf.Tensor":
    """The texts, those of `rows` [n, 1] in NFC."""
    import tensorflow as tf

    given = tf.strings.unicode_decode(tf.gather_nd(texts, rows), "UTF-8")
    points, owners = _composed(*_ordered(*_decomposed(given.flat_values, given.value_rowids())))
    found = tf.RaggedTensor.from_value_rowids(points, owners, given.nrows(), validate=False)
    return tf.tensor_scatter_nd_update(texts, rows, tf.strings.unicode_encode(found, "UTF-8"))


def _decomposed(points: "tf.Tensor", owners: "tf.Tensor") -> "Flat":
    """Decompositions in the place of code points; syllables of Hangul stay, because NFC has them as they are."""
    import tensorflow as tf

    itself = tf.pad(points[:, None], [[0, 0], [0, LONGEST - 1]], constant_values=-1)
    parts = _looked_up(decompositions(), points, itself)
    places = tf.where(parts >= 0)
    return tf.gather_nd(parts, places), tf.gather(owners, places[:, 0])


def _ordered(points: "tf.Tensor", owners: "tf.Tensor") -> "Flat":
    """The marks behind each starter, and those before the first of a text, in the order of their combining classes."""
    import tensorflow as tf

    classes = tf.cast(_classes(points), tf.int64)
    runs = tf.cumsum(tf.cast(classes == 0, tf.int64)) + owners
    return tf.gather(points, tf.argsort(runs * 256 + classes, stable=True)), owners


def _composed(points: "tf.Tensor", owners: "tf.Tensor") -> "Flat":
    """Every starter joined with what it composes with, the first such sign behind it in each round, until none is left.

    Unicode asks each sign once. To ask again changes nothing: a mark that composes with a composite, but not with its
    starter, stands behind the composite's own marks. A starter that is about to be joined itself waits for its end.
    """
    import tensorflow as tf

    def join(points: "tf.Tensor", owners: "tf.Tensor", _: "tf.Tensor") -> tuple["tf.Tensor", ...]:
        starters, composites = _composites(points, owners)
        seconds = tf.where(composites >= 0)[:, 0]
        firsts = tf.gather(starters, seconds)
        is_earliest = firsts != tf.pad(firsts, [[1, 0]], constant_values=-1)[:-1]
        earliest = tf.where(is_earliest & (tf.gather(composites, firsts) < 0))[:, 0]
        seconds, firsts = tf.gather(seconds, earliest), tf.gather(firsts, earliest)
        points = tf.tensor_scatter_nd_update(points, firsts[:, None], tf.gather(composites, seconds))
        stays = tf.where(tf.tensor_scatter_nd_update(points >= 0, seconds[:, None], seconds < 0))[:, 0]
        return tf.gather(points, stays), tf.gather(owners, stays), tf.size(seconds) > 0

    any_length = tf.TensorShape([None])
    shapes = (any_length, any_length, tf.TensorShape([]))
    return tf.while_loop(lambda _p, _o, more: more, join, (points, owners, tf.constant(True)), shapes)[:2]


def _composites(points: "tf.Tensor", owners: "tf.Tensor") -> "Flat":
    """For each code point the place of the last starter before it, and the composite of both: -1 where there is none.

    Nothing may stand between them but marks of a lower class.
    """
    import tensorflow as tf

    classes, places = _classes(points), tf.range(tf.size(points, tf.int64))
    is_starter = classes == 0
    number = tf.cumsum(tf.cast(is_starter, tf.int64), exclusive=True)
    starters = tf.gather(tf.pad(tf.where(is_starter)[:, 0], [[1, 0]]), number)
    own = (number > 0) & (tf.gather(owners, starters) == owners)
    near = (starters == places - 1) | (tf.pad(classes, [[1, 0]])[:-1] < classes)
    return starters, tf.where(own & near, _composite(tf.gather(points, starters), points), -1)


def _composite(first: "tf.Tensor", second: "tf.Tensor") -> "tf.Tensor":
    """The code points that pairs compose, -1 where they compose none."""
    import tensorflow as tf

    def both(firsts: range, seconds: range) -> "tf.Tensor":
        in_firsts = (first >= firsts[0]) & (first <= firsts[-1])
        return in_firsts & (second >= seconds[0]) & (second <= seconds[-1])

    pairs = tf.cast(first, tf.int64) * PAIR + tf.cast(second, tf.int64)
    found = _looked_up(compositions(), pairs, tf.fill(tf.shape(first), -1))
    syllable = SYLLABLES[0] + ((first - LEADS[0]) * len(VOWELS) + second - VOWELS[0]) * TAIL_FORMS
    found = tf.where(both(LEADS, VOWELS), syllable, found)
    is_open = (first - SYLLABLES[0]) % TAIL_FORMS == 0
    return tf.where(both(SYLLABLES, TAILS) & is_open, first + second - TAILS[0] + 1, found)


def _classes(points: "tf.Tensor") -> "tf.Tensor":
    """The canonical combining classes of code points, int32: 0 of starters."""
    import tensorflow as tf

    return _looked_up(combining_classes(), points, tf.zeros_like(points))


def _looked_up(table: Table, wanted: "tf.Tensor", default: "tf.Tensor") -> "tf.Tensor":
    """The values of the keys that are wanted; `default`, of the values' shape, where one is no key."""
    import tensorflow as tf

    keys = tf.constant(table.keys)
    places = tf.minimum(tf.searchsorted(keys, wanted), len(table.keys) - 1)
    known = tf.reshape(tf.gather(keys, places) == wanted, [-1] + [1] * (table.values.ndim - 1))
    return tf.where(known, tf.gather(table.values, places), default)
