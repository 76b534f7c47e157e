"""Variational autoencoder: images or rows from latents that are standard normal, and their likelihood."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from kerasapps import generative, supervised
from kerasapps.app import Answered, App, Batch, Goal, Parts, Signature, Sums, Update, View
from kerasapps.arguments import Argument
from kerasapps.data.augment import Augmentation, make_augment
from kerasapps.data.spec import Layout
from kerasapps.draw import Draw
from kerasapps.errors import ConfigError
from kerasapps.hparams import Hparams, redefault, setting
from kerasapps.layers import variational
from kerasapps.losses import likelihood
from kerasapps.plots import encoded, images, prior, sampled

NOISE = "posterior"
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
    images = layout.kind == "image"
    of_images = {
        "likelihood=bernoulli": hparams.likelihood == "bernoulli",
        "architecture=convolutional": hparams.architecture == "convolutional",
        "binarize=True": hparams.binarize,
    }
    for name, given in of_images.items():
        if given and not images:
            raise ConfigError(
                f"{name} is of images, whose pixels are 0 to 1, but the inputs are a {layout.kind} of "
                f"{generative.size(layout)} standardised numbers. Expected likelihood=gaussian, architecture=dense and "
                "binarize=False."
            )
    chosen = hparams.likelihood
    if chosen == "auto":
        chosen = "bernoulli" if images else "gaussian"
    if hparams.scale and chosen == "bernoulli":
        raise ConfigError(
            f"scale={hparams.scale} is of likelihood=gaussian, but that of images is bernoulli unless it is given. "
            "Give likelihood=gaussian, or leave scale out."
        )
    return chosen


def _arguments(hparams: VaeHparams, layout: Layout) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the encoder and the decoder are made of."""
    gaussian = likelihood_of(hparams, layout) == "gaussian"
    both = {"architecture": hparams.architecture, "widths": hparams.widths, "dropout": hparams.dropout}
    both["regularizer"] = supervised.kernel_regularizer(hparams)
    activation = "sigmoid" if gaussian and layout.kind == "image" else None
    scale = (hparams.scale or _FIRST_SCALE[layout.kind], not hparams.scale) if gaussian else None
    decoder = {**both, "shape": layout.shape, "activation": activation, "scale": scale}
    return {**both, "latents": hparams.latents}, decoder


def functional(hparams: VaeHparams, layout: Layout) -> Parts:
    """encoder: inputs [batch, *shape] -> z_mean and z_log_var [batch, latents]. decoder: latents [batch, latents] ->
    logits [batch, *shape], or means and the logarithm of their deviation."""
    encoder, decoder = _arguments(hparams, layout)
    parts = {"encoder": variational.encoder(layout.shape, **encoder)}
    return {**parts, "decoder": variational.decoder(hparams.latents, **decoder)}


def subclassed(hparams: VaeHparams, layout: Layout) -> Parts:
    """The same as classes."""
    encoder, decoder = _arguments(hparams, layout)
    parts = {"encoder": variational.Encoder(**encoder), "decoder": variational.Decoder(**decoder)}
    parts["decoder"](parts["encoder"](tf.zeros([1, *layout.shape]))[0])
    return parts


def _seen(hparams: VaeHparams, inputs: Any) -> Any:
    """What the encoder sees and the decoder has to find: the inputs, or the bits that they become."""
    return tf.cast(inputs >= 0.5, tf.float32) if hparams.binarize else inputs


def _log_likelihood(x: Any, answered: Any) -> tf.Tensor:
    """log p(x|z), [rows], from what the decoder answered: logits, or means and the logarithm of their deviation."""
    if isinstance(answered, (list, tuple)):
        return likelihood.gaussian(x, *answered)
    return likelihood.bernoulli(x, answered)


def _means(answered: Any) -> Any:
    """Means of p(x|z), [rows, *shape], from what the decoder answered; of bits the probabilities of 1."""
    return answered[0] if isinstance(answered, (list, tuple)) else tf.sigmoid(answered)


def _losses(parts: Parts, hparams: VaeHparams, inputs: Any, draw: Draw, training: bool) -> tuple[Any, Any]:
    """The loss [rows], and of it [rows, 2]: -log p(x|z) of one z ~ q(z|x), and the KL divergence."""
    x = _seen(hparams, inputs)
    mean, log_variance = parts["encoder"](x, training=training)
    z = likelihood.reparameterised(mean, log_variance, draw.normal(NOISE, tf.shape(mean)))
    reconstruction = -_log_likelihood(x, parts["decoder"](z, training=training))
    divergence = likelihood.kl(mean, log_variance)
    loss = reconstruction + hparams.beta * likelihood.at_least(hparams.free_bits, divergence)
    return loss, tf.stack([reconstruction, tf.reduce_sum(divergence, axis=1)], axis=1)


