"""Autoencoder: a bottleneck that images and vectors are reconstructed from; denoising, and anomalies by their error."""

import dataclasses
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import keras
import numpy as np
import tensorflow as tf

from kerasapps import generative, supervised
from kerasapps.app import Answered, App, Augment, Goal, Parts, Signature, Sums, Update, View
from kerasapps.arguments import argument
from kerasapps.data.augment import Augmentation
from kerasapps.data.spec import Batch, Layout
from kerasapps.hparams import Activation, Hparams, Schedule
from kerasapps.layers import coders, stacks
from kerasapps.metrics import anomalies
from kerasapps.noise import Noise
from kerasapps.plots import encoded, images
from kerasapps.settings import setting

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LEAST_ERROR = 1e-10
"""100 dB: an image without any error would have infinitely many."""


@dataclass(frozen=True)
class AutoencoderHparams(Augmentation, Hparams):
    """The bottleneck and the layers before it, which the decoder has in reverse; what is seen, and which rows count.

    The learning rate falls to 0 along a cosine.
    """

    epochs: int = 20
    schedule: Schedule = "cosine"
    architecture: Literal["dense", "convolutional"] = setting(
        "dense", "kind of layers; convolutions halve an image each"
    )
    latents: int = setting(32, "numbers of the bottleneck", minimum=1)
    widths: tuple[int, ...] = setting((128,), "units of each dense layer of the encoder; [] = none, as PCA", minimum=1)
    filters: tuple[int, ...] = setting(
        (32, 64), "filters of each convolution of the encoder (convolutional)", minimum=1, shortest=1
    )
    activation: Activation = setting("relu", "activation of all layers but the last ones")
    noise: float = setting(
        0.0,
        "standard deviation of normal noise on what the encoder sees in training, where white is 1 (images: clipped to "
        "[0, 1]); the target is without it",
        minimum=0,
    )
    normal: str | None = setting(
        None, "class that alone is learnt; rows of all others are anomalies; none = all rows are learnt", shortest=1
    )


def stacks_of(hparams: AutoencoderHparams, layout: Layout) -> dict[str, stacks.Stack]:
    """encoder: inputs [batch, *shape] -> latents [batch, d]; decoder: those -> [batch, *shape].

    Images in [0, 1] (sigmoid outputs), or standardised numbers. Raises ConfigError where convolutions get no images.
    """
    convolutional = hparams.architecture == "convolutional"
    if convolutional:
        generative.check_images(layout, "architecture", hparams.architecture, "dense")
    sizes = hparams.filters if convolutional else hparams.widths
    regularizer = supervised.kernel_regularizer(hparams)
    hidden = coders.Hidden(hparams.activation, regularizer)
    encoder = coders.down(convolutional, sizes, hidden)
    latents = keras.layers.Dense(hparams.latents, kernel_regularizer=regularizer, dtype="float32", name="latents")
    output = "sigmoid" if layout.only.form == "image" else None
    decoder = coders.up(convolutional, layout.only.shape, sizes[::-1], hidden, output)
    return {
        "encoder": stacks.Stack({"inputs": layout.only.shape}, [*encoder, latents]),
        "decoder": stacks.Stack({"latents": [hparams.latents]}, decoder),
    }


def _reconstruction(parts: Parts, training: bool) -> Callable[[Any], tf.Tensor]:
    """inputs [batch, *shape] -> what the decoder makes of their latents, float32 of the same shape."""
    encoder, decoder = parts["encoder"], parts["decoder"]
    return lambda inputs: tf.cast(decoder(encoder(inputs, training=training), training=training), tf.float32)


def row_errors(inputs: Any, outputs: Any) -> tf.Tensor:
    """Squared error of each row, the mean over its numbers, [batch]."""
    return tf.reduce_mean(tf.square(outputs - inputs), axis=list(range(1, len(outputs.shape))))


def seen(hparams: AutoencoderHparams, layout: Layout, inputs: Any, noise: Any) -> Any:
    """What the encoder sees: the inputs, with noise where they are to be cleaned of it (Vincent et al. 2008)."""
    if not hparams.noise:
        return inputs
    noisy = inputs + hparams.noise * noise.normal("noise", tf.shape(inputs))
    return tf.clip_by_value(noisy, 0.0, 1.0) if layout.only.form == "image" else noisy


