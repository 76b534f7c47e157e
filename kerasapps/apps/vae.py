"""Variational autoencoder: images or rows from latents that are standard normal, and their likelihood."""

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
"""Name of the noise that a row's latents are drawn with."""
_FIRST_SCALE = {"image": 0.3, "vector": 1.0}
"""About the deviation of grey values, and that of standardised numbers."""


@dataclass(frozen=True)
class VaeHparams(Augmentation, Hparams):
    """The autoencoder of Kingma and Welling (2014), arXiv:1312.6114, whose decoder mirrors its encoder.

    The loss of a row is -E log p(x|z) + beta KL(q(z|x) || p(z)) in nats: with beta 1 and without free bits minus its
    ELBO. Of real numbers the nats are those of a density, in units of the model's inputs: white is 1, and numbers are
    standardised. Of grey values under likelihood=bernoulli, without binarize, all figures called reconstruction, elbo
    and bound are cross-entropies, not nats of any distribution: comparable with each other, and with nothing else.
    """

    epochs: int = 50
    architecture: Literal["dense", "convolutional"] = setting("dense", "dense layers, or strided convolutions (images)")
    widths: tuple[int, ...] = setting((256,), "units, or filters, of the encoder; the decoder has the same", minimum=1)
    latents: int = setting(20, "numbers that a row is encoded in", minimum=1)
    likelihood: Literal["auto", "bernoulli", "gaussian"] = setting(
        "auto", "p(x|z): bernoulli (images), or gaussian; auto = bernoulli for images, gaussian for rows"
    )
    scale: float | None = setting(
        None, "deviation of gaussian, in units of the model's inputs; none = learned, one for all numbers", above=0
    )
    binarize: bool = setting(False, "make pixels of at least one half 1 and others 0, for encoder and target")
    beta: float = setting(1.0, "weight of the KL divergence; Higgins et al. 2017", minimum=0)
    free_bits: float = setting(
        0.0, "nats of each latent's KL divergence that cost no less; Kingma et al. 2016", minimum=0
    )
    dropout: float = setting(0.0, "fraction of hidden units dropped in training", minimum=0, below=1)
    bound_samples: int = setting(50, "samples of the importance-weighted bound at the end", minimum=1)


def likelihood_of(hparams: VaeHparams, layout: Layout) -> str:
    """bernoulli or gaussian; raises ConfigError for what is only of images, and of the other likelihood."""
    of_images = (("likelihood", "bernoulli", "gaussian"), ("architecture", "convolutional", "dense"))
    for name, value, instead in (*of_images, ("binarize", True, False)):
        if getattr(hparams, name) == value:
            generative.check_images(layout, name, value, instead)
    chosen = hparams.likelihood
    if chosen == "auto":
        chosen = "bernoulli" if layout.only.form == "image" else "gaussian"
    if hparams.scale and chosen == "bernoulli":
        raise ConfigError(
            f"scale={hparams.scale} is of likelihood=gaussian, but that of images is bernoulli unless it is given. "
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
        """What the encoder sees and the decoder has to find: the rows, or the bits that they become."""
        return tf.cast(rows >= 0.5, tf.float32) if self.hparams.binarize else rows

    def posterior(self, rows: Values, training: bool = False) -> tuple[tf.Tensor, tf.Tensor]:
        """z_mean and z_log_var of rows as they are seen, [rows, latents] each."""
        return self.encoder(rows, training=training)

    def encode(self, rows: Values) -> tf.Tensor:
        """[rows, *shape] -> z_mean [rows, latents]."""
        return self.posterior(self.seen(rows))[0]

    def decode(self, latents: Values) -> tf.Tensor:
        """Means of p(x|z), [rows, *shape]; of bits the probabilities of 1."""
        answered = self.decoder(latents, training=False)
        return answered[0] if isinstance(answered, (list, tuple)) else tf.sigmoid(answered)

    def updates(self) -> list[Update]:
        """One update of both models, with latents that are drawn anew at every step."""
        variables = [*self.encoder.trainable_variables, *self.decoder.trainable_variables]
        return [Update("vae", variables, self._loss, self._penalties, lambda batch, loss: _metrics(loss))]

    def _penalties(self) -> tf.Tensor:
        return penalties(self.encoder, self.decoder)

    def weights(self, batch: Batch) -> Values:
        """Those of the batch."""
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
        """The loss, penalties included, and its terms, without dropout and with the same noise at every evaluation."""
        loss = self._loss(batch, evaluation_noise(), training=False)
        number = tf.reduce_sum(loss.weights)
        total = tf.reduce_sum(loss.values * loss.weights) + number * self._penalties()
        return {"loss": (total, number), **_metrics(loss)}

    def outputs(self, inputs: Mapping[str, Values]) -> tf.Tensor:
        """[rows, 2]: ELBO and importance-weighted bound of bound_samples samples, in nats; always of the same noise."""
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
        """serving_default, reconstruct: columns -> what the decoder makes of their mean latents. encode: columns ->
        z_mean and z_log_var [rows, latents]. decode: latents -> the means of p(x|z). sample: those of latents from the
        prior. Images are [rows, H, W, C] in [0, 1], rows [rows, D] in the units of the data."""

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
        """What the decoder makes of the same latents every time, [64, *shape], as the model has it."""
        return self.decode(self._latents(0, generative.SHOWN))


def _metrics(loss: Loss) -> Sums:
    number = tf.reduce_sum(loss.weights)
    sums = tf.linalg.matvec(loss.outputs, loss.weights, transpose_a=True)
    return {"reconstruction": (sums[0], number), "kl": (sums[1], number)}


def space(hparams: VaeHparams, hp: "keras_tuner.HyperParameters") -> VaeHparams:
    """Learning rate, batch size, widths, dropout and L2 penalty; not beta, which the losses are made of."""
    widths = ((128,), (256,), (512, 256)) if hparams.architecture == "dense" else ((16, 32), (32, 64), (32, 64, 128))
    choose = search.among(widths=widths, dropout=(0.0, 0.1, 0.2), l2=(0.0, 1e-6, 1e-5))
    return choose(hparams, hp)


# Varied images keep the 3,600 training rows from being learned by heart. Dense layers of 400 and 200 units came within
# two nats of these convolutions on validation, in more time.
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

# Grey values, of images too small to be varied.
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
