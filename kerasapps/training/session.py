"""Everything that a training run needs in memory: data, parts, state and the compiled program."""

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from kerasapps.app import App, Parts, signatures_of
from kerasapps.data import pipeline
from kerasapps.data.fingerprint import Fingerprint
from kerasapps.data.preprocess import Preprocess
from kerasapps.data.spec import Layout
from kerasapps.data.split import Rows
from kerasapps.data.text import TextSize
from kerasapps.errors import ConfigError, DataError, unknown_name
from kerasapps.hparams import Hparams
from kerasapps.layers.paths import set_noise_keys
from kerasapps.training.compiler import Compiler
from kerasapps.training.evaluation import EVALUATION_BATCH, add_up, batch_from, training_names
from kerasapps.training.layout import choose_layout
from kerasapps.training.loss_scale import LossScale
from kerasapps.training.optimizer import make_optimizer
from kerasapps.training.options import Options
from kerasapps.training.plan import Conditions, candidates, synchronizes
from kerasapps.training.plan_timing import fastest
from kerasapps.training.program import Resident, Streaming
from kerasapps.training.record import Clock
from kerasapps.training.run import open_rows
from kerasapps.training.state import State
from kerasapps.training.step import make_cycle
from kerasapps.training.strategy import Replicas, open_replicas

RESIDENT_BYTES = 2 << 30


def build_parts(
    app: App, builder: str, hparams: Hparams, layout: Layout, seed: int, precision: str = "float32"
) -> Parts:
    """The app's models with seeded weights, every variable made, and keys for the layers that draw noise.

    precision: Keras's dtype policy of their layers.
    """
    if builder not in app.builders:
        raise unknown_name(f"builder of {app.name}", builder, app.builders)
    keras.utils.set_random_seed(seed)
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision)
    try:
        parts = app.builders[builder](hparams, layout)
    finally:
        keras.config.set_dtype_policy(before)
    set_noise_keys(parts)
    return parts