def _warn_of_no_bottleneck(hparams: AutoencoderHparams, layout: Layout) -> None:
    if hparams.latents >= generative.size(layout) and not hparams.noise:
        warnings.warn(
            f"latents={hparams.latents} are no fewer than the {generative.size(layout)} numbers of a row: all can be "
            "passed on as they are. Give fewer latents, or noise.",
            stacklevel=3,
        )


def cycle(parts: Parts, hparams: AutoencoderHparams, layout: Layout) -> list[Update]:
    """One update of both parts; warns where latents are no fewer than numbers, and nothing has to be left out."""
    _warn_of_no_bottleneck(hparams, layout)
    reconstruct = _reconstruction(parts, training=True)

    def loss(batch: Batch, noise: Any) -> tuple[Any, Any]:
        rows = layout.given(batch["inputs"])
        outputs = reconstruct(seen(hparams, layout, rows, noise))
        return row_errors(rows, outputs), outputs

    return [
        Update(
            name="model",
            variables=[variable for part in parts.values() for variable in part.trainable_variables],
            counts=anomalies.counting(hparams.normal, layout),
            loss=loss,
            penalties=lambda: supervised.penalties(*parts.values()),
            metrics=lambda batch, outputs: {},
        )
    ]


def evaluate(parts: Parts, hparams: AutoencoderHparams, layout: Layout) -> Callable[[Batch], Sums]:
    """The loss of the rows that are learnt, penalties included; of denoising with noise that is always the same."""
    reconstruct, counting = _reconstruction(parts, training=False), anomalies.counting(hparams.normal, layout)

    def sums(batch: Batch) -> Sums:
        rows = layout.given(batch["inputs"])
        outputs = reconstruct(seen(hparams, layout, rows, Noise(0, 0)))
        counts = counting(batch)
        number = tf.reduce_sum(counts)
        total = tf.reduce_sum(row_errors(rows, outputs) * counts)
        return {"loss": (total + number * supervised.penalties(*parts.values()), number)}

    return sums


def outputs(parts: Parts, hparams: AutoencoderHparams, layout: Layout) -> Callable[[Any], tf.Tensor]:
    """inputs -> errors of each row, [rows, 1]; of denoising [rows, 3]: also from noisy inputs, and of these as such."""
    reconstruct = _reconstruction(parts, training=False)

    def errors(given: Any) -> tf.Tensor:
        inputs = layout.given(given)
        found = [reconstruct(inputs)]
        if hparams.noise:
            noisy = seen(hparams, layout, inputs, Noise(0, 0))
            found += [reconstruct(noisy), noisy]
        return tf.stack([row_errors(inputs, made) for made in found], axis=1)

    return errors


def score(answered: Answered) -> dict[str, float]:
    """mse on [0, 1] pixels or standardised numbers, and r2, the share of the variance that is reconstructed.

    Images: psnr, the mean of 10 log10(1 / error) in dB. Denoising: denoised_mse and noisy_mse, from noisy inputs and of
    these themselves. All of these of the rows that are learnt; the others give what anomalies.scores says. r2 is left
    out where nothing varies. Raises DataError where there is no row of the normal class.
    """
    errors = np.asarray(answered.outputs, np.float64)
    normal = anomalies.are_normal(answered.hparams.normal, answered.layout, answered.labels, len(errors))
    means = errors[normal].mean(axis=0)
    scores = {"mse": float(means[0])}
    variance = float(np.asarray(answered.layout.given(answered.inputs))[normal].var(axis=0, dtype=np.float64).mean())
    if variance > 0:
        scores["r2"] = 1 - scores["mse"] / variance
    if answered.layout.only.form == "image":
        scores["psnr"] = float(np.mean(-10 * np.log10(np.maximum(errors[normal, 0], _LEAST_ERROR))))
    denoising = {name: float(mean) for name, mean in zip(("denoised_mse", "noisy_mse"), means[1:], strict=False)}
    return {**scores, **denoising, **anomalies.scores(errors[:, 0], normal)}


