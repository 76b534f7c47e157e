"""Generative adversarial network: dense layers (100-128-784) or DCGAN, for images or rows of numbers, also by class."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import keras
import numpy as np
import tensorflow as tf

from kerasapps.app import Answered, App, Batch, Direction, Goal, Loss, Parts, Signature, Sums, Update
from kerasapps.arguments import class_numbers
from kerasapps.data.spec import Layout
from kerasapps.errors import ConfigError
from kerasapps.hparams import Hparams, Keep
from kerasapps.layers import coders, stacks
from kerasapps.layers.heads import ProjectionHead
from kerasapps.losses import adversarial
from kerasapps.metrics import quality
from kerasapps.noise import Noise, evaluation_noise
from kerasapps.plots import sampled
from kerasapps.settings import setting
from kerasapps.tasks import generative, search
from kerasapps.tasks.penalties import kernel_regularizer, penalties
from kerasapps.tasks.plans import ANY_LAYERS, CONVOLUTIONS
from kerasapps.tensors import Integer, Values

MIXING = "mixing"
"""Name of the noise that interpolates between real and generated rows."""
SCORED = 2000
"""Most rows of a split that generated rows are compared with."""


@dataclass(frozen=True)
class GanHparams(Hparams):
    """Layers of generator and discriminator, the size of the noise, and the adversarial loss.

    learning_rate is that of the generator. With ema_momentum the averaged weights are evaluated, sampled and saved.
    """

    epochs: int = 50
    global_batch_size: int | None = 128
    learning_rate: float = 2e-4
    optimizer_settings: dict[str, Any] = setting({"beta_1": 0.5})
    keep: Keep = "last"
    architecture: Literal["dense", "dcgan"] = setting("dense", "kind of layers; dcgan = convolutions, for images only")
    latents: int = setting(100, "size of the noise vector that a row is generated from", minimum=1)
    generator_units: tuple[int, ...] = setting((128,), "dense: units of each hidden layer of the generator", minimum=1)
    discriminator_units: tuple[int, ...] = setting(
        (128,), "dense: units of each hidden layer of the discriminator", minimum=1
    )
    filters: tuple[int, ...] = setting(
        (64, 32),
        "dcgan: filters of the generator, before each doubling of the sides; the discriminator's are the reverse",
        minimum=1,
        shortest=1,
    )
    adversarial_loss: adversarial.Loss = setting("non_saturating", "what both minimise")
    gradient_penalty: float = setting(10.0, "wasserstein: weight of the gradient penalty", minimum=0)
    discriminator_steps: int = setting(1, "updates of the discriminator before each of the generator", minimum=1)
    discriminator_learning_rate: float | None = setting(
        None, "step size of the discriminator; none = learning_rate", above=0
    )
    conditional: bool = setting(False, "give both networks the class of each row, to generate rows of a chosen class")


def classes_of(hparams: GanHparams, layout: Layout) -> int:
    """Number of classes of a conditional GAN, otherwise 0. Raises ConfigError for targets that are not classes."""
    if hparams.architecture == "dcgan":
        generative.check_images(layout, "architecture", hparams.architecture, "dense")
    if not hparams.conditional:
        return 0
    if not layout.target.class_names:
        raise ConfigError(
            f"conditional=True needs rows with classes, but the target of these data is {layout.target.kind}. Give "
            "conditional=False, or data whose target is a class."
        )
    return layout.target.size


def stacks_of(hparams: GanHparams, layout: Layout) -> dict[str, stacks.Stack]:
    """generator: noise [batch, latents] -> rows [batch, *shape]. discriminator: rows -> scores [batch].

    Rows are in the units of the model's inputs. With K classes the generator takes [batch, latents + K], and the
    discriminator also takes classes [batch, K]. dcgan is the architecture of Radford et al. 2016 (arXiv:1511.06434,
    section 3), except for its normalisation.
    """
    classes, dcgan = classes_of(hparams, layout), hparams.architecture == "dcgan"
    up, down = hparams.generator_units, hparams.discriminator_units
    if dcgan:
        up, down = hparams.filters, hparams.filters[::-1]
    regularizer = kernel_regularizer(hparams)
    hidden = coders.Hidden("relu", regularizer, kernel=4, normalised=dcgan)
    last = "sigmoid" if layout.only.form == "image" else None
    generator = coders.up(dcgan, layout.only.shape, up, hidden, last)
    discriminator = coders.down(dcgan, down, dataclasses.replace(hidden, activation="leaky_relu"))
    told = [keras.Input([classes], name="classes")] if classes else []
    scores = stacks.Call(ProjectionHead(regularizer, name="scores"), (discriminator[-1].name, *(x.name for x in told)))
    return {
        "generator": stacks.Stack([keras.Input([hparams.latents + classes], name="noise")], generator),
        "discriminator": stacks.Stack([keras.Input(layout.only.shape, name="rows"), *told], [*discriminator, scores]),
    }


class Gan:
    """The task of the parts "generator" and "discriminator", which are trained against each other.

    classes: the number of classes of a conditional GAN, otherwise 0.
    """

    directions: Mapping[str, Direction] = {
        **dict.fromkeys(("loss", "discriminator_loss", "generator_loss"), "min"),
        **dict.fromkeys(("duplicates", "real_duplicates", "collapsed"), "min"),
        "diversity": "max",
    }
    augment = None

    def __init__(self, parts: Parts, hparams: GanHparams, layout: Layout) -> None:
        self.generator, self.discriminator = parts["generator"], parts["discriminator"]
        self.parts, self.hparams, self.layout = parts, hparams, layout
        self.classes = classes_of(hparams, layout)
        self.plans = CONVOLUTIONS if hparams.architecture == "dcgan" else ANY_LAYERS
        self.sample_labels = generative.in_turn(self.classes) if self.classes else None

    def generate(self, noise: Values, labels: Values | None = None) -> tf.Tensor:
        """Noise [batch, latents], and with classes labels [batch] -> rows [batch, *shape]."""
        noise = tf.ensure_shape(noise, [None, self.hparams.latents])
        return self.generator(tf.concat([noise, tf.one_hot(labels, self.classes)], 1) if self.classes else noise)

    def scores(self, rows: Values, labels: Values | None = None) -> tf.Tensor:
        """Scores [batch] float32 of rows; with a loss that has a probability D, scores above 0 mean real."""
        given = {"rows": rows, "classes": tf.one_hot(labels, self.classes)} if self.classes else rows
        return tf.cast(self.discriminator(given), tf.float32)

    def updates(self) -> list[Update]:
        """The discriminator's update discriminator_steps times, then the generator's: same rows, new noise."""
        rate = self.hparams.discriminator_learning_rate
        discriminator = self._update(self.discriminator, self._discriminate, {"learning_rate": rate} if rate else {})
        generator = self._update(self.generator, self._deceive, {})
        return [discriminator] * self.hparams.discriminator_steps + [generator]

    def _update(self, part: keras.Model, loss: Callable, settings: dict[str, Any]) -> Update:
        return Update(part.name, part.trainable_variables, loss, lambda: penalties(part), settings=settings)

    def weights(self, batch: Batch) -> Values:
        """The weights of the batch, [batch]."""
        return batch["weights"]

    def _fake(self, batch: Batch, noise: Noise) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor | None]:
        """The real rows, the same number of generated rows, and the labels of both."""
        labels, rows = batch.get("labels"), self.layout.given(batch["inputs"])
        number = rows.shape[0] or tf.shape(rows)[0]
        return rows, self.generate(noise.normal(generative.PRIOR, [number, self.hparams.latents]), labels), labels

    def _discriminate(self, batch: Batch, noise: Noise) -> Loss:
        """The discriminator's loss [batch], and the scores of real and of generated rows [batch, 2]."""
        rows, fake, labels = self._fake(batch, noise)
        fake = tf.stop_gradient(fake)
        real, false = self.scores(rows, labels), self.scores(fake, labels)
        values = adversarial.discriminator_loss(self.hparams.adversarial_loss, real, false)
        if self.hparams.adversarial_loss == "wasserstein" and self.hparams.gradient_penalty:
            mixing = noise.uniform(MIXING, tf.shape(real))
            slopes = adversarial.gradient_penalty(lambda between: self.scores(between, labels), rows, fake, mixing)
            values += self.hparams.gradient_penalty * slopes
        return Loss(values, batch["weights"], tf.stack([real, false], axis=1))

    def _deceive(self, batch: Batch, noise: Noise) -> Loss:
        """The generator's loss [batch], and the generated rows."""
        _, fake, labels = self._fake(batch, noise)
        values = adversarial.generator_loss(self.hparams.adversarial_loss, self.scores(fake, labels))
        return Loss(values, batch["weights"], fake)

    def evaluate(self, batch: Batch) -> Sums:
        """Both losses and their sum, always with the same noise. They do not measure the quality of rows."""
        number = tf.reduce_sum(batch["weights"])
        losses = ((self.discriminator, self._discriminate), (self.generator, self._deceive))
        totals = {
            f"{part.name}_loss": tf.reduce_sum(loss(batch, evaluation_noise()).values * batch["weights"])
            + number * penalties(part)
            for part, loss in losses
        }
        return {name: (total, number) for name, total in {"loss": sum(totals.values()), **totals}.items()}

    def outputs(self, inputs: Mapping[str, Values]) -> tf.Tensor:
        """An empty tensor [rows, 0]: the score is of generated rows, not of these."""
        return tf.zeros([tf.shape(self.layout.given(inputs))[0], 0])

    def score(self, answered: Answered) -> dict[str, float]:
        """Near duplicates among generated and real rows, diversity, and collapsed (1 or 0); see kerasapps.metrics.

        The number of generated rows is that of the real ones, at most SCORED; with classes they have the same labels.
        Returns {} for a single row.
        """
        real = np.asarray(self.layout.given(answered.inputs)[:SCORED])
        if len(real) < 2:
            return {}
        labels = None if answered.labels is None or not self.classes else answered.labels[:SCORED]
        generated = self.generate(self._latents(0, len(real)), labels).numpy()
        if not np.isfinite(generated).all():
            return dict.fromkeys(("duplicates", "real_duplicates", "diversity", "collapsed"), np.nan)
        duplicates, among_real = quality.near_duplicates(real, generated)
        diversity = quality.diversity(real, generated)
        collapsed = float(quality.is_collapsed(duplicates, diversity))
        return {
            "duplicates": duplicates,
            "real_duplicates": among_real,
            "diversity": diversity,
            "collapsed": collapsed,
        }

    def _latents(self, seed: Integer, number: Integer) -> tf.Tensor:
        return generative.latents(seed, number, self.hparams.latents)

    def signatures(self) -> dict[str, Signature]:
        """serving_default and sample: seed and number -> images or rows. discriminate: columns -> score [rows].

        A conditional GAN is sampled by seed and labels [number] int32, and its scores are [rows, K]: of each row as one
        of each class.
        """

        def sample(seed: Integer, number: Integer, labels: Values | None = None) -> dict[str, tf.Tensor]:
            return generative.answer(self.layout, self.generate(self._latents(seed, number), labels))

        def discriminate(inputs: Mapping[str, tf.Tensor]) -> dict[str, tf.Tensor]:
            rows = self.layout.given(inputs)
            if not self.classes:
                return {"score": self.scores(rows)}
            each = [self.scores(rows, tf.fill([tf.shape(rows)[0]], label)) for label in range(self.classes)]
            return {"scores": tf.stack(each, axis=1)}

        samples = generative.ask_for_samples(sample)
        if self.sample_labels is not None:
            labels = class_numbers(self.sample_labels, self.layout.target)
            samples = Signature(
                lambda inputs, seed, labels: sample(seed, tf.shape(labels)[0], labels),
                arguments={"seed": generative.SEED, "labels": labels},
            )
        return {
            "serving_default": samples,
            "sample": samples,
            "discriminate": Signature(discriminate, self.layout.columns),
        }

    def samples(self) -> tf.Tensor:
        """Rows [64, *shape] generated from fixed latents, in the units of the model's inputs; classes take turns."""
        return self.generate(self._latents(0, generative.SHOWN), self.sample_labels)