def _metrics(batch: Batch, terms: Any) -> Sums:
    number = tf.reduce_sum(batch["counts"])
    sums = tf.linalg.matvec(terms, batch["counts"], transpose_a=True)
    return {"reconstruction": (sums[0], number), "kl": (sums[1], number)}


def _penalties(parts: Parts) -> Any:
    return tf.add_n([supervised.penalties(part) for part in parts.values()])


def cycle(parts: Parts, hparams: VaeHparams, layout: Layout) -> list[Update]:
    """One update of both models, with latents that are drawn anew at every step."""
    update = Update(
        name="vae",
        variables=[variable for part in parts.values() for variable in part.trainable_variables],
        counts=lambda batch: batch["counts"],
        loss=lambda batch, draw: _losses(parts, hparams, batch["inputs"], draw, training=True),
        penalties=lambda: _penalties(parts),
        metrics=_metrics,
    )
    return [update]


def evaluate(parts: Parts, hparams: VaeHparams, layout: Layout) -> Callable[[Batch], Sums]:
    """The loss, penalties included, and its terms, without dropout and with the same noise at every evaluation."""

    def sums(batch: Batch) -> Sums:
        values, terms = _losses(parts, hparams, batch["inputs"], Draw(0, 0), training=False)
        number = tf.reduce_sum(batch["counts"])
        loss = tf.reduce_sum(values * batch["counts"]) + number * _penalties(parts)
        return {"loss": (loss, number), **_metrics(batch, terms)}

    return sums


def outputs(parts: Parts, hparams: VaeHparams, layout: Layout) -> Callable[[Any], tf.Tensor]:
    """A function of inputs -> [rows, 2]: ELBO and importance-weighted bound of `bound_samples` samples, in nats."""

    def bounds(inputs: Any) -> tf.Tensor:
        x = _seen(hparams, inputs)
        mean, log_variance = parts["encoder"](x, training=False)

        def weight_of(sample: Any) -> tf.Tensor:
            noise = Draw(0, sample).normal(NOISE, tf.shape(mean))
            z = likelihood.reparameterised(mean, log_variance, noise)
            return likelihood.log_weight(_log_likelihood(x, parts["decoder"](z, training=False)), z, mean, log_variance)

        return tf.stack(likelihood.bounds(weight_of, hparams.bound_samples), axis=1)

    return bounds


def score(answered: Answered) -> dict[str, float]:
    """Mean ELBO and importance-weighted bound of the rows, in nats; the higher, the better."""
    elbo, bound = np.asarray(answered.outputs, np.float64).mean(axis=0)
    return {"elbo": float(elbo), "bound": float(bound)}


def signatures(parts: Parts, hparams: VaeHparams, layout: Layout) -> dict[str, Signature]:
    """serving_default: inputs -> what the decoder makes of their mean latents. encode: inputs -> z_mean and z_log_var
    [rows, latents]. decode: latents -> the means of p(x|z), of bits the probabilities of 1. sample: the same of latents
    from the prior. Images are [rows, H, W, C] in [0, 1], rows [rows, D] in the units of the data."""

    def decode(latents: Any) -> dict[str, Any]:
        means = _means(parts["decoder"](latents, training=False))
        return {generative.answer_name(layout): generative.in_units(layout, means)}

    def encode(inputs: Any) -> dict[str, Any]:
        mean, log_variance = parts["encoder"](_seen(hparams, inputs), training=False)
        return {"z_mean": mean, "z_log_var": log_variance}

    def sample(seed: Any, number: Any) -> dict[str, Any]:
        return decode(generative.latents(seed, number, hparams.latents))

    example = generative.latents(0, generative.SHOWN, hparams.latents).numpy()
    return {
        "serving_default": Signature(lambda inputs: decode(encode(inputs)["z_mean"])),
        "encode": Signature(encode),
        "decode": Signature(lambda given: decode(given["latents"]), {"latents": Argument(example)}),
        "sample": generative.ask_for_samples(sample),
    }


def samples(parts: Parts, hparams: VaeHparams, layout: Layout) -> Callable[[], Any]:
    """A function () -> what the decoder makes of the same latents every time, [64, *shape], as the model has it."""

    def made() -> Any:
        return _means(parts["decoder"](generative.latents(0, generative.SHOWN, hparams.latents), training=False))

    return made


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
    builders={"functional": functional, "subclassed": subclassed},
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
    augment=make_augment,
)