def signatures(parts: Parts, hparams: AutoencoderHparams, layout: Layout) -> dict[str, Signature]:
    """serving_default and reconstruct: the reconstruction in the units of the data, and its error [rows], as of mse.

    encode: model inputs -> latents [rows, d]. decode: latents [rows, d] -> images or rows.
    """
    reconstruct, name = _reconstruction(parts, training=False), generative.answer_name(layout)

    def serve(given: Any) -> dict[str, Any]:
        inputs = layout.given(given)
        outputs = reconstruct(inputs)
        return {name: generative.in_units(layout, outputs), "error": row_errors(inputs, outputs)}

    def decode(given: dict[str, Any]) -> dict[str, Any]:
        outputs = tf.cast(parts["decoder"](given["latents"], training=False), tf.float32)
        return {name: generative.in_units(layout, outputs)}

    def encode(given: Any) -> dict[str, Any]:
        return {"latents": tf.cast(parts["encoder"](layout.given(given), training=False), tf.float32)}

    examples = np.random.default_rng(0).normal(size=(8, hparams.latents)).astype(np.float32)
    return {
        "serving_default": Signature(serve),
        "reconstruct": Signature(serve),
        "encode": Signature(encode),
        "decode": Signature(decode, {"latents": argument(examples)}),
    }


def augment(hparams: AutoencoderHparams, layout: Layout) -> Augment | None:
    """Variation of training images, which are the target as well; the noise of denoising is none of it."""
    return generative.make_augment(dataclasses.replace(hparams, noise=0.0), layout)


def space(hparams: AutoencoderHparams, hp: Any) -> AutoencoderHparams:
    """Learning rate, batch size, activation and the layers; not the bottleneck, of which a larger one errs less."""
    dense = hparams.architecture == "dense"
    name, sizes = ("widths", ("128", "256", "512-128")) if dense else ("filters", ("16-32", "32-64", "64-128"))
    chosen = supervised.choice(hp, name, sizes, "-".join(map(str, getattr(hparams, name))))
    return dataclasses.replace(
        hparams,
        learning_rate=supervised.rate(hp, hparams),
        global_batch_size=supervised.choice(hp, "global_batch_size", (32, 128), hparams.global_batch_size),
        activation=supervised.choice(hp, "activation", ("relu", "swish", "gelu"), hparams.activation),
        **{name: tuple(int(size) for size in chosen.split("-") if size)},
    )


def plot_reconstructions(view: View) -> "Figure":
    """Test rows, with their noise where there is some, and what is made of them."""
    if not view.hparams.noise:
        return encoded.reconstructions(view)
    return encoded.reconstructions(view, lambda inputs: seen(view.hparams, view.layout, inputs, Noise(0, 0)))


def plot_anomaly_scores(view: View) -> "Figure | None":
    """Errors of the test rows of the normal class and of all others."""
    number = anomalies.normal_class(view.hparams.normal, view.layout)
    if number is None:
        return None
    errors = view.predict(view.columns["test"])["error"]
    return encoded.anomaly_scores(errors, view.labels["test"] == number, view.hparams.normal)


# Twice the layers, and little time: of 60,000 images few passes are enough.
FASHION_MNIST = {
    "epochs": 10,
    "global_batch_size": 128,
    "learning_rate": 2e-3,
    "widths": (512, 256),
    "activation": "gelu",
}

APP = App(
    name="autoencoder",
    accepts={"image": ("any",), "vector": ("any",)},
    default_data="mnist_5k",
    hparams=AutoencoderHparams,
    tuned={"fashion_mnist": FASHION_MNIST},
    tiny={"epochs": 1, "widths": (32,), "latents": 8, "noise": 0.1},
    space=space,
    goals={"fashion_mnist": Goal("mse", at_most=0.010)},
    builders=stacks.builders(stacks_of),
    cycle=cycle,
    evaluate=evaluate,
    score=score,
    signatures=signatures,
    outputs=outputs,
    plots={
        "reconstructions": plot_reconstructions,
        "latent_scatter": encoded.latent_scatter,
        "anomaly_scores": plot_anomaly_scores,
        "augmented": images.augmented,
    },
    augment=augment,
)
