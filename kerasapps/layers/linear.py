"""A model of one dense layer, which linear, logistic and softmax regression share."""

import keras


def linear_model(features: int, units: int, regularizer: keras.regularizers.Regularizer | None) -> keras.Model:
    """inputs [batch, features] -> inputs @ kernel + bias [batch, units]."""
    inputs = keras.Input([features], name="inputs")
    outputs = keras.layers.Dense(units, kernel_regularizer=regularizer, dtype="float32", name="dense")(inputs)
    return keras.Model(inputs, outputs, name="model")


class LinearModel(keras.Model):
    """The same as a class; its number of features is that of the first inputs."""

    def __init__(self, units: int, regularizer: keras.regularizers.Regularizer | None) -> None:
        super().__init__(name="model")
        self.dense = keras.layers.Dense(units, kernel_regularizer=regularizer, dtype="float32", name="dense")

    def call(self, inputs, training=None):
        """[batch, features] -> [batch, units]."""
        return self.dense(inputs)
