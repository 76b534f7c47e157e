"""Variational autoencoder: images or rows from latents that are standard normal, and their likelihood."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from kerasapps import generative, supervised
from kerasapps.app import Answered, App, Batch, Goal, Parts, Signature, Sums, Update, View
from kerasapps.arguments import Argument
from kerasapps.data.augment import Augmentation
from kerasapps.data.spec import Layout
from kerasapps.errors import ConfigError
from kerasapps.hparams import Hparams, redefault, setting
from kerasapps.layers import coders, stacks
from kerasapps.layers.log_scale import LogScale
from kerasapps.losses.latent import LatentModel
from kerasapps.noise import Noise
from kerasapps.plots import encoded, images, prior, sampled

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

    epochs: int = redefault("epochs", 50)
    architecture: str = setting(
        "dense", "dense layers, or convolutions of stride 2 (images)", choices=("dense", "convolutional")
    )
    widths: tuple = setting((256,), "units, or filters, of the encoder's layers; the decoder's are the same", minimum=1)
    latents: int = setting(20, "numbers that a row is encoded in", minimum=1)
    likelihood: str = setting(
        "auto",
        "p(x|z): bernoulli (images), or gaussian; auto = bernoulli for images, gaussian for rows",
        choices=("auto", "bernoulli", "gaussian"),
    )
    scale: float = setting(
        0.0, "deviation of gaussian, in units of the model's inputs; 0 = learned, one for all numbers", minimum=0
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
    regularizer = supervised.kernel_regularizer(hparams)
    hidden = coders.Hidden(regularizer=regularizer, dropout=hparams.dropout)
    encoder = coders.down(convolutional, hparams.widths, hidden)
    last = {"kernel_regularizer": regularizer, "dtype": "float32"}
    heads = [keras.layers.Dense(hparams.latents, name=name, **last) for name in ("z_mean", "z_log_var")]
    output = "sigmoid" if gaussian and layout.only.form == "image" else None
    decoder = coders.up(convolutional, layout.only.shape, hparams.widths[::-1], hidden, output)
    if gaussian:
        decoder.append(LogScale(hparams.scale or _FIRST_SCALE[layout.only.form], not hparams.scale, name="scale"))
    return {
        "encoder": stacks.Stack({"inputs": layout.only.shape}, encoder, heads),
        "decoder": stacks.Stack({"latents": [hparams.latents]}, decoder),
    }


def _seen(hparams: VaeHparams, inputs: Any) -> Any:
    """What the encoder sees and the decoder has to find: the inputs, or the bits that they become."""
    return tf.cast(inputs >= 0.5, tf.float32) if hparams.binarize else inputs


def _means(answered: Any) -> Any:
    """Means of p(x|z), [rows, *shape], from what the decoder answered; of bits the probabilities of 1."""
    return answered[0] if isinstance(answered, (list, tuple)) else tf.sigmoid(answered)


def _model_of(parts: Parts, hparams: VaeHparams) -> LatentModel:
    return LatentModel(parts["encoder"], parts["decoder"], hparams.beta, hparams.free_bits)


def _metrics(batch: Batch, terms: Any) -> Sums:
    number = tf.reduce_sum(batch["weights"])
    sums = tf.linalg.matvec(terms, batch["weights"], transpose_a=True)
    return {"reconstruction": (sums[0], number), "kl": (sums[1], number)}


def cycle(parts: Parts, hparams: VaeHparams, layout: Layout) -> list[Update]:
    """One update of both models, with latents that are drawn anew at every step."""
    model = _model_of(parts, hparams)
    update = Update(
        name="vae",
        variables=[variable for part in parts.values() for variable in part.trainable_variables],
        counts=lambda batch: batch["weights"],
        loss=lambda batch, noise: model.losses(_seen(hparams, layout.given(batch["inputs"])), noise, training=True),
        penalties=lambda: supervised.penalties(*parts.values()),
        metrics=_metrics,
    )
    return [update]


def evaluate(parts: Parts, hparams: VaeHparams, layout: Layout) -> Callable[[Batch], Sums]:
    """The loss, penalties included, and its terms, without dropout and with the same noise at every evaluation."""
    model = _model_of(parts, hparams)

    def sums(batch: Batch) -> Sums:
        values, terms = model.losses(_seen(hparams, layout.given(batch["inputs"])), Noise(0, 0), training=False)
        number = tf.reduce_sum(batch["weights"])
        loss = tf.reduce_sum(values * batch["weights"]) + number * supervised.penalties(*parts.values())
        return {"loss": (loss, number), **_metrics(batch, terms)}

    return sums


def outputs(parts: Parts, hparams: VaeHparams, layout: Layout) -> Callable[[Any], tf.Tensor]:
    """A function of inputs -> [rows, 2]: ELBO and importance-weighted bound of `bound_samples` samples, in nats."""
    model = _model_of(parts, hparams)
    return lambda inputs: model.bounds(_seen(hparams, layout.given(inputs)), hparams.bound_samples)


def score(answered: Answered) -> dict[str, float]:
    """Mean ELBO and importance-weighted bound of the rows, in nats; the higher, the better."""
    elbo, bound = np.asarray(answered.outputs, np.float64).mean(axis=0)
    return {"elbo": float(elbo), "bound": float(bound)}


def signatures(parts: Parts, hparams: VaeHparams, layout: Layout) -> dict[str, Signature]:
    """serving_default, reconstruct: inputs -> what the decoder makes of their mean latents. encode: inputs -> z_mean
    and z_log_var [rows, latents]. decode: latents -> the means of p(x|z), of bits the probabilities of 1. sample: the
    same of latents from the prior. Images are [rows, H, W, C] in [0, 1], rows [rows, D] in the units of the data."""

    def decode(latents: Any) -> dict[str, Any]:
        means = _means(parts["decoder"](latents, training=False))
        return {generative.answer_name(layout): generative.in_units(layout, means)}

    def encode(inputs: Any) -> dict[str, Any]:
        mean, log_variance = parts["encoder"](_seen(hparams, layout.given(inputs)), training=False)
        return {"z_mean": mean, "z_log_var": log_variance}

    def sample(seed: Any, number: Any) -> dict[str, Any]:
        return decode(generative.latents(seed, number, hparams.latents))

    example = generative.latents(0, generative.SHOWN, hparams.latents).numpy()
    reconstruct = Signature(lambda inputs: decode(encode(inputs)["z_mean"]))
    return {
        "serving_default": reconstruct,
        "reconstruct": reconstruct,
        "encode": Signature(encode),
        "decode": Signature(lambda given: decode(given["latents"]), {"latents": Argument(example)}),
        "sample": generative.ask_for_samples(sample),
    }


def samples(parts: Parts, hparams: VaeHparams, layout: Layout) -> Callable[[], Any]:
    """A function () -> what the decoder makes of the same latents every time, [64, *shape], as the model has it."""
    return lambda: _means(parts["decoder"](generative.latents(0, generative.SHOWN, hparams.latents), training=False))


def space(hparams: VaeHparams, hp: Any) -> VaeHparams:
    """Learning rate, batch size, widths, dropout and L2 penalty; not beta, which the losses are made of."""
    widths = ("128", "256", "512-256") if hparams.architecture == "dense" else ("16-32", "32-64", "32-64-128")
    chosen = supervised.choice(hp, "widths", widths, "-".join(map(str, hparams.widths)))
    return dataclasses.replace(
        hparams,
        learning_rate=supervised.rate(hp, hparams),
        global_batch_size=supervised.choice(hp, "global_batch_size", (32, 64, 128), hparams.global_batch_size),
        widths=tuple(int(width) for width in chosen.split("-") if width),
        dropout=supervised.choice(hp, "dropout", (0.0, 0.1, 0.2), hparams.dropout),
        l2=supervised.choice(hp, "l2", (0.0, 1e-6, 1e-5), hparams.l2),
    )


def drawn(plot: Callable[[View], Any]) -> Callable[[View], Any]:
    """`plot`, which is shown what the encoder sees, and means in the place of logits."""

    def plotted(view: View) -> Any:
        decoder = view.parts["decoder"]
        parts = {**view.parts, "decoder": lambda latents, training: _means(decoder(latents, training=training))}
        seen = {"apply": lambda columns: np.asarray(_seen(view.hparams, view.apply(columns)))}
        return plot(dataclasses.replace(view, parts=parts, **seen))

    return plotted


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
    space=space,
    goals={"mnist_5k": Goal("bound", at_least=-108.0)},
    builders=stacks.builders(stacks_of),
    cycle=cycle,
    evaluate=evaluate,
    outputs=outputs,
    score=score,
    signatures=signatures,
    samples=samples,
    plots={
        "samples": sampled.samples,
        "samples_over_training": sampled.samples_over_training,
        "samples_animation": sampled.samples_animation,
        "reconstructions": drawn(encoded.reconstructions),
        "latent_scatter": drawn(encoded.latent_scatter),
        "interpolation": drawn(prior.interpolation),
        "manifold": drawn(prior.manifold),
        "augmented": images.augmented,
    },
    augment=generative.make_augment,
)
