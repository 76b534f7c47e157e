"""Variational autoencoder: generates images or rows from standard normal latents, and bounds their likelihood."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import keras
import numpy as np
import tensorflow as tf

from kerasapps.app import Answered, App, Batch, Direction, Goal, Loss, Parts, Signature, Sums, Update
from kerasapps.arguments import argument
from kerasapps.data.augment import Augmentation
from kerasapps.data.spec import Layout
from kerasapps.errors import ConfigError
from kerasapps.hparams import Hparams
from kerasapps.layers import coders, stacks
from kerasapps.layers.heads import LogScale
from kerasapps.losses import likelihood
from kerasapps.noise import Noise, evaluation_noise
from kerasapps.plots import encoded, pictures, prior, sampled
from kerasapps.settings import setting
from kerasapps.tasks import generative, search
from kerasapps.tasks.penalties import kernel_regularizer, penalties
from kerasapps.tasks.plans import ANY_LAYERS, CONVOLUTIONS
from kerasapps.tensors import Integer, Values

if TYPE_CHECKING:
    import keras_tuner

POSTERIOR = "posterior"
"""Name of the noise that latents are drawn with."""
_FIRST_SCALE = {"image": 0.3, "vector": 1.0}
"""First deviations of the decoder: about those of grey values, and of standardised numbers."""


@dataclass(frozen=True)
class VaeHparams(Augmentation, Hparams):
    """The autoencoder of Kingma and Welling (2014), arXiv:1312.6114, whose decoder mirrors its encoder.

    The loss of a row is -E log p(x|z) + beta KL(q(z|x) || p(z)) in nats. With beta 1 and without free bits it is minus
    the ELBO. For a gaussian likelihood the nats are those of a density, in units of the model's inputs: white is 1, and
    numbers are standardised. For grey values with likelihood=bernoulli and without binarize, reconstruction, elbo and
    bound are cross-entropies, not nats of a distribution. They are comparable only with each other.
    """

    epochs: int = 50
    architecture: Literal["dense", "convolutional"] = setting("dense", "dense layers, or strided convolutions (images)")
    widths: tuple[int, ...] = setting((256,), "units, or filters, of the encoder; the decoder mirrors them", minimum=1)
    latents: int = setting(20, "size of the code of a row", minimum=1)
    likelihood: Literal["auto", "bernoulli", "gaussian"] = setting(
        "auto", "p(x|z): bernoulli (images), or gaussian; auto = bernoulli for images, gaussian for rows"
    )
    scale: float | None = setting(
        None, "deviation of gaussian, in units of the model's inputs; none = learned, the same for all numbers", above=0
    )
    binarize: bool = setting(False, "set pixels of at least one half to 1 and others to 0, in inputs and targets")
    beta: float = setting(1.0, "weight of the KL divergence; Higgins et al. 2017", minimum=0)
    free_bits: float = setting(
        0.0, "least cost, in nats, of the KL divergence of each latent; Kingma et al. 2016", minimum=0
    )
    dropout: float = setting(0.0, "fraction of hidden units dropped in training", minimum=0, below=1)
    bound_samples: int = setting(50, "samples of the importance-weighted bound, computed after training", minimum=1)


def likelihood_of(hparams: VaeHparams, layout: Layout) -> str:
    """bernoulli or gaussian. Raises ConfigError for settings that need images or the other likelihood."""
    of_images = (("likelihood", "bernoulli", "gaussian"), ("architecture", "convolutional", "dense"))
    for name, value, instead in (*of_images, ("binarize", True, False)):
        if getattr(hparams, name) == value:
            generative.check_images(layout, name, value, instead)
    chosen = hparams.likelihood
    if chosen == "auto":
        chosen = "bernoulli" if layout.only.form == "image" else "gaussian"
    if hparams.scale and chosen == "bernoulli":
        raise ConfigError(
            f"scale={hparams.scale} needs likelihood=gaussian, but the default of images is bernoulli. "
            "Give likelihood=gaussian, or leave scale out."
        )
    return chosen


def stacks_of(hparams: VaeHparams, layout: Layout) -> dict[str, stacks.Stack]:
    """encoder: inputs [batch, *shape] -> z_mean and z_log_var [batch, latents]. decoder: latents [batch, latents] ->
    logits [batch, *shape], or means and the logarithm of their deviation."""
    gaussian = likelihood_of(hparams, layout) == "gaussian"
    convolutional = hparams.architecture == "convolutional"
    if convolutional and not hparams.widths:
        raise ConfigError(
            "architecture=convolutional with widths=[]: expected the filters of one convolution at least."
        )
    regularizer = kernel_regularizer(hparams)
    hidden = coders.Hidden(regularizer=regularizer, dropout=hparams.dropout)
    encoder = coders.down(convolutional, hparams.widths, hidden)
    last = {"kernel_regularizer": regularizer, "dtype": "float32"}
    z_mean, z_log_var = (keras.layers.Dense(hparams.latents, name=name, **last) for name in ("z_mean", "z_log_var"))
    heads = [z_mean, stacks.Call(z_log_var, (encoder[-1].name,))]
    output = "sigmoid" if gaussian and layout.only.form == "image" else None
    decoder = coders.up(convolutional, layout.only.shape, hparams.widths[::-1], hidden, output)
    if gaussian:
        decoder.append(LogScale(hparams.scale or _FIRST_SCALE[layout.only.form], not hparams.scale, name="scale"))
    return {
        "encoder": stacks.Stack(stacks.inputs_of(layout), [*encoder, *heads], ["z_mean", "z_log_var"]),
        "decoder": stacks.Stack([keras.Input([hparams.latents], name="latents")], decoder),
    }


class Vae:
    """q(z|x) and p(x|z), the parts "encoder" and "decoder"; Kingma and Welling (2014), arXiv:1312.6114.

    encoder: x [rows, ...] -> mean and logarithm of the variance of q(z|x), [rows, latents] each. decoder: z -> logits
    of p(x|z) [rows, ...], or means and the logarithm of their deviation.
    """

    directions: Mapping[str, Direction] = {
        **dict.fromkeys(("loss", "reconstruction", "kl"), "min"),
        **dict.fromkeys(("elbo", "bound"), "max"),
    }
    sample_labels = None

    def __init__(self, parts: Parts, hparams: VaeHparams, layout: Layout) -> None:
        self.encoder, self.decoder = parts["encoder"], parts["decoder"]
        self.parts, self.hparams, self.layout = parts, hparams, layout
        self.plans = CONVOLUTIONS if hparams.architecture == "convolutional" else ANY_LAYERS
        self.augment = generative.make_augment(hparams, layout)

    def seen(self, rows: Values) -> Values:
        """The inputs of the encoder and targets of the decoder: the rows, or with binarize their bits."""
        return tf.cast(rows >= 0.5, tf.float32) if self.hparams.binarize else rows

    def posterior(self, rows: Values, training: bool = False) -> tuple[tf.Tensor, tf.Tensor]:
        """z_mean and z_log_var [rows, latents] of rows that `seen` has returned."""
        return self.encoder(rows, training=training)

    def encode(self, rows: Values) -> tf.Tensor:
        """[rows, *shape] -> z_mean [rows, latents]."""
        return self.posterior(self.seen(rows))[0]

    def decode(self, latents: Values) -> tf.Tensor:
        """Means of p(x|z), [rows, *shape]; for bits these are the probabilities of 1."""
        answered = self.decoder(latents, training=False)
        return answered[0] if isinstance(answered, (list, tuple)) else tf.sigmoid(answered)

    def updates(self) -> list[Update]:
        """One update of both parts; each step draws new latents."""
        variables = [*self.encoder.trainable_variables, *self.decoder.trainable_variables]
        return [Update("vae", variables, self._loss, self._penalties, lambda batch, loss: _metrics(loss))]

    def _penalties(self) -> tf.Tensor:
        return penalties(self.encoder, self.decoder)

    def weights(self, batch: Batch) -> Values:
        """The weights of the batch, [batch]."""
        return batch["weights"]

    def _loss(self, batch: Batch, noise: Noise, training: bool = True) -> Loss:
        """The loss; its outputs are [rows, 2]: -log p(x|z) of one z ~ q(z|x), and the KL divergence."""
        x = self.seen(self.layout.given(batch["inputs"]))
        mean, log_variance = self.posterior(x, training)
        z = likelihood.reparameterised(mean, log_variance, noise.normal(POSTERIOR, tf.shape(mean)))
        reconstruction = -self._log_likelihood(x, z, training)
        divergence = likelihood.kl(mean, log_variance)
        values = reconstruction + self.hparams.beta * likelihood.at_least(self.hparams.free_bits, divergence)
        terms = tf.stack([reconstruction, tf.reduce_sum(divergence, axis=1)], axis=1)
        return Loss(values, batch["weights"], terms)

    def _log_likelihood(self, x: Values, z: tf.Tensor, training: bool = False) -> tf.Tensor:
        answered = self.decoder(z, training=training)
        if isinstance(answered, (list, tuple)):
            return likelihood.gaussian(x, *answered)
        return likelihood.bernoulli(x, answered)

    def evaluate(self, batch: Batch) -> Sums:
        """The loss, penalties included, and its terms, without dropout and always with the same noise."""
        loss = self._loss(batch, evaluation_noise(), training=False)
        number = tf.reduce_sum(loss.weights)
        total = tf.reduce_sum(loss.values * loss.weights) + number * self._penalties()
        return {"loss": (total, number), **_metrics(loss)}

    def outputs(self, inputs: Mapping[str, Values]) -> tf.Tensor:
        """ELBO and importance-weighted bound of bound_samples samples, [rows, 2] in nats, with fixed noise."""
        x = self.seen(self.layout.given(inputs))
        mean, log_variance = self.posterior(x)

        def weight_of(sample: tf.Tensor) -> tf.Tensor:
            noise = dataclasses.replace(evaluation_noise(), step=sample).normal(POSTERIOR, tf.shape(mean))
            z = likelihood.reparameterised(mean, log_variance, noise)
            return likelihood.log_weight(self._log_likelihood(x, z), z, mean, log_variance)

        return tf.stack(likelihood.bounds(weight_of, self.hparams.bound_samples), axis=1)

    def score(self, answered: Answered) -> dict[str, float]:
        """Mean ELBO and importance-weighted bound of the rows, in nats."""
        elbo, bound = np.asarray(answered.outputs, np.float64).mean(axis=0)
        return {"elbo": float(elbo), "bound": float(bound)}

    def signatures(self) -> dict[str, Signature]:
        """serving_default and reconstruct: columns -> the outputs of the decoder for their mean latents.

        encode: columns -> z_mean and z_log_var [rows, latents]. decode: latents -> the means of p(x|z). sample: these
        means for latents drawn from the prior. Images are [rows, H, W, C] in [0, 1], rows [rows, D] in the units of the
        data.
        """

        def answer(latents: Values) -> dict[str, tf.Tensor]:
            return generative.answer(self.layout, self.decode(latents))

        def encode(inputs: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
            return dict(zip(("z_mean", "z_log_var"), self.posterior(self.seen(self.layout.given(inputs))), strict=True))

        columns, example = self.layout.columns, self._latents(0, generative.SHOWN).numpy()
        reconstruct = Signature(lambda inputs: answer(encode(inputs)["z_mean"]), columns)
        return {
            "serving_default": reconstruct,
            "reconstruct": reconstruct,
            "encode": Signature(encode, columns),
            "decode": Signature(lambda inputs, latents: answer(latents), arguments={"latents": argument(example)}),
            "sample": generative.ask_for_samples(lambda seed, number: answer(self._latents(seed, number))),
        }

    def _latents(self, seed: Integer, number: Integer) -> tf.Tensor:
        return generative.latents(seed, number, self.hparams.latents)

    def samples(self) -> tf.Tensor:
        """Outputs of the decoder for fixed latents, [64, *shape] in the units of the model's inputs."""
        return self.decode(self._latents(0, generative.SHOWN))


