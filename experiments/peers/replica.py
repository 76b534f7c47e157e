"""A process that does steps of training when it is told to: alone, or as a worker of the run that TF_CONFIG names.

    python experiments/peers/replica.py FOLDER APP ROWS SHARES HPARAMS

It reads commands and answers as worker.py says. ROWS: of a step, over all replicas. SHARES: how many replicas there
would be, of which this computes what the first one does and waits for no other; 0 = the workers of TF_CONFIG. HPARAMS:
those that are not the defaults, as JSON. FOLDER is not used.
"""

import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from experiments.peers.worker import serve

BYTES_OF_A_NUMBER = 4


class Replica:
    """A session of an application with its defaults, in plan graph, which one device and workers can both run."""

    def __init__(self, app: str, rows: int, shares: int, hparams: Mapping[str, Any]) -> None:
        from kerasapps.app import load_app

        loaded = load_app(app)  # imports TensorFlow, quietly
        from kerasapps.data.rows import open_rows
        from kerasapps.distribute.replicas import Replicas, open_replicas
        from kerasapps.engine.session import Session
        from kerasapps.runs.config import resolve
        from kerasapps.training import prepare

        options, own = resolve(loaded, {**hparams, "global_batch_size": rows, "execution": "graph"})
        # Without a strategy what replicas add up is that of the first.
        replicas = Replicas("silent", shares) if shares else open_replicas("multi_worker", None)
        split = open_rows(options)
        data = prepare.read_data(options, own, split, prepare.fit_preprocess(loaded, options, split), replicas)
        task = prepare.build_task(loaded, options, own, data.preprocess.layout, replicas)
        self._session = Session(task, data, options, replicas)
        self._sums: dict[int, Any] = {}
        self.steps(1)

    def about(self) -> dict[str, int]:
        """bytes: of the gradients, which a step adds up. steps: whole batches of an epoch."""
        weights = [weight for part in self._session.parts.values() for weight in part.trainable_variables]
        numbers = sum(weight.shape.num_elements() for weight in weights)
        return {"bytes": BYTES_OF_A_NUMBER * numbers, "steps": self._session.program.full}

    def steps(self, number: int) -> list[float]:
        """Seconds of each of the first steps of an epoch, each a call of its own."""
        from kerasapps.engine.segments import Segment

        seconds = []
        for step in range(number):
            started = time.perf_counter()
            self._session.program.run(Segment(0, step, epochs=1, full=1, tail=0, ends=0))
            seconds.append(time.perf_counter() - started)
        return seconds

    def sum(self, numbers: int, number: int) -> list[float]:
        """Seconds of each time that so many numbers of every worker are added up."""
        import tensorflow as tf

        if numbers not in self._sums:
            added = tf.function(lambda: self._session.replicas.sum(lambda _: tf.ones([numbers])), autograph=False)
            self._sums[numbers] = added
            added()
        seconds = []
        for _ in range(number):
            started = time.perf_counter()
            self._sums[numbers]().numpy()
            seconds.append(time.perf_counter() - started)
        return seconds


if __name__ == "__main__":
    serve(lambda folder, words: Replica(words[0], int(words[1]), int(words[2]), json.loads(words[3])))
