"""What a model that generates makes of the same noise on its way."""

import tensorflow as tf

from kerasapps.engine.listeners import Call
from kerasapps.engine.segments import Progress
from kerasapps.runs import directory
from kerasapps.training.job import Job


def epochs_to_sample(epochs: int) -> tuple[int, ...]:
    """1, 2, 3, ..., each at least 1.1 times the one before, and the last: of many epochs ever fewer."""
    chosen, epoch = [], 1
    while epoch < epochs:
        chosen.append(epoch)
        epoch += -(-epoch // 10)
    return (*chosen, epochs)


class Sampler:
    """Keeps what the task samples after some epochs, and after the one at which training is completed early."""

    def __init__(self, job: Job) -> None:
        self._job, session, samples = job, job.session, job.session.task.samples
        self.epochs: tuple[int, ...] = ()
        if samples is not None:
            self.epochs = epochs_to_sample(session.hparams.epochs)
            self._sample = tf.function(lambda: session.state.with_averages(samples), autograph=False)

    def on_call_end(self, call: Call) -> None:
        """Sample, where it is time to."""
        self.sample(call.at, is_last=call.stop is not None and call.stop.completed)

    def sample(self, at: Progress, is_last: bool = False) -> None:
        """Sample where training is between two epochs, at one of those to sample at or the last."""
        if self.epochs and at.cycle == 0 and (at.epoch in self.epochs or is_last):
            with directory.written(self._job.path):
                directory.write_samples(self._job.path, at.epoch, self._sample().numpy())
