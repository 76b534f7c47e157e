"""Generative adversarial network: dense layers (100-128-784) or DCGAN; images or rows of numbers, also by class."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import tensorflow as tf

from kerasapps import generative, supervised
from kerasapps.app import Answered, App, Batch, Goal, Parts, Signature, Sums, Update, View
from kerasapps.arguments import class_numbers
from kerasapps.data.spec import Layout
from kerasapps.errors import ConfigError
from kerasapps.hparams import Hparams, Keep
from kerasapps.layers import coders, stacks
from kerasapps.layers.scores import Scores
from kerasapps.losses import adversarial
from kerasapps.losses.adversarial import Game
from kerasapps.metrics import quality
from kerasapps.noise import Noise
from kerasapps.plots import sampled
from kerasapps.settings import setting

SCORED = 2000
"""Most rows of a split that generated ones are compared with."""


@dataclass(frozen=True)
class GanHparams(Hparams):
    """Widths of both networks, the noise that rows are made of, and the rules of the game.

    learning_rate is the generator's. The averages of ema_momentum are what is evaluated, sampled and kept.
    """

    epochs: int = 50
    global_batch_size: int | None = 128
    learning_rate: float = 2e-4
    optimizer_settings: dict[str, Any] = setting({"beta_1": 0.5})
    keep: Keep = "last"
    architecture: Literal["dense", "dcgan"] = setting("dense", "layers; dcgan = convolutions, of images")
    latents: int = setting(100, "numbers of noise that a row is generated from", minimum=1)
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
    conditional: bool = setting(False, "tell both networks the class of a row, so that classes can be asked for")


def classes_of(hparams: GanHparams, layout: Layout) -> int:
    """Classes that both networks are told, 0 = none; raises ConfigError for what cannot be built."""
    if hparams.architecture == "dcgan":
        generative.check_images(layout, "architecture", hparams.architecture, "dense")
    if not hparams.conditional:
        return 0
    if layout.target.kind != "classes":
        raise ConfigError(
            f"conditional=True needs rows with classes, but the target of these data is {layout.target.kind}. Give "
            "conditional=False, or data whose target is a class."
        )
    return layout.target.size


def stacks_of(hparams: GanHparams, layout: Layout) -> dict[str, stacks.Stack]:
    """generator: noise [batch, latents], or with classes [batch, latents + K], -> rows [batch, *shape] in the data's
    range. discriminator: rows, and classes [batch, K] where there are such, -> scores [batch].

    A dcgan is that of Radford et al. 2016 (arXiv:1511.06434, section 3), but for its normalisation.
    """
    classes, dcgan = classes_of(hparams, layout), hparams.architecture == "dcgan"
    up, down = hparams.generator_units, hparams.discriminator_units
    if dcgan:
        up, down = hparams.filters, hparams.filters[::-1]
    regularizer = supervised.kernel_regularizer(hparams)
    own = {"regularizer": regularizer, "kernel": 4, "normalised": dcgan}
    last = "sigmoid" if layout.only.form == "image" else None
    generator = coders.up(dcgan, layout.only.shape, up, coders.Hidden("relu", **own), last)
    discriminator = coders.down(dcgan, down, coders.Hidden("leaky_relu", **own))
    seen = {"rows": layout.only.shape, **({"classes": [classes]} if classes else {})}
    return {
        "generator": stacks.Stack({"noise": [hparams.latents + classes]}, generator),
        "discriminator": stacks.Stack(seen, discriminator, [Scores(regularizer, name="scores")]),
    }


def game_of(parts: Parts, hparams: GanHparams, layout: Layout) -> Game:
    """The game of these parts."""
    return Game(
        parts["generator"],
        parts["discriminator"],
        hparams.adversarial_loss,
        hparams.gradient_penalty,
        hparams.latents,
        classes_of(hparams, layout),
    )


def cycle(parts: Parts, hparams: GanHparams, layout: Layout) -> list[Update]:
    """The discriminator's update discriminator_steps times, then the generator's: the same rows, fresh noise each."""
    game, rate = game_of(parts, hparams, layout), hparams.discriminator_learning_rate

    def on_rows(loss: Callable) -> Callable:
        return lambda batch, noise: loss({**batch, "inputs": layout.given(batch["inputs"])}, noise)

    def update(name: str, loss: Callable, settings: dict[str, Any]) -> Update:
        return Update(
            name=name,
            variables=parts[name].trainable_variables,
            counts=lambda batch: batch["weights"],
            loss=loss,
            penalties=lambda: supervised.penalties(parts[name]),
            metrics=lambda batch, outputs: {},
            settings=settings,
        )

    discriminator = update("discriminator", on_rows(game.discriminate), {"learning_rate": rate} if rate else {})
    return [discriminator] * hparams.discriminator_steps + [update("generator", on_rows(game.deceive), {})]


def evaluate(parts: Parts, hparams: GanHparams, layout: Layout) -> Callable[[Batch], Sums]:
    """Both losses, of noise that is always the same, and their sum: who wins, and not how good the rows are."""
    game = game_of(parts, hparams, layout)
    penalties = {name: lambda part=part: supervised.penalties(part) for name, part in parts.items()}

    def sums(batch: Batch) -> Sums:
        batch = {**batch, "inputs": layout.given(batch["inputs"])}
        number = tf.reduce_sum(batch["weights"])
        losses = {"discriminator": game.discriminate, "generator": game.deceive}
        totals = {
            f"{name}_loss": tf.reduce_sum(loss(batch, Noise(0, 0))[0] * batch["weights"]) + number * penalties[name]()
            for name, loss in losses.items()
        }
        return {name: (total, number) for name, total in {"loss": sum(totals.values()), **totals}.items()}

    return sums


def outputs(parts: Parts, hparams: GanHparams, layout: Layout) -> Callable[[Any], Any]:
    """Nothing of each row, [rows, 0]: what is scored is generated, and not of the rows."""
    return lambda inputs: tf.zeros([tf.shape(layout.given(inputs))[0], 0])


def score(answered: Answered) -> dict[str, float]:
    """Near duplicates among generated and among real rows, diversity, and collapsed, 1 or 0; see kerasapps.metrics.

    As many rows are generated as there are, SCORED at most, of the same classes where there are such. {} for one row.
    """
    real = np.asarray(answered.layout.given(answered.inputs)[:SCORED])
    if len(real) < 2:
        return {}
    game = game_of(answered.parts, answered.hparams, answered.layout)
    labels = answered.labels[:SCORED] if game.classes else None
    generated = game.generate(generative.latents(0, len(real), game.latents), labels).numpy()
    duplicates, among_real = quality.near_duplicates(real, generated)
    diversity = quality.diversity(real, generated)
    collapsed = float(quality.is_collapsed(duplicates, diversity))
    found = {"duplicates": duplicates, "real_duplicates": among_real, "diversity": diversity, "collapsed": collapsed}
    return found if np.isfinite(generated).all() else dict.fromkeys(found, np.nan)


def signatures(parts: Parts, hparams: GanHparams, layout: Layout) -> dict[str, Signature]:
    """serving_default, sample: seed and number, of a conditional one seed and labels [number] int32, -> images or rows.

    discriminate: model inputs -> score [rows], or scores [rows, K] of each row as one of each class.
    """
    game, name = game_of(parts, hparams, layout), generative.answer_name(layout)

    def sample(seed: Any, number: Any, labels: Any = None) -> dict[str, Any]:
        rows = game.generate(generative.latents(seed, number, game.latents), labels)
        return {name: generative.in_units(layout, rows)}

    def sample_of(given: Any) -> dict[str, Any]:
        return sample(given["seed"], tf.shape(given["labels"])[0], given["labels"])

    def discriminate(given: Any) -> dict[str, Any]:
        inputs = layout.given(given)
        if not game.classes:
            return {"score": game.scores(inputs)}
        each = [game.scores(inputs, tf.fill([tf.shape(inputs)[0]], label)) for label in range(game.classes)]
        return {"scores": tf.stack(each, axis=1)}

    samples = generative.ask_for_samples(sample)
    if game.classes:
        labels = class_numbers(generative.in_turn(game.classes), layout.target)
        samples = Signature(sample_of, {"seed": generative.SEED, "labels": labels})
    return {"serving_default": samples, "sample": samples, "discriminate": Signature(discriminate)}


def samples(parts: Parts, hparams: GanHparams, layout: Layout) -> Callable[[], Any]:
    """Rows of 64 fixed latents [64, *shape] as the model makes them; of a conditional one, the classes in turn."""
    game = game_of(parts, hparams, layout)
    labels = generative.in_turn(game.classes) if game.classes else None
    return lambda: game.generate(generative.latents(0, generative.SHOWN, game.latents), labels)


def by_class(plot: Callable[..., Any]) -> Callable[[View], Any]:
    """`plot`, which is told the classes of a conditional one's samples."""

    def plotted(view: View) -> Any:
        classes = classes_of(view.hparams, view.layout)
        return plot(view, generative.in_turn(classes) if classes else None)

    return plotted