# A Wasserstein loss covers all modes. Its critic may be steep: samples between two modes lie on slopes.
RING = {
    "epochs": 300,
    "global_batch_size": 256,
    "learning_rate": 1e-3,
    "schedule": "cosine",
    "ema_momentum": 0.999,
    "latents": 2,
    "generator_units": (128, 128, 128),
    "discriminator_units": (128, 128, 128),
    "adversarial_loss": "wasserstein",
    "gradient_penalty": 0.1,
}

# Thousands of steps on few rows, with small steps at the end.
MNIST_5K = {"epochs": 300, "learning_rate": 1e-3, "schedule": "cosine", "ema_momentum": 0.999}

# Convolutions generate textures and edges that dense layers do not. Batches of 64 rows give more steps an epoch.
FASHION_MNIST = {
    "epochs": 15,
    "global_batch_size": 64,
    "learning_rate": 5e-4,
    "schedule": "cosine",
    "ema_momentum": 0.999,
    "architecture": "dcgan",
}

APP = App(
    name="gan",
    accepts={"image": ("any",), "vector": ("any",)},
    default_data="mnist_5k",
    hparams=GanHparams,
    tuned={"ring": RING, "mnist_5k": MNIST_5K, "fashion_mnist": FASHION_MNIST},
    tiny={"epochs": 1, "latents": 4, "generator_units": (8,), "discriminator_units": (8,), "filters": (4, 4)},
    task=Gan,
    # Not the loss, which val_loss is computed from.
    space=search.among(latents=(32, 100), discriminator_steps=(1, 3)),
    goals={"mnist_5k": Goal("collapsed", at_most=0.0), "ring": Goal("collapsed", at_most=0.0)},
    builders=stacks.builders(stacks_of),
    plots={
        "samples": sampled.samples,
        "samples_over_training": sampled.samples_over_training,
        "samples_animation": sampled.samples_animation,
    },
    exempt={"can learn": "neither loss falls to a tenth: when one network improves, the loss of the other grows"},
)