def _metrics(loss: Loss) -> Sums:
    number = tf.reduce_sum(loss.weights)
    sums = tf.linalg.matvec(loss.outputs, loss.weights, transpose_a=True)
    return {"reconstruction": (sums[0], number), "kl": (sums[1], number)}


def space(hparams: VaeHparams, hp: "keras_tuner.HyperParameters") -> VaeHparams:
    """Search learning rate, batch size, widths, dropout and L2 penalty; not beta, which changes the loss itself."""
    widths = ((128,), (256,), (512, 256)) if hparams.architecture == "dense" else ((16, 32), (32, 64), (32, 64, 128))
    choose = search.among(widths=widths, dropout=(0.0, 0.1, 0.2), l2=(0.0, 1e-6, 1e-5))
    return choose(hparams, hp)


# Augmentation prevents overfitting of the 3,600 training rows. Dense layers of 400 and 200 units came within two nats
# of these convolutions on validation, and took more time.
MNIST_5K = {
    "binarize": True,
    "architecture": "convolutional",
    "widths": (32, 64),
    "epochs": 40,
    "global_batch_size": 64,
    "learning_rate": 2e-3,
    "schedule": "cosine",
    "warmup_epochs": 1.0,
    "ema_momentum": 0.99,
    "rotation_degrees": 10.0,
    "zoom": 0.1,
    "shift_pixels": 1.0,
}

# Grey values of images that are too small to be augmented.
DIGITS = {
    "likelihood": "gaussian",
    "epochs": 300,
    "learning_rate": 2e-3,
    "schedule": "cosine",
    "widths": (256, 128),
    "dropout": 0.1,
}

APP = App(
    name="vae",
    accepts={"image": ("any",), "vector": ("any",)},
    default_data="mnist_5k",
    hparams=VaeHparams,
    tuned={"mnist_5k": MNIST_5K, "digits": DIGITS},
    tiny={"epochs": 2, "architecture": "dense", "widths": (32,), "latents": 3, "bound_samples": 2},
    task=Vae,
    space=space,
    goals={"mnist_5k": Goal("bound", at_least=-108.0)},
    builders=stacks.builders(stacks_of),
    plots={
        "samples": sampled.samples,
        "samples_over_training": sampled.samples_over_training,
        "samples_animation": sampled.samples_animation,
        "reconstructions": encoded.as_seen(encoded.reconstructions),
        "latent_scatter": encoded.as_seen(encoded.latent_scatter),
        "interpolation": encoded.as_seen(prior.interpolation),
        "manifold": encoded.as_seen(prior.manifold),
        "augmented": pictures.augmented,
    },
)
