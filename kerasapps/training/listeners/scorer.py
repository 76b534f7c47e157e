"""Scores of whole answers while training, such as BLEU of the texts that a translation makes."""

import time

import numpy as np
import tensorflow as tf

from kerasapps.data.pipeline import number_of_rows
from kerasapps.engine.listeners import Call
from kerasapps.training.job import Job


class Scorer:
    """Adds what the task's `score` says of some validation rows to the history of each epoch.

    They lie at equal distances. A metric that the program has of all validation rows stays what it is. Calls must end
    with each epoch. seconds: that scores took so far.
    """

    def __init__(self, job: Job, rows: int) -> None:
        """rows: how many are scored, or all where there are fewer."""
        self._job, held_out = job, job.session.data.validation
        total = number_of_rows(held_out)
        number = min(rows, total)
        chosen = np.arange(number) * total // number
        self._sample = tf.nest.map_structure(lambda values: values[chosen], held_out)
        self.seconds = 0.0

    def on_call_end(self, call: Call) -> None:
        """Score what the weights of this epoch answer; raises TrainingError for what is not finite."""
        if not call.ended:
            return
        started, session = time.perf_counter(), call.session
        found = session.state.with_averages(lambda: self._job.evaluate(self._sample, "validation").metrics)
        scores = {f"val_{name}": value for name, value in found.items()}
        # A run of an earlier version, which had fewer scores, goes on with those of its history.
        history = call.at.history
        is_first = len(history[session.metrics[0]]) == 1
        added = [name for name in scores if name not in session.metrics and (is_first or name in history)]
        call.at.add({name: [scores[name]] for name in added})
        self.seconds += time.perf_counter() - started
