"""A process that trains one trial after the other: it reads requests from its standard input, a line of JSON each.

    python -m kerasapps.tuning.worker DESCRIPTOR

It answers each with a line of JSON in the file descriptor. It ends when its standard input does, so also when the
process that asks has died; a run in training then goes on from its last checkpoint.
"""

import json
import os
import queue
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kerasapps import startup
from kerasapps.errors import Interrupted, KerasappsError
from kerasapps.tuning.memory import resident_bytes

if TYPE_CHECKING:
    from kerasapps.runs.run import Run


def main() -> None:
    """Answer all requests."""
    startup.import_tensorflow()
    requests: queue.Queue[dict[str, Any]] = queue.Queue()
    threading.Thread(target=_read, args=(sys.stdin, requests), daemon=True).start()
    with os.fdopen(int(sys.argv[1]), "w", encoding="utf-8") as answers:
        while True:
            request = requests.get()
            answer = {**_answer(request), "resident_bytes": resident_bytes(os.getpid())}
            answers.write(json.dumps(answer) + "\n")
            answers.flush()


def _read(lines: Iterable[str], requests: "queue.Queue[dict[str, Any]]") -> None:
    """Hand over what is asked; at the end of it the whole process ends, whatever it does."""
    for line in lines:
        requests.put(json.loads(line))
    os._exit(0)


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    """The score of a run and what is worth knowing of it, or why there is none."""
    _log_to(Path(request["run_dir"]).with_suffix(".log"))
    try:
        run = _trained(**request)
        metrics = run.record["validation"]
        score = metrics[request["objective"].removeprefix("val_")]
        return {"score": score, "metrics": metrics, "epochs": run.record["epochs"], "seconds": _seconds(run)}
    except (KeyboardInterrupt, Interrupted):
        os._exit(Interrupted.exit_status)
    except KerasappsError as error:
        return {"reason": str(error)}
    except Exception as error:  # of an application, of TensorFlow: the search goes on
        return {"reason": repr(error)}


def _trained(app: str, given: dict[str, Any], run_dir: str, objective: str, epochs: int | None) -> "Run":
    """The run of the trial: new, or gone on with; epochs: where it stops, None = in the end."""
    from kerasapps.training.train import resume, train

    if (Path(run_dir) / "config.yaml").is_file():
        return resume(run_dir, stop_at_epoch=epochs)
    return train(app, **given, run_dir=run_dir, stop_at_epoch=epochs)


def _seconds(run: "Run") -> float:
    return float(run.record["seconds"]["total"])


def _log_to(file: Path) -> None:
    """What is printed from now on, also by native code, goes to this file."""
    with file.open("ab") as log:
        for descriptor in (1, 2):
            os.dup2(log.fileno(), descriptor)


if __name__ == "__main__":
    main()
