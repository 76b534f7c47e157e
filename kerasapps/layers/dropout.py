"""Dropout whose noise is the engine's: the same on any number of devices, in every plan, and after a resume."""

import keras
import tensorflow as tf

from kerasapps.layers.paths import noise_key
from kerasapps.noise import current_noise
from kerasapps.tensors import Tensor


@keras.saving.register_keras_serializable("kerasapps")
class Dropout(keras.layers.Dropout):
    """keras.layers.Dropout (Srivastava et al. 2014); within a training step its mask comes from the step's Noise.

    The mask is keyed by the layer's path inside its part. Outside the engine, as under keras.Model.fit, it is Keras's
    own.
    """

    noise_key = ""
    """Given to the layer when its part is built."""

    def call(self, inputs: Tensor, training: bool | None = False) -> Tensor:
        """[batch, ...] -> the same shape; kept elements are divided by the fraction that is kept."""
        noise = current_noise()
        if noise is None or not training or not self.rate:
            return super().call(inputs, training=training)
        kept = noise.uniform(noise_key(self), tf.shape(inputs)) >= self.rate
        return tf.where(kept, inputs / (1 - self.rate), tf.zeros_like(inputs))
