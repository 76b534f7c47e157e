"""A session: everything that training needs in memory."""

import math
import time

from kerasapps.app import Task
from kerasapps.data.prepared import PreparedData
from kerasapps.distribute.replicas import ONE_DEVICE, Replicas
from kerasapps.engine.batches import batch_from, batch_size_of, check_batch, check_lengths, check_weights
from kerasapps.engine.choice import choose_program
from kerasapps.engine.loss_scale import make_loss_scale
from kerasapps.engine.optimizer import make_optimizers
from kerasapps.engine.options import EngineOptions
from kerasapps.engine.state import State
from kerasapps.errors import ConfigError


class Session:
    """The data, the task with its models, the optimizers, the state and the compiled program of a training."""

    def __init__(
        self,
        task: Task,
        data: PreparedData,
        options: EngineOptions,
        replicas: Replicas = ONE_DEVICE,
        plan: str = "",
    ) -> None:
        """task: of parts that were built in the scope of the replicas. plan: that of a run that is resumed, or "".

        Raises ConfigError and DataError where this cannot be trained.
        """
        self.task, self.data, self.options, self.replicas = task, data, options, replicas
        self.hparams, self.parts, self.updates = task.hparams, task.parts, task.updates()
        self.batch_size = batch_size_of(self.hparams, data.training_rows)
        self.steps_per_epoch = math.ceil(data.training_rows / self.batch_size)  # the last may be of fewer rows
        check_batch(self.hparams, data.training_rows, replicas.number)
        check_weights(task, data)
        row = batch_from(data.validation, 0, 1)
        check_lengths(task, row)
        with replicas.scope():
            self.loss_scale = make_loss_scale(options.precision, self.batch_size, task.weights(row))
            self.optimizers = make_optimizers(self.updates, self.hparams, self.steps_per_epoch)
        self.state = State(task, self.updates, self.optimizers, row, self.loss_scale)
        started = time.perf_counter()
        self.program, self.measured = choose_program(self, plan)
        self.compile_seconds = time.perf_counter() - started

    @property
    def plan(self) -> str:
        """Name of the plan that runs."""
        return self.program.compiler.plan.name

    @property
    def metrics(self) -> list[str]:
        """Names of the metrics of an epoch: of training, then val_ ones of the validation rows."""
        return self.state.metrics

    def scale_learning_rate(self, factor: float) -> None:
        """Multiply the learning rate of every optimizer, 1: not at all; raises ConfigError where it is a schedule."""
        if factor != 1.0 and self.hparams.schedule not in ("constant", "plateau"):
            raise ConfigError(
                f"schedule={self.hparams.schedule} sets the learning rate. Expected constant or plateau, to scale it."
            )
        for optimizer in self.optimizers.values() if factor != 1.0 else ():
            optimizer.learning_rate = float(optimizer.learning_rate.numpy()) * factor
