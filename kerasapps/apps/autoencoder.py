"""Autoencoder: compresses images or vectors and reconstructs them; also removes noise and detects anomalies."""

import dataclasses
import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import keras
import numpy as np
import tensorflow as tf

from kerasapps.app import Answered, App, Batch, Direction, Goal, Loss, Parts, Signature, Sums, Update, View
from kerasapps.arguments import argument
from kerasapps.data.augment import Augmentation
from kerasapps.data.spec import Layout
from kerasapps.figures.canvas import Figure
from kerasapps.hparams import Activation, Hparams, Schedule
from kerasapps.layers import coders, stacks
from kerasapps.metrics import anomalies
from kerasapps.noise import NO_STEP, Noise, evaluation_noise
from kerasapps.plots import encoded, pictures
from kerasapps.settings import setting
from kerasapps.tasks import generative, search
from kerasapps.tasks.penalties import kernel_regularizer, penalties
from kerasapps.tasks.plans import ANY_LAYERS, CONVOLUTIONS
from kerasapps.tensors import Values

if TYPE_CHECKING:
    import keras_tuner

_LEAST_ERROR = 1e-10
"""Largest psnr that is reported, in dB: without any error it would be infinite."""


@dataclass(frozen=True)
class AutoencoderHparams(Augmentation, Hparams):
    """Layers of the encoder, which the decoder mirrors; size of the bottleneck; noise; the rows that are learned.

    The learning rate falls to 0 along a cosine.
    """

    epochs: int = 20
    schedule: Schedule = "cosine"
    architecture: Literal["dense", "convolutional"] = setting(
        "dense", "kind of layers; each convolution halves the sides of an image"
    )
    latents: int = setting(32, "size of the bottleneck", minimum=1)
    widths: tuple[int, ...] = setting((128,), "units of each dense layer of the encoder; [] = none, as PCA", minimum=1)
    filters: tuple[int, ...] = setting(
        (32, 64), "filters of each convolution of the encoder (convolutional)", minimum=1, shortest=1
    )
    activation: Activation = setting("relu", "activation of all layers but the last ones")
    noise: float = setting(
        0.0,
        "standard deviation of the normal noise added to the inputs in training, where white is 1; noisy images are "
        "clipped to [0, 1]; the targets have no noise",
        minimum=0,
    )
    normal: str | None = setting(
        None, "the only class to learn; rows of other classes are anomalies; none = learn all rows"
    )


def stacks_of(hparams: AutoencoderHparams, layout: Layout) -> dict[str, stacks.Stack]:
    """encoder: inputs [batch, *shape] -> latents [batch, d]. decoder: latents [batch, d] -> outputs [batch, *shape].

    Outputs are images in [0, 1] (by a sigmoid) or standardised numbers. Raises ConfigError for convolutions without
    images.
    """
    convolutional = hparams.architecture == "convolutional"
    if convolutional:
        generative.check_images(layout, "architecture", hparams.architecture, "dense")
    sizes = hparams.filters if convolutional else hparams.widths
    regularizer = kernel_regularizer(hparams)
    hidden = coders.Hidden(hparams.activation, regularizer)
    encoder = coders.down(convolutional, sizes, hidden)
    latents = keras.layers.Dense(hparams.latents, kernel_regularizer=regularizer, dtype="float32", name="latents")
    output = "sigmoid" if layout.only.form == "image" else None
    decoder = coders.up(convolutional, layout.only.shape, sizes[::-1], hidden, output)
    return {
        "encoder": stacks.Stack(stacks.inputs_of(layout), [*encoder, latents]),
        "decoder": stacks.Stack([keras.Input([hparams.latents], name="latents")], decoder),
    }


