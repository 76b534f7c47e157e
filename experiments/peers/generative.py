"""Generative models as Keras's guides have them: parts, and a train_step of one's own under fit.

Runs in interpreters that need not have kerasapps: nothing of it may be imported here.
"""

from collections.abc import Mapping
from typing import Any

import keras
import tensorflow as tf


class Autoencoder(keras.Model):
    """What is encoded is decoded; compile has the loss."""

    def __init__(self, parts: Mapping[str, keras.Model]) -> None:
        super().__init__()
        self.encoder, self.decoder = parts["encoder"], parts["decoder"]

    def call(self, inputs: Any) -> Any:
        """Inputs [batch, ...] -> the same."""
        return self.decoder(self.encoder(inputs))


class Vae(keras.Model):
    """Bernoulli decoder of logits, of images whose pixels of at least one half are 1 (Kingma and Welling 2014)."""

    def __init__(self, parts: Mapping[str, keras.Model], binarize: bool) -> None:
        super().__init__()
        self.encoder, self.decoder, self.binarize = parts["encoder"], parts["decoder"], binarize
        self.seed, self.mean = keras.random.SeedGenerator(0), keras.metrics.Mean("loss")

    def call(self, inputs: Any) -> Any:
        """Inputs [batch, ...] -> logits decoded from the means."""
        return self.decoder(self.encoder(inputs)[0])

    def _loss(self, inputs: Any) -> Any:
        """Minus the ELBO, mean over rows, nats."""
        seen = tf.cast(inputs >= 0.5, tf.float32) if self.binarize else inputs
        z_mean, z_log_var = self.encoder(seen)
        z = z_mean + tf.exp(0.5 * z_log_var) * keras.random.normal(tf.shape(z_mean), seed=self.seed)
        errors = tf.nn.sigmoid_cross_entropy_with_logits(seen, self.decoder(z))
        kl = -0.5 * tf.reduce_sum(1 + z_log_var - tf.square(z_mean) - tf.exp(z_log_var), axis=1)
        return tf.reduce_mean(tf.reduce_sum(errors, axis=[1, 2, 3]) + kl)

    def train_step(self, data: Any) -> dict[str, Any]:
        """One batch."""
        with tf.GradientTape() as tape:
            loss = self._loss(data[0])
        self.optimizer.apply(tape.gradient(loss, self.trainable_variables), self.trainable_variables)
        self.mean.update_state(loss, tf.shape(data[0])[0])
        return {"loss": self.mean.result()}

    def test_step(self, data: Any) -> dict[str, Any]:
        """One batch of validation rows."""
        self.mean.update_state(self._loss(data[0]), tf.shape(data[0])[0])
        return {"loss": self.mean.result()}


class Gan(keras.Model):
    """Discriminator, then generator, on the non-saturating loss (Goodfellow et al. 2014)."""

    def __init__(self, parts: Mapping[str, keras.Model], optimizers: Mapping[str, Any]) -> None:
        super().__init__()
        self.generator, self.discriminator = parts["generator"], parts["discriminator"]
        self.optimizers, self.seed = dict(optimizers), keras.random.SeedGenerator(0)
        for name, optimizer in self.optimizers.items():
            optimizer.build(parts[name].trainable_variables)
        self.means = [keras.metrics.Mean("discriminator_loss"), keras.metrics.Mean("generator_loss")]

    def call(self, inputs: Any) -> Any:
        """Inputs [batch, ...] -> logits of being real [batch, 1]."""
        return self.discriminator(inputs)

    def _made(self, inputs: Any) -> Any:
        shape = [tf.shape(inputs)[0], self.generator.input_shape[-1]]
        return self.generator(keras.random.normal(shape, seed=self.seed))

    def _discriminator_loss(self, inputs: Any) -> Any:
        real, made = self.discriminator(inputs), self.discriminator(self._made(inputs))
        return tf.reduce_mean(tf.nn.softplus(-real) + tf.nn.softplus(made))

    def _generator_loss(self, inputs: Any) -> Any:
        return tf.reduce_mean(tf.nn.softplus(-self.discriminator(self._made(inputs))))

    def train_step(self, data: Any) -> dict[str, Any]:
        """One batch, both losses in turn."""
        steps = ((self.discriminator, self._discriminator_loss), (self.generator, self._generator_loss))
        for (part, loss_of), mean in zip(steps, self.means, strict=True):
            with tf.GradientTape() as tape:
                loss = loss_of(data[0])
            variables = part.trainable_variables
            self.optimizers[part.name].apply(tape.gradient(loss, variables), variables)
            mean.update_state(loss, tf.shape(data[0])[0])
        return {mean.name: mean.result() for mean in self.means}

    def test_step(self, data: Any) -> dict[str, Any]:
        """One batch of validation rows."""
        for mean, loss in zip(self.means, (self._discriminator_loss, self._generator_loss), strict=True):
            mean.update_state(loss(data[0]), tf.shape(data[0])[0])
        return {mean.name: mean.result() for mean in self.means}
