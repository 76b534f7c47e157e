"""First and last layers of networks that forecast: inputs made of a series, and outputs added to its last step."""

from typing import Any

import keras

from kerasapps.tensors import GivenRegularizer, Shape, Tensor


@keras.saving.register_keras_serializable("kerasapps")
class Shown(keras.layers.Layer):
    """Inputs of a forecasting network: the values of a series, their differences from the last value, or both.

    With differences alone, a series shifted by c has forecasts shifted by c (Zeng et al. 2023, arXiv:2205.13504,
    NLinear). This is right for any level that a trend leads to.
    """

    def __init__(self, kind: str, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.kind = kind

    def call(self, inputs: Tensor) -> Tensor:
        """[batch, time, 1] -> [batch, time, features]: 2 of both, else 1."""
        changes = inputs - inputs[:, -1:]
        views = {"values": [inputs], "changes": [changes], "both": [inputs, changes]}
        return keras.ops.concatenate(views[self.kind], axis=-1)

    def get_config(self) -> dict[str, Any]:
        """What the constructor takes."""
        return {**super().get_config(), "kind": self.kind}


@keras.saving.register_keras_serializable("kerasapps")
class OntoLast(keras.layers.Layer):
    """A forecast: the last step plus the network's output and, optionally, a weighted sum of the inputs.

    The sum follows a series beyond the values of training, where cells saturate (Lai et al. 2018, arXiv:1703.07015,
    section 3.6). Its weights begin with 0.
    """

    def __init__(self, weighted: bool = True, regularizer: GivenRegularizer = None, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.weighted, self.regularizer = weighted, keras.regularizers.get(regularizer)

    def build(self, changes_shape: Shape, shown_shape: tuple[int | None, int, int], inputs_shape: Shape) -> None:
        """Weights [time * features, horizon]."""
        if self.weighted:
            shape = (shown_shape[1] * shown_shape[2], changes_shape[-1])
            self.kernel = self.add_weight(shape=shape, initializer="zeros", regularizer=self.regularizer, name="kernel")

    def call(self, changes: Tensor, shown: Tensor, inputs: Tensor) -> Tensor:
        """changes [batch, horizon], shown [batch, time, features], inputs [batch, time, 1] -> [batch, horizon]."""
        forecast = changes + inputs[:, -1]
        if not self.weighted:
            return forecast
        return forecast + keras.ops.reshape(shown, [-1, self.kernel.shape[0]]) @ self.kernel

    def get_config(self) -> dict[str, Any]:
        """What the constructor takes."""
        regularizer = keras.regularizers.serialize(self.regularizer)
        return {**super().get_config(), "weighted": self.weighted, "regularizer": regularizer}
