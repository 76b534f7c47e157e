"""What check_columns and kinds check, in graphs: exported files refuse what `predict` refuses."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kerasapps.data.kinds import kind_of
from kerasapps.data.spec import Spec

if TYPE_CHECKING:
    import tensorflow as tf

_LONGEST_SHOWN = 100
"""Characters of a text in a message."""


def asserted(columns: "Mapping[str, tf.Tensor]", spec: Spec) -> "dict[str, tf.Tensor]":
    """The input columns, by name [batch, ...], which are had once their kinds accept every row of them.

    What runs with other values, or with unequal counts of rows, raises tf.errors.InvalidArgumentError.
    """
    import tensorflow as tf

    counts = tf.stack([tf.shape(columns[column.name])[0] for column in spec.inputs])
    equal = tf.reduce_all(counts == counts[0])
    found = [tf.debugging.Assert(equal, [f"Rows of {', '.join(columns)}: expected equal counts; given was", counts])]
    for column in spec.inputs:
        values = columns[column.name]
        held, wanted = kind_of(column).hold(column, values)
        if held is not None:
            found.append(refusal(column.name, wanted, values, held))
    with tf.control_dependencies(found):
        return {name: tf.identity(values) for name, values in columns.items()}


def refusal(name: str, wanted: str, values: "tf.Tensor", held: "tf.Tensor") -> "tf.Operation":
    """What fails, naming the first of `values` [batch, ...], where `held`, bool of this shape or [batch], is false."""
    import tensorflow as tf

    shown = tf.boolean_mask(values, ~held)
    if shown.dtype == tf.string:
        # Messages of TensorFlow cannot hold what is no UTF-8.
        readable = tf.strings.unicode_transcode(shown, "UTF-8", "UTF-8")
        shown = tf.strings.substr(readable, 0, _LONGEST_SHOWN, unit="UTF8_CHAR")
    return tf.debugging.Assert(tf.reduce_all(held), [f"{name}: expected {wanted}; given was", shown])