class Autoencoder:
    """The task of the parts "encoder" and "decoder": to reconstruct all rows, or only the rows of one class."""

    directions: Mapping[str, Direction] = {
        **dict.fromkeys(("loss", "mse", "denoised_mse", "noisy_mse"), "min"),
        **dict.fromkeys(("r2", "psnr", "anomaly_mse", "auc", "average_precision"), "max"),
    }
    samples = None

    def __init__(self, parts: Parts, hparams: AutoencoderHparams, layout: Layout) -> None:
        self.encoder, self.decoder = parts["encoder"], parts["decoder"]
        self.parts, self.hparams, self.layout = parts, hparams, layout
        self.plans = CONVOLUTIONS if hparams.architecture == "convolutional" else ANY_LAYERS
        self.normal = anomalies.normal_class(hparams.normal, layout)
        # The noise of denoising is no augmentation: the target is without it.
        self.augment = generative.make_augment(dataclasses.replace(hparams, noise=0.0), layout)

    def encode(self, rows: Values, training: bool = False) -> tf.Tensor:
        """[rows, *shape] -> latents [rows, d] float32."""
        return tf.cast(self.encoder(rows, training=training), tf.float32)

    def decode(self, latents: Values, training: bool = False) -> tf.Tensor:
        """Latents [rows, d] -> [rows, *shape] float32, in the units of the model's inputs."""
        return tf.cast(self.decoder(latents, training=training), tf.float32)

    def seen(self, rows: Values, noise: Noise = NO_STEP) -> Values:
        """The inputs of the encoder: the rows, with noise added for denoising (Vincent et al. 2008)."""
        if not self.hparams.noise:
            return rows
        noisy = rows + self.hparams.noise * noise.normal("noise", tf.shape(rows))
        return tf.clip_by_value(noisy, 0.0, 1.0) if self.layout.only.form == "image" else noisy

    def updates(self) -> list[Update]:
        """One update of both parts. Warns when the latents are not fewer than the numbers of a row."""
        self._warn_of_no_bottleneck()
        variables = [*self.encoder.trainable_variables, *self.decoder.trainable_variables]
        return [Update("model", variables, self._loss, self._penalties)]

    def _warn_of_no_bottleneck(self) -> None:
        latents, numbers = self.hparams.latents, math.prod(self.layout.only.shape)
        if latents >= numbers and not self.hparams.noise:
            warnings.warn(
                f"latents={latents} are no fewer than the {numbers} numbers of a row: all can be passed on as they "
                "are. Give fewer latents, or noise.",
                stacklevel=3,
            )

    def _penalties(self) -> tf.Tensor:
        return penalties(self.encoder, self.decoder)

    def weights(self, batch: Batch) -> Values:
        """The weights of the batch [batch], set to 0 for rows of classes that are not learned."""
        if self.normal is None:
            return batch["weights"]
        return batch["weights"] * tf.cast(tf.equal(batch["labels"], self.normal), tf.float32)

    def _loss(self, batch: Batch, noise: Noise, training: bool = True) -> Loss:
        rows = self.layout.given(batch["inputs"])
        outputs = self.decode(self.encode(self.seen(rows, noise), training), training)
        return Loss(row_errors(rows, outputs), self.weights(batch), outputs)

    def evaluate(self, batch: Batch) -> Sums:
        """The loss of the rows that are learned, penalties included. The noise of denoising is always the same."""
        values, weights, _ = self._loss(batch, evaluation_noise(), training=False)
        number = tf.reduce_sum(weights)
        return {"loss": (tf.reduce_sum(values * weights) + number * self._penalties(), number)}

    def outputs(self, inputs: Mapping[str, Values]) -> tf.Tensor:
        """Errors of the rows [rows, 1]. For denoising [rows, 3]: from clean and noisy inputs, and of the latter."""
        rows = self.layout.given(inputs)
        found = [self.decode(self.encode(rows))]
        if self.hparams.noise:
            noisy = self.seen(rows, evaluation_noise())
            found += [self.decode(self.encode(noisy)), noisy]
        return tf.stack([row_errors(rows, made) for made in found], axis=1)

    def score(self, answered: Answered) -> dict[str, float]:
        """mse on [0, 1] pixels or standardised numbers, and r2, the share of the variance that is reconstructed.

        Images also have psnr, the mean of 10 log10(1 / error) in dB. Denoising also has denoised_mse, of outputs for
        noisy inputs, and noisy_mse, of these inputs themselves. All of these are of the rows that are learned. With a
        normal class, the scores of anomalies.scores are added. r2 is omitted when nothing varies. Raises DataError when
        there is no row of the normal class.
        """
        errors, rows = np.asarray(answered.outputs, np.float64), np.asarray(self.layout.given(answered.inputs))
        normal = anomalies.are_normal(self.hparams.normal, self.layout, answered.labels, len(errors))
        means = errors[normal].mean(axis=0)
        scores = {"mse": float(means[0])}
        variance = float(rows[normal].var(axis=0, dtype=np.float64).mean())
        if variance > 0:
            scores["r2"] = 1 - scores["mse"] / variance
        if self.layout.only.form == "image":
            scores["psnr"] = float(np.mean(-10 * np.log10(np.maximum(errors[normal, 0], _LEAST_ERROR))))
        denoising = {name: float(mean) for name, mean in zip(("denoised_mse", "noisy_mse"), means[1:], strict=False)}
        return {**scores, **denoising, **anomalies.scores(errors[:, 0], normal)}

    def signatures(self) -> dict[str, Signature]:
        """serving_default and reconstruct: the reconstruction in the units of the data, and its error [rows].

        encode: columns -> latents [rows, d]. decode: latents [rows, d] -> images or rows.
        """

        def reconstruct(inputs: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
            rows = self.layout.given(inputs)
            outputs = self.decode(self.encode(rows))
            return {**generative.answer(self.layout, outputs), "error": row_errors(rows, outputs)}

        examples = np.random.default_rng(0).normal(size=(8, self.hparams.latents)).astype(np.float32)
        columns = self.layout.columns
        return {
            "serving_default": Signature(reconstruct, columns),
            "reconstruct": Signature(reconstruct, columns),
            "encode": Signature(lambda inputs: {"latents": self.encode(self.layout.given(inputs))}, columns),
            "decode": Signature(
                lambda inputs, latents: generative.answer(self.layout, self.decode(latents)),
                arguments={"latents": argument(examples)},
            ),
        }


def row_errors(rows: Values, outputs: Values) -> tf.Tensor:
    """Mean squared error of each row, [batch]."""
    return tf.reduce_mean(tf.square(outputs - rows), axis=list(range(1, len(outputs.shape))))


def space(hparams: AutoencoderHparams, hp: "keras_tuner.HyperParameters") -> AutoencoderHparams:
    """Search learning rate, batch size, activation and layers; a larger bottleneck would always have less error."""
    dense = hparams.architecture == "dense"
    name, values = ("widths", ((128,), (256,), (512, 128))) if dense else ("filters", ((16, 32), (32, 64), (64, 128)))
    choose = search.among(activation=("relu", "swish", "gelu"), **{name: values})
    return choose(hparams, hp)


def plot_reconstructions(view: View) -> Figure:
    """Test rows, their noisy versions for denoising, and their reconstructions."""
    return encoded.reconstructions(view, view.task.seen if view.task.hparams.noise else None)


def plot_anomaly_scores(view: View) -> Figure | None:
    """Errors of the test rows of the normal class and of the other classes, and a threshold between them."""
    if view.task.normal is None:
        return None
    errors, held_out = (view.predict(view.columns[split])["error"] for split in ("test", "validation"))
    normal, held_out_normal = (view.labels[split] == view.task.normal for split in ("test", "validation"))
    return encoded.anomaly_scores(errors, normal, view.task.hparams.normal, held_out[held_out_normal])


# Twice as many layers. With 60,000 images few epochs are enough.
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
    task=Autoencoder,
    space=space,
    goals={"fashion_mnist": Goal("mse", at_most=0.010)},
    builders=stacks.builders(stacks_of),
    plots={
        "reconstructions": plot_reconstructions,
        "latent_scatter": encoded.latent_scatter,
        "anomaly_scores": plot_anomaly_scores,
        "augmented": pictures.augmented,
    },
)