def space(hparams: GanHparams, hp: Any) -> GanHparams:
    """Learning rate, batch size, noise and steps of the discriminator; not the loss, of which val_loss is made."""
    return dataclasses.replace(
        hparams,
        learning_rate=supervised.rate(hp, hparams),
        global_batch_size=supervised.choice(hp, "global_batch_size", (64, 128), hparams.global_batch_size),
        latents=supervised.choice(hp, "latents", (32, 100), hparams.latents),
        discriminator_steps=supervised.choice(hp, "discriminator_steps", (1, 3), hparams.discriminator_steps),
    )


# What covers all modes: a Wasserstein loss whose critic may be steep, as samples between two modes lie on slopes.
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

# Thousands of steps on few rows, the last of them small ones.
MNIST_5K = {"epochs": 300, "learning_rate": 1e-3, "schedule": "cosine", "ema_momentum": 0.999}

# Convolutions make textures and edges that dense layers do not; 64 rows a step for more steps an epoch.
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
    space=space,
    goals={"mnist_5k": Goal("collapsed", at_most=0.0), "ring": Goal("collapsed", at_most=0.0)},
    builders=stacks.builders(stacks_of),
    cycle=cycle,
    evaluate=evaluate,
    score=score,
    signatures=signatures,
    outputs=outputs,
    samples=samples,
    plots={
        "samples": by_class(sampled.samples),
        "samples_over_training": by_class(sampled.samples_over_training),
        "samples_animation": by_class(sampled.samples_animation),
    },
    exempt={"can learn": "neither loss falls to a tenth: each network's is as good as the other's is bad"},
)
