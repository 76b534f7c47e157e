"""Recurrent layers with Keras's weights and numbers, but computed by kerasapps.layers.scan."""

from typing import Any

import keras
import tensorflow as tf

from kerasapps.layers.cells import CELLS, CellName
from kerasapps.layers.scan import scan
from kerasapps.tensors import GivenRegularizer, Shape, Tensor


@keras.saving.register_keras_serializable("kerasapps")
class Recurrent(keras.layers.Layer):
    """A layer of simple, gru or lstm cells: as Keras's of that name, whose weights it has, but faster.

    Weights are kernel [features, gates * units], recurrent kernel [units, gates * units] and bias, interchangeable
    with those of keras.layers.SimpleRNN, GRU and LSTM by get_weights and set_weights.
    """

    def __init__(
        self,
        cell: CellName,
        units: int,
        return_sequences: bool = False,
        reverse: bool = False,
        implementation: str = "fused",
        kernel_regularizer: GivenRegularizer = None,
        **kwargs: object,
    ) -> None:
        """cell: of CELLS. return_sequences: the outputs of all steps, not of the last alone.

        reverse: reads from the end; the outputs are in the order of the inputs nevertheless. implementation: keras has
        training done by Keras's own layer, which is cuDNN's on a GPU; inference never is, so that it runs everywhere.
        """
        super().__init__(**kwargs)
        self.cell, self.units, self.return_sequences, self.reverse = cell, units, return_sequences, reverse
        self.implementation, self.supports_masking = implementation, True
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.keras_layer = CELLS[cell].layer(
            units, return_sequences=True, kernel_regularizer=self.kernel_regularizer, dtype=self.dtype_policy, name=cell
        )

    def build(self, input_shape: Shape) -> None:
        """Keras's weights."""
        self.keras_layer.build(input_shape)

    def call(self, inputs: Tensor, mask: Tensor | None = None, training: bool | None = False) -> Tensor:
        """[batch, time, features], mask bool [batch, time] -> [batch, units] or [batch, time, units]."""
        inputs, mask = (x if x is None or not self.reverse else tf.reverse(x, [1]) for x in (inputs, mask))
        if self.implementation == "keras" and training:
            outputs = self.keras_layer(inputs, mask=mask, training=True)
        else:
            outputs = self._fused(inputs, mask)
        if not self.return_sequences:
            return outputs[:, -1]
        return tf.reverse(outputs, [1]) if self.reverse else outputs

    def _fused(self, inputs: tf.Tensor, mask: tf.Tensor | None) -> tf.Tensor:
        """[batch, time, units], of which only the last step where that is all that is asked for."""
        weights = self.keras_layer.cell
        kernel, recurrent = (tf.convert_to_tensor(w) for w in (weights.kernel, weights.recurrent_kernel))
        bias = tf.reshape(tf.convert_to_tensor(weights.bias), [-1, kernel.shape[1]])
        by_time = tf.transpose(inputs, [1, 0, 2])
        by_time_mask = None if mask is None else tf.transpose(mask)[..., None]
        outputs = scan(CELLS[self.cell], by_time, kernel, recurrent, bias, by_time_mask)
        return tf.transpose(outputs if self.return_sequences else outputs[-1:], [1, 0, 2])

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """[batch, units] or [batch, time, units]."""
        return (*input_shape[: 2 if self.return_sequences else 1], self.units)

    def compute_mask(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor | None:
        """The mask of the inputs where sequences are returned, otherwise None."""
        return mask if self.return_sequences else None

    def get_config(self) -> dict[str, Any]:
        """What the constructor takes."""
        own = {name: getattr(self, name) for name in ("cell", "units", "return_sequences", "reverse", "implementation")}
        regularizer = keras.regularizers.serialize(self.kernel_regularizer)
        return {**super().get_config(), **own, "kernel_regularizer": regularizer}


@keras.saving.register_keras_serializable("kerasapps")
class Bidirectional(keras.layers.Layer):
    """Two layers of cells, of which one reads from the end; their outputs side by side (Schuster and Paliwal 1997)."""

    def __init__(
        self,
        cell: CellName,
        units: int,
        return_sequences: bool = False,
        implementation: str = "fused",
        kernel_regularizer: GivenRegularizer = None,
        **kwargs: object,
    ) -> None:
        """As of Recurrent; units: of either layer. Sequences are 0 where they are masked, as Keras has it."""
        super().__init__(**kwargs)
        own = {"cell": cell, "units": units, "return_sequences": return_sequences, "implementation": implementation}
        given = {**own, "kernel_regularizer": keras.regularizers.get(kernel_regularizer), "dtype": self.dtype_policy}
        self.forward = Recurrent(name="forward", **given)
        self.backward = Recurrent(name="backward", reverse=True, **given)
        self.settings, self.supports_masking = own, True

    def build(self, input_shape: Shape) -> None:
        """Both layers' weights."""
        self.forward.build(input_shape)
        self.backward.build(input_shape)

    def call(self, inputs: Tensor, mask: Tensor | None = None, training: bool | None = False) -> Tensor:
        """[batch, time, features], mask bool [batch, time] -> [batch, 2 * units] or [batch, time, 2 * units]."""
        both = [layer(inputs, mask=mask, training=training) for layer in (self.forward, self.backward)]
        outputs = tf.concat(both, axis=-1)
        if mask is None or not self.settings["return_sequences"]:
            return outputs
        return tf.where(mask[..., None], outputs, tf.zeros_like(outputs))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """[batch, 2 * units] or [batch, time, 2 * units]."""
        shape = self.forward.compute_output_shape(input_shape)
        return (*shape[:-1], 2 * self.forward.units)

    def compute_mask(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor | None:
        """The mask of the inputs where sequences are returned, otherwise None."""
        return self.forward.compute_mask(inputs, mask)

    def get_config(self) -> dict[str, Any]:
        """What the constructor takes."""
        regularizer = keras.regularizers.serialize(self.forward.kernel_regularizer)
        return {**super().get_config(), **self.settings, "kernel_regularizer": regularizer}