class Session:
    """Everything a training run needs in memory: data, parts, state and the compiled program."""

    def __init__(
        self,
        app: App,
        options: Options,
        hparams: Hparams,
        preprocess: Preprocess | None,
        chosen: str = "",
        warm_start: Callable[["Session"], dict[str, Any]] | None = None,
        replicas: Replicas | None = None,
        rows: dict[str, Rows] | None = None,
    ) -> None:
        """chosen: the plan of a run that is resumed.

        warm_start: assigns other weights than the seed's to new parts, and reports on it.
        replicas, rows: those of the options, where they had to be opened before.
        """
        self.app, self.options, self.hparams, self.clock = app, options, hparams, Clock()
        self.replicas = replicas or open_replicas(options.strategy, options.devices)
        self.rows = rows or open_rows(options, preprocess and preprocess.spec)
        train_rows = self.rows["train"]
        if preprocess is None:
            size = TextSize(options.max_tokens, options.sequence_length)
            preprocess = choose_layout(app, train_rows.source.spec, options.data, train_rows.pieces(), size)
        self.preprocess = preprocess
        self._check_batch()
        self.resident = self._is_resident()
        self.fingerprints = {"train": {"rows": len(train_rows), "sha256": ""}}
        self.validation = self._materialise("validation")
        self.test = self._materialise("test")  # now, so that bad rows are met before training
        self.train = self._materialise("train") if self.resident else None
        self.clock.mark("data")
        with self.replicas.scope():
            self.parts = build_parts(app, options.builder, hparams, preprocess.layout, options.seed, options.precision)
        self.task = app.task(self.parts, hparams, preprocess.layout)
        signatures_of(self.task)  # what cannot be asked is not trained
        # Before the optimizers, some of which begin with a copy of the weights.
        self.warm_start = warm_start(self) if warm_start else {}
        accumulation, reduces = hparams.gradient_accumulation_steps, synchronizes(self.parts)
        conditions = Conditions(self.resident, options.require_xla, self.replicas, accumulation, reduces)
        plans = [chosen] if chosen else candidates(options.execution, self.parts, conditions)
        self._make_state()
        self.clock.mark("build")
        # The rows on the device, once for all plans that are tried.
        on_device = tf.nest.map_structure(tf.constant, (self.train or {}, self.validation))
        make_program = partial(self._make_program, conditions, *on_device)
        steps = self.steps_per_epoch * hparams.epochs
        self.program, self.measured = fastest(plans, make_program, self.state, steps)
        self.clock.mark("compile")

    def _materialise(self, split: str) -> dict[str, Any]:
        fingerprint = Fingerprint()
        data = pipeline.materialise(self.rows[split], self.preprocess, fingerprint=fingerprint)
        self.fingerprints[split] = fingerprint.summary()
        return data

    def _is_resident(self) -> bool:
        size = 4 * len(self.rows["train"]) * sum(math.prod(field.shape) for field in self.preprocess.layout.inputs)
        return self.options.pipeline == "resident" or (self.options.pipeline == "auto" and size <= RESIDENT_BYTES)

    def _check_batch(self) -> None:
        """Raise ConfigError where the batch is too small, or does not divide."""
        micro_batches, devices = self.hparams.gradient_accumulation_steps, self.replicas.number
        given = f"A batch of {self.batch_size} rows (global_batch_size, or all training rows where those are fewer)"
        if self.batch_size % micro_batches:
            raise ConfigError(
                f"{given} does not divide into gradient_accumulation_steps={micro_batches} equal micro-batches. "
                "Expected a divisor of it."
            )
        if self.batch_size < devices * micro_batches:
            raise ConfigError(
                f"{given} is too small for {devices} devices with {micro_batches} micro-batches each. Expected at "
                f"least {devices * micro_batches} rows, or fewer devices."
            )

    @property
    def plan(self) -> str:
        """Name of the plan that runs."""
        return self.program.compiler.plan.name

    def scale_learning_rate(self, factor: float) -> None:
        """Multiply the learning rate of every optimizer; of 1 nothing is done, since a schedule cannot be changed."""
        for optimizer in self.optimizers.values() if factor != 1.0 else ():
            optimizer.learning_rate = float(optimizer.learning_rate.numpy()) * factor

    def _make_state(self) -> None:
        self.updates, row = self.task.updates(), batch_from(self.validation, 0, 1)
        unique = {update.name: update for update in self.updates}
        counted = self.batch_size * np.size(self.task.weights(row))
        with self.replicas.scope():
            self.loss_scale = LossScale(counted) if self.options.precision == "mixed_float16" else None
            self.optimizers = {
                name: make_optimizer(self.hparams, self.steps_per_epoch * self.updates.count(u), u.settings)
                for name, u in unique.items()
            }
            for name, update in unique.items():
                self.optimizers[name].build(list(update.variables))
        self._check_weights()
        self.validation_names = [f"val_{name}" for name in self.task.evaluate(row)]
        training = training_names(self.updates, self.parts, row)
        self.metrics = [*training, *self.validation_names]
        if self.hparams.monitor not in self.metrics:
            raise unknown_name("monitor", self.hparams.monitor, self.metrics)
        self.direction = self.task.directions[self.hparams.monitor.removeprefix("val_")]
        scaling = self.loss_scale.variables if self.loss_scale else {}
        names = (training, self.validation_names)
        self.state = State(self.parts, self.optimizers, *names, self.hparams, self.direction, scaling)

    def _check_weights(self) -> None:
        """Raise DataError where an update would find nothing to learn, or nothing to be judged by."""
        for split, data in (("training", self.train), ("validation", self.validation), ("test", self.test)):
            if data is None:
                continue
            if not np.any(self.task.weights({"weights": np.ones(pipeline.number_of_rows(data), np.float32), **data})):
                raise DataError(
                    f"No {split} row of {self.options.data} counts for {self.app.name} with these hyperparameters. "
                    "Expected at least one: give more rows, another split_seed, or other hyperparameters."
                )

    @property
    def batch_size(self) -> int:
        """Rows a step: no more than there are."""
        rows = len(self.rows["train"])
        return min(self.hparams.global_batch_size or rows, rows)

    @property
    def steps_per_epoch(self) -> int:
        """The last may be of fewer rows."""
        return math.ceil(len(self.rows["train"]) / self.batch_size)

    def _make_program(self, conditions: Conditions, rows: dict[str, Any], held_out: dict[str, Any], name: str) -> Any:
        """The program of the plan `name`; rows, held_out: for training, {} where they are streamed, and validation."""
        compiler = Compiler(name, self.loss_scale)
        division = compiler.plan.division(conditions)
        seed, size = self.options.seed, self.batch_size
        scale, descent = self.loss_scale, compiler.descent
        cycle = make_cycle(
            self.updates, self.optimizers, seed, compiler.gradients, self.task.augment, division, scale, descent
        )

        def step(batch: Any, number: Any) -> None:
            self.state.add(cycle(batch, number), number)
            self.state.average(number)

        def end_epoch(epoch: Any, zero: Any) -> tf.Tensor:
            return self.state.with_averages(lambda: self.state.end_epoch(evaluated(zero), epoch))

        def evaluated(zero: Any) -> tf.Tensor:
            # From row `zero`, which XLA cannot know to be 0. Else nothing of this would change in the loop that ends an
            # epoch, and XLA takes such things out of a loop, also out of one of no turns: every call would compute
            # them, as it does a single batch. Nor may it be an argument of the call, each value of which is compiled.
            return add_up(self.task.evaluate, held_out, self.validation_names, EVALUATION_BATCH, zero)

        if self.resident:
            return Resident(compiler, step, end_epoch, rows, size, seed, len(self.metrics))

        def open_epoch(epoch: int, first: int) -> Iterator[dict[str, Any]]:
            return pipeline.stream(self.rows["train"], self.preprocess, size, seed, epoch, first)

        return Streaming(compiler, step, end_epoch, open_epoch, len(self.rows["train"]), size)
