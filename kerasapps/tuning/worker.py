"""A process that trains one trial after the other: it reads requests from its standard input, a line of JSON each.

    python -m kerasapps.tuning.worker DESCRIPTOR

It answers each with a line of JSON in the file descriptor. It ends when its standard input does, so also when the
process that asks has died; a run in training then goes on from its last checkpoint.
"""

import fcntl
import json
import os
import queue
import shutil
import statistics
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kerasapps import startup
from kerasapps.errors import CheckpointError, DataError, Interrupted, KerasappsError
from kerasapps.startup import FULL
from kerasapps.tuning.memory import resident_bytes

if TYPE_CHECKING:
    from kerasapps.app import Direction

MOMENTS = 30.0


def main() -> None:
    """Answer all requests."""
    startup.import_tensorflow()
    requests: queue.Queue[dict[str, Any]] = queue.Queue()
    threading.Thread(target=_read, args=(sys.stdin, requests), daemon=True).start()
    with os.fdopen(int(sys.argv[1]), "w", encoding="utf-8") as answers:
        print(json.dumps({"ready": True}), file=answers, flush=True)
        while True:
            request = requests.get()
            answer = {**_answer(Request(**request)), "resident_bytes": resident_bytes(os.getpid())}
            print(json.dumps(answer), file=answers, flush=True)


def _read(lines: Iterable[str], requests: "queue.Queue[dict[str, Any]]") -> None:
    """Hand over what is asked; at the end of it the whole process ends, whatever it does."""
    for line in lines:
        requests.put(json.loads(line))
    os._exit(0)


@dataclass(frozen=True)
class Request:
    """A trial to train.

    trainer: of TRAINERS. given: what it is told of all runs of the trial. runs: run directory -> what it is told of
    that run alone. rungs: up to which epoch, None = all, and the worst score with which the trial trains on, None =
    any.
    """

    trainer: str
    given: Mapping[str, Any]
    runs: Mapping[str, Mapping[str, Any]]
    log: str
    objective: str
    direction: "Direction"
    rungs: Sequence[tuple[int | None, float | None]]


def _answer(request: Request) -> dict[str, Any]:
    """The score of a trial and what is worth knowing of it, or why there is none."""
    try:
        with _alone(Path(request.log)):
            return trained(request)
    except (KeyboardInterrupt, Interrupted):
        os._exit(Interrupted.exit_status)
    except BlockingIOError:
        return {"died": "another one at work on the trial"}
    except Exception as error:  # of an application, of TensorFlow: the search goes on
        said = str(error) if isinstance(error, KerasappsError) else repr(error)
        return {"halt": said, "status": getattr(error, "exit_status", 4)} if halts(error) else {"reason": said}


def halts(error: Exception) -> bool:
    """Whether it is no fault of the trial: data that all trials share, a damaged file, no room on the disk."""
    causes = (error, error.__cause__)
    full = any(isinstance(cause, OSError) and cause.errno in FULL for cause in causes)
    return full or isinstance(error, (DataError, CheckpointError))


def trained(request: Request) -> dict[str, Any]:
    """Train from rung to rung, to the last one or the first with too bad a score.

    Scores at rungs are kept in a file: a trial that was killed has trained on, and cannot be asked there again.
    """
    from kerasapps.runs.checkpoint import write_bytes

    file = Path(request.log).with_suffix(".rungs")
    passed = _read_rungs(file)
    *looks, last = request.rungs
    seconds = 0.0
    left = [look for look in looks if look[0] not in passed or _is_worse(passed[look[0]], look[1], request.direction)]
    for epochs, worst in (*left, last):
        records = [
            TRAINERS[request.trainer]({**request.given, **own}, Path(path), epochs)
            for path, own in request.runs.items()
        ]
        seconds += sum(float(record["seconds"]["total"]) for record in records)
        answer = {**_summary(records, request.objective), "seconds": seconds}
        passed[epochs] = answer["score"]
        write_bytes(file, json.dumps([*passed.items()]).encode())
        if all(record["status"] == "completed" for record in records):
            break
        if _is_worse(passed[epochs], worst, request.direction):
            answer["stopped"] = (
                f"after epoch {epochs}: {passed[epochs]:.4g}, the median of earlier trials is {worst:.4g}"
            )
            break
    return {**answer, "rungs": [*passed.items()]}


def _read_rungs(file: Path) -> dict[int | None, float]:
    """Epoch -> score there; raises CheckpointError for a damaged file."""
    try:
        return dict(json.loads(file.read_text(encoding="utf-8"))) if file.exists() else {}
    except (ValueError, TypeError, RecursionError) as error:
        raise CheckpointError(
            f"{file} is damaged: {error}. Remove it and {file.with_suffix('')}: the trial is then trained again."
        ) from error


def _is_worse(score: float, worst: float | None, direction: "Direction") -> bool:
    return worst is not None and (score > worst if direction == "min" else score < worst)


def _summary(records: Sequence[Mapping[str, Any]], objective: str) -> dict[str, Any]:
    """Of the runs of a trial, as their records tell; scores and metrics are means."""
    validations = [record["validation"] for record in records]
    metrics = {name: statistics.fmean(each[name] for each in validations) for name in validations[0]}
    name = objective.removeprefix("val_")
    return {
        "score": metrics[name],
        "scores": [each[name] for each in validations],
        "metrics": metrics,
        "epochs": max(record["epochs"] for record in records),
    }


def _run(given: Mapping[str, Any], run_dir: Path, epochs: int | None) -> Mapping[str, Any]:
    """The record of a run of an app, which is new or gone on with; epochs: where it stops, None = in the end."""
    from kerasapps.training.train import resume, train

    if (run_dir / "config.yaml").is_file():
        record = resume(run_dir, stop_at_epoch=epochs).record
    else:
        record = train(**given, run_dir=str(run_dir), stop_at_epoch=epochs).record
    _check_data(record["data"], run_dir)
    return record


def _check_data(source: str, run_dir: Path) -> None:
    """Raise DataError where the run has other data than that of the first trial; its directory is removed then."""
    from kerasapps.data.fingerprint import check_same
    from kerasapps.runs.directory import read_fingerprints

    trials = next(path for path in run_dir.parents if path.name == "trials")
    first = trials / "0000" / Path(*run_dir.relative_to(trials).parts[1:])
    if first == run_dir or not (first / "data.json").exists():
        return
    found = read_fingerprints(run_dir)
    try:
        for split, expected in read_fingerprints(first).items():
            check_same(source, split, found[split], expected)
    except DataError:
        shutil.rmtree(run_dir)  # or the search would go on with it
        raise


def _fit(given: Mapping[str, Any], run_dir: Path, epochs: int | None) -> Mapping[str, Any]:
    """The record of a model of the caller's own."""
    from kerasapps.tuning.fit import fit_trial

    return fit_trial(given, run_dir, epochs)


TRAINERS = {"app": _run, "hypermodel": _fit}
"""How a Trainable is trained: what it is told, the run directory and the epoch where it stops -> the record."""


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """Have the lock of a trial's log; what is printed from now on, also by native code, goes there.

    A process on another machine, whose search takes it for dead, has MOMENTS to end. Raises BlockingIOError.
    """
    until = time.monotonic() + MOMENTS
    with file.open("ab") as log:
        while True:
            try:
                fcntl.flock(log, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)
        for descriptor in (1, 2):
            os.dup2(log.fileno(), descriptor)
        try:
            yield
        finally:
            fcntl.flock(log, fcntl.LOCK_UN)


if __name__ == "__main__":
    main()
